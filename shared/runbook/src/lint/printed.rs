//! Commands that print a secret: what a step prints is kept, whole, where nothing is deleted.

use super::harm::{aws, kubectl, script};
use super::{Code, Findings, program, secret};
use crate::spec::Action;

pub(super) fn check(action: &Action, path: &str, findings: &mut Findings) {
    let said = |commands: Vec<Vec<String>>| commands.iter().find_map(|words| prints(words));
    let in_text = |text: &str| said(script::commands_in(text)).or_else(|| echoes(text));
    let mut say = |path: String, what: String| {
        findings.say(Code::SecretPrinted, path, format!("`{what}` prints a secret"));
    };
    if let Some((path, command)) = action.command(path) {
        if let Some(what) = said(script::commands(&command.argv)) {
            say(format!("{path}.argv"), what);
        }
        if let Some(what) = command.stdin.as_deref().and_then(in_text) {
            say(format!("{path}.stdin"), what);
        }
    }
    if let Action::Ssm(ssm) = action {
        for (name, values) in &ssm.parameters {
            let what = values.iter().find_map(|text| in_text(text));
            if let Some(what) = what {
                say(format!("{path}.ssm.parameters.{name}"), what);
            }
        }
    }
}

/// What prints a secret in a command, if anything does.
fn prints(command: &[String]) -> Option<String> {
    let words: Vec<&str> = command.iter().map(String::as_str).collect();
    let (first, rest) = words.split_first()?;
    let tool = program::name(first);
    let plain = program::plain(rest, &VALUED);
    let at = |at: usize| plain.get(at).copied().unwrap_or("");
    let has = |option: &str| rest.contains(&option);
    let both = format!("{tool} {} {}", at(0), at(1));
    let found = match tool {
        "aws" => return of_aws(rest),
        "kubectl" | "oc" => return of_kubectl(tool, rest),
        "terraform" | "tofu" | "terragrunt" if at(0) == "output" && secret::named(at(1)) => {
            Some(both)
        }
        "pulumi" if has("--show-secrets") => Some(both),
        "echo" | "printf" => rest.iter().find_map(|word| variable(word)),
        "redis-cli" | "valkey-cli" if has("*") => {
            let config = rest.iter().any(|word| word.eq_ignore_ascii_case("config"));
            config.then(|| "CONFIG GET *".to_owned())
        }
        "ps" if environment(rest) => Some("ps e".to_owned()),
        "jq" => {
            let filters = program::plain(rest, &["--arg", "--argjson"]);
            filters.into_iter().any(calls_env).then(|| "jq env".to_owned())
        }
        shell if program::SHELLS.contains(&shell) => {
            program::scripts(command).into_iter().find_map(|(_, text)| echoes(text))
        }
        "env" | "printenv" => (tool == "printenv" || plain.is_empty()).then(|| tool.to_owned()),
        "terraform" | "tofu" if has("-json") || has("-raw") || at(1) == "pull" => {
            ["output", "show", "state"].contains(&at(0)).then(|| format!("{tool} {}", at(0)))
        }
        _ => {
            let prints = PRINTS.iter().find(|known| format!("{both} ").starts_with(*known));
            prints.map(|known| known.trim_end().to_owned())
        }
    };
    // Where programs, machines and databases find their own.
    let places = [
        "/security-credentials",
        "/run/secrets/",
        "/.aws/credentials",
        "pg_shadow",
        "pg_authid",
        "/registry/secrets",
        "requirepass",
        "masterauth",
        "ENVIRON",
    ];
    let reads = READS.contains(&tool) || (tool == "find" && has("-exec"));
    let tells = |word: &&&str| {
        places.iter().any(|place| word.contains(place))
            || word.ends_with("/environ")
            || users(word)
            || (reads && is_secret(word))
    };
    let kept = || words.iter().find(tells);
    found.or_else(|| kept().map(|word| crate::words::clipped(word, 60)))
}

/// Options with a value, that may stand before what a tool is told.
const VALUED: [&str; 6] =
    ["-n", "--namespace", "--kube-context", "--kubeconfig", "--project", "--subscription"];

/// Programs that print what is in a file.
const READS: [&str; 15] = [
    "cat", "head", "tail", "grep", "egrep", "zgrep", "awk", "sed", "cut", "sort", "tac", "nl",
    "strings", "base64", "xxd",
];

/// Whether a file is a secret by its name.
fn is_secret(word: &str) -> bool {
    const PLACES: [&str; 5] = [
        "/etc/shadow",
        "/etc/kubernetes/admin.conf",
        "/etc/kubernetes/pki/",
        "/vault/secrets/",
        "/.kube/config",
    ];
    const FILES: [&str; 6] = [".env", ".pgpass", ".netrc", ".my.cnf", "id_rsa", "id_ed25519"];
    let file = program::name(word);
    let environment = file.starts_with(".env.") && !file.ends_with("example");
    FILES.contains(&file) || environment || PLACES.iter().any(|place| word.contains(place))
}

/// Whether a text of `MySQL` reads the hashes of passwords.
fn users(text: &str) -> bool {
    let text = text.to_ascii_lowercase().replace("count(*)", "");
    text.contains("mysql.user")
        && ["*", "authentication_string", "password"].iter().any(|one| text.contains(one))
}

/// Whether `ps` shows the environment of programs: by an `e` of BSD, which has no sign before it.
fn environment(words: &[&str]) -> bool {
    let first = words.iter().find(|word| !word.starts_with("-w")).copied().unwrap_or_default();
    first.contains('e') && first.chars().all(|one| "aAceflhjlmnrsTuvwxX".contains(one))
}

