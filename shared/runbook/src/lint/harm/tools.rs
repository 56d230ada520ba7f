//! The other programs.

use super::{Found, kubectl, looks, sql, stores, text};
use crate::lint::program;

/// Programs that only read, whatever their arguments.
const LOOKS: [&str; 43] = [
    "lsof",
    "cat",
    "cut",
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
    "stat",
    "tail",
    "top",
    "tr",
    "uptime",
    "vmstat",
    "wc",
    "whoami",
    "iostat",
    "netstat",
    "k6",
    "pg_isready",
    "sha256sum",
    "test",
    "[",
    "[[",
    "basename",
    "cd",
    "dirname",
    "false",
    "id",
    "nproc",
    "read",
    "seq",
    "sleep",
    "true",
    "uname",
];

/// Programs that destroy, whatever their arguments.
const DESTROYS: [&str; 48] = [
    "rm",
    "rmdir",
    "dd",
    "mkfs",
    "growpart",
    "resize2fs",
    "xfs_growfs",
    "fdisk",
    "sfdisk",
    "cfdisk",
    "sgdisk",
    "gdisk",
    "parted",
    "truncate",
    "shred",
    "wipefs",
    "blkdiscard",
    "mkswap",
    "fsck",
    "e2fsck",
    "tune2fs",
    "kill",
    "pkill",
    "killall",
    "reboot",
    "shutdown",
    "halt",
    "poweroff",
    "init",
    "telinit",
    "pg_restore",
    "pg_rewind",
    "pg_resetwal",
    "dropdb",
    "mongorestore",
    "lvextend",
    "lvreduce",
    "lvresize",
    "lvremove",
    "vgremove",
    "pvremove",
    "umount",
    "iptables",
    "ip6tables",
    "nft",
    "ufw",
    "userdel",
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
    if let Some(found) = looks::judged(tool, words) {
        return found;
    }
    match tool {
        "kubectl" | "oc" => kubectl::judged(tool, words),
        "git" => git(first, words),
        "terraform" | "tofu" | "terragrunt" => match first {
            "show" | "plan" | "output" | "version" | "validate" | "providers" | "graph" => {
                Found::looks()
            }
            "state" if ["list", "show", "pull"].contains(&second) => Found::looks(),
            "workspace" if ["list", "show"].contains(&second) => Found::looks(),
            "workspace" if second != "delete" => Found::changes(&named),
            "" if words == ["-version"] => Found::looks(),
            "init" => Found::changes(&named),
            _ => Found::destroys(&named),
        },
        "pulumi" | "cdk" => match first {
            "preview" | "diff" | "ls" | "list" | "synth" | "version" | "about" => Found::looks(),
            "stack" if ["output", "ls", "history"].contains(&second) => Found::looks(),
            _ => Found::destroys(&named),
        },
        "redis-cli" | "valkey-cli" => stores::redis(words),
        "systemctl" => match verb(words, SYSTEMCTL) {
            "" | "status" | "show" | "is-active" | "is-enabled" | "is-failed" | "cat" => {
                Found::looks()
            }
            list if list.starts_with("list-") => Found::looks(),
            "restart" | "reload" | "start" => Found::changes(&named),
            _ => Found::destroys(&named),
        },
        "helm" => match verb(words, HELM) {
            // A folder that is written to, a program that is run.
            "template"
                if words.iter().any(|w| w.starts_with("--out") || w.starts_with("--post")) =>
            {
                Found::changes(&named)
            }
            "list" | "ls" | "status" | "history" | "get" | "version" | "show" | "template"
            | "search" | "diff" | "lint" => Found::looks(),
            _ => Found::destroys(&named),
        },
        "docker" | "podman" | "docker-compose" => docker(tool, words),
        // A client asks; what it asks is judged as a text. What stands in a file nobody knows, but
        // for what the file calls itself.
        "cockroach" if first != "sql" => stores::judged(tool, words),
        sql if program::SQL.contains(&sql) => client(sql, words),
        "mongosh" | "mongo" if words.iter().any(|word| word.starts_with("--eval")) => {
            Found::looks()
        }
        // What it is handed is judged as a text of its own.
        "python" | "python3" | "python2" if hands(tool, words) => Found::looks(),
        tool if program::SHELLS.contains(&tool) && words.iter().any(|w| program::hands_text(w)) => {
            Found::looks()
        }
        tool if stores::knows(tool) => stores::judged(tool, words),
        "ip" if has("replace") || has("change") => Found::destroys("ip replace"),
        "crontab" if has("-r") => Found::destroys("crontab -r"),
        tool if DESTROYS.contains(&tool) || tool.starts_with("mkfs.") => Found::destroys(tool),
        tool if LOOKS.contains(&tool) => Found::looks(),
        // A program of somebody's own, a script in a file, a language that can do anything.
        _ if none(words) => Found::destroys(&named),
        _ => text::unknown(tool, words, &named),
    }
}

