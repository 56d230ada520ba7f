//! How one variable becomes one setting.

use super::types::{Architecture, Ca, Name, Principal, Text, Trust, Url};
use super::variables::{Otherwise, Variable};
use crate::Problem;
use std::str::FromStr;
use tracing::level_filters::LevelFilter;

pub(super) struct Reader<'a> {
    get: &'a dyn Fn(&str) -> Option<String>,
    handler: Option<String>,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(get: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { get, handler: get("_HANDLER"), problems: Vec::new() }
    }

    /// The variable's value, or its default, as `parse` reads it; a problem is noted, not returned.
    pub(super) fn with<T>(
        &mut self,
        variable: &Variable,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        // CloudFormation cannot leave out a list that is empty: an empty text is an absent one.
        let given = (self.get)(variable.name).map(|text| text.trim().to_owned());
        let given = given.filter(|text| !text.is_empty());
        let text = match (given, variable.otherwise) {
            (Some(text), _) => text,
            (None, Otherwise::Default(text)) => text.to_owned(),
            (None, Otherwise::Off) => return None,
            (None, Otherwise::Required) => {
                if self.needs(variable) {
                    self.note(variable, format!("is missing: it is {}", variable.meaning));
                }
                return None;
            }
        };
        parse(&text).map_err(|problem| self.note(variable, problem)).ok()
    }

    pub(super) fn text<T: FromStr<Err = String>>(&mut self, variable: &Variable) -> Option<T> {
        self.with(variable, T::from_str)
    }

    pub(super) fn claim(&mut self, variable: &Variable) -> String {
        self.text::<Name>(variable).map(|name| name.to_string()).unwrap_or_default()
    }

    /// Variables that mean nothing without each other: all of them, or none.
    pub(super) fn together(&mut self, variables: &[&Variable]) {
        let given =
            |one: &Variable| (self.get)(one.name).is_some_and(|text| !text.trim().is_empty());
        let (given, absent): (Vec<&Variable>, Vec<_>) =
            variables.iter().copied().partition(|one| given(one));
        if let Some(first) = given.first() {
            for one in absent {
                self.note(one, format!("is missing: `{}` is set", first.name));
            }
        }
    }

    pub(super) fn end<T>(self, value: Option<T>) -> Result<T, Vec<Problem>> {
        value.filter(|_| self.problems.is_empty()).ok_or(self.problems)
    }

    fn needs(&self, variable: &Variable) -> bool {
        match &self.handler {
            Some(handler) => variable.functions.contains(&handler.as_str()),
            None => variable.functions == super::FUNCTIONS,
        }
    }

    fn note(&mut self, variable: &Variable, problem: String) {
        self.problems.push(Problem { field: variable.name.to_owned(), problem });
    }
}

pub(super) const PREWARM: [(&str, bool); 2] = [("1", true), ("0", false)];
pub(super) const PUBLIC_IP: [(&str, bool); 2] = [("ENABLED", true), ("DISABLED", false)];
pub(super) const TRUST: [(&str, Trust); 2] = [("pinned", Trust::Pinned), ("native", Trust::Native)];
pub(super) const TASK_ARCH: [(&str, Architecture); 2] =
    [("ARM64", Architecture::Arm64), ("X86_64", Architecture::X8664)];

pub(super) fn one_of<T: Copy>(text: &str, words: &[(&str, T)]) -> Result<T, String> {
    let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
    found.map(|(_, value)| *value).ok_or_else(|| {
        let words = words.iter().map(|(word, _)| format!("`{word}`")).collect::<Vec<_>>();
        format!("must be {}, not `{}`", words.join(" or "), shown(text))
    })
}

pub(super) fn level(text: &str) -> Result<LevelFilter, String> {
    let words = ["off", "error", "warn", "info", "debug", "trace"];
    let level = text.to_ascii_lowercase();
    let parsed = if words.contains(&level.as_str()) { level.parse().ok() } else { None };
    parsed.ok_or_else(|| format!("must be one of {}, not `{}`", words.join(", "), shown(text)))
}

