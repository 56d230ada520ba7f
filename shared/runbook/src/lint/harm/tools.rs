//! The other programs, and texts in the languages of shells and databases.

use super::Found;
use crate::lint::program;

/// Programs that only read, whatever their arguments.
const LOOKS: [&str; 32] = [
    "cat",
    "cut",
    "date",
    "df",
    "dig",
    "du",
    "echo",
    "free",
    "grep",
    "head",
    "jq",
    "ls",
    "nslookup",
    "ping",
    "ps",
    "pwd",
    "sort",
    "stat",
    "tail",
    "top",
    "tr",
    "uptime",
    "vmstat",
    "wc",
    "whoami",
    "iostat",
    "ss",
    "netstat",
    "k6",
    "pg_isready",
    "sha256sum",
    "test",
];

/// Programs that destroy, whatever their arguments.
const DESTROYS: [&str; 24] = [
    "rm",
    "dd",
    "mkfs",
    "growpart",
    "resize2fs",
    "xfs_growfs",
    "fdisk",
    "parted",
    "truncate",
    "shred",
    "wipefs",
    "kill",
    "pkill",
    "killall",
    "reboot",
    "shutdown",
    "halt",
    "poweroff",
    "pg_restore",
    "dropdb",
    "lvextend",
    "umount",
    "iptables",
    "unlink",
];

/// Judges the words after a program's name.
pub(super) fn judged(tool: &str, words: &[&str]) -> Found {
    let has = |word: &str| words.contains(&word);
    // The words that are no options, in order.
    let plain = program::plain(words, &["-C", "-c", "--git-dir", "--work-tree", "--context"]);
    let mut plain = plain.into_iter();
    let (first, second) = (plain.next().unwrap_or(""), plain.next().unwrap_or(""));
    let named = format!("{tool} {first}").trim_end().to_owned();
    match tool {
        "kubectl" | "oc" => kubectl(tool, words),
        "git" => git(first, words),
        "terraform" | "tofu" => match first {
            "show" | "plan" | "output" | "version" | "validate" | "providers" | "graph" => {
                Found::looks()
            }
            "state" if ["list", "show", "pull"].contains(&second) => Found::looks(),
            "workspace" | "init" => Found::changes(&named),
            _ => Found::destroys(&named),
        },
        "redis-cli" => redis(words),
        "systemctl" => match first {
            "status" | "show" | "is-active" | "list-units" | "cat" => Found::looks(),
            "restart" | "reload" | "start" => Found::changes(&named),
            _ => Found::destroys(&named),
        },
        "find" if ["-delete", "-exec", "-execdir"].iter().any(|word| has(word)) => {
            Found::destroys("find -delete")
        }
        "helm" => match first {
            "list" | "status" | "history" | "get" => Found::looks(),
            _ => Found::destroys(&named),
        },
        "docker" | "podman" => match first {
            "ps" | "logs" | "inspect" | "stats" | "images" | "exec" => Found::looks(),
            "rm" | "kill" | "stop" | "rmi" | "system" | "volume" => Found::destroys(&named),
            _ => Found::changes(&named),
        },
        "find" => Found::looks(),
        "curl" => curl(words),
        // A client asks; what it asks is judged as a text. What stands in a file nobody knows.
        "psql" | "mysql" if words.iter().any(|word| is_file(word)) => {
            Found::changes(&format!("{tool} --file"))
        }
        "psql" | "mysql" => of_texts(words),
        "awk" => awk(words),
        "python" | "python3" | "node" | "ruby" | "perl" if has("-c") || has("-e") => {
            interpreted(tool, words)
        }
        // What a shell is handed is judged as a text of its own.
        tool if program::SHELLS.contains(&tool) && words.iter().any(|w| program::hands_text(w)) => {
            Found::looks()
        }
        tool if DESTROYS.contains(&tool) || tool.starts_with("mkfs.") => Found::destroys(tool),
        tool if LOOKS.contains(&tool) => Found::looks(),
        // A program of somebody's own, a script in a file, a language that can do anything.
        _ => unknown(tool, words, &named),
    }
}

/// Judges what nobody knows by what it calls itself and by what it is told: it changes something,
/// and what names destruction destroys.
fn unknown(tool: &str, words: &[&str], named: &str) -> Found {
    let said = [tool].into_iter().chain(words.iter().copied());
    let said = said.map(str::to_ascii_lowercase).collect::<Vec<String>>().join(" ");
    let mut parts = said.split(|one: char| !one.is_ascii_alphanumeric());
    let harmful = |part: &&str| super::WORDS.contains(part) || TEXT_DESTROYS.contains(part);
    parts.find(harmful).map_or_else(|| Found::changes(named), Found::destroys)
}

/// Judges a text in a general language: one that reaches outside its own process may do anything.
fn interpreted(tool: &str, words: &[&str]) -> Found {
    const REACHES: [&str; 9] =
        ["system", "subprocess", "popen", "exec", "spawn", "shutil", "remove", "unlink", "write"];
    let reaches = |word: &&str| REACHES.iter().any(|name| word.to_ascii_lowercase().contains(name));
    let own = if words.iter().any(reaches) { Found::changes(tool) } else { Found::looks() };
    own.worse(of_texts(words))
}

