//! Reading an argv: which programs are run in it, one within the other.

/// The name of a program without its folder.
pub(super) fn name(element: &str) -> &str {
    element.rsplit('/').next().unwrap_or(element)
}

/// Programs that run what follows their own options.
pub(super) const RUNNERS: [&str; 29] = [
    "aws-vault",
    "busybox",
    "chroot",
    "chrt",
    "doas",
    "env",
    "flock",
    "gosu",
    "ionice",
    "nice",
    "nohup",
    "nsenter",
    "parallel",
    "runuser",
    "setpriv",
    "setsid",
    "ssh",
    "stdbuf",
    "strace",
    "su",
    "sudo",
    "systemd-run",
    "taskset",
    "time",
    "timeout",
    "unbuffer",
    "unshare",
    "watch",
    "xargs",
];

/// Of some of them it is known where the other program begins: their options, those that have a
/// value, and how many words of their own stand before it.
const EXACT: [(&str, &[&str], &[&str], usize); 9] = [
    ("sudo", &["-n", "-E", "-H", "-i", "-S", "-b", "-A", "-k"], &["-u", "-g", "-p", "-C", "-D"], 0),
    ("doas", &["-n"], &["-u", "-C"], 0),
    ("env", &["-i", "-"], &["-u", "-C"], 0),
    ("nice", &[], &["-n"], 0),
    ("ionice", &["-t"], &["-c", "-n"], 0),
    ("nohup", &[], &[], 0),
    ("time", &["-p", "-v"], &[], 0),
    ("timeout", &["--foreground", "--preserve-status", "-v"], &["-k", "-s"], 1),
    ("xargs", &["-0", "-r", "-t", "--no-run-if-empty"], &["-n", "-P", "-I", "-L", "-d"], 0),
];

/// Long options of theirs that have their value with them.
const LONG: [&str; 12] = [
    "--user",
    "--group",
    "--signal",
    "--kill-after",
    "--adjustment",
    "--class",
    "--classdata",
    "--max-args",
    "--max-procs",
    "--delimiter",
    "--unset",
    "--chdir",
];

/// The program that a runner runs, where it is known where that begins.
pub(super) fn inner(command: &[String]) -> Option<&[String]> {
    let (runner, mut rest) = command.split_first()?;
    let (_, plain, valued, own) = EXACT.iter().find(|(known, ..)| *known == name(runner))?;
    let mut own = *own;
    while let Some((word, behind)) = rest.split_first() {
        if valued.contains(&word.as_str()) {
            rest = behind.get(1..)?;
            continue;
        }
        let set = word.contains('=') && !word.starts_with('-');
        if word.starts_with('-') {
            // `-n5`, `-I{}`, `--signal=KILL` have their value with them.
            let long = word.split_once('=').is_some_and(|(option, _)| LONG.contains(&option));
            let joined = long || valued.iter().any(|one| word.starts_with(one));
            if !joined && !plain.contains(&word.as_str()) {
                return None;
            }
        } else if !set && own > 0 {
            own = own.saturating_sub(1);
        } else if !set {
            return Some(rest);
        }
        rest = behind;
    }
    None
}

/// Programs that run what follows `--`.
const THROUGH: [&str; 5] = ["kubectl", "docker", "podman", "ssh", "oc"];

/// No runner has more words of its own than these.
const OWN: usize = 64;

/// The commands in an argv: the whole, and each that another one runs.
pub(super) fn commands(argv: &[String]) -> Vec<&[String]> {
    let mut found = Vec::new();
    let mut rest = argv;
    while let Some((program, arguments)) = rest.split_first() {
        found.push(rest);
        let program = name(program);
        if let Some(inner) = inner(rest) {
            rest = inner;
            continue;
        }
        let inside = (["docker", "podman", "docker-compose"].contains(&program)
            && arguments.iter().any(|word| word == "exec" || word == "run"))
            || (program == "oc" && arguments.iter().any(|word| word == "rsh"));
        if inside || RUNNERS.contains(&program) {
            // `timeout 30 rm …`, `sudo -u root rm …`: whatever its options are, the rest is looked
            // at from each word on.
            found.extend((0..arguments.len()).take(OWN).filter_map(|at| arguments.get(at..)));
            break;
        }
        let inner = if THROUGH.contains(&program) {
            let at = arguments.iter().position(|word| word == "--");
            at.and_then(|at| arguments.get(at.saturating_add(1)..))
        } else {
            None
        };
        match inner {
            Some(inner) if !inner.is_empty() => rest = inner,
            _ => break,
        }
    }
    found
}

/// The words of a command that are neither options nor the values of `valued` options.
pub(super) fn plain<'a>(words: &[&'a str], valued: &[&str]) -> Vec<&'a str> {
    let mut found = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if valued.contains(word) {
            _ = words.next();
        } else if !word.starts_with('-') {
            found.push(*word);
        }
    }
    found
}

/// What a command says for an option, in either form: `--size 0`, `--size=0`.
pub(super) fn value<'a>(words: &[&'a str], option: &str) -> Option<&'a str> {
    words.iter().enumerate().find_map(|(at, word)| {
        let said = word.strip_prefix(option)?;
        if said.is_empty() {
            words.get(at.checked_add(1)?).copied()
        } else {
            said.strip_prefix('=')
        }
    })
}

/// Options that set how many of something there are, whatever there were.
pub(super) const SIZES: [&str; 10] = [
    "--desired-capacity",
    "--desired-count",
    "--max-size",
    "--max-capacity",
    "--reserved-concurrent-executions",
    "--replicas",
    "--scaling-config",
    "--nodes",
    "--node-count",
    "--num-nodes",
];

