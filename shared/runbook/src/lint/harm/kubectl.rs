//! The command line of Kubernetes.

use super::{Found, text};
use crate::lint::program;

/// Options whose value is the next word.
const VALUED: [&str; 27] = [
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
    "--kubeconfig",
    "-s",
    "--server",
    "--as",
    "--as-group",
    "--token",
    "--request-timeout",
    "--timeout",
    "--type",
    "-p",
    "--patch",
    "--patch-file",
    "-f",
    "--filename",
    "--subresource",
    "--field-manager",
];

const VERBS: [&str; 34] = [
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

/// What decides where requests go: to change it rewrites what serves.
const ROUTES: [&str; 17] = [
    "ing",
    "ingress",
    "ingresses",
    "svc",
    "service",
    "services",
    "httproute",
    "httproutes",
    "gateway",
    "gateways",
    "virtualservice",
    "virtualservices",
    "destinationrule",
    "destinationrules",
    "ingressroute",
    "route",
    "routes",
];

/// The verb of a command, its own words, and those that are no options, from the verb on.
pub(in crate::lint) fn verb<'a>(words: &[&'a str]) -> (&'a str, Vec<&'a str>, Vec<&'a str>) {
    // What follows `--` is another program's, and judged as such.
    let whole: Vec<&str> = words.iter().copied().take_while(|word| *word != "--").collect();
    let own = program::plain(&whole, &VALUED);
    let at = own.iter().position(|word| VERBS.contains(word)).unwrap_or(own.len());
    let said = own.get(at..).unwrap_or_default().to_vec();
    (said.first().copied().unwrap_or(""), whole, said)
}

/// Judges the words after `kubectl`.
pub(super) fn judged(tool: &str, words: &[&str]) -> Found {
    let (verb, whole, said) = verb(words);
    let next = said.get(1).copied().unwrap_or("");
    let named = format!("{tool} {verb}").trim_end().to_owned();
    let both = format!("{named} {next}").trim_end().to_owned();
    let zero = program::value(&whole, "--replicas") == Some("0");
    let routed = said.iter().skip(1).any(|word| ROUTES.contains(&kind(word).as_str()));
    // It says what it would do.
    if whole.iter().any(|word| ["--dry-run=client", "--dry-run=server"].contains(word)) {
        return Found::looks();
    }
    match (verb, next) {
        // A plugin, or a verb of another day.
        ("", _) => text::unknown(tool, &whole, tool),
        // Without `--` nobody knows where its own words end, and what is run.
        ("exec", _) if whole.len() == words.len() => text::unknown(tool, &whole, &named),
        ("rollout", "history" | "status")
        | ("auth", "can-i" | "whoami")
        | ("config", "view" | "current-context" | "get-contexts" | "get-clusters" | "get-users")
        | (
            "get" | "describe" | "logs" | "top" | "exec" | "explain" | "version" | "api-resources"
            | "cluster-info" | "diff" | "wait",
            _,
        ) => Found::looks(),
        ("auth", _) if whole.iter().any(|word| word.starts_with("--remove-extra")) => {
            Found::destroys(&both)
        }
        ("rollout", "restart" | "pause" | "resume") | ("auth" | "config", _) => {
            Found::changes(&both)
        }
        ("rollout", _) | ("set", "selector" | "route-backends") => Found::destroys(&both),
        ("scale", _) if zero => Found::destroys("kubectl scale --replicas=0"),
        ("patch" | "annotate" | "set", _) if routed => {
            Found::destroys(&format!("{named} of what routes"))
        }
        ("patch", _) => patch(&whole),
        ("delete" | "drain" | "apply" | "replace" | "edit" | "taint" | "adm", _) => {
            Found::destroys(&named)
        }
        _ => Found::changes(&named),
    }
}

/// The kind that a word names: `svc`, `svc/web`, `Service.v1`.
fn kind(word: &str) -> String {
    word.split(['/', '.']).next().unwrap_or_default().to_ascii_lowercase()
}

/// Judges a patch by what it sets: none left, or something taken out.
fn patch(words: &[&str]) -> Found {
    // What stands in a file nobody knows: as with `apply`.
    if words.iter().any(|word| word.starts_with("--patch-file")) {
        return Found::destroys("kubectl patch --patch-file");
    }
    // The patch itself, in JSON or YAML, wherever it stands.
    words.iter().find_map(|word| takes_away(word)).map_or_else(
        || Found::changes("kubectl patch"),
        |what| Found::destroys(&format!("kubectl patch {what}")),
    )
}

/// What a patch takes away, if it does.
fn takes_away(patch: &str) -> Option<&'static str> {
    let quiet = |one: &char| !one.is_whitespace() && !"\"'".contains(*one);
    let bare: String = patch.chars().filter(quiet).collect::<String>().to_ascii_lowercase();
    let none = |key: &str| {
        bare.match_indices(key).any(|(at, _)| {
            let rest = bare.get(at.saturating_add(key.len())..).unwrap_or_default();
            !rest.starts_with(|one: char| one.is_ascii_digit() || one == '.')
        })
    };
    let set = bare.contains("/replicas") && none("value:0");
    if none("replicas:0") || none("parallelism:0") || set {
        return Some("replicas: 0");
    }
    let removes = ["op:remove", "op:move", "$patch", "$deletefrom", "$retainkeys"];
    if let Some(what) = removes.iter().find(|what| bare.contains(*what)) {
        return Some(what);
    }
    let nothing = bare.contains(":null") || bare.contains(":~");
    nothing.then_some("null")
}
