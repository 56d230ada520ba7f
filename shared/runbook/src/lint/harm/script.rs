//! What a shell is handed: which programs it would run.

use super::{Found, text};
use crate::lint::program;
use serde_json::Value;

/// Every command that an argv runs: itself, what it runs in turn, and what stands in the texts that
/// it hands to a shell, here or on another machine.
pub(in crate::lint) fn commands(argv: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for command in program::commands(argv) {
        for text in handed(command) {
            for words in parts(&text).commands {
                found.extend(commands(&words));
            }
        }
        found.push(command.to_vec());
    }
    found
}

/// The commands in a text of a shell.
pub(in crate::lint) fn commands_in(text: &str) -> Vec<Vec<String>> {
    parts(text).commands.iter().flat_map(|words| commands(words)).collect()
}

/// Judges a text by its words and by where it writes; what it runs is judged by itself.
pub(super) fn judged(text: &str) -> Found {
    let writes = if parts(text).writes { Found::changes(">") } else { Found::looks() };
    writes.worse(text::of_text(text))
}

/// The texts that a command hands to a shell.
fn handed(command: &[String]) -> Vec<String> {
    let first = command.first().map_or("", |one| program::name(one));
    let texts = program::scripts(command).into_iter();
    if first == "aws" {
        return texts.flat_map(|(_, text)| lines(text)).collect();
    }
    let shell = program::SHELLS.contains(&first) || first == "eval";
    texts.filter(|_| shell).map(|(_, text)| text.to_owned()).collect()
}

/// The lines of `commands=["a","b"]` or `{"commands":["a"]}`; the text itself, where it is neither.
fn lines(text: &str) -> Vec<String> {
    let value = text.find(['[', '{']).and_then(|at| text.get(at..));
    let value = value.and_then(|value| serde_json::from_str::<Value>(value).ok());
    let mut found = Vec::new();
    match value {
        Some(value) => strings(&value, &mut found),
        None => found.push(text.to_owned()),
    }
    found
}

fn strings(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| strings(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| strings(field, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A text, taken apart as a shell does it.
#[derive(Default)]
struct Parts {
    commands: Vec<Vec<String>>,
    words: Vec<String>,
    word: String,
    quoted: bool,
    writes: bool,
}

impl Parts {
    fn end_word(&mut self) {
        if self.quoted || !self.word.is_empty() {
            self.words.push(std::mem::take(&mut self.word));
        }
        self.quoted = false;
    }

    /// The commands of a text whose quotes may end elsewhere than they seem: as if there were none.
    fn without_quotes(&mut self, text: &str) {
        for part in text.split([';', '|', '&', '\n', '(', ')', '`', '{', '}']) {
            let bare = |word: &str| word.trim_matches(['"', '\'', '$', '\\']).to_owned();
            let words = part.split_whitespace().map(bare);
            self.words = words.filter(|word| !word.is_empty()).collect();
            self.end_command();
        }
    }

    /// What stands before a command's program is no word of it.
    fn end_command(&mut self) {
        self.end_word();
        let mut words = std::mem::take(&mut self.words);
        let program = words.iter().position(|word| !before_a_program(word));
        words.drain(..program.unwrap_or(words.len()));
        if !words.is_empty() {
            self.commands.push(words);
        }
    }
}

/// A keyword of the shell, a variable that is set for one command, or what runs its words.
fn before_a_program(word: &str) -> bool {
    const WORDS: [&str; 12] = [
        "!", "builtin", "command", "do", "elif", "else", "exec", "if", "then", "time", "until",
        "while",
    ];
    let set = word.split_once('=').is_some_and(|(name, _)| {
        let inner = |one: char| one.is_ascii_alphanumeric() || one == '_';
        name.chars().all(inner) && name.starts_with(|one: char| !one.is_ascii_digit())
    });
    WORDS.contains(&word) || set
}

/// Whether a text has what is not read here by the shell's own rules, so that a quote in it may
/// seem to begin or to end where it does not: a document (`<<`), `$'…'`, the patterns of a `case`.
fn is_odd(text: &str) -> bool {
    let case = || text.split(|one: char| !one.is_ascii_alphanumeric()).any(|word| word == "case");
    text.contains("<<") || text.contains("$'") || case()
}

/// Takes a text apart: quotes keep words together, but for what is run within them; each sign
/// between two commands parts them, whichever it is. Where a quote is left open, or the text
/// [`is_odd`], what stands in quotes is taken for commands, too: it is one that nobody knows, and so
/// a change, or one that is known.
fn parts(text: &str) -> Parts {
    let mut parts = Parts::default();
    let mut quote = None;
    // What each open sign stands in: a quote goes on behind what was run within it.
    let mut within = Vec::new();
    let mut last = '\n';
    let mut rest = text;
    let mut chars = text.chars();
    while let Some(one) = chars.next() {
        let before = rest;
        rest = chars.as_str();
        let runs = one == '`' || (one == '$' && rest.starts_with('('));
        // `${#name}` and `$(…)#` are no comments.
        let opens = last.is_whitespace() || ";|&(".contains(last);
        last = one;
        match (quote, one) {
            (Some(open), _) if one == open => quote = None,
            (Some('"'), _) if runs => {
                quote = None;
                parts.end_command();
                if one == '$' {
                    chars.next();
                    rest = chars.as_str();
                }
                within.push(if one == '$' { Some('"') } else { Some('`') });
            }
            (None, '`') if within.last() == Some(&Some('`')) => {
                within.pop();
                parts.end_command();
                quote = Some('"');
            }
            (None, ')') => {
                parts.end_command();
                quote = within.pop().flatten().filter(|open| *open == '"');
            }
            (None, '#') if opens => {
                // A comment: the next line is read on.
                let line = rest.find('\n').unwrap_or(rest.len());
                chars = rest.get(line..).unwrap_or_default().chars();
                rest = chars.as_str();
            }
            (Some('"') | None, '\\') if rest.starts_with('\n') => {
                chars.next();
                rest = chars.as_str();
            }
            (Some('"') | None, '\\') => {
                parts.word.extend(chars.next());
                rest = chars.as_str();
            }
            (None, '\'' | '"') => {
                quote = Some(one);
                parts.quoted = true;
            }
            (None, '>') => {
                let to = before.trim_start_matches('>').trim_start();
                parts.writes |= !to.starts_with("/dev/null") && !to.starts_with("&1");
                // What is written to is no command: `2>&1`, `>/dev/null`.
                chars = ["/dev/null", "&1"]
                    .iter()
                    .find_map(|known| to.strip_prefix(known))
                    .unwrap_or(to)
                    .chars();
                rest = chars.as_str();
                parts.end_word();
            }
            (None, '(') => {
                within.push(None);
                parts.end_command();
            }
            (None, ';' | '|' | '&' | '\n' | '`' | '{' | '}') => parts.end_command(),
            (None, '$') if runs => {}
            (None, _) if one.is_whitespace() => parts.end_word(),
            _ => parts.word.push(one),
        }
    }
    parts.end_command();
    if quote.is_some() || is_odd(text) {
        parts.without_quotes(text);
    }
    parts
}
