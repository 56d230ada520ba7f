//! What a plan may say: all that is wrong with it is told at once.

use super::{Approvers, Match, Plan, Problem, Target, Template};
use crate::alarm::Flapping;
use crate::{clearance, environment, link};
use std::collections::{BTreeMap, BTreeSet};

/// How many a plan may tell, and link: with the incident's own items they must fit one transaction
/// (DynamoDB takes 100), or its alarm could open nothing.
const MOST: usize = 20;
/// How many matches and tags it may have.
const MOST_WORDS: usize = 50;
/// A week, in minutes.
const WEEK: u32 = 7 * 24 * 60;
/// A day, in minutes.
const DAY: u32 = 24 * 60;

impl Plan {
    /// All that is wrong with it; nothing, if it may be stored.
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut say = |field: &str, wrong: bool, problem: String| {
            if wrong {
                problems.push(Problem::new(field, problem));
            }
        };
        let name = "must be 1 to 64 of a-z, 0-9, `-`, `_` or `.`";
        say("name", !is_plan_name(&self.name), name.to_owned());
        say("profile", !is_plan_name(&self.profile), name.to_owned());
        for (field, text) in [("title", Some(&self.title)), ("dedup_key", self.dedup_key.as_ref())]
        {
            let Some(text) = text else { continue };
            let fits = !text.trim().is_empty() && text.chars().count() <= 200;
            say(field, !fits, "must be 1 to 200 characters".to_owned());
            for variable in Template::check(text) {
                say(field, true, format!("has the unknown variable `{variable}`"));
            }
        }
        for (field, text) in [
            ("severity_tag", &self.severity_tag),
            ("escalation", &self.escalation),
            ("recovery", &self.recovery),
        ] {
            let wrong = text.as_ref().is_some_and(|text| !is_short(text, 128));
            say(field, wrong, "must be 1 to 128 characters".to_owned());
        }
        let most = |field| format!("must be at most {field}");
        say("matches", self.matches.len() > MOST_WORDS, most(MOST_WORDS));
        say("notify", self.notify.len() > MOST, most(MOST));
        let runbooks = self.runbooks.len() <= MOST
            && self.runbooks.iter().all(|runbook| is_short(runbook, 128));
        say("runbooks", !runbooks, format!("must be at most {MOST}, of 1 to 128 characters"));
        let tags = format!(
            "must be at most {MOST_WORDS}, with keys of 1 to 64 bytes and values of up to 256"
        );
        say("tags", !fits(&self.tags), tags);
        say("reopen_minutes", self.reopen_minutes > WEEK, most_minutes(WEEK));
        say("quiet_minutes", self.quiet_minutes > DAY, most_minutes(DAY));
        let most = Flapping::LIMITS;
        say("flap_changes", self.flap_changes > most.changes, most_minutes(most.changes));
        let minutes = (1..=most.minutes).contains(&self.flap_minutes);
        say("flap_minutes", !minutes, format!("must be 1 to {}", most.minutes));
        for (at, one) in self.matches.iter().enumerate() {
            problems.extend(one.check(&format!("matches[{at}]")));
        }
        let mut told = BTreeSet::new();
        for (at, target) in self.notify.iter().enumerate() {
            let place = format!("notify[{at}]");
            problems.extend(target.to.check(&place));
            if !told.insert(&target.to) {
                problems.push(Problem::new(place, "is told already"));
            }
        }
        if let Some(spec) = &self.environment {
            problems.extend(check_spec(spec, "environment."));
        }
        problems.extend(clearance::check(self.clearance));
        problems.extend(self.approvers.iter().flat_map(Approvers::check));
        problems
    }
}

fn most_minutes(most: u32) -> String {
    format!("must be at most {most}")
}

fn is_short(text: &str, longest: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= longest
}

fn fits(tags: &BTreeMap<String, String>) -> bool {
    tags.len() <= MOST_WORDS
        && tags.iter().all(|(key, value)| (1..=64).contains(&key.len()) && value.len() <= 256)
}

/// Whether `name` may name a plan or a profile.
pub fn is_plan_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b))
}