/// A text of awk looks, unless it is in a file, or writes or runs something itself.
fn awk(words: &[&str]) -> Found {
    let acts = |word: &&str| {
        word.starts_with("-f")
            || word.starts_with("-i")
            || word.contains(['>', '|'])
            || word.contains("system")
    };
    let own = if words.iter().any(acts) { Found::changes("awk") } else { Found::looks() };
    own.worse(of_texts(words))
}

fn is_file(word: &str) -> bool {
    word.starts_with("-f") || word.starts_with("--file")
}

fn curl(words: &[&str]) -> Found {
    const SENDS: [&str; 9] =
        ["-X", "--request", "-d", "--data", "-F", "--form", "-T", "--upload-file", "--json"];
    let sends = words.iter().any(|word| SENDS.iter().any(|option| word.starts_with(option)));
    if !sends {
        return Found::looks();
    }
    let deletes = words.iter().any(|word| word.contains("DELETE"));
    if deletes { Found::destroys("curl -X DELETE") } else { Found::changes("curl") }
}

fn kubectl(tool: &str, words: &[&str]) -> Found {
    // What follows `--` is another program's, and judged as such.
    const VALUED: [&str; 11] = [
        "-n",
        "--namespace",
        "--context",
        "--cluster",
        "--user",
        "-l",
        "--selector",
        "-o",
        "--output",
        "--field-selector",
        "--sort-by",
    ];
    let whole: Vec<&str> = words.iter().copied().take_while(|word| *word != "--").collect();
    let own = program::plain(&whole, &VALUED);
    let verbs = [
        "get",
        "describe",
        "logs",
        "top",
        "exec",
        "explain",
        "version",
        "api-resources",
        "auth",
        "cluster-info",
        "diff",
        "wait",
        "rollout",
        "delete",
        "drain",
        "cordon",
        "uncordon",
        "apply",
        "replace",
        "scale",
        "patch",
        "create",
        "edit",
        "set",
        "label",
        "annotate",
        "run",
        "expose",
        "cp",
        "taint",
        "debug",
        "adm",
        "login",
        "config",
    ];
    let at = own.iter().position(|word| verbs.contains(word));
    let verb = at.and_then(|at| own.get(at)).copied().unwrap_or("");
    let next = at.and_then(|at| own.get(at.checked_add(1)?)).copied().unwrap_or("");
    let named = format!("{tool} {verb}").trim_end().to_owned();
    let zero = program::value(&whole, "--replicas") == Some("0");
    match (verb, next) {
        // Without `--` nobody knows where its own words end, and what is run.
        ("exec", _) if whole.len() == words.len() => Found::changes("kubectl exec"),
        ("rollout", "history" | "status")
        | (
            "get" | "describe" | "logs" | "top" | "exec" | "explain" | "version" | "api-resources"
            | "auth" | "cluster-info" | "diff" | "wait" | "login" | "config",
            _,
        ) => Found::looks(),
        ("rollout", "restart" | "pause" | "resume") => Found::changes(&format!("{named} {next}")),
        ("rollout", _) => Found::destroys(&format!("{named} {next}")),
        ("scale", _) if zero => Found::destroys("kubectl scale --replicas=0"),
        ("delete" | "drain" | "apply" | "replace" | "edit" | "taint" | "adm", _) => {
            Found::destroys(&named)
        }
        _ => Found::changes(&named),
    }
}

fn git(verb: &str, words: &[&str]) -> Found {
    let forced = words.iter().any(|word| {
        ["-f", "--force", "--delete", "-D", "--hard", "--mirror"].contains(word)
            || word.starts_with("--force-with-lease")
    });
    match verb {
        "log" | "show" | "diff" | "status" | "blame" | "rev-parse" | "ls-remote" | "describe" => {
            Found::looks()
        }
        "clean" | "filter-branch" | "gc" => Found::destroys(&format!("git {verb}")),
        _ if forced => Found::destroys(&format!("git {verb} --force")),
        _ => Found::changes(&format!("git {verb}")),
    }
}

fn redis(words: &[&str]) -> Found {
    const LOOKS: [&str; 14] = [
        "ping", "info", "llen", "get", "mget", "ttl", "type", "exists", "scan", "dbsize",
        "slowlog", "memory", "client", "latency",
    ];
    const DESTROYS: [&str; 12] = [
        "flushdb",
        "flushall",
        "del",
        "unlink",
        "shutdown",
        "failover",
        "restore",
        "debug",
        "replicaof",
        "slaveof",
        "swapdb",
        "migrate",
    ];
    let lower: Vec<String> = words.iter().map(|word| word.to_ascii_lowercase()).collect();
    let found = |list: &[&str]| lower.iter().find(|word| list.contains(&word.as_str()));
    if let Some(word) = found(&DESTROYS) {
        return Found::destroys(&format!("redis-cli {word}"));
    }
    if found(&LOOKS).is_some() && !lower.iter().any(|word| word == "kill") {
        return Found::looks();
    }
    Found::changes("redis-cli")
}

/// Words of SQL and of shells that destroy.
const TEXT_DESTROYS: [&str; 34] = [
    "drop",
    "delete",
    "truncate",
    "alter",
    "restore",
    "revoke",
    "pg_terminate_backend",
    "pg_cancel_backend",
    "rm",
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
];

/// Words of SQL and of shells that change.
const TEXT_CHANGES: [&str; 14] = [
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
    if let Some(word) = found(&TEXT_DESTROYS) {
        return Found::destroys(word);
    }
    found(&TEXT_CHANGES).map_or_else(Found::looks, Found::changes)
}
