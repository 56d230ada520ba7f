//! What a record keeps of what a program printed.

use super::super::output::{EACH, redact};
use super::*;
use expect_test::expect;
use watchfire_domain::Whole;

fn of(text: &str) -> Output {
    Output::of(text.as_bytes(), None, usize::MAX)
}

#[test]
fn what_looks_like_a_secret_is_taken_out() {
    let texts = [
        "key AKIAIOSFODNN7EXAMPLE here",
        r#"{"SecretAccessKey": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "User": "bob"}"#,
        "password=hunter2hunter2&user=bob",
        "PGPASSWORD=correct-horse psql",
        "Authorization: Bearer abcdef.ghijkl",
        "https://bob:letmein@db.example.com/x",
        "a\n-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\nb",
        "-----BEGIN PRIVATE KEY-----\nMIIE cut off here",
        "ghp_0123456789abcdefghijABCDEFGHIJ012345.",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
        "https://x.example.com/o?X-Amz-Signature=0011223344556677&y=1",
    ];
    let cleared: Vec<String> = texts.iter().map(|text| redact(text).0).collect();
    assert!(texts.iter().all(|text| redact(text).1));
    expect![[r#"
        key [redacted] here
        {"SecretAccessKey": "[redacted]", "User": "bob"}
        password=[redacted]&user=bob
        PGPASSWORD=[redacted] psql
        Authorization: Bearer [redacted]
        https://[redacted]@db.example.com/x
        a
        [redacted]
        b
        [redacted]
        [redacted]
        [redacted]
        https://x.example.com/o?X-Amz-[redacted]&y=1
    "#]]
    .assert_eq(&(cleared.join("\n") + "\n"));
}

#[test]
fn what_is_no_secret_stays() {
    let texts = [
        "12 files, 3 errors, latency 120 ms",
        "i-0123456789abcdef0 is running in eu-central-1a",
        "request 01a1fc16-e000-7fbd-8a4c-1f893b8615f4 took 3 tokens: 12",
        "https://api.example.com/v1/health?x=1",
        "basic checks passed, secret: none",
    ];
    for text in texts {
        assert_eq!(redact(text), (text.to_owned(), false));
    }
}

#[test]
fn a_long_output_is_cut_and_hashed_as_a_whole() {
    let (short, long) = (of("ok"), of(&"ä ".repeat(100_000)));
    assert!(!short.cut && !short.redacted);
    assert_eq!((short.bytes, short.text.as_str()), (2, "ok"));
    assert!(long.cut && long.text.len() <= EACH && long.bytes == 300_000);
    let other = of(&("ä ".repeat(99_999) + "ö "));
    assert_eq!(long.text, other.text);
    assert_ne!(long.sha256, other.sha256, "the digest is of the whole");
}

#[test]
fn a_secret_at_the_edge_is_not_shown_by_half() {
    for pad in 0..40 {
        let text = "x ".repeat(EACH / 2 - 20)
            + &" ".repeat(pad)
            + "AKIAIOSFODNN7EXAMPLE"
            + &" y".repeat(9_000);
        assert!(!of(&text).text.contains("AKIA"), "{pad}");
    }
    // The same where the text is looked at no further.
    for pad in 0..40 {
        let text = "password=abcdefgh ".repeat(880) + &"z".repeat(pad) + " AKIAIOSFODNN7EXAMPLE";
        assert!(!of(&text).text.contains("AKIA"), "{pad}");
    }
}

#[test]
fn bytes_that_are_no_text_do_no_harm() {
    let shown = Output::of(b"\xff\x1b[31mred\x00\r\nnext\xe2\x80\xae", None, usize::MAX);
    assert_eq!(shown.text, "\u{fffd} [31mred  \nnext ");
    assert_eq!(Output::of(b"ok", None, 1).text, "o");
    assert_eq!(Output::of("ä".as_bytes(), None, 1).text, "");
}

#[test]
fn the_digest_is_of_the_whole_or_says_of_how_much_it_is() {
    let digest = "ab".repeat(32);
    let whole = Whole { bytes: 9_000_000, sha256: Some(digest.clone()), read: false };
    let shown = Output::of(b"the beginning", Some(&whole), usize::MAX);
    assert_eq!(
        (shown.sha256, shown.bytes, shown.hashed, shown.cut),
        (digest, 9_000_000, None, true)
    );
    let whole = Whole { bytes: 9_000_000, sha256: None, read: false };
    let shown = Output::of(b"the beginning", Some(&whole), usize::MAX);
    assert_eq!((shown.bytes, shown.hashed, shown.cut), (9_000_000, Some(13), true));
    assert_eq!(shown.sha256, Output::of(b"the beginning", None, usize::MAX).sha256);
    // Half a word may be half a secret.
    assert_eq!(shown.text, "the");
}

/// A record of a version that kept none says nothing, and the same answer once more is no other.
#[test]
fn an_exit_code_is_part_of_the_answer_and_a_record_without_one_still_reads() {
    let one = standing("probe", "pause", Standing::Running);
    let with = |exit_code| Returned { exit_code, ..returned(1, false) };
    let end = |one: &Execution, code| run(one).returned("probe", &with(code), &machine(), at(4));
    let over = end(&one, Some(7)).unwrap().unwrap();
    assert_eq!(over.after.steps["probe"].exit_code, Some(7));
    assert_eq!(end(&over.after, Some(7)).unwrap(), None);
    assert!(end(&over.after, Some(8)).is_err(), "another end than the one that is known");

    let mut old = serde_json::to_value(&over.after).unwrap();
    old["steps"]["probe"].as_object_mut().unwrap().remove("exit_code").unwrap();
    let old: Execution = serde_json::from_value(old).unwrap();
    assert_eq!(old.steps["probe"].exit_code, None);
    assert_eq!(end(&old, Some(7)).unwrap(), None);
}
