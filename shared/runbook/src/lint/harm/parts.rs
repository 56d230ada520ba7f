//! A text, taken apart as a shell does it (POSIX.1-2024, Shell Command Language, 2.2 to 2.10).

use crate::lint::program;

/// What a command of the text reads.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fed {
    /// What stands in a file, or what nobody knows.
    File(String),
    /// A text that stands there.
    Text(String),
}

/// What the word behind a `<` or `>` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// A file that is read.
    Read,
    /// The text itself: `<<<`.
    Said,
    /// A file that is written, or the end of a document that was found.
    Dropped,
}

/// What was begun before a sign that runs something within it.
struct Open {
    close: char,
    quote: Option<char>,
    /// What runs within is a word of what was begun.
    within: bool,
    words: Vec<String>,
    word: String,
}

/// Where a text writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Writes {
    #[default]
    Nowhere,
    /// To a file.
    File,
    /// To a device, or over a file with nothing.
    Device,
}

#[derive(Default)]
pub(super) struct Parts {
    pub(super) commands: Vec<Vec<String>>,
    pub(super) writes: Writes,
    /// Its quotes may end elsewhere than they seem.
    pub(super) odd: bool,
    words: Vec<String>,
    word: String,
    quoted: bool,
    next: Option<Next>,
    fed: Option<Fed>,
    /// What the command before a `|` prints, as far as it stands there.
    piped: Option<Fed>,
}

impl Parts {
    fn end_word(&mut self) {
        if self.quoted || !self.word.is_empty() {
            let word = std::mem::take(&mut self.word);
            match self.next.take() {
                Some(Next::Read) if word != "/dev/null" => self.fed = Some(Fed::File(word)),
                Some(Next::Said) => self.fed = Some(Fed::Text(word)),
                Some(Next::Read | Next::Dropped) => {}
                None => self.words.push(word),
            }
        }
        self.quoted = false;
    }

    /// The commands of a text whose quotes may end elsewhere than they seem: as if there were none.
    fn without_quotes(&mut self, text: &str) {
        for part in text.split([';', '|', '&', '\n', '(', ')', '`']) {
            let bare = |word: &str| word.trim_matches(['"', '\'', '$', '\\']).to_owned();
            let words = part.split_whitespace().map(bare);
            self.words = words.filter(|word| !word.is_empty()).collect();
            self.end_command();
        }
    }

    /// What stands before a command's program is no word of it.
    fn end_command(&mut self) {
        self.end_word();
        self.next = None;
        let mut words = std::mem::take(&mut self.words);
        let fed = self.fed.take();
        words.drain(..before_the_program(&words));
        let first = words.first().map_or("", String::as_str);
        let prints = ["echo", "printf"].contains(&first);
        let said = || Fed::Text(words.get(1..).unwrap_or_default().join(" "));
        let passes = first == "cat" && matches!(fed, Some(Fed::Text(_)));
        self.piped = if prints { Some(said()) } else { fed.clone().filter(|_| passes) };
        if let Some(fed) = fed {
            words.extend(read(&words, fed));
        }
        // The words of a loop are run by what names them, and that nobody knows.
        if words.first().is_some_and(|first| first != "for") {
            self.commands.push(words);
        }
    }

    /// The next command reads what this one prints.
    fn pipe(&mut self) {
        self.end_command();
        let piped = self.piped.take();
        self.fed = Some(piped.unwrap_or_else(|| Fed::File("-".to_owned())));
    }

    /// Begins what runs within `$(…)`, `` `…` ``, `<(…)` and `(…)`.
    fn open(&mut self, close: char, quote: Option<char>, within: bool) -> Open {
        if !within {
            self.end_command();
        }
        let (words, word) = (std::mem::take(&mut self.words), std::mem::take(&mut self.word));
        Open { close, quote, within, words, word }
    }

    /// Goes on behind it.
    fn close(&mut self, open: Open) -> Option<char> {
        self.end_command();
        (self.words, self.word) = (open.words, open.word);
        if open.within {
            self.word.push_str("$()");
        }
        open.quote
    }

    /// Notes where a `>` writes, and gives what is left of the text from there on.
    fn write<'a>(&mut self, before: char, behind: &'a str) -> &'a str {
        if !self.quoted && self.word.chars().all(|one| one.is_ascii_digit()) {
            self.word.clear();
        }
        self.end_word();
        let said = self.words.get(before_the_program(&self.words)..).unwrap_or_default();
        let said = said.join(" ");
        let nothing = ["", ":", "true", "cat /dev/null"].contains(&said.as_str());
        // `2>file` and `&>file` are of a command that is not read yet, or no more.
        let emptied = nothing && before != '&' && !before.is_ascii_digit();
        let onto = behind.starts_with('>');
        let behind = behind.trim_start_matches(['>', '|']);
        let stream = behind.starts_with('&');
        let to = behind.trim_start_matches('&').trim_start_matches([' ', '\t']);
        let known = ["/dev/null", "/dev/stderr", "/dev/stdout"];
        let known = known.iter().any(|known| to.starts_with(known))
            || (stream && to.starts_with(|one: char| one.is_ascii_digit() || one == '-'));
        let machine =
            to.starts_with("/dev/") || to.starts_with("/proc/") || to.starts_with("/sys/");
        let device = machine || (emptied && !onto);
        let writes = if device { Writes::Device } else { Writes::File };
        self.writes = self.writes.max(if known { Writes::Nowhere } else { writes });
        self.next = (!to.starts_with('(')).then_some(Next::Dropped);
        to
    }
}

/// A keyword of the shell, or what runs its words.
const BEFORE: [&str; 17] = [
    "!", "builtin", "command", "do", "done", "elif", "else", "esac", "exec", "fi", "if", "then",
    "time", "until", "while", "{", "}",
];

