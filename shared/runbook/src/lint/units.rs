//! Lengths of time that do not fit each other, and clocks of the wrong unit (decision 18).

use super::{Code, Findings};
use crate::Span;
use crate::spec::places::actions;
use crate::spec::{Action, Command, Step};
use crate::template::{Clock, Part, Variable, parts};

/// No machine waits for longer than this without somebody looking.
const LONGEST: Span = Span::from_minutes(24 * 60);

/// What a person does or decides may be owed for weeks (S2-29, S4-27): no machine runs meanwhile,
/// the sweep alone waits for its end.
const LONGEST_PERSON: Span = Span::from_minutes(60 * 24 * 60);

/// What a single program or request may take.
const LONGEST_PROGRAM: Span = Span::from_minutes(4 * 60);

pub(super) fn step(step: &Step, path: &str, findings: &mut Findings) {
    let mut say = |place: &str, wrong: bool, problem: String| {
        if wrong {
            findings.say(Code::Units, format!("{path}.{place}"), problem);
        }
    };
    let timeout = step.timeout;
    let (least, most) = match step.action {
        Action::Manual(_) | Action::Choose(_) => (Span::from_minutes(1), LONGEST_PERSON),
        Action::Wait(_) => (Span::from_minutes(1), LONGEST),
        Action::Http(_)
        | Action::Command(_)
        | Action::Ssm(_)
        | Action::Check(_)
        | Action::Transition(_)
        | Action::Notify(_)
        | Action::Export(_) => (Span::from_seconds(5), LONGEST_PROGRAM),
    };
    if let Some(timeout) = timeout {
        say("timeout", timeout < least, format!("{timeout} is too short for anything"));
        say("timeout", timeout > most, format!("{timeout} is longer than {most}"));
    }
    for (place, action) in actions(step, "") {
        let place = place.trim_start_matches('.');
        match action {
            Action::Wait(wait) => {
                let place = format!("{place}.wait.duration");
                let most = Span::from_minutes(4 * 60);
                say(&place, wait.duration.seconds() == 0, "waits for nothing".to_owned());
                say(&place, wait.duration > most, format!("waits for longer than {most}"));
                let late = timeout.is_some_and(|timeout| timeout < wait.duration);
                say(&place, late, "waits for longer than its timeout".to_owned());
            }
            Action::Check(check) => {
                let (every, stable, limit) = (check.every, check.stable_for, check.limit);
                let place = |field: &str| format!("{place}.check.{field}");
                let fast = every < Span::from_seconds(5);
                say(&place("every"), fast, format!("asks every {every}"));
                let seldom = every > stable && stable.seconds() > 0;
                say(&place("every"), seldom, format!("asks every {every} for {stable}"));
                let never = limit <= stable;
                say(&place("limit"), never, format!("gives up after {limit}, before {stable}"));
                let late = timeout.is_some_and(|timeout| timeout < limit);
                say(&place("limit"), late, format!("{limit} is longer than the timeout"));
            }
            Action::Manual(_)
            | Action::Http(_)
            | Action::Command(_)
            | Action::Ssm(_)
            | Action::Choose(_)
            | Action::Transition(_)
            | Action::Notify(_)
            | Action::Export(_) => {}
        }
        if let Some((place, http)) = action.http(place) {
            let latency = http.expect.latency_ms.map(u64::from);
            let late = latency.zip(timeout).is_some_and(|(latency, timeout)| {
                latency > timeout.seconds().saturating_mul(1_000)
            });
            let place = format!("{place}.expect.latency_ms");
            say(&place, late, "is longer than the timeout".to_owned());
        }
    }
}

/// Which clock an option of the AWS command line wants.
fn wanted(command: &Command, option: &str) -> Option<Clock> {
    let has = |word: &str| command.argv.iter().any(|element| element == word);
    if !has("aws") || !["--start-time", "--end-time"].contains(&option) {
        return None;
    }
    match () {
        () if has("filter-log-events") || has("get-log-events") => Some(Clock::Millis),
        () if has("start-query") => Some(Clock::Seconds),
        () => Some(Clock::Utc),
    }
}

/// Clocks of a program's options.
pub(super) fn command(command: &Command, path: &str, findings: &mut Findings) {
    for (at, pair) in command.argv.windows(2).enumerate() {
        let [option, value] = pair else { continue };
        let Some(wanted) = wanted(command, option) else { continue };
        let place = format!("{path}.argv[{}]", at.saturating_add(1));
        let read = parts(value).unwrap_or_default();
        match read.as_slice() {
            [Part::Variable(Variable::Time(clock, _))] => {
                // CloudWatch's metrics read seconds as well as RFC 3339.
                let fits = *clock == wanted || (wanted == Clock::Utc && *clock == Clock::Seconds);
                if !fits {
                    let problem = format!("`{option}` wants {}", named(wanted));
                    findings.say(Code::Units, place, problem);
                }
            }
            [Part::Text(text)] => {
                let digits = text.len();
                let number = text.bytes().all(|one| one.is_ascii_digit());
                let wrong = number
                    && match wanted {
                        Clock::Millis => digits < 13,
                        Clock::Seconds | Clock::Utc => digits > 10,
                    };
                if wrong {
                    let problem = format!("`{option}` wants {}", named(wanted));
                    findings.say(Code::Units, place, problem);
                }
            }
            _ => {}
        }
    }
}

const fn named(clock: Clock) -> &'static str {
    match clock {
        Clock::Utc => "a time as `{{time.utc-1h}}`",
        Clock::Seconds => "seconds, as `{{time.s-1h}}`",
        Clock::Millis => "milliseconds, as `{{time.ms-1h}}`",
    }
}