/// Options of `helm` that may stand before its verb, and have a value.
const HELM: &str = "\
    -n --namespace --kube-context --kubeconfig --kube-apiserver --kube-as-group --kube-as-user \
    --kube-ca-file --kube-tls-server-name --kube-token --burst-limit --qps --registry-config \
    --repository-cache --repository-config";

/// Those of `systemctl`.
const SYSTEMCTL: &str = "\
    -n --lines -o --output -H --host -M --machine -t --type -p --property -P --state -s --signal \
    --root --image --job-mode --kill-whom --kill-who --what --timestamp --when \
    --message --preset-mode --check-inhibitors";

/// The verb of a command.
fn verb<'a>(words: &[&'a str], valued: &str) -> &'a str {
    let valued: Vec<&str> = valued.split_whitespace().collect();
    program::plain(words, &valued).first().copied().unwrap_or("")
}

/// Whether nothing is left of what is scaled.
fn none(words: &[&str]) -> bool {
    let scales = words.iter().any(|word| word.contains("scale"));
    let zero = |word: &&str| word.ends_with("=0") || word.contains("=0:");
    program::SIZES.iter().any(|size| program::value(words, size) == Some("0"))
        || (scales && words.iter().any(zero))
}

/// Judges a text that a command is handed, as an argument or to read.
pub(super) fn read(command: &[String], said: &str) -> Found {
    match command.first().map_or("", |one| program::name(one)) {
        "sqlcmd" => sql::batches(said),
        tool if program::SQL.contains(&tool) => sql::judged(said),
        tool if program::SHELLS.contains(&tool) => super::script::judged(said),
        "mongosh" | "mongo" => stores::mongo(said),
        "python" | "python3" | "python2" => text::of_python(said),
        "redis-cli" | "valkey-cli" => said.lines().map(redis).fold(Found::looks(), Found::worse),
        tool @ ("node" | "nodejs" | "ruby" | "perl" | "php" | "lua") => {
            text::unknown(tool, &[said], tool).worse(text::of_text(said))
        }
        _ => text::of_text(said),
    }
}

/// One line of what `redis-cli` reads.
fn redis(line: &str) -> Found {
    let words: Vec<&str> = line.split_whitespace().collect();
    if words.is_empty() { Found::looks() } else { stores::redis(&words) }
}

/// Whether an option of a program hands it a text.
fn hands(tool: &str, words: &[&str]) -> bool {
    let command: Vec<String> = [tool].iter().chain(words).map(|word| (*word).to_owned()).collect();
    !program::scripts(&command).is_empty()
}

/// A client of SQL, by what it reads besides the texts that it is handed, and by what it writes.
fn client(tool: &str, words: &[&str]) -> Found {
    let own = if tool == "sqlcmd" { "-i" } else { "--queries-file" };
    let is_file = |word: &str| is_file(word) || word.starts_with(own);
    let mut files = words.iter().enumerate().filter(|(_, word)| is_file(word)).peekable();
    if files.peek().is_none() {
        let writes = words.iter().any(|word| word.starts_with("-o") || word.starts_with("--out"));
        return if writes { Found::changes(&format!("{tool} --output")) } else { Found::looks() };
    }
    let file = |(at, word): (usize, &&str)| {
        let next = words.get(at.saturating_add(1)).copied().unwrap_or_default();
        // The file may stand in the same word: `-fwipe.sql`.
        let own = word.split_once(['f', 'i']).map_or(*word, |(_, own)| own);
        text::unknown(tool, &[own, next], &format!("{tool} --file"))
    };
    files.map(file).fold(Found::looks(), Found::worse)
}

