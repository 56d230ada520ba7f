//! Variables of the alarm in titles and dedup keys.

use super::*;
use proptest::prelude::*;

#[test]
fn what_a_template_becomes() {
    let mut table = String::new();
    for text in [
        "plain",
        "{alarm.name}",
        "{alarm.tag.service}: {alarm.reason}",
        "{alarm.dimension.Volume} in {alarm.region} of {alarm.account}",
        "{alarm.description}",
        "{alarm.tag.absent}",
        "{alarm.nmae}",
        "{name}",
        "{alarm.tag.}",
        "{",
        "a { b",
        "a } b",
        "{}",
        "{{alarm.name}}",
        "{alarm.name",
        "{alarm.state}",
    ] {
        let unknown = Template::check(text);
        let unknown = if unknown.is_empty() { String::new() } else { format!("  {unknown:?}") };
        writeln!(table, "{text:?} -> {:?}{unknown}", render(text, &alarm())).unwrap();
    }
    expect![[r#"
        "plain" -> "plain"
        "{alarm.name}" -> "storage-latency-high"
        "{alarm.tag.service}: {alarm.reason}" -> "storage: Threshold Crossed"
        "{alarm.dimension.Volume} in {alarm.region} of {alarm.account}" -> "vol-1 in us-east-1 of 123456789012"
        "{alarm.description}" -> "unknown"
        "{alarm.tag.absent}" -> "unknown"
        "{alarm.nmae}" -> "unknown"  ["alarm.nmae"]
        "{name}" -> "unknown"  ["name"]
        "{alarm.tag.}" -> "unknown"  ["alarm.tag."]
        "{" -> "unknown"  ["{"]
        "a { b" -> "a unknown"  ["{ b"]
        "a } b" -> "a } b"
        "{}" -> "unknown"  [""]
        "{{alarm.name}}" -> "unknown}"  ["{alarm.name"]
        "{alarm.name" -> "storage-latency-high"  ["{alarm.name"]
        "{alarm.state}" -> "unknown"  ["alarm.state"]
    "#]].assert_eq(&table);
}

#[test]
fn what_an_alarm_says_cannot_break_a_title() {
    let reason = format!("line\nbreak\t\u{1b}[31m {}", "é".repeat(300));
    let rendered = render("{alarm.reason}", &Alarm { reason, ..alarm() });
    assert_eq!(rendered.chars().count(), 200);
    assert!(rendered.starts_with("linebreak[31m é") && !rendered.chars().any(char::is_control));
    // What stands in a value is not a variable.
    let reason = "{alarm.account}".to_owned();
    assert_eq!(render("{alarm.reason}", &Alarm { reason, ..alarm() }), "{alarm.account}");
    // An alarm that says nothing opens an incident that has a title all the same.
    let blank = Alarm { reason: " \n ".to_owned(), ..alarm() };
    assert_eq!(render("{alarm.reason}", &blank), "unknown");
}

proptest! {
    #[test]
    fn any_text_renders_within_its_limits(text in "\\PC{0,80}|[{}a-z.]{0,40}") {
        let rendered = render(&text, &alarm());
        prop_assert!(rendered.chars().count() <= 200);
        let (opened, closed) = (text.matches('{').count(), text.matches('}').count());
        prop_assert!(opened > 0 || rendered == text);
        // What passes the check names only what an alarm can have, and closes what it opens.
        if Template::check(&text).is_empty() {
            prop_assert!(opened <= closed);
        }
    }
}
