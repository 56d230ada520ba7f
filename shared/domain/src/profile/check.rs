//! What may be wrong with a profile that somebody wrote.

use super::{Level, Profile, Response};
use crate::{Problem, Severity};

const MONTH: u32 = 30 * 24 * 60;
const DAY: u32 = 24 * 60;

impl Profile {
    /// All that is wrong with it; nothing, if it may be stored.
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let letters = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !(1..=40).contains(&self.name.len()) || !self.name.bytes().all(letters) {
            problems.push(Problem::new("name", "must be 1 to 40 of a-z, 0-9 or `-`"));
        }
        if self.version == 0 {
            problems.push(Problem::new("version", "must be 1 or more"));
        }
        for ((at, level), severity) in self.levels.iter().enumerate().zip(Severity::ALL) {
            let path = format!("levels[{at}].");
            if level.severity != severity {
                let problem = format!("must be `{severity}`: the most severe comes first");
                problems.push(Problem::new(format!("{path}severity"), problem));
            }
            level.check(&path, &mut problems);
            let mut earlier = self.levels.iter().take(at);
            if earlier.any(|other| other.label.eq_ignore_ascii_case(&level.label)) {
                problems
                    .push(Problem::new(format!("{path}label"), "is another severity's as well"));
            }
        }
        let mut order = self.levels.iter().zip(self.levels.iter().skip(1)).zip(1..);
        if let Some((_, at)) = order.find(|((worse, better), _)| better.is_answered_before(worse)) {
            let problem = "must not be sooner than that of a more severe level";
            problems.push(Problem::new(format!("levels[{at}].response"), problem));
        }
        problems.extend(self.calendar.check("calendar."));
        problems
    }
}

impl Level {
    fn is_answered_before(&self, other: &Self) -> bool {
        match (self.response, other.response) {
            (Response::Within { minutes }, Response::Within { minutes: others }) => {
                minutes < others
            }
            (Response::Within { .. }, Response::NextBusinessDay) => true,
            (Response::NextBusinessDay, _) => false,
        }
    }

    fn check(&self, path: &str, problems: &mut Vec<Problem>) {
        let mut say = |field: &str, problem: String| {
            problems.push(Problem::new(format!("{path}{field}"), problem));
        };
        let lines =
            |texts: &[String]| texts.len() <= 20 && texts.iter().all(|one| is_text(one, 200));
        for (field, text, most) in
            [("label", &self.label, 20), ("name", &self.name, 40), ("impact", &self.impact, 500)]
        {
            if !is_text(text, most) {
                say(field, format!("must be one line of 1 to {most} characters"));
            }
        }
        if self.team.as_ref().is_some_and(|team| !is_text(team, 200)) {
            say("team", "must be one line of 1 to 200 characters".to_owned());
        }
        for (field, texts) in [("examples", &self.examples), ("escalation", &self.escalation)] {
            if !lines(texts) {
                say(field, "must be at most 20 lines of 1 to 200 characters".to_owned());
            }
        }
        let within = match self.response {
            Response::Within { minutes } => Some(minutes),
            Response::NextBusinessDay => None,
        };
        let notice = self.notice.as_ref();
        for (field, minutes, least, most) in [
            ("response.within.minutes", within, 1, MONTH),
            ("update_every_minutes", self.update_every_minutes, 1, DAY),
            ("notice.within_minutes", notice.and_then(|duty| duty.within_minutes), 0, MONTH),
            (
                "notice.update_every_minutes",
                notice.and_then(|duty| duty.update_every_minutes),
                1,
                DAY,
            ),
        ] {
            if minutes.is_some_and(|minutes| !(least..=most).contains(&minutes)) {
                say(field, format!("must be {least} to {most}"));
            }
        }
    }
}

fn is_text(text: &str, most: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control)
}
