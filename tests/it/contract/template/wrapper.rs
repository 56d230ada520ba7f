//! What a command's container runs first, taken from the template and run by the shells that are
//! here: as `sh`, what the image of an investigation has, too.

use super::TEMPLATE;
use super::commands::{DEFINITIONS, container};
use crate::repo;
use serde_json::{Value, json};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Stands for the AWS CLI: notes what it is asked, keeps the body, and ends as it is told.
const CLI: &str = r#"aws() (
  printf '%s\0' "$@" > "$KEPT/asked"
  for word do [ "${before-}" != --body ] || cat "$word" > "$KEPT/body"; before=$word; done
  exit "$CLI_ENDS"
)
"#;
const OUTPUT: &str = "s3://evidence/commands/acme/0123456789abcdef0123456789abcdef/output";

/// How a program is run.
#[derive(Clone, Copy, Default)]
struct Ask<'a> {
    argv: &'a [&'a str],
    stdin: Option<&'a str>,
    /// What the CLI ends with.
    cli_ends: u8,
    /// There is no place for files.
    no_room: bool,
}

/// What came of it.
#[derive(Debug, PartialEq)]
struct Told {
    code: Option<i32>,
    printed: Vec<u8>,
    asked: Option<Vec<String>>,
    kept: Option<Vec<u8>>,
    /// What lies in the folder that it ran in: the programs of these tests make no files.
    left: Vec<String>,
}

fn script() -> &'static str {
    TEMPLATE["Mappings"]["Command"]["Wrapper"]["Script"].as_str().unwrap()
}

/// Runs it once for each shell: all must say the same.
fn run(test: &str, ask: Ask<'_>) -> Told {
    let shells = ["/bin/sh", "/bin/bash"].into_iter().filter(|shell| Path::new(shell).exists());
    let mut told: Vec<Told> = shells.map(|shell| run_in(test, shell, ask)).collect();
    let first = told.swap_remove(0);
    assert!(told.iter().all(|other| *other == first), "{first:?} and {told:?}");
    first
}

fn run_in(test: &str, shell: &str, ask: Ask<'_>) -> Told {
    // Of this run alone: another one may go on beside it.
    let all = format!("wrapper-{}", std::process::id());
    let folder: PathBuf = [env!("CARGO_TARGET_TMPDIR"), &all, test].iter().collect();
    let folder = folder.join(shell.trim_start_matches('/'));
    let [kept, work, rest] = ["kept", "work", "rest"].map(|name| folder.join(name));
    for folder in [&kept, &work, &rest] {
        std::fs::create_dir_all(folder).unwrap();
    }
    let mut words = entry_point();
    assert_eq!(words.remove(0), "/bin/sh");
    words[1].insert_str(0, CLI);
    let mut command = Command::new(shell);
    // Under this name bash, too, keeps to POSIX: it is the `sh` of many images.
    command.arg0("sh").args(words).args(ask.argv).current_dir(&work).env_clear();
    command.envs([("PATH", "/usr/bin:/bin"), ("WATCHFIRE_OUTPUT", OUTPUT)]);
    command.env("CLI_ENDS", ask.cli_ends.to_string()).env("KEPT", &kept);
    command.env("TMPDIR", if ask.no_room { folder.join("nowhere") } else { rest.clone() });
    command.envs(ask.stdin.map(|text| ("WATCHFIRE_STDIN", text)));
    let ended = command.stdin(Stdio::null()).output().unwrap();
    assert_eq!(ended.status.signal(), None, "{}", String::from_utf8_lossy(&ended.stderr));
    let asked = std::fs::read_to_string(kept.join("asked")).ok();
    // Where the output lay has another name each time.
    let known = |word: &str| if Path::new(word).starts_with(&rest) { "FILE" } else { word }.into();
    let words = |text: String| text.split_terminator('\0').map(known).collect();
    let left = std::fs::read_dir(&work).unwrap();
    let told = Told {
        code: ended.status.code(),
        printed: ended.stdout,
        asked: asked.map(words),
        kept: std::fs::read(kept.join("body")).ok(),
        left: left.map(|one| one.unwrap().file_name().into_string().unwrap()).collect(),
    };
    std::fs::remove_dir_all(&folder).unwrap();
    told
}

/// The container's entry point as ECS gets it.
fn entry_point() -> Vec<String> {
    let (name, _) = DEFINITIONS[0];
    let words = container(name)["EntryPoint"].as_array().unwrap().iter();
    let found = json!({ "Fn::FindInMap": ["Command", "Wrapper", "Script"] });
    let text = |word: &Value| if *word == found { script() } else { word.as_str().unwrap() }.into();
    words.map(text).collect()
}

fn program(argv: &'static [&'static str]) -> Ask<'static> {
    Ask { argv, ..Ask::default() }
}

