//! What the pages say, as plain text.

use super::*;
use watchfire_domain::Excerpt;
use watchfire_domain::approval::Level;
use watchfire_domain::calendar::{Calendar, TimeOfDay, Workday};

#[test]
fn the_question() {
    expect![[r#"
        Medium risk  20 h 53 min left
        Delete the access point of cluster prod-east, incident 20261121-0312?
        Evidence storage is slow INC-20261121-0312
        Asked by Watchfire 3 h 7 min ago, after alice@example.com stopped the environment: “done looking”.
        What follows
        Approve: The access point is deleted, the environment closes.
        Deny: The access point stays, the environment closes.
        No answer: It stays, as if denied, from 2026-11-22 03:12 UTC on.
        Either way: No file is deleted. Files and evidence stay where they are.
        Way back: A new environment of this cluster and number has the same files.
        What it is about
        Incident:
        INC-20261121-0312
        Evidence storage is slow
        High Resolved
        Cluster: prod-east
        Number: 20261121-0312
        Evidence:
        Verified
        14 files, all there
        prod-east/7/
        Open until: 2026-11-22 03:12 UTC, then it counts as no
        Your answer
        Nothing is chosen for you. Type the code to show that you read this.
        The code
        042137
        Type the code
        [      ]
        Approve delete it
        Deny keep it
        The exact request
        Request: Delete it.
        Action: remove_access_point
        On: env-01a1fc16e00072c0a888038eb8343e42-1
        Access point: fsap-0a1b
        Approval: apr-01a1fc16e00072c0a888038eb8343e42-1
        Subject: 0707070707070707070707070707070707070707070707070707070707070707
        Opening this page changed nothing. An answer goes on the incident’s permanent record, with your address and the time.
        Shown for bob@example.com at 2026-11-21 06:19 UTC. Not you? Close this page: the link is theirs alone.
    "#]].assert_eq(&Desk::new().asked(None));
}

#[test]
fn a_drill_with_incomplete_evidence_and_two_approvers() {
    let desk = Desk::but(|desk| {
        desk.incident.drill = true;
        desk.approval.need = 2;
        desk.approval.approvers.extend(["carol", "dora"].map(|who| format!("{who}@example.com")));
        let answer = Answer::Grant;
        let approver = "carol@example.com".to_owned();
        let decision = Decision { approver, answer, at: NOW, signed_in: false };
        desk.approval.decisions.push(decision);
        let evidence = desk.environment.as_mut().unwrap().evidence.as_mut().unwrap();
        evidence.verdict = Verdict::Incomplete;
        evidence.problem = Some("1 of 14 files are missing or differ: a&b".to_owned());
    });
    expect![[r#"
        This is a drill. The incident was opened for practice. Your answer is carried out all the same.
        Medium risk 1 of 2 agreed 20 h 53 min left
        Delete the access point of cluster prod-east, incident 20261121-0312?
        Evidence storage is slow INC-20261121-0312
        Asked by Watchfire 3 h 7 min ago, after alice@example.com stopped the environment: “done looking”.
        What follows
        Approve: The access point is deleted, the environment closes. Not before the evidence is complete, or an administrator lets it pass.
        Deny: The access point stays, the environment closes.
        No answer: It stays, as if denied, from 2026-11-22 03:12 UTC on.
        Either way: No file is deleted. Files and evidence stay where they are.
        Way back: A new environment of this cluster and number has the same files.
        What it is about
        Incident:
        INC-20261121-0312
        Evidence storage is slow
        High Resolved Drill
        Cluster: prod-east
        Number: 20261121-0312
        Evidence:
        Incomplete
        1 of 14 files are missing or differ: a&amp;b
        prod-east/7/
        Also asked:
        carol@example.com: agreed
        dora@example.com: no answer yet
        Open until: 2026-11-22 03:12 UTC, then it counts as no
        Your answer
        Nothing is chosen for you. Type the code to show that you read this.
        The code
        042137
        Type the code
        [      ]
        Approve delete it
        Deny keep it
        The exact request
        Request: Delete it.
        Action: remove_access_point
        On: env-01a1fc16e00072c0a888038eb8343e42-1
        Access point: fsap-0a1b
        Approval: apr-01a1fc16e00072c0a888038eb8343e42-1
        Subject: 0707070707070707070707070707070707070707070707070707070707070707
        Opening this page changed nothing. An answer goes on the incident’s permanent record, with your address and the time.
        Shown for bob@example.com at 2026-11-21 06:19 UTC. Not you? Close this page: the link is theirs alone.
    "#]].assert_eq(&desk.asked(None));
}

#[test]
fn a_step_without_an_environment() {
    let desk = Desk::but(|desk| {
        desk.environment = None;
        desk.approval.subject.action = "reroute_ingestion".to_owned();
        desk.approval.subject.risk = Risk::Low;
        desk.approval.requested_by = "tom@example.com".to_owned();
    });
    expect![[r#"
        Low risk  20 h 53 min left
        Allow “reroute ingestion”?
        Evidence storage is slow INC-20261121-0312
        Asked by tom@example.com 3 h 7 min ago.
        What follows
        Approve: It is carried out once, exactly as described.
        Deny: It is not carried out. That is final.
        No answer: It is not carried out, from 2026-11-22 03:12 UTC on.
        What it is about
        Incident:
        INC-20261121-0312
        Evidence storage is slow
        High Resolved
        Request: Delete it.
        Open until: 2026-11-22 03:12 UTC, then it counts as no
        Your answer
        Nothing is chosen for you. Type the code to show that you read this.
        The code
        042137
        Type the code
        [      ]
        Approve go ahead
        Deny leave it
        The exact request
        Request: Delete it.
        Action: reroute_ingestion
        On: env-01a1fc16e00072c0a888038eb8343e42-1
        Approval: apr-01a1fc16e00072c0a888038eb8343e42-1
        Subject: 0707070707070707070707070707070707070707070707070707070707070707
        Opening this page changed nothing. An answer goes on the incident’s permanent record, with your address and the time.
        Shown for bob@example.com at 2026-11-21 06:19 UTC. Not you? Close this page: the link is theirs alone.
    "#]].assert_eq(&desk.asked(None));
}

#[test]
fn a_high_risk_can_only_be_refused_here() {
    let desk = Desk::but(|desk| desk.approval.subject.risk = Risk::High);
    let page = desk.asked(None);
    assert!(page.contains("To approve this, sign in."), "{page}");
    assert!(page.contains("Deny leave it") || page.contains("Deny keep it"), "{page}");
    assert!(!page.contains("Approve delete it") && !page.contains("Approve go ahead"), "{page}");
}

#[test]
fn the_form_again_says_why() {
    let first = |said| Desk::new().asked(Some(said)).lines().next().unwrap().to_owned();
    let all = [Said::WrongCode, Said::NoAnswer, Said::OldPage, Said::OutsideHours, Said::Unsure];
    let all = all.map(first);
    expect![[r#"
        The code was not right. Nothing was recorded. To your answer
        No answer was chosen. Nothing was recorded. To your answer
        The page had been open too long. Nothing was recorded. It is fresh again: answer once more. To your answer
        It is outside your hours. Nothing was recorded. To approve, answer again within them; to deny counts at any time. To your answer
        We could not confirm your answer. It may not be recorded. Answer once more: the same answer counts once. To your answer
    "#]].assert_eq(&(all.join("\n") + "\n"));
}

#[test]
fn every_outcome_has_words() {
    let bob = "bob@example.com";
    let desks = [
        Desk::decided(ApprovalState::Granted, bob, Answer::Grant),
        Desk::decided(ApprovalState::Denied, bob, Answer::Deny),
        Desk::decided(ApprovalState::Denied, "carol@example.com", Answer::Deny),
        Desk::decided(ApprovalState::Pending, bob, Answer::Grant),
        Desk::but(|desk| desk.approval.state = ApprovalState::Expired),
        Desk::but(|desk| desk.approval.state = ApprovalState::Revoked),
        Desk::decided(ApprovalState::Superseded, bob, Answer::Grant),
    ];
    let mut all = String::new();
    for desk in desks {
        let page = text(&answered(200, &desk.question()));
        let (words, _) = page.split_once("You were asked").unwrap();
        assert!(!page.contains("042137") && !page.contains("Open until"), "{page}");
        writeln!(all, "{words}").unwrap();
    }
    expect![[r#"
        Approved
        You approved this at 2026-11-21 06:19 UTC.
        The access point is deleted, and the environment closes. No file is deleted.

        Denied
        You denied this at 2026-11-21 06:19 UTC.
        The access point stays, and the environment closes. No file is deleted.

        Denied
        carol@example.com denied this at 2026-11-21 06:19 UTC.
        The access point stays, and the environment closes. No file is deleted.

        Your approval is recorded
        You approved this at 2026-11-21 06:19 UTC.
        Others still have to answer.

        Expired
        The access point stays, and the environment closes. No file is deleted.

        Taken back
        Nobody need answer any more.

        A newer question took its place
        You approved this at 2026-11-21 06:19 UTC.
        It is asked anew: whoever is to answer that has a newer mail. This one opens nothing.

    "#]]
    .assert_eq(&all);
    let stands = answered(409, &Desk::decided(ApprovalState::Denied, bob, Answer::Deny).question());
    assert!(text(&stands).starts_with("Nothing was changed."), "{}", text(&stands));
}

#[test]
fn a_grant_waits_for_the_evidence() {
    let mut desk = Desk::decided(ApprovalState::Granted, "bob@example.com", Answer::Grant);
    desk.environment.as_mut().unwrap().evidence = None;
    let page = text(&answered(200, &desk.question()));
    assert!(page.contains("This waits until the evidence is complete"), "{page}");
}

#[test]
fn a_fault_in_a_persons_words() {
    let faults = [
        Fault::NotFound,
        Fault::Forged { reason: "x" },
        Fault::TooLarge { what: "the form", limit: 8_192 },
        Fault::Denied { missing: vec![("sign_in", "somebody must sign in")] },
        Fault::Conflict,
        Fault::MethodNotAllowed { allow: "GET" },
        Fault::Internal { reason: "secret".to_owned() },
    ];
    let mut all = String::new();
    for fault in faults {
        let page = refused(&fault);
        writeln!(all, "{} {:?}\n{}", page.status, page.header("allow"), text(&page)).unwrap();
    }
    assert_eq!(refused(&Fault::NotFound), nothing_here());
    expect![[r#"
        404 None
        There is nothing here
        The link is over, was replaced by another, or did not come through in one piece. Nothing was changed.
        If you were asked for an approval, open the newest mail about it, and take care to copy the whole link. Otherwise ask whoever leads the incident.

        403 None
        That did not work
        Open the page again, and send the form from there.
        Nothing was recorded. If you still want to answer, open the link in your mail again.
        WF-0012

        413 None
        That did not work
        The form is larger than 8192 bytes.
        Nothing was recorded. If you still want to answer, open the link in your mail again.
        WF-0003

        403 None
        That did not work
        Somebody must sign in.
        Nothing was recorded. If you still want to answer, open the link in your mail again.
        WF-0005

        409 None
        That did not work
        The incident was changed by others meanwhile: try again.
        Nothing was recorded. Open the link in your mail again in a minute.
        WF-0007

        405 Some("GET")
        That did not work
        The method is not allowed here.
        Nothing was recorded. If you still want to answer, open the link in your mail again.
        WF-0010

        500 None
        That did not work
        Something went wrong on our side.
        Nothing was recorded. If you still want to answer, open the link in your mail again.
        WF-0037

    "#]].assert_eq(&all);
}

/// Who agreed before, whose turn it is, and who comes after.
#[test]
fn levels_say_which_is_asked() {
    let desk = Desk::but(|desk| {
        let level = |who: &str, need: u8| {
            let people = vec![format!("{who}@example.com"), format!("{who}-2@example.com")];
            Level { people, need, on_call: false, hours: None, role: None, clearance: None }
        };
        let bob = std::mem::replace(&mut desk.approval.approvers, level("ann", 1).people);
        let mut second = level("carol", 2);
        second.people.extend(bob);
        desk.approval.then = vec![second, level("dora", 1)];
        for approver in ["ann@example.com", "carol@example.com"].map(str::to_owned) {
            let answer = Answer::Grant;
            desk.approval.decisions.push(Decision { approver, answer, at: NOW, signed_in: false });
        }
    });
    let page = desk.asked(None);
    let of =
        |line: &&str| line.contains("agreed") || line.contains("level ") || line.contains("Level");
    let said: Vec<&str> = page.lines().filter(of).collect();
    expect![[r#"
        Medium risk Level 2 of 3 1 of 2 agreed 20 h 53 min left
        ann@example.com (level 1): agreed
        ann-2@example.com (level 1): no answer yet
        carol@example.com (level 2): agreed
        carol-2@example.com (level 2): no answer yet
        dora@example.com (level 3): not asked yet
        dora-2@example.com (level 3): not asked yet"#]]
    .assert_eq(&said.join("\n"));
}

/// On a Saturday at 06:19.
#[test]
fn the_page_says_the_approvers_hours_and_that_it_is_outside_them() {
    let shown = |workday: Workday, opens: u16| {
        let desk = Desk::but(|desk| {
            let opens = TimeOfDay::minutes(opens.saturating_mul(60));
            let workdays = [workday].into();
            let office = Calendar { workdays, opens, ..Calendar::office_hours() };
            desk.approval.hours = Some(office);
        });
        let page = desk.asked(None);
        page.lines()
            .filter(|line| ["within", "ours", "day,"].iter().any(|one| line.contains(one)))
            .fold(String::new(), |all, line| all + line + "\n")
    };
    let all = [(Workday::Saturday, 6), (Workday::Saturday, 9), (Workday::Sunday, 9)];
    expect![[r#"
        Your hours:
        Saturday, 06:00 to 17:00 (UTC)
        To approve counts only within them, to deny at any time.
        ---
        It is outside your hours. You can approve from 2026-11-21 09:00 UTC on. To deny counts now.
        Your hours:
        Saturday, 09:00 to 17:00 (UTC)
        To approve counts only within them, to deny at any time.
        ---
        It is outside your hours. They begin again only after this has ended. To deny counts now.
        Your hours:
        Sunday, 09:00 to 17:00 (UTC)
        To approve counts only within them, to deny at any time.
    "#]]
    .assert_eq(&all.map(|(day, opens)| shown(day, opens)).join("---\n"));
    assert!(!Desk::new().asked(None).contains("our hours"));
}

#[test]
fn a_length_of_time_has_two_units() {
    let lengths = [-5, 59_999, MINUTE, 59 * MINUTE, HOUR, 47 * HOUR, 50 * HOUR];
    let words = lengths.map(super::super::words::length).join(", ");
    expect![
        "less than a minute, less than a minute, 1 min, 59 min, 1 h 0 min, 47 h 0 min, 2 d 2 h"
    ]
    .assert_eq(&words);
}

/// Whoever approves a step reads what is done, line by line.
#[test]
fn a_step_is_shown_with_what_it_does() {
    let desk = step("by hand: Open a session on i-0a1b2c3d.\nby hand: End the process 4711.");
    let page = desk.asked(None);
    let does = "It does: by hand: Open a session on i-0a1b2c3d.\nby hand: End the process 4711.\n";
    assert!(page.contains(does), "{page}");
    assert!(!page.contains("cut here"), "{page}");
    let mut desk = step("runs: aws one");
    desk.approval.subject.does.as_mut().unwrap().cut = true;
    let page = desk.asked(None);
    let cut = format!("(cut here: the whole has 1234 bytes, and the SHA-256 {})", "5".repeat(64));
    assert!(page.contains(&cut), "{page}");
}

/// Whatever stands in what is done, it is text.
#[test]
fn what_a_step_does_is_inert() {
    let hostile = [
        "</pre><script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "&lt;b&gt;",
        "\"'><b>",
        "\u{202e}gnp",
        "\u{1b}[2J",
        "{}",
        "{{input.x}}",
        "a\0b",
        "]]>",
        "<!--",
    ];
    let tags = |text: &str| {
        let form = Form { link: "v1.k1.link.mac", csrf: "field" };
        let body = asked(200, &step(text).question(), form, None).body;
        let html = String::from_utf8(body).unwrap();
        (html.matches('<').count(), html.matches('>').count(), html)
    };
    let (open, close, _) = tags("runs: plain");
    for one in hostile {
        let (opens, closes, html) = tags(&format!("runs: {one}"));
        assert_eq!((opens, closes), (open, close), "{one:?}");
        assert!(!html.chars().any(|one| "\u{202e}\u{1b}\0".contains(one)), "{one:?}");
    }
}

fn step(does: &str) -> Desk {
    Desk::but(|desk| {
        desk.environment = None;
        let subject = &mut desk.approval.subject;
        subject.action = "kill-process".to_owned();
        subject.risk = Risk::High;
        subject.does = Some(Excerpt {
            text: does.to_owned(),
            sha256: "5".repeat(64),
            bytes: 1_234,
            cut: false,
            redacted: false,
        });
    })
}

#[test]
fn whoever_signs_in_reads_what_clearance_it_takes() {
    let page = Desk::but(|desk| desk.incident.clearance = 60).asked(None);
    assert!(page.contains("needs a clearance of 60, to deny as well"), "{page}");
    assert!(!Desk::but(|_| {}).asked(None).contains("a clearance of"));
}
