//! Command lines where an argv is meant, and inputs in texts that something runs.

use super::{Code, Findings, program};
use crate::spec::{Action, Command};
use crate::template;

pub(super) fn check(command: &Command, path: &str, findings: &mut Findings) {
    let argv = &command.argv;
    if let Some(first) = argv.first() {
        let plain = |one: char| one.is_ascii_alphanumeric() || "._/+-".contains(one);
        if !template::is_template(first) && (first.is_empty() || !first.chars().all(plain)) {
            let problem = format!("`{}` is no program", clipped(first));
            findings.say(Code::NotAnArgv, format!("{path}.argv[0]"), problem);
        }
    }
    let mut texts = Vec::new();
    for inner in program::commands(argv) {
        let skipped = argv.len().saturating_sub(inner.len());
        for (at, text) in program::scripts(inner) {
            let at = at.saturating_add(skipped);
            texts.push(at);
            if template::is_template(text) {
                let problem = "an input stands within a text that is run";
                findings.say(Code::ShellString, format!("{path}.argv[{at}]"), problem);
            }
        }
        never_ends(inner, path, skipped, findings);
    }
    // Languages of their own, in which `$NF` is a variable.
    let language = |inner: &&[String]| {
        let first = inner.first().map_or("", |one| program::name(one));
        ["awk", "gawk", "jq", "perl"].contains(&first)
    };
    let own = program::commands(argv).iter().any(language);
    for (at, element) in argv.iter().enumerate().filter(|(at, _)| !texts.contains(at)) {
        if expects_shell(element, own) {
            let problem = format!("`{}` is for a shell", clipped(element));
            findings.say(Code::ExpectsShell, format!("{path}.argv[{at}]"), problem);
        }
    }
    let reads_script =
        argv.first().is_some_and(|one| program::SHELLS.contains(&program::name(one)));
    if reads_script && argv.iter().skip(1).any(|element| template::is_template(element)) {
        // `sh -s -- {{input.x}}` is safe only as long as the script quotes well.
        let problem = "an input is handed to a shell";
        findings.say(Code::ShellString, format!("{path}.argv"), problem);
    }
}

/// Documents of SSM that run a text.
const RUNS_TEXT: [&str; 4] =
    ["AWS-RunShellScript", "AWS-RunPowerShellScript", "AWS-RunRemoteScript", "AWS-RunDocument"];

/// Inputs in the commands of an SSM document.
pub(super) fn parameters(action: &Action, path: &str, findings: &mut Findings) {
    let Action::Ssm(ssm) = action else { return };
    for (name, values) in &ssm.parameters {
        let runs = RUNS_TEXT.contains(&ssm.document.as_str())
            || name.to_ascii_lowercase().contains("command")
            || name.to_ascii_lowercase().contains("script");
        for (at, value) in values.iter().enumerate() {
            if runs && template::is_template(value) {
                let path = format!("{path}.ssm.parameters.{name}[{at}]");
                findings.say(Code::ShellString, path, "an input stands within a text that is run");
            }
        }
    }
}

fn expects_shell(element: &str, language: bool) -> bool {
    let sign = ["|", "||", "&&", ";", "&", ">", ">>", "<", "2>&1", "2>", "<<EOF", "<<"];
    let named = |at: usize| {
        element
            .get(at.saturating_add(1)..)
            .and_then(|rest| rest.chars().next())
            .is_some_and(|one| one == '(' || one == '{' || one.is_ascii_uppercase() || one == '_')
    };
    sign.contains(&element) || (!language && element.match_indices('$').any(|(at, _)| named(at)))
}

/// Verbs that may ask for a terminal.
const TERMINAL: [&str; 3] = ["exec", "run", "debug"];

fn never_ends(command: &[String], path: &str, skipped: usize, findings: &mut Findings) {
    let Some((first, rest)) = command.split_first() else { return };
    // Options of what runs within are that one's.
    let own: Vec<&String> = rest.iter().take_while(|word| *word != "--").collect();
    let has = |words: &[&str]| own.iter().position(|word| words.contains(&word.as_str()));
    let found = match program::name(first) {
        "kubectl" | "oc" | "docker" | "podman" if has(&["logs"]).is_some() => {
            has(&["-f", "--follow", "--follow=true"])
        }
        "kubectl" | "oc" | "docker" | "podman" if has(&["get"]).is_some() => {
            has(&["-w", "--watch"])
        }
        "kubectl" | "oc" | "docker" | "podman" if has(&TERMINAL).is_some() => {
            has(&["-it", "-ti", "-i", "-t", "--stdin", "--tty"])
        }
        "kubectl" | "oc" | "docker" | "podman" => has(&["port-forward", "attach", "proxy"]),
        "ping" | "tcpdump" if has(&["-c"]).is_none() => Some(0),
        "aws" => has(&["--follow", "start-session", "execute-command"]),
        "journalctl" | "tail" => has(&["-f", "-F", "--follow"]),
        "top" if has(&["-b", "-bn1", "-bn", "-b1"]).is_none() => Some(0),
        "redis-cli" => has(&["monitor", "MONITOR", "subscribe", "SUBSCRIBE"]),
        "watch" | "vi" | "vim" | "nano" | "less" | "more" | "ssh" | "htop" => Some(0),
        _ => None,
    };
    if let Some(at) = found {
        let at = at.saturating_add(skipped).saturating_add(1);
        let problem = format!("`{}` does not end by itself", clipped(&command.join(" ")));
        findings.say(Code::NeverEnds, format!("{path}.argv[{at}]"), problem);
    }
}

fn clipped(text: &str) -> String {
    crate::words::clipped(text, 60)
}
