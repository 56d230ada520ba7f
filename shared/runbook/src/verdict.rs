//! Whether what came back is what a step expects.

use crate::render::Program;
use crate::spec::Expect;

/// How an answer fails its step; nothing, if it is as it should be. Without a list, every status of
/// 200 to 299 will do.
pub fn of_answer(expect: &Expect, status: u16, millis: u64, body: &[u8]) -> Option<String> {
    let is_fine = if expect.status.is_empty() {
        (200..300).contains(&status)
    } else {
        expect.status.contains(&status)
    };
    if !is_fine {
        return Some(format!("the answer's status is {status}"));
    }
    if let Some(most) = expect.latency_ms
        && millis > u64::from(most)
    {
        return Some(format!("the answer took {millis} ms, and may take {most}"));
    }
    let holds = |wanted: &String| contains(body, wanted.as_bytes());
    if expect.body_contains.as_ref().is_some_and(|wanted| !holds(wanted)) {
        return Some("the answer's body does not contain what it should".to_owned());
    }
    None
}

/// How a program's output fails its step; nothing, if it is as it should be. White space around it
/// is no part of it.
pub fn of_output(program: &Program, output: &[u8]) -> Option<String> {
    let trimmed = output.trim_ascii();
    if program.output_is.as_ref().is_some_and(|wanted| trimmed != wanted.trim().as_bytes()) {
        return Some("the output is not what it should be".to_owned());
    }
    let holds = |wanted: &String| contains(output, wanted.as_bytes());
    if program.output_contains.as_ref().is_some_and(|wanted| !holds(wanted)) {
        return Some("the output does not contain what it should".to_owned());
    }
    None
}

fn contains(text: &[u8], wanted: &[u8]) -> bool {
    wanted.is_empty() || text.windows(wanted.len()).any(|part| part == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expect() -> Expect {
        Expect { latency_ms: Some(200), body_contains: Some("ok".to_owned()), ..Expect::default() }
    }

    #[test]
    fn an_answer_is_judged_by_all_that_is_expected() {
        assert_eq!(of_answer(&expect(), 204, 200, b"it is ok"), None);
        assert!(of_answer(&expect(), 301, 1, b"ok").unwrap().contains("301"));
        assert!(of_answer(&expect(), 200, 201, b"ok").unwrap().contains("201 ms"));
        assert!(of_answer(&expect(), 200, 1, b"").unwrap().contains("body"));
        let only = Expect { status: [404].into(), ..Expect::default() };
        assert_eq!(of_answer(&only, 404, 9_999, b""), None);
        assert!(of_answer(&only, 200, 1, b"").is_some());
    }

    #[test]
    fn an_output_is_compared_without_the_space_around_it() {
        let mut program = Program {
            argv: vec!["count".to_owned()],
            stdin: None,
            profile: "triage".to_owned(),
            output_is: Some("0".to_owned()),
            output_contains: None,
        };
        assert_eq!(of_output(&program, b" 0\n"), None);
        assert!(of_output(&program, b"10").is_some());
        program.output_is = None;
        program.output_contains = Some("in sync".to_owned());
        assert_eq!(of_output(&program, b"shard 3 is in sync"), None);
        assert!(of_output(&program, b"in  sync").is_some());
    }
}