/// The shells, and what else runs a text.
pub(super) const SHELLS: [&str; 8] = ["sh", "bash", "zsh", "dash", "ash", "ksh", "fish", "busybox"];

/// Whether an option of a shell hands it a text: `-c`, `-lc`, `-euxc`.
pub(super) fn hands_text(option: &str) -> bool {
    option.starts_with('-') && !option.starts_with("--") && option.contains('c')
}

/// The clients of SQL that are read here.
pub(super) const SQL: [&str; 8] =
    ["psql", "mysql", "mariadb", "cockroach", "cqlsh", "clickhouse-client", "snowsql", "sqlcmd"];

/// Programs that are handed a text: their names, the letters of the options that do so, and the
/// long options.
const HANDED: [(&[&str], &str, &[&str]); 9] = [
    (&["psql"], "c", &["--command"]),
    (&["mysql", "mariadb"], "e", &["--execute", "--init-command"]),
    (&["cockroach", "cqlsh"], "e", &["--execute"]),
    (&["clickhouse-client", "snowsql"], "q", &["--query"]),
    (&["sqlcmd"], "qQ", &[]),
    (&["mongosh", "mongo"], "", &["--eval"]),
    (&["python", "python3", "python2"], "c", &[]),
    (&["node", "nodejs"], "ep", &["--eval", "--print"]),
    (&["ruby", "perl", "php", "lua"], "eEr", &[]),
];

/// The option by which a client of a database, or a shell, is handed what it else reads; none, if it
/// takes the words themselves.
pub(super) fn reading(program: &str) -> Option<&'static str> {
    Some(match program {
        "psql" | "python" | "python3" => "-c",
        "mysql" | "mariadb" | "cockroach" | "cqlsh" => "-e",
        "clickhouse-client" | "snowsql" => "-q",
        "sqlcmd" => "-Q",
        "mongosh" | "mongo" => "--eval",
        "redis-cli" | "valkey-cli" => "",
        shell if SHELLS.contains(&shell) => "-c",
        _ => return None,
    })
}

/// The texts in a command that something runs or reads as a language of its own, with the place
/// of the element that each stands in.
pub(super) fn scripts(command: &[String]) -> Vec<(usize, &str)> {
    let Some((program, _)) = command.split_first() else { return Vec::new() };
    let program = name(program);
    let after = |at: usize| at.checked_add(1).and_then(|at| Some((at, command.get(at)?.as_str())));
    let handed = HANDED.iter().find(|(names, _, _)| names.contains(&program));
    let mut found = Vec::new();
    for (at, word) in command.iter().enumerate().skip(1) {
        if program == "eval" || (program == "trap" && at == 1) {
            found.push((at, word.as_str()));
        } else if SHELLS.contains(&program) && hands_text(word) {
            let next = after(at);
            let next =
                next.filter(|(_, text)| *text != "--").or_else(|| after(at.saturating_add(1)));
            found.extend(next);
        } else if runs_text(program, command, at) {
            found.push((at, word.as_str()));
        } else if let Some((_, letters, long)) = handed {
            // `-ureadonly` is a user, and no `-e`.
            let word = if SQL.contains(&program) { without_value(word, letters) } else { word };
            let (within, next) = handed_by(word, letters, long);
            found.extend(within.map(|text| (at, text)));
            found.extend(next.then(|| after(at)).flatten());
        }
    }
    let sends = ["send-command", "create-association", "update-association"];
    if program == "aws" && command.iter().any(|word| sends.contains(&word.as_str())) {
        let options = ["--parameters", "--cli-input-json"];
        let said = command.iter().enumerate().filter_map(|(at, word)| {
            let said = options.iter().find_map(|option| word.strip_prefix(option))?;
            if said.is_empty() { after(at) } else { Some((at, said.strip_prefix('=')?)) }
        });
        found.extend(said);
    }
    found
}

/// Whether a runner hands a word to a shell: `su -c TEXT`, `env -S TEXT`, `ssh HOST TEXT`.
fn runs_text(program: &str, command: &[String], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| command.get(at)).map_or("", String::as_str);
    let blank = || command.get(at).is_some_and(|word| word.contains(char::is_whitespace));
    match program {
        "su" | "runuser" | "flock" => ["-c", "--command"].contains(&before),
        "env" => ["-S", "--split-string"].contains(&before),
        "ssh" | "watch" | "parallel" => blank(),
        _ => false,
    }
}

/// A cluster of options of a client of SQL, without what one of them has for a value.
fn without_value<'a>(word: &'a str, letters: &str) -> &'a str {
    const VALUED: &str = "uhpPDSUdvoFRTL";
    let takes = |one: char| VALUED.contains(one) && !letters.contains(one);
    let end = word.find(|one| letters.contains(one)).unwrap_or(word.len());
    if word.starts_with("--") || !word.get(..end).unwrap_or_default().contains(takes) {
        return word;
    }
    ""
}

/// The text that an option has within it (`-cSELECT 1`, `--command=SELECT 1`), and whether the
/// next word is one (`-c`, `-tAc`, `--command`, or the beginning of that, as getopt takes it).
fn handed_by<'a>(word: &'a str, letters: &str, long: &[&str]) -> (Option<&'a str>, bool) {
    if word.starts_with("--") {
        let (option, value) = word.split_once('=').map_or((word, None), |(o, v)| (o, Some(v)));
        let hands = option.len() > 3 && long.iter().any(|long| long.starts_with(option));
        return if hands { (value, value.is_none()) } else { (None, false) };
    }
    let Some(cluster) = word.strip_prefix('-') else { return (None, false) };
    let within = cluster.split_once(|one| letters.contains(one)).map(|(_, text)| text);
    let next = cluster.ends_with(|one| letters.contains(one));
    (within.filter(|text| !text.is_empty()), next)
}
