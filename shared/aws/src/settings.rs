//! What the clients need to know, read from the environment that Lambda gives.

use crate::roots;
use aws_credential_types::Credentials;
use watchfire_domain::Problem;

/// Which roots the `aws` client trusts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// The five roots of Amazon Trust Services that are part of the program.
    Pinned,
    /// The system's bundle, as single certificates in PEM.
    Native(Vec<String>),
}

/// What the clients need to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `AWS_REGION`, or `AWS_DEFAULT_REGION`.
    pub region: String,
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`, as Lambda sets them.
    /// No other source is asked: the provider chain costs more than a cold start.
    pub credentials: Credentials,
    /// `AWS_ENDPOINT_URL`: everything goes there instead of AWS.
    pub endpoint: Option<String>,
    /// `WATCHFIRE_TRUST`: `pinned` (default) or `native`.
    pub trust: Trust,
}

impl Settings {
    /// Reads them, or tells all that is wrong.
    pub fn read(env: &dyn Fn(&str) -> Option<String>) -> Result<Self, Vec<Problem>> {
        let given = |name: &str| env(name).filter(|value| !value.is_empty());
        let mut problems = Vec::new();
        let region = given("AWS_REGION").or_else(|| given("AWS_DEFAULT_REGION"));
        let key = given("AWS_ACCESS_KEY_ID");
        let secret = given("AWS_SECRET_ACCESS_KEY");
        let needed = [
            ("AWS_REGION", region.is_none()),
            ("AWS_ACCESS_KEY_ID", key.is_none()),
            ("AWS_SECRET_ACCESS_KEY", secret.is_none()),
        ];
        for (name, _) in needed.iter().filter(|(_, missing)| *missing) {
            problems.push(Problem::new(*name, "is not set"));
        }
        let endpoint = given("AWS_ENDPOINT_URL");
        if endpoint.as_deref().is_some_and(|url| !is_web(url)) {
            problems.push(Problem::new("AWS_ENDPOINT_URL", "must begin with http:// or https://"));
        }
        let trust = trust(env, &mut problems);
        match (region, key, secret, trust) {
            (Some(region), Some(key), Some(secret), Some(trust)) if problems.is_empty() => {
                let token = given("AWS_SESSION_TOKEN");
                let credentials = Credentials::new(key, secret, token, None, "environment");
                Ok(Self { region, credentials, endpoint, trust })
            }
            _ => Err(problems),
        }
    }
}

fn is_web(url: &str) -> bool {
    url.starts_with("http://") || url.starts_with("https://")
}

fn trust(env: &dyn Fn(&str) -> Option<String>, problems: &mut Vec<Problem>) -> Option<Trust> {
    match env("WATCHFIRE_TRUST").as_deref() {
        None | Some("" | "pinned") => Some(Trust::Pinned),
        Some("native") => match roots::native(env) {
            Ok(certificates) => Some(Trust::Native(certificates)),
            Err(problem) => {
                problems.push(Problem::new("WATCHFIRE_TRUST", problem));
                None
            }
        },
        Some(other) => {
            let problem = format!("must be `pinned` or `native`, not `{other}`");
            problems.push(Problem::new("WATCHFIRE_TRUST", problem));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Settings, Vec<Problem>> {
        Settings::read(&|name| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let problems = read(&[("AWS_ENDPOINT_URL", "localhost"), ("WATCHFIRE_TRUST", "all")]);
        let fields: Vec<_> =
            problems.unwrap_err().into_iter().map(|problem| problem.field).collect();
        assert_eq!(
            fields,
            [
                "AWS_REGION",
                "AWS_ACCESS_KEY_ID",
                "AWS_SECRET_ACCESS_KEY",
                "AWS_ENDPOINT_URL",
                "WATCHFIRE_TRUST"
            ]
        );
    }

    #[test]
    fn secrets_are_not_shown() {
        let settings = read(&[
            ("AWS_DEFAULT_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "key"),
            ("AWS_SECRET_ACCESS_KEY", "hidden-1"),
            ("AWS_SESSION_TOKEN", "hidden-2"),
        ])
        .unwrap();
        assert_eq!(settings.region, "eu-central-1");
        assert_eq!(settings.credentials.session_token(), Some("hidden-2"));
        assert!(!format!("{settings:?}").contains("hidden"));
    }
}
