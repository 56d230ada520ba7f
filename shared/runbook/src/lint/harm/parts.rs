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

/// The command that is being read.
#[derive(Default)]
struct Command {
    words: Vec<String>,
    word: String,
    quoted: bool,
    next: Option<Next>,
    fed: Option<Fed>,
    /// It is what stood in parentheses: `(…) > file`.
    group: bool,
}

/// What was begun before a `(`.
struct Open {
    quote: Option<char>,
    /// What runs within is a word of what was begun.
    within: bool,
    begun: Command,
}

#[derive(Default)]
pub(super) struct Parts {
    pub(super) commands: Vec<Vec<String>>,
    pub(super) writes: Writes,
    /// Its quotes may end elsewhere than they seem.
    pub(super) odd: bool,
    now: Command,
    /// What the command before a `|` prints, as far as it stands there.
    piped: Option<Fed>,
    /// What is fed to several commands: `{ …; } < file`, `… | (…)`, `exec < file`.
    shared: Vec<Fed>,
    documents: usize,
}

impl Parts {
    fn end_word(&mut self) {
        let now = &mut self.now;
        if now.quoted || !now.word.is_empty() {
            let word = std::mem::take(&mut now.word);
            match now.next.take() {
                Some(Next::Read) if word != "/dev/null" => now.fed = Some(Fed::File(word)),
                Some(Next::Said) => now.fed = Some(Fed::Text(word)),
                Some(Next::Read | Next::Dropped) => {}
                None => now.words.push(word),
            }
        }
        now.quoted = false;
    }

    /// The commands of a text whose quotes may end elsewhere than they seem: as if there were none.
    fn without_quotes(&mut self, text: &str) {
        for part in text.split([';', '|', '&', '\n', '(', ')', '`']) {
            let bare = |word: &str| word.trim_matches(['"', '\'', '$', '\\']).to_owned();
            let words = part.split_whitespace().map(bare);
            self.now.words = words.filter(|word| !word.is_empty()).collect();
            self.end_command();
        }
        // Whoever reads may read anything of it.
        self.shared.push(Fed::File("-".to_owned()));
    }

    /// What stands before a command's program is no word of it.
    fn end_command(&mut self) {
        self.end_word();
        let Command { mut words, fed, .. } = std::mem::take(&mut self.now);
        words.drain(..before_the_program(&words));
        self.piped = prints(&words, fed.as_ref());
        // `exec < file`, of all that follows.
        let alone = words == ["exec"];
        match fed {
            // The command that reads it is on the next line, or there are several.
            Some(fed) if words.is_empty() || alone => {
                self.shared.push(fed.clone());
                self.now.fed = Some(fed);
            }
            Some(fed) => self.commands.extend(feeding(&words, &fed)),
            None => {}
        }
        if !words.is_empty() && !alone {
            self.commands.push(words);
        }
    }

    /// The next command reads what this one prints.
    fn pipe(&mut self) {
        self.end_command();
        let piped = self.piped.take();
        self.now.fed = Some(piped.unwrap_or_else(|| Fed::File("-".to_owned())));
    }

    /// Begins what runs within `$(…)`, `<(…)` and `(…)`.
    fn open(&mut self, quote: Option<char>, within: bool) -> Open {
        if !within {
            self.end_command();
            self.shared.extend(self.now.fed.take());
        }
        Open { quote, within, begun: std::mem::take(&mut self.now) }
    }

    /// Goes on behind it.
    fn close(&mut self, open: Open) -> Option<char> {
        self.end_command();
        self.now = open.begun;
        if open.within {
            self.now.word.push_str("$()");
        }
        self.now.group = !open.within;
        open.quote
    }