/// How many words stand before a command's program: keywords, what runs its words, with their
/// options, and variables that are set for it.
fn before_the_program(words: &[String]) -> usize {
    let (mut at, mut runs) = (0_usize, "");
    while let Some(word) = words.get(at) {
        if BEFORE.contains(&word.as_str()) {
            runs = word;
        } else if runs == "exec" && word == "-a" {
            at = at.saturating_add(1);
        } else if !(is_set(word) || (!runs.is_empty() && word.starts_with('-'))) {
            break;
        }
        at = at.saturating_add(1);
    }
    at.min(words.len())
}

/// Whether a word sets a variable: `NAME=value`.
pub(super) fn is_set(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        let inner = |one: char| one.is_ascii_alphanumeric() || one == '_';
        name.chars().all(inner) && name.starts_with(|one: char| !one.is_ascii_digit())
    })
}

/// What a command that is fed would be told in words: a client of a database, or a shell, does what
/// it reads.
fn read(words: &[String], fed: Fed) -> Vec<String> {
    let client = words.iter().rev().map(|word| program::name(word)).find_map(program::reading);
    if words.is_empty() || !program::scripts(words).is_empty() {
        return Vec::new();
    }
    match (client, fed) {
        // `cat < file` is `cat file`.
        (None, Fed::File(file)) if file != "-" => vec![file],
        (Some(""), Fed::Text(text)) => text.split_whitespace().map(str::to_owned).collect(),
        (None, _) | (Some(""), Fed::File(_)) => Vec::new(),
        (Some(option), Fed::Text(text)) => vec![option.to_owned(), text],
        (Some(_), Fed::File(file)) => vec!["-f".to_owned(), file],
    }
}

/// Whether a text has what is not read here by the shell's own rules, so that a quote in it may
/// seem to begin or to end where it does not: a document (`<<`), `$'…'`, the patterns of a `case`,
/// quotes and blanks within `${…}`.
fn is_odd(text: &str) -> bool {
    let case = || text.split(|one: char| !one.is_ascii_alphanumeric()).any(|word| word == "case");
    let braces = || {
        let within = text.split("${").skip(1).map(|rest| rest.split('}').next().unwrap_or(rest));
        let sign = |one: char| one.is_whitespace() || "'\"".contains(one);
        within.into_iter().any(|within| within.contains(sign))
    };
    text.contains("<<") || text.contains("$'") || case() || braces()
}

/// The document that a `<<` begins, by the text behind that.
fn document(behind: &str) -> Option<String> {
    let (line, lines) = behind.split_once('\n')?;
    let first = line.trim_start_matches('-').split_whitespace().next()?;
    let tag = first.trim_matches(['"', '\'', '\\', ';', '|', ')']);
    let end = lines.split_inclusive('\n').take_while(|line| line.trim() != tag);
    Some(end.collect())
}

/// Takes a text apart: quotes keep words together, but for what is run within them; each sign
/// between two commands parts them, whichever it is. Where a quote is left open, or the text
/// [`is_odd`], what stands in quotes is taken for commands, too: it is one that nobody knows, and so
/// a change, or one that is known.
pub(super) fn parts(text: &str) -> Parts {
    let mut parts = Parts::default();
    let mut quote = None;
    let mut opens: Vec<Open> = Vec::new();
    let mut last = '\n';
    let mut chars = text.chars();
    while let Some(one) = chars.next() {
        let rest = chars.as_str();
        // `${#name}` and `$(…)#` are no comments.
        let begins = last.is_whitespace() || ";|&(".contains(last);
        let closes = quote.is_none() && opens.last().is_some_and(|open| open.close == one);
        let before = std::mem::replace(&mut last, one);
        match (quote, one) {
            (Some(open), _) if one == open => quote = None,
            (None, _) if closes => {
                quote = opens.pop().and_then(|open| parts.close(open));
            }
            (None | Some('"'), '`') => opens.push(parts.open('`', quote.take(), true)),
            (None | Some('"'), '$') if rest.starts_with('(') => {
                chars.next();
                last = '(';
                opens.push(parts.open(')', quote.take(), true));
            }
            (None, '(') => opens.push(parts.open(')', None, "<>".contains(before))),
            (None, '#') if begins => {
                // A comment: the next line is read on.
                let line = rest.find('\n').unwrap_or(rest.len());
                chars = rest.get(line..).unwrap_or_default().chars();
            }
            (Some('"') | None, '\\') if rest.starts_with('\n') => _ = chars.next(),
            (Some('"') | None, '\\') => parts.word.extend(chars.next()),
            (None, '\'' | '"') => {
                quote = Some(one);
                parts.quoted = true;
            }
            (None, '>') => chars = parts.write(before, rest).chars(),
            (None, '<') => {
                parts.end_word();
                let behind = rest.trim_start_matches('<');
                let next = match rest.len().saturating_sub(behind.len()) {
                    0 => Next::Read,
                    1 => {
                        parts.fed = document(behind).map(Fed::Text);
                        Next::Dropped
                    }
                    _ => Next::Said,
                };
                parts.next = (!behind.starts_with('(')).then_some(next);
                chars = behind.chars();
            }
            (None, '|') if !rest.starts_with('|') && before != '|' => parts.pipe(),
            (None, ';' | '|' | '&' | '\n' | ')') => parts.end_command(),
            (None, _) if one.is_whitespace() => parts.end_word(),
            _ => parts.word.push(one),
        }
    }
    parts.end_command();
    for open in opens.into_iter().rev() {
        _ = parts.close(open);
        parts.end_command();
    }
    parts.odd = quote.is_some() || is_odd(text);
    if parts.odd {
        parts.without_quotes(text);
    }
    parts
}