impl Approvers {
    fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut say = |field: &str, wrong: bool, problem: &str| {
            if wrong {
                problems.push(Problem::new(format!("approvers.{field}"), problem));
            }
        };
        let first = (String::new(), self.people.as_slice(), self.need, &self.hours, self.clearance);
        let then = self.then.iter().enumerate().map(|(at, one)| {
            (format!("then[{at}]."), one.people.as_slice(), one.need, &one.hours, one.clearance)
        });
        let mut hours = Vec::new();
        let mut before = BTreeSet::new();
        for (path, people, need, open, clearance) in std::iter::once(first).chain(then) {
            // Addresses of one mailbox are one person, who agrees once.
            let boxes: Option<BTreeSet<String>> =
                people.iter().map(|one| Some(link::mailbox(&link::normalise(one)?))).collect();
            let addresses = (1..=MOST).contains(&people.len()) && boxes.is_some();
            let boxes = boxes.unwrap_or_default();
            say(&format!("{path}people"), !addresses, "must be 1 to 20 mail addresses");
            let fits = (1..=boxes.len().max(1)).contains(&usize::from(need));
            let most = "must be at least 1, and at most how many people there are";
            say(&format!("{path}need"), !fits, most);
            let over = clearance.is_some_and(|clearance| clearance > 100);
            say(&format!("{path}clearance"), over, "must be 0 to 100");
            for twice in boxes.intersection(&before) {
                let problem =
                    format!("has `{twice}`, who is of an earlier level: nobody agrees twice");
                say(&format!("{path}people"), true, &problem);
            }
            before.extend(boxes);
            let place = format!("approvers.{path}hours.");
            hours.extend(open.iter().flat_map(|open| open.check(&place)));
        }
        let all = self
            .then
            .iter()
            .fold(self.people.len(), |all, one| all.saturating_add(one.people.len()));
        say(
            "then",
            !self.then.is_empty() && all > MOST,
            "must have at most 20 people, those before it counted",
        );
        let minutes = (5..=DAY).contains(&self.minutes);
        say("minutes", !minutes, "must be 5 to 1440");
        problems.extend(hours);
        problems
    }
}

impl Match {
    fn check(&self, at: &str) -> Vec<Problem> {
        let mut problems = Vec::new();
        if *self == Self::default() {
            problems.push(Problem::new(at, "must say something"));
        }
        for (field, text) in [
            ("account", &self.account),
            ("region", &self.region),
            ("name", &self.name),
            ("name_prefix", &self.name_prefix),
        ] {
            // An empty prefix begins every name: it would say that every alarm is meant.
            if text.as_ref().is_some_and(|text| !is_short(text, 255)) {
                problems.push(Problem::new(format!("{at}.{field}"), "must be 1 to 255 characters"));
            }
        }
        if !fits(&self.tags) {
            let most = format!("must be at most {MOST_WORDS}, as an alarm's tags can be");
            problems.push(Problem::new(format!("{at}.tags"), most));
        }
        problems
    }
}

impl Target {
    fn check(&self, at: &str) -> Option<Problem> {
        match self {
            Self::Sns(arn) if !arn.starts_with("arn:") || arn.matches(':').count() != 5 => {
                Some(Problem::new(format!("{at}.sns"), "must be a topic's ARN"))
            }
            Self::Email(address) if link::normalise(address).is_none() => {
                Some(Problem::new(format!("{at}.email"), "must be a mail address"))
            }
            Self::Webhook(url) if !url.starts_with("https://") || url.len() > 2_000 => {
                Some(Problem::new(format!("{at}.webhook"), "must be an https address"))
            }
            Self::Sns(_) | Self::Email(_) | Self::Webhook(_) => None,
        }
    }
}

/// All that is wrong with an environment's spec; field names are led by `path`.
pub fn check_spec(spec: &environment::Spec, path: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut say = |field: &str, problem: &str| {
        problems.push(Problem::new(format!("{path}{field}"), problem));
    };
    let part =
        "must be 1 to 48 letters, digits, `.`, `-` or `_`, with a letter or digit at both ends";
    if environment::incident_number(&spec.cluster_id).is_err() {
        say("cluster_id", part);
    } else if environment::cluster_id(&spec.cluster_id).is_err() {
        say("cluster_id", "must not have `-incident` at its end, or `-incident-` within");
    }
    if spec.number.as_deref().is_some_and(|number| environment::incident_number(number).is_err()) {
        say("number", part);
    }
    if spec.oc_version.as_deref().is_some_and(|text| !is_version(text)) {
        say("oc_version", "must be a version such as 4.20");
    }
    if !(1..=168).contains(&spec.hours) {
        say("hours", "must be 1 to 168");
    }
    if spec.approvers.len() > MOST
        || spec.approvers.iter().any(|approver| link::normalise(approver).is_none())
    {
        say("approvers", "must be at most 20 mail addresses");
    }
    problems
}

fn is_version(text: &str) -> bool {
    let number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    text.len() <= 16 && text.split('.').all(number)
}
