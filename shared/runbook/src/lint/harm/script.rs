//! What a shell is handed: which programs it would run.

use super::parts::{self, Writes, is_set};
use super::{Found, Harm, text};
use crate::lint::program;
use serde_json::Value;

/// Every command that an argv runs: itself, what it runs in turn, and what stands in the texts that
/// it hands to a shell, here or on another machine.
pub(in crate::lint) fn commands(argv: &[String]) -> Vec<Vec<String>> {
    let mut left = MOST;
    within(argv, 0, &mut left)
}

/// No honest text stands in so many others, or has so many in it.
const DEEPEST: usize = 8;
const MOST: usize = 500;

fn within(argv: &[String], depth: usize, left: &mut usize) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for command in program::commands(argv) {
        for text in handed(command) {
            *left = left.saturating_sub(1);
            if depth == DEEPEST || *left == 0 {
                // What it does nobody knows, and who writes so does not mean it to be known.
                found.push(vec!["kill".to_owned(), text]);
                continue;
            }
            for words in parts::parts(&text).commands {
                found.extend(within(&words, depth.saturating_add(1), left));
            }
        }
        found.push(command.to_vec());
    }
    found
}

/// The commands in a text of a shell.
pub(in crate::lint) fn commands_in(text: &str) -> Vec<Vec<String>> {
    parts::parts(text).commands.iter().flat_map(|words| commands(words)).collect()
}

/// Judges what a shell is handed, by each program that it names, by where it writes, and by its
/// words: those of its looks say nothing (`grep -i kill`), if nothing is written and each quote ends
/// where it seems to.
pub(super) fn judged(text: &str) -> Found {
    let parts = parts::parts(text);
    let mut found = match parts.writes {
        Writes::Nowhere => Found::looks(),
        Writes::File => Found::changes(">"),
        Writes::Device => Found::destroys(">"),
    };
    let whole = parts.odd || parts.writes != Writes::Nowhere;
    for words in &parts.commands {
        let run = commands(words);
        let own = run.iter().map(|one| super::of_command(one)).fold(Found::looks(), Found::worse);
        if !whole && own.harm > Harm::Looks {
            found = found.worse(text::of_text(&words.join(" ")));
        }
        found = found.worse(own);
    }
    if whole { found.worse(text::of_text(text)) } else { found }
}

/// The texts that a command hands to a shell.
fn handed(command: &[String]) -> Vec<String> {
    let first = command.first().map_or("", |one| program::name(one));
    let texts = program::scripts(command).into_iter();
    match first {
        "aws" => texts.flat_map(|(_, text)| lines(text)).collect(),
        // It puts its words together.
        "eval" => vec![command.get(1..).unwrap_or_default().join(" ")],
        "trap" => texts.map(|(_, text)| text.to_owned()).collect(),
        shell if program::SHELLS.contains(&shell) || program::RUNNERS.contains(&shell) => {
            texts.map(|(_, text)| text.to_owned()).collect()
        }
        _ => Vec::new(),
    }
}

/// The texts in `commands=["a","b"],executionTimeout=["60"]` or `{"commands":["a"]}`; where there is
/// more than names and JSON, what follows the first name, too.
pub(super) fn lines(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut plain = true;
    let mut rest = text;
    while let Some((before, value)) = rest.find(['[', '{']).and_then(|at| rest.split_at_checked(at))
    {
        let mut values = serde_json::Deserializer::from_str(value).into_iter::<Value>();
        let read = values.next().and_then(Result::ok);
        let behind = if read.is_some() { values.byte_offset() } else { 1 };
        if let Some(value) = &read {
            strings(value, &mut found);
        }
        let name = before.trim_matches(|one: char| one == ',' || one.is_whitespace());
        plain &= read.is_some() && (name.is_empty() || (is_set(name) && name.ends_with('=')));
        rest = value.get(behind..).unwrap_or_default();
    }
    if !plain || found.is_empty() || !rest.trim().is_empty() {
        let said = text.split_once('=').filter(|(name, _)| is_set(&format!("{name}=")));
        let said = said.map_or(text, |(_, said)| said);
        found.push(said.trim_matches(['[', ']', '\'']).to_owned());
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