/// Whether a filter of `jq` reads the environment: the whole, or what is a secret by its name.
fn calls_env(filter: &str) -> bool {
    let filter = filter.replace("$ENV", "env");
    let inner = |one: char| one.is_ascii_alphanumeric() || one == '_';
    filter.match_indices("env").any(|(at, env)| {
        let (before, after) = filter.split_at(at);
        let after = after.get(env.len()..).unwrap_or_default();
        let own = |one: char| inner(one) || "\"-".contains(one);
        let name = after.strip_prefix('.').and_then(|name| name.split(|one| !inner(one)).next());
        // A field, a name, a key or a text is none.
        !before.ends_with(|one| own(one) || ".$/".contains(one))
            && !after.starts_with(|one| own(one) || one == ':')
            && name.is_none_or(secret::named)
    })
}

/// What a text of a shell prints of its variables whose name says that they are secrets.
fn echoes(text: &str) -> Option<String> {
    let commands = text.split([';', '\n', '|', '&', '(']);
    let prints = |command: &&str| {
        let mut words = command.split_whitespace();
        words.any(|word| word == "echo" || word == "printf")
    };
    commands.filter(prints).find_map(variable)
}

/// The variable in a word of a shell whose name says that it is a secret.
fn variable(word: &str) -> Option<String> {
    let inner = |one: char| one.is_ascii_alphanumeric() || one == '_';
    word.split('$').skip(1).find_map(|variable| {
        let name = variable.trim_start_matches('{').split(|one| !inner(one)).next()?;
        secret::named(name).then(|| format!("echo ${name}"))
    })
}

/// Commands of other tools that print a secret, each with a blank behind its last word.
const PRINTS: [&str; 17] = [
    "helm get values ",
    "helm get manifest ",
    "helm get all ",
    "vault read ",
    "vault kv get ",
    "vault token create ",
    "vault login ",
    "consul acl token ",
    "gcloud secrets versions ",
    "gcloud auth print-access-token ",
    "gcloud auth print-identity-token ",
    "az account get-access-token ",
    "az keyvault secret ",
    "op read ",
    "pass show ",
    "gh auth token ",
    "sops decrypt ",
];

/// Operations whose name does not say that they print a secret.
const AWS: [(&str, &str); 12] = [
    ("secretsmanager", "get-secret-value"),
    ("secretsmanager", "batch-get-secret-value"),
    ("kms", "decrypt"),
    ("kms", "generate-data-key"),
    ("kms", "generate-data-key-pair"),
    ("iam", "create-access-key"),
    ("ec2", "create-key-pair"),
    ("lightsail", "create-key-pair"),
    ("acm", "export-certificate"),
    ("s3", "presign"),
    ("configure", "get"),
    ("cognito-idp", "describe-user-pool-client"),
];

/// An operation prints a secret if it is known to, or gets, makes or takes on what is called one.
fn of_aws(words: &[&str]) -> Option<String> {
    const VERBS: [&str; 9] =
        ["get", "generate", "create", "export", "download", "issue", "reset", "assume", "batch"];
    const SECRETS: [&str; 7] =
        ["token", "tokens", "credentials", "credential", "password", "login", "auth"];
    let (service, operation) = aws::operation(words);
    let parts: Vec<&str> = operation.split('-').collect();
    let (verb, rest) = parts.split_first()?;
    // `create-role` makes a role, `assume-role` gives its keys.
    let secret = *verb == "assume" || rest.iter().any(|part| SECRETS.contains(part));
    let metadata = ["policy", "report", "provider", "profile"];
    let metadata = rest.last().is_some_and(|last| metadata.contains(last));
    let prints = AWS.contains(&(service, operation))
        || (VERBS.contains(verb) && secret && !metadata)
        || (service == "ssm" && words.contains(&"--with-decryption"))
        || (service == "apigateway" && words.iter().any(|w| w.starts_with("--include-value")));
    prints.then(|| format!("aws {service} {operation}"))
}

/// `get secret` prints its names alone, unless it is asked for more; `describe` prints a service
/// account's token.
fn of_kubectl(tool: &str, words: &[&str]) -> Option<String> {
    let (verb, own, said) = kubectl::verb(words);
    let kinds = said.get(1).copied().unwrap_or("").to_ascii_lowercase();
    let secret = kinds.split(',').any(|kind| {
        let kind = kind.split(['/', '.']).next().unwrap_or_default();
        ["secret", "secrets"].contains(&kind)
    });
    let output = own.iter().find_map(|word| {
        word.strip_prefix("--output=").or_else(|| word.strip_prefix("-o")).filter(|o| !o.is_empty())
    });
    let output = output
        .or_else(|| program::value(&own, "-o"))
        .or_else(|| program::value(&own, "--output"))
        .map(|output| output.trim_start_matches('='));
    let names = output.is_none_or(|output| ["name", "wide"].contains(&output));
    let template = own.iter().any(|word| word.starts_with("--template"));
    let kept = own.iter().any(|word| word.contains("/secrets/") || word.ends_with("/secrets"));
    let raw = own.iter().any(|word| word.starts_with("--raw"));
    let prints = match verb {
        "get" => (secret && (!names || template)) || (raw && kept),
        "describe" | "edit" => secret,
        "create" => kinds == "token",
        "config" => raw,
        _ => false,
    };
    prints.then(|| format!("{tool} {verb} {kinds}").trim_end().to_owned())
}