/// Whether an option names a file to be run: `-f`, `-tAf`, `--file`.
fn is_file(word: &str) -> bool {
    const BARE: &str = "aAbeEHlnqsStwWxXz01";
    let cluster = word.strip_prefix('-').and_then(|cluster| cluster.split_once('f'));
    let short = cluster.is_some_and(|(flags, _)| flags.chars().all(|one| BARE.contains(one)));
    short || word.starts_with("--file")
}

/// Judges the words after `docker`: of an object (`docker volume rm`) or of a project (`docker
/// compose down`) by the word behind it.
fn docker(tool: &str, words: &[&str]) -> Found {
    const VALUED: [&str; 16] = [
        "-H",
        "--host",
        "--context",
        "-c",
        "--config",
        "-l",
        "--log-level",
        "-f",
        "--file",
        "-p",
        "--project-name",
        "--profile",
        "--env-file",
        "--project-directory",
        "--ansi",
        "--connection",
    ];
    const OBJECTS: [&str; 16] = [
        "compose",
        "container",
        "image",
        "volume",
        "network",
        "system",
        "builder",
        "buildx",
        "service",
        "stack",
        "node",
        "swarm",
        "secret",
        "config",
        "context",
        "pod",
    ];
    const LOOKS: [&str; 16] = [
        "ps", "logs", "inspect", "stats", "images", "exec", "ls", "list", "top", "port", "version",
        "info", "history", "df", "diff", "events",
    ];
    const DESTROYS: [&str; 16] = [
        "rm",
        "rmi",
        "remove",
        "kill",
        "stop",
        "prune",
        "down",
        "leave",
        "pause",
        "rollback",
        "demote",
        "disconnect",
        "reset",
        "restore",
        "delete",
        "unmount",
    ];
    let plain = program::plain(words, &VALUED);
    let at = plain.iter().position(|word| !OBJECTS.contains(word)).unwrap_or(plain.len());
    let verb = plain.get(at).copied().unwrap_or("");
    let named = format!("{tool} {}", plain.get(..=at).unwrap_or(&plain).join(" "));
    // `up` may take away what it is not told of, and the volumes with it.
    let takes = ["--remove-orphans", "-V", "--renew-anon-volumes"];
    let takes = words.iter().any(|word| takes.contains(word) || word.ends_with("drain"));
    if none(words) || takes || DESTROYS.contains(&verb) {
        return Found::destroys(&named);
    }
    if LOOKS.contains(&verb) || named.ends_with("compose config") {
        return Found::looks();
    }
    Found::changes(&named)
}

fn git(verb: &str, words: &[&str]) -> Found {
    let options = [
        "-f", "--force", "--delete", "-D", "-d", "--hard", "--mirror", "--prune", "drop", "expire",
    ];
    let forced = words.iter().any(|word| {
        // `+main` overwrites a branch of another repository, `:main` deletes it.
        let to = verb == "push" && word.starts_with(['+', ':']);
        // `-uf` does what `-f` does.
        let short = verb == "push" && word.starts_with('-') && !word.starts_with("--");
        let cleared = verb == "stash" && *word == "clear";
        options.contains(word)
            || word.starts_with("--force-with-lease")
            || to
            || cleared
            || (short && word.contains(['f', 'd']))
    });
    match verb {
        "log" | "show" | "diff" | "status" | "blame" | "rev-parse" | "ls-remote" | "describe" => {
            Found::looks()
        }
        "clean" | "filter-branch" | "filter-repo" | "gc" | "prune" | "restore" | "rm" => {
            Found::destroys(&format!("git {verb}"))
        }
        _ if forced => Found::destroys(&format!("git {verb} --force")),
        _ => Found::changes(&format!("git {verb}")),
    }
}