    /// What runs within backticks, by the text behind the first; what is left behind the last.
    fn backticks<'a>(&mut self, behind: &'a str, quoted: bool) -> &'a str {
        let mut within = String::new();
        let mut chars = behind.chars();
        while let Some(one) = chars.next() {
            match one {
                '`' => break,
                '\\' => {
                    let next = chars.next().unwrap_or('\\');
                    let kept = !("`$\\".contains(next) || (quoted && next == '"'));
                    within.extend(kept.then_some('\\').into_iter().chain([next]));
                }
                _ => within.push(one),
            }
        }
        let inner = parts(&within);
        self.commands.extend(inner.commands);
        self.writes = self.writes.max(inner.writes);
        self.odd |= inner.odd;
        self.now.word.push_str("$()");
        chars.as_str()
    }

    /// Notes where a `>` writes, and gives what is left of the text from there on.
    fn write<'a>(&mut self, before: char, behind: &'a str) -> &'a str {
        let now = &mut self.now;
        if !now.quoted && now.word.chars().all(|one| one.is_ascii_digit()) {
            now.word.clear();
        }
        self.end_word();
        let now = &self.now;
        let last = now.words.get(now.words.len().saturating_sub(2)..).unwrap_or_default();
        let nothing = match last.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [] => !now.group,
            [.., ":" | "true"] | ["cat", "/dev/null"] => true,
            _ => false,
        };
        // `2>file` and `&>file` are of a command that is not read yet, or no more.
        let emptied = nothing && before != '&' && !before.is_ascii_digit();
        let onto = behind.starts_with('>');
        let behind = behind.trim_start_matches(['>', '|']);
        let stream = behind.starts_with('&');
        let to = behind.trim_start_matches('&').trim_start_matches([' ', '\t']);
        let end = |one: char| one.is_whitespace() || ";|&<>()".contains(one);
        let target = to.split(end).next().unwrap_or(to).trim_matches(['"', '\'']);
        let known = ["/dev/null", "/dev/stderr", "/dev/stdout", "/dev/tty"].contains(&target)
            || target.starts_with("/dev/fd/")
            || target.starts_with("/proc/self/fd/")
            || (stream && target.chars().all(|one| one.is_ascii_digit() || one == '-'));
        let sent = ["/dev/tcp/", "/dev/udp/", "/dev/shm/"];
        let sent = sent.iter().any(|place| target.starts_with(place));
        let machine = ["/dev/", "/proc/", "/sys/"].iter().any(|place| target.starts_with(place));
        let device = (machine && !sent) || (emptied && !onto && !sent);
        let writes = if device { Writes::Device } else { Writes::File };
        self.writes = self.writes.max(if known { Writes::Nowhere } else { writes });
        self.now.next = (!to.starts_with('(')).then_some(Next::Dropped);
        to
    }

    /// Notes what a `<` reads, and gives what is left of the text from there on.
    fn read<'a>(&mut self, rest: &'a str) -> &'a str {
        const MANY: usize = 32;
        self.end_word();
        let behind = rest.trim_start_matches('<');
        let next = match rest.len().saturating_sub(behind.len()) {
            0 => Next::Read,
            1 => {
                self.documents = self.documents.saturating_add(1);
                let document = if self.documents > MANY { None } else { document(behind) };
                self.now.fed = Some(document.map_or(Fed::File("-".to_owned()), Fed::Text));
                Next::Dropped
            }
            _ => Next::Said,
        };
        self.now.next = (!behind.starts_with('(')).then_some(next);
        behind
    }

    /// Feeds what several commands read to each that would do it.
    fn share(&mut self) {
        let shared = std::mem::take(&mut self.shared);
        let fed = shared.iter().flat_map(|fed| self.commands.iter().map(move |one| (one, fed)));
        let fed: Vec<_> = fed.flat_map(|(words, fed)| feeding(words, fed)).collect();
        self.commands.extend(fed);
    }
}

/// What a command prints, as far as it stands there.
fn prints(words: &[String], fed: Option<&Fed>) -> Option<Fed> {
    let (first, rest) = words.split_first()?;
    match first.as_str() {
        "echo" | "printf" => Some(Fed::Text(rest.join(" ").replace("\\n", "\n"))),
        "cat" => match rest {
            [] => fed.cloned(),
            [one] if one == "-" => fed.cloned(),
            [file] => Some(Fed::File(file.clone())),
            _ => None,
        },
        _ => None,
    }
}

/// A keyword of the shell, or what runs its words.
const BEFORE: [&str; 17] = [
    "!", "builtin", "command", "do", "done", "elif", "else", "esac", "exec", "fi", "if", "then",
    "time", "until", "while", "{", "}",
];

