//! Texts, and what nobody knows: judged by their words.

use super::{Found, listed};

/// Words that destroy, of shells, of databases and of the tools of both.
const DESTROYS: [&str; 53] = [
    "update-traffic",
    "set-traffic",
    "drop",
    "delete",
    "truncate",
    "alter",
    "restore",
    "revoke",
    "pg_terminate_backend",
    "pg_cancel_backend",
    "rm",
    "rmdir",
    "rmtree",
    "unlink",
    "kill",
    "pkill",
    "killall",
    "reboot",
    "shutdown",
    "halt",
    "poweroff",
    "dd",
    "mkfs",
    "growpart",
    "resize2fs",
    "xfs_growfs",
    "flushdb",
    "flushall",
    "failover",
    "terminate",
    "destroy",
    "purge",
    "shred",
    "wipefs",
    "fdisk",
    "parted",
    "-delete",
    "reindex",
    "vacuum",
    "pg_restore",
    "dropdb",
    "mongorestore",
    "promote",
    "switchover",
    "rollback",
    "uninstall",
    "prune",
    "erase",
    "decommission",
    "nuke",
    "rmi",
    "dropdatabase",
    "stepdown",
];

/// Words of SQL and of shells that change.
const CHANGES: [&str; 14] = [
    "update",
    "insert",
    "merge",
    "grant",
    "create",
    "restart",
    "reload",
    "systemctl",
    "mv",
    "chmod",
    "chown",
    "tee",
    "install",
    "apply",
];

/// Words of the command line of a tool that nobody knows: what it is told to do.
const TOLD: [&str; 20] = [
    "drain",
    "quit",
    "swap",
    "assassinate",
    "clearsnapshot",
    "del",
    "down",
    "undo",
    "leave",
    "seal",
    "deallocate",
    "reinit",
    "forget",
    "compact",
    "compaction",
    "defrag",
    "empty",
    "evict",
    "clear",
    "leader",
];

/// The worst of several texts.
pub(super) fn of_texts(texts: &[&str]) -> Found {
    texts.iter().fold(Found::looks(), |found, text| found.worse(of_text(text)))
}

/// Judges a text that a shell, an interpreter or a database reads.
pub(super) fn of_text(text: &str) -> Found {
    let lower = text.to_ascii_lowercase();
    let inner = |one: char| one.is_ascii_alphanumeric() || one == '_' || one == '-';
    let words: Vec<&str> = lower.split(|one| !inner(one)).collect();
    let found = |list: &[&'static str]| words.iter().find(|word| list.contains(word)).copied();
    if let Some(word) = found(&DESTROYS) {
        return Found::destroys(word);
    }
    found(&CHANGES).map_or_else(Found::looks, Found::changes)
}

/// The word in a name that says that it destroys: `purge` in `purge_all`, `wipe-disk.sh` and
/// `wipeAll`.
pub(super) fn destroying(name: &str) -> Option<String> {
    let whole = name.to_ascii_lowercase();
    parts(name).into_iter().chain([whole]).find(|part| {
        let begins = |word: &&str| part.starts_with(word);
        super::WORDS.iter().any(begins) || DESTROYS.contains(&part.as_str())
    })
}

/// The parts of names, in small letters: at each sign, and at each capital behind a small letter.
fn parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut small = false;
    for one in name.chars() {
        if !one.is_ascii_alphanumeric() || (small && one.is_ascii_uppercase()) {
            parts.push(String::new());
        }
        small = one.is_ascii_lowercase();
        if let Some(part) = parts.last_mut().filter(|_| one.is_ascii_alphanumeric()) {
            part.push(one.to_ascii_lowercase());
        }
    }
    parts
}

/// Judges what nobody knows by what it calls itself and by what it is told: it changes something,
/// and what names destruction destroys.
pub(super) fn unknown(tool: &str, words: &[&str], named: &str) -> Found {
    // `run --rm` takes away what it has made itself.
    let said = [tool].into_iter().chain(words.iter().copied());
    let mut said = said.filter(|word| *word != "--rm");
    let told = || words.iter().flat_map(|word| parts(word)).find(|p| TOLD.contains(&p.as_str()));
    let word = said.find_map(destroying).or_else(told);
    word.map_or_else(|| Found::changes(named), |word| Found::destroys(&word))
}

/// Modules of Python that only tell what is.
const MODULES: &str = "\
    collections datetime gc itertools json math platform psutil pprint re resource \
    statistics string sys time tracemalloc locale";

/// What may be called in them, and of the language's own.
const CALLS: &str = "\
    print pprint len str int float bool round abs sum min max any all sorted reversed range \
    list dict set tuple enumerate zip type repr isinstance join split strip format lower \
    upper startswith endswith get items keys values append counter most_common mean median \
    dumps loads now today isoformat strftime get_objects get_count get_stats getrusage \
    virtual_memory swap_memory cpu_percent cpu_count disk_usage getloadavg pids \
    net_io_counters memory_info";

/// Judges a text of Python: it looks if it imports and calls nothing but what is known to look.
pub(super) fn of_python(text: &str) -> Found {
    const KEYWORDS: [&str; 9] = ["if", "in", "and", "or", "not", "for", "else", "return", "while"];
    let own = destroying(text).map_or_else(Found::looks, |word| Found::destroys(&word));
    // A decorator calls, and so does what says how a name is looked up.
    if text.contains(['@', '\\', '\t']) || text.contains("__") {
        return own.worse(Found::changes("python"));
    }
    let inner = |one: char| one.is_ascii_alphanumeric() || one == '_';
    // What stands before a parenthesis is called; `f()()` and `f[0]()` call what has no name.
    let called = |before: &str| {
        let before = before.trim_end();
        let name = before.rsplit(|one| !inner(one)).next().unwrap_or_default();
        if before.ends_with([')', ']']) { "()".to_owned() } else { name.to_ascii_lowercase() }
    };
    let known = |name: &str| name.is_empty() || listed(CALLS, name) || KEYWORDS.contains(&name);
    let pieces: Vec<&str> = text.split('(').collect();
    let befores = pieces.split_last().map_or(&[][..], |(_, befores)| befores);
    let call = befores.iter().map(|before| called(before)).find(|name| !known(name));
    let module = imported(text).into_iter().find(|module| !listed(MODULES, module.as_str()));
    let what = call.or(module.map(|module| format!("import {module}")));
    what.map_or_else(Found::looks, |what| Found::changes(&what)).worse(own)
}

/// The modules that a text of Python imports.
fn imported(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for statement in text.split([';', '\n', ':']) {
        let statement = statement.trim();
        let from = statement.strip_prefix("from ").and_then(|rest| rest.split(' ').next());
        let names = statement.strip_prefix("import ").into_iter().flat_map(|rest| rest.split(','));
        let names = names.filter_map(|name| name.split_whitespace().next());
        found.extend(from.into_iter().chain(names).map(str::to_owned));
    }
    found
}
