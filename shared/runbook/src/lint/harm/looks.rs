//! Programs that look, but for an option, and those that destroy, but for one.

use super::{Found, script, text};
use crate::lint::program;

/// Programs that destroy, with the letters of the options by which they only list.
const LISTS: [(&str, &str); 6] = [
    ("iptables", "LSnvxtw"),
    ("ip6tables", "LSnvxtw"),
    ("fdisk", "lx"),
    ("parted", "l"),
    ("kill", "l0"),
    ("pg_restore", "l"),
];

/// Judges the words after a program, if it is one of these.
pub(super) fn judged(tool: &str, words: &[&str]) -> Option<Found> {
    let letters = |letters: &[char]| {
        words.iter().any(|word| short(word).is_some_and(|cluster| cluster.contains(letters)))
    };
    let begins =
        |starts: &[&str]| words.iter().any(|word| starts.iter().any(|one| word.starts_with(one)));
    let changes = match tool {
        "curl" => return Some(curl(words)),
        "find" => return Some(find(words)),
        "awk" | "gawk" => return Some(awk(words)),
        "ss" if letters(&['K']) || begins(&["--k"]) => return Some(Found::destroys("ss --kill")),
        "ss" => letters(&['D']) || begins(&["--diag"]),
        "sort" => letters(&['o']) || begins(&["--o", "--co"]),
        "date" => (0..words.len()).any(|at| sets(words, at)),
        "uniq" => program::plain(words, &["-f", "-s", "-w"]).len() > 1,
        "dmesg" => letters(&['c', 'C', 'D', 'E', 'n']) || begins(&["--cl", "--con", "--read"]),
        "journalctl" => {
            let acts = ["--vac", "--ro", "--fl", "--rel", "--sm", "--syn", "--set", "--up"];
            if begins(&acts) {
                return None;
            }
            false
        }
        "ufw" if words.first() == Some(&"status") => false,
        "nft"
            if words.first() == Some(&"list") && !words.iter().any(|w| w.contains([';', '\n'])) =>
        {
            begins(&["-"])
        }
        _ if lists(tool, words) => false,
        _ => return None,
    };
    Some(if changes { Found::changes(tool) } else { Found::looks() })
}

/// The letters of an option: `-sSLo`.
fn short(word: &str) -> Option<&str> {
    word.strip_prefix('-').filter(|cluster| !cluster.starts_with('-'))
}

/// Whether a program of [`LISTS`] is told to list, and nothing else.
fn lists(tool: &str, words: &[&str]) -> bool {
    const LONG: [&str; 5] = ["--list", "--list-rules", "--line-numbers", "--numeric", "--verbose"];
    let Some((_, letters)) = LISTS.iter().find(|(known, _)| *known == tool) else { return false };
    let option = |word: &&str| {
        let known = |cluster: &str| cluster.chars().all(|one| letters.contains(one));
        short(word).map_or(LONG.contains(word), known)
    };
    let mut options = words.iter().filter(|word| word.starts_with('-')).peekable();
    // What `parted` is told besides, it does.
    let bare = tool != "parted" || words.iter().all(|word| word.starts_with('-'));
    bare && options.peek().is_some() && options.all(option)
}

/// Whether a word of `date` sets the time.
fn sets(words: &[&str], at: usize) -> bool {
    const VALUED: [&str; 4] = ["--date", "--reference", "--file", "--rfc-3339"];
    let word = words.get(at).copied().unwrap_or_default();
    let before = at.checked_sub(1).and_then(|at| words.get(at)).copied().unwrap_or_default();
    // The first of these letters takes what follows it.
    let letters = ['s', 'd', 'r', 'f', 'I'];
    let after = |word: &str| short(word)?.split_once(letters).map(|(_, after)| after.len());
    let valued = after(before) == Some(0) && before.ends_with(['d', 'r', 'f']);
    if valued || VALUED.contains(&before) {
        return false;
    }
    let first = short(word).and_then(|cluster| cluster.chars().find(|one| letters.contains(one)));
    first == Some('s') || word.starts_with("--s") || !word.starts_with(['-', '+'])
}

/// What `find` runs is judged as a command of its own.
fn find(words: &[&str]) -> Found {
    if words.contains(&"-delete") {
        return Found::destroys("find -delete");
    }
    let writes = words.iter().any(|word| word.starts_with("-fprint") || *word == "-fls");
    let own = if writes { Found::changes("find -fprint") } else { Found::looks() };
    let runs = |word: &&str| ["-exec", "-execdir", "-ok", "-okdir"].contains(word);
    words.split(runs).skip(1).fold(own, |found, command| {
        let command: Vec<String> = command.iter().map(|word| (*word).to_owned()).collect();
        let commands = script::commands(&command);
        commands.iter().map(|words| super::of_command(words)).fold(found, Found::worse)
    })
}

/// A text of awk looks, unless it is in a file, or writes or runs something itself.
fn awk(words: &[&str]) -> Found {
    const OPTIONS: [&str; 11] = ["-f", "-i", "-l", "-E", "-d", "-o", "-p", "--", "-I", "-D", "-L"];
    let acts = |word: &&str| {
        OPTIONS.iter().any(|option| word.starts_with(option))
            || word.contains(['>', '|', '@'])
            || word.contains("system")
    };
    if words.iter().any(acts) {
        Found::changes("awk").worse(text::of_texts(words))
    } else {
        Found::looks()
    }
}

/// `curl` looks if it sends nothing, and writes no file.
fn curl(words: &[&str]) -> Found {
    /// Those of one letter that take a value.
    const VALUED: &str = "AbcCdDeEFhHKmoPQrtTuUwxXyYz";
    // As short as curl takes them.
    const SENDS: [&str; 11] =
        ["d", "F", "T", "K", "Q", "--da", "--for", "--up", "--js", "--conf", "--quo"];
    const WRITES: [&str; 12] = [
        "o",
        "c",
        "D",
        "--ou",
        "--dump",
        "--cookie-j",
        "--tr",
        "--stde",
        "--libc",
        "--etag-s",
        "--hs",
        "--alt",
    ];
    let mut found = Found::looks();
    let mut sends = false;
    for (at, word) in words.iter().enumerate() {
        let next = words.get(at.saturating_add(1)).copied().unwrap_or_default();
        let (flags, option, value) = match short(word) {
            Some(cluster) => {
                let at = cluster.find(|one| VALUED.contains(one)).unwrap_or(cluster.len());
                let (flags, valued) = cluster.split_at(at);
                let (option, value) = valued.split_at(valued.len().min(1));
                (flags, option, if value.is_empty() { next } else { value })
            }
            None => word.split_once('=').map_or(("", *word, next), |(o, value)| ("", o, value)),
        };
        let is = |list: &[&str]| list.iter().any(|known| option.starts_with(known));
        let safe = ["GET", "HEAD", "OPTIONS"].iter().any(|one| value.eq_ignore_ascii_case(one));
        sends |= is(&SENDS) || flags.contains(':') || (is(&["X", "--req"]) && !safe);
        let named = flags.contains('O') || is(&["--remote-n"]);
        if named || (is(&WRITES) && !["/dev/null", "-"].contains(&value)) {
            found = Found::changes("curl --output");
        }
    }
    if !sends {
        return found;
    }
    // The method, or the path that it is sent to, as with a step that sends it itself.
    let named = words.iter().map(|word| word.to_ascii_lowercase());
    let mut named = named.filter(|word| word.contains("delete") || word.contains("://"));
    let harmful = named.any(|word| super::WORDS.iter().any(|harm| word.contains(harm)));
    if harmful { Found::destroys("curl") } else { Found::changes("curl") }
}