/// How many words stand before a command's program: keywords, what runs its words, with their
/// options, and variables that are set for it. The words of a loop are run by what names them, and
/// that nobody knows.
fn before_the_program(words: &[String]) -> usize {
    let (mut at, mut runs) = (0_usize, "");
    while let Some(word) = words.get(at) {
        if word == "for" {
            let within = words.get(at..).unwrap_or_default();
            at = within
                .iter()
                .position(|word| word == "do")
                .map_or(words.len(), |to| to.saturating_add(at));
        } else if word == "exec" && words.len() == at.saturating_add(1) {
            break;
        } else if BEFORE.contains(&word.as_str()) {
            runs = word;
        } else if runs == "exec" && word == "-a" {
            at = at.saturating_add(1);
        } else {
            let option = match runs {
                "" => false,
                "time" => word == "-p",
                _ => word.starts_with('-'),
            };
            if !(option || is_set(word)) {
                break;
            }
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

/// A command that is fed, told in words what it would be told: a client of a database, or a shell,
/// does what it reads.
fn feeding(words: &[String], fed: &Fed) -> Vec<Vec<String>> {
    let more = |more: &[&str]| {
        let more = more.iter().map(|word| (*word).to_owned());
        words.iter().cloned().chain(more).collect::<Vec<_>>()
    };
    let inner = program::commands(words);
    let scripts: Vec<_> = inner.iter().flat_map(|one| program::scripts(one)).collect();
    let shell = |one: &&&[String]| {
        one.first().is_some_and(|first| program::SHELLS.contains(&program::name(first)))
    };
    if !scripts.is_empty() {
        // What a shell is handed reads what the shell is fed.
        let texts = inner.iter().filter(shell).flat_map(|one| program::scripts(one));
        let commands = texts.flat_map(|(_, text)| parts(text).commands);
        return commands.flat_map(|words| feeding(&words, fed)).collect();
    }
    let names = inner.iter().rev().filter_map(|one| one.first());
    match (names.map(|first| program::name(first)).find_map(program::reading), fed) {
        // `cat < file` is `cat file`.
        (None, Fed::File(file)) if file != "-" => vec![more(&[file])],
        (None, _) | (Some(""), Fed::File(_)) => Vec::new(),
        (Some(""), Fed::Text(text)) => {
            text.lines().map(|line| more(&line.split_whitespace().collect::<Vec<_>>())).collect()
        }
        (Some(option), Fed::Text(text)) => vec![more(&[option, text])],
        (Some(_), Fed::File(file)) => vec![more(&["-f", file])],
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
    text.replace("<<<", "").contains("<<") || text.contains("$'") || case() || braces()
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
        let begins = " \t\n;|&(".contains(last);
        let closes = quote.is_none() && one == ')';
        let before = std::mem::replace(&mut last, one);
        match (quote, one) {
            (Some(open), _) if one == open => quote = None,
            (None, _) if closes && !opens.is_empty() => {
                quote = opens.pop().and_then(|open| parts.close(open));
            }
            (None | Some('"'), '`') => chars = parts.backticks(rest, quote.is_some()).chars(),
            (None | Some('"'), '$') if rest.starts_with('(') => {
                chars.next();
                last = '(';
                opens.push(parts.open(quote.take(), true));
            }
            (None, '(') => opens.push(parts.open(None, "<>".contains(before))),
            (None, '#') if begins => {
                // A comment: the next line is read on.
                let line = rest.find('\n').unwrap_or(rest.len());
                chars = rest.get(line..).unwrap_or_default().chars();
            }
            (Some('"') | None, '\\') if rest.starts_with('\n') => {
                chars.next();
                last = before;
            }
            (Some('"'), '\\') if !rest.starts_with(['$', '`', '"', '\\']) => {
                parts.now.word.push('\\');
            }
            (Some('"') | None, '\\') => parts.now.word.extend(chars.next()),
            (None, '\'' | '"') => {
                quote = Some(one);
                parts.now.quoted = true;
            }
            (None, '>') => chars = parts.write(before, rest).chars(),
            (None, '<') => chars = parts.read(rest).chars(),
            (None, '|') if !rest.starts_with('|') && before != '|' => {
                parts.pipe();
                // `|&` feeds what goes wrong, too.
                chars = rest.strip_prefix('&').unwrap_or(rest).chars();
            }
            (None, ';' | '|' | '&' | '\n' | ')') => parts.end_command(),
            (None, ' ' | '\t') => parts.end_word(),
            _ => parts.now.word.push(one),
        }
    }
    parts.end_command();
    for open in opens.into_iter().rev() {
        _ = parts.close(open);
        parts.end_command();
    }
    parts.odd |= quote.is_some() || is_odd(text);
    if parts.odd {
        parts.without_quotes(text);
    }
    parts.share();
    parts
}