#[test]
fn a_commands_exit_code_and_output_are_kept() {
    for code in [0, 1, 3, 74, 127, 255] {
        let line = format!("printf 'one\\000\\377\\r\\n\\n'; exit {code}");
        let told = run("codes", Ask { argv: &["sh", "-c", &line], ..Ask::default() });
        assert_eq!(told.code, Some(code));
        let output = b"one\0\xff\r\n\n";
        assert_eq!((&*told.printed, told.kept.as_deref()), (&output[..], Some(&output[..])));
        let metadata = format!("exit-code={code}");
        let expected = [
            "s3api",
            "put-object",
            "--bucket",
            "evidence",
            "--key",
            "commands/acme/0123456789abcdef0123456789abcdef/output",
            "--body",
            "FILE",
            "--metadata",
            &metadata,
            "--checksum-algorithm",
            "SHA256",
        ];
        assert_eq!(told.asked.unwrap(), expected);
    }
    assert_eq!(run("codes", program(&["sh", "-c", "kill -KILL $$"])).code, Some(137));
    let silent = run("codes", program(&["true"]));
    assert_eq!((silent.code, silent.kept), (Some(0), Some(Vec::new())), "be it empty, it is there");
}

#[test]
fn a_command_reads_what_the_step_says_and_nothing_else() {
    let long = "x".repeat(8_000);
    for text in ["", "SELECT 1;\n", "no end", "%s \\n $(id) `id` \"'\n\n", "-n", &long] {
        let told = run("stdin", Ask { stdin: Some(text), ..program(&["cat"]) });
        assert_eq!(told.code, Some(0));
        assert_eq!(told.kept.as_deref(), Some(text.as_bytes()));
    }
    // What reads, and was given nothing, ends at once; what is given much need not read it.
    assert_eq!(run("stdin", program(&["cat"])).kept.as_deref(), Some(&b""[..]));
    assert_eq!(run("stdin", Ask { stdin: Some(&long), ..program(&["true"]) }).code, Some(0));
}

#[test]
fn a_commands_arguments_stay_what_they_are() {
    let hostile = [
        "$(touch owned)",
        "`touch owned`",
        "; touch owned",
        "| touch owned",
        "&& touch owned",
        "> owned",
        "'; touch owned; '",
        "\"; touch owned; \"",
        "\n touch owned",
        "$HOME ~ * ?",
        "${WATCHFIRE_OUTPUT}",
        "two words",
        "\\",
        "",
        "--",
        "ä\u{202e}",
    ];
    let argv: Vec<&str> = ["printf", "<%s>"].into_iter().chain(hostile).collect();
    let told = run("arguments", Ask { argv: &argv, ..Ask::default() });
    let expected = format!("<{}>", hostile.join("><"));
    assert_eq!(String::from_utf8(told.kept.unwrap()).unwrap(), expected);
    assert_eq!((told.code, told.left), (Some(0), Vec::new()));
}

#[test]
fn a_command_is_a_program_and_no_word_of_the_shell() {
    let words: [&[&str]; 4] =
        [&["eval", "touch owned"], &["exit", "0"], &["A=1", "touch", "owned"], &["aws", "--body"]];
    for argv in words {
        let told = run("words", Ask { argv, ..Ask::default() });
        assert_eq!((told.code, &*told.left), (Some(127), &[][..]), "{argv:?}");
        let asked = told.asked.unwrap();
        assert_eq!(asked[9], "exit-code=127", "{argv:?}: that it was not found is kept as well");
    }
}

#[test]
fn an_output_that_cannot_be_kept_is_no_success() {
    let [good, bad] = [program(&["echo", "done"]), program(&["sh", "-c", "echo done; exit 3"])];
    assert_eq!(run("unkept", Ask { cli_ends: 254, ..good }).code, Some(74));
    assert_eq!(run("unkept", Ask { cli_ends: 254, ..bad }).code, Some(3));
    let nowhere = run("unkept", Ask { no_room: true, ..program(&["touch", "owned"]) });
    let nothing = (Some(74), None, Vec::<String>::new());
    assert_eq!((nowhere.code, nowhere.asked, nowhere.left), nothing, "it is not begun");
}

/// ECS "StopTask": SIGTERM to the container's first process, and SIGKILL thirty seconds later.
#[test]
fn a_command_that_is_stopped_is_told_and_what_it_printed_is_kept() {
    const WAITS: &str = "echo begun; kill -TERM $PPID; n=0; \
                         while [ $n -lt 500 ]; do n=$((n + 1)); sleep 0.01; done; exit 9";
    let orderly = format!("trap 'echo told; exit 3' TERM; {WAITS}");
    let told = run("stopped", Ask { argv: &["sh", "-c", &orderly], ..Ask::default() });
    assert_eq!((told.code, told.kept.as_deref()), (Some(3), Some(&b"begun\ntold\n"[..])));
    let told = run("stopped", program(&["sh", "-c", WAITS]));
    assert_eq!((told.code, told.kept.as_deref()), (Some(143), Some(&b"begun\n"[..])));
    assert_eq!(told.asked.unwrap()[9], "exit-code=143");
}

#[test]
fn the_docs_show_the_wrapper_as_it_is() {
    let page = repo::read("docs/runbooks.md");
    let shown = page.split("```sh\n").filter_map(|block| block.split("```").next());
    let shown: Vec<_> = shown.filter(|block| block.contains("put-object")).collect();
    assert_eq!(shown, [script()]);
}