pub(super) fn number(text: &str, least: u32, most: u32) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| format!("must be a number from {least} to {most}, not `{}`", shown(text)))
}

pub(super) fn list<T: FromStr<Err = String>>(text: &str) -> Result<Vec<T>, String> {
    text.split(',')
        .map(|item| {
            let item = item.trim();
            item.parse().map_err(|problem| format!("`{}` {problem}", shown(item)))
        })
        .collect()
}

pub(super) fn family_prefix(text: &str) -> Result<Name, String> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let fits = (2..=31).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(plain);
    if fits { text.parse() } else { Err("must be 2 to 31 of `a-z 0-9 -`, a letter first".into()) }
}

// AWS Fargate's task sizes: processor share, then memory from, to and in steps of.
const SIZES: [(u32, u32, u32, u32); 7] = [
    (256, 512, 2048, 512),
    (512, 1024, 4096, 1024),
    (1024, 2048, 8192, 1024),
    (2048, 4096, 16_384, 1024),
    (4096, 8192, 30_720, 1024),
    (8192, 16_384, 61_440, 4096),
    (16_384, 32_768, 122_880, 8192),
];

pub(super) fn cpu(text: &str) -> Result<u32, String> {
    let share = text.parse().ok().filter(|share| SIZES.iter().any(|size| size.0 == *share));
    share.ok_or_else(|| {
        let all = SIZES.map(|size| size.0.to_string()).join(", ");
        format!("must be one of {all}, not `{}`", shown(text))
    })
}

pub(super) fn memory(text: &str, cpu: Option<u32>) -> Result<u32, String> {
    let Some(&(share, from, to, step)) = SIZES.iter().find(|size| Some(size.0) == cpu) else {
        // The share has a problem of its own, which is told already.
        return number(text, 512, 122_880);
    };
    // 1536 MiB is no size for a quarter of a processor.
    let fits = |memory: u32| {
        (from..=to).contains(&memory)
            && memory.is_multiple_of(step)
            && (share, memory) != (256, 1536)
    };
    text.parse().ok().filter(|memory| fits(*memory)).ok_or_else(|| {
        format!(
            "must be {from} to {to} in steps of {step} for a share of {share}, not `{}`",
            shown(text)
        )
    })
}

pub(super) fn base(text: &str) -> Result<Url, String> {
    if text.ends_with('/') { Err("must not end with a slash".into()) } else { text.parse() }
}

pub(super) fn issuer(text: &str) -> Result<Url, String> {
    let issuer: Url = text.parse()?;
    // Whoever answers for the issuer's keys decides who anybody is.
    if issuer.is_private() {
        Ok(issuer)
    } else {
        Err("must be `https://`, or of this machine".into())
    }
}

pub(super) fn origins(text: &str) -> Result<Vec<Url>, String> {
    let origins: Vec<Url> = list(text)?;
    match origins.iter().find(|origin| !origin.is_origin()) {
        Some(other) => Err(format!("`{other}` is not an origin: `https://host` alone")),
        None => Ok(origins),
    }
}

pub(super) fn mail(text: &str) -> Result<Text, String> {
    let parts = text.split_once('@').filter(|(name, host)| !name.is_empty() && host.contains('.'));
    if parts.is_some() { text.parse() } else { Err("must be a mail address".into()) }
}

pub(super) fn ca(text: &str) -> Ca {
    if text.contains("-----BEGIN") { Ca::Inline(text.into()) } else { Ca::Path(text.into()) }
}

pub(super) fn principals(text: &str) -> Result<Vec<Principal>, String> {
    let principals: Vec<Principal> =
        serde_json::from_str(text).map_err(|problem| format!("is not such a list: {problem}"))?;
    let problems: Vec<_> = principals.iter().filter_map(Principal::problem).collect();
    if problems.is_empty() { Ok(principals) } else { Err(problems.join("; ")) }
}

fn shown(text: &str) -> String {
    text.chars().take(64).collect()
}
