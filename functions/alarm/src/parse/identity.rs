//! Which alarm it is.

use super::Unreadable;
use super::text::shown;

/// CloudWatch's own limits.
const LONGEST_ARN: usize = 1600;
const LONGEST_NAME: usize = 255;

/// Which alarm it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) arn: String,
    pub(super) name: String,
    pub(super) account: String,
    pub(super) region: String,
}

/// What a delivery says of it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Claims<'a> {
    pub(super) arn: Option<&'a str>,
    pub(super) name: Option<&'a str>,
    pub(super) account: Option<&'a str>,
    pub(super) region: Option<&'a str>,
}

impl Identity {
    /// The ARN decides on account and region: messages name regions as the console shows them.
    pub(super) fn of(claims: Claims<'_>) -> Result<Self, Unreadable> {
        let mut identity = match (claims.arn, claims) {
            (Some(arn), _) => {
                Self::parse(arn).ok_or_else(|| Unreadable::Arn { value: shown(arn) })?
            }
            // Drills need not name an ARN, and neither old messages nor those of the local stack
            // do.
            (
                None,
                Claims { name: Some(name), account: Some(account), region: Some(region), .. },
            ) => {
                let arn = format!("arn:aws:cloudwatch:{region}:{account}:alarm:{name}");
                Self::parse(&arn).ok_or_else(|| Unreadable::Arn { value: shown(&arn) })?
            }
            (None, Claims { name: None, .. }) => return Err(Unreadable::Missing { what: "name" }),
            (None, _) => return Err(Unreadable::Missing { what: "ARN" }),
        };
        if let Some(name) = claims.name {
            name.clone_into(&mut identity.name);
        }
        if identity.name.chars().count() > LONGEST_NAME
            || identity.name.chars().any(char::is_control)
        {
            return Err(Unreadable::Name { value: shown(&identity.name) });
        }
        Ok(identity)
    }

    /// Reads the ARN of an alarm. Published payloads have blanks in theirs (`us-east-1: 4444…`):
    /// before the name none has a meaning, and in the name every one has.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.splitn(7, ':').collect();
        let [arn, partition, service, region, account, kind, name] = parts.as_slice() else {
            return None;
        };
        let [arn, partition, service, region, account, kind] =
            [arn, partition, service, region, account, kind].map(|part| part.trim());
        let known = arn == "arn" && service == "cloudwatch" && kind == "alarm";
        let full = [partition, region, account, name].iter().all(|part| !part.is_empty());
        let written = format!("arn:{partition}:{service}:{region}:{account}:{kind}:{name}");
        let allowed = written.len() <= LONGEST_ARN && !written.chars().any(char::is_control);
        (known && full && allowed).then(|| Self {
            arn: written,
            name: (*name).to_owned(),
            account: account.to_owned(),
            region: region.to_owned(),
        })
    }
}

/// A region's code, as far as `text` is one and not how the console shows it.
pub(super) fn region_code(text: &str) -> Option<&str> {
    let code = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (text.contains('-') && text.chars().all(code)).then_some(text)
}

/// The region in the ARN of a topic: an alarm only speaks to topics of its own.
pub(super) fn region_of_topic(arn: &str) -> Option<&str> {
    arn.strip_prefix("arn:")?.split(':').nth(2).and_then(region_code)
}
