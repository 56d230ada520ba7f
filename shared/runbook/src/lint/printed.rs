//! Commands that print a secret: what a step prints is kept, whole, where nothing is deleted.

use super::harm::{aws, kubectl, script};
use super::{Code, Findings, program};
use crate::spec::Action;

pub(super) fn check(action: &Action, path: &str, findings: &mut Findings) {
    let said = |commands: Vec<Vec<String>>| commands.iter().find_map(|words| prints(words));
    let mut say = |path: String, what: String| {
        findings.say(Code::SecretPrinted, path, format!("`{what}` prints a secret"));
    };
    if let Some((path, command)) = action.command(path) {
        if let Some(what) = said(script::commands(&command.argv)) {
            say(format!("{path}.argv"), what);
        }
        if let Some(what) =
            command.stdin.as_deref().and_then(|text| said(script::commands_in(text)))
        {
            say(format!("{path}.stdin"), what);
        }
    }
    if let Action::Ssm(ssm) = action {
        for (name, values) in &ssm.parameters {
            let what = values.iter().find_map(|text| said(script::commands_in(text)));
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
    let plain = program::plain(rest, &[]);
    let at = |at: usize| plain.get(at).copied().unwrap_or("");
    let has = |option: &str| rest.contains(&option);
    let both = format!("{tool} {} {}", at(0), at(1));
    let found = match tool {
        "aws" => return of_aws(rest),
        "kubectl" | "oc" => return of_kubectl(tool, rest),
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
    let places =
        ["/security-credentials", "/run/secrets/", "/.aws/credentials", "pg_shadow", "pg_authid"];
    let tells = |word: &&&str| {
        places.iter().any(|place| word.contains(place)) || word.ends_with("/environ")
    };
    let kept = || words.iter().find(tells);
    found.or_else(|| kept().map(|word| crate::words::clipped(word, 60)))
}

/// Commands of other tools that print a secret, each with a blank behind its last word.
const PRINTS: [&str; 14] = [
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
    let raw = own.iter().any(|word| word.contains("/secrets/") || word.ends_with("/secrets"));
    let prints = match verb {
        "get" => (secret && (!names || template)) || (own.contains(&"--raw") && raw),
        "describe" | "edit" => secret,
        "create" => kinds == "token",
        "config" => own.contains(&"--raw"),
        _ => false,
    };
    prints.then(|| format!("{tool} {verb} {kinds}").trim_end().to_owned())
}
