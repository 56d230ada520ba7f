//! Lengths of time, and templates.

use crate::Span;
use crate::template::parts;
use expect_test::expect;
use proptest::prelude::*;
use std::fmt::Write as _;

#[test]
fn a_length_of_time_has_its_unit() {
    let mut table = String::new();
    for text in [
        "30s",
        "5m",
        "1h30m",
        "90m",
        "1d",
        "0s",
        "366d",
        "367d",
        "30",
        "",
        "m",
        "5 m",
        "5M",
        "1.5h",
        "30m1h",
        "5m5m",
        "-5m",
        "9999999999s",
        "5min",
        "٣m",
    ] {
        let read: Result<Span, _> = text.parse();
        let read = read.map_or("-".to_owned(), |span| format!("{span} ({} s)", span.seconds()));
        writeln!(table, "{text:<12}{read}").unwrap();
    }
    expect![[r#"
        30s         30s (30 s)
        5m          5m (300 s)
        1h30m       1h30m (5400 s)
        90m         1h30m (5400 s)
        1d          1d (86400 s)
        0s          0s (0 s)
        366d        366d (31622400 s)
        367d        -
        30          -
                    -
        m           -
        5 m         -
        5M          -
        1.5h        -
        30m1h       -
        5m5m        -
        -5m         -
        9999999999s -
        5min        -
        ٣m          -
    "#]]
    .assert_eq(&table);
}

proptest! {
    #[test]
    fn what_is_written_is_read(seconds in 0_u64..=366 * 86_400) {
        let span = Span::from_seconds(seconds);
        prop_assert_eq!(span.to_string().parse::<Span>(), Ok(span));
    }

    #[test]
    fn reading_a_template_loses_nothing(text in r"[a-z{}. \n]{0,40}") {
        use crate::template::Part;
        if let Ok(parts) = parts(&text) {
            let whole: String = parts.iter().map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Variable(variable) => format!("{{{{{variable}}}}}"),
            }).collect();
            prop_assert_eq!(whole.replace(' ', ""), text.replace(' ', ""));
        }
    }
}

#[test]
fn a_template_knows_its_variables() {
    let mut table = String::new();
    for text in [
        "plain",
        "{{input.a}}",
        "{{ input.a }}",
        "a{{input.a}}b{{input.b_2}}",
        "{{time.utc}}",
        "{{time.utc-30m}}",
        "{{time.ms-1h}}",
        "{{time.s-1d}}",
        "{{incident.id}}",
        "{{tenant}}",
        "{{execution.id}}",
        "{{incident.display_id}}",
        "{{incident.commander}}",
        "{{incident.description}}",
        "{\"a\":{\"b\":{}}}",
        "{{input.a",
        "{{}}",
        "{{input.A}}",
        "{{input.}}",
        "{{env.HOME}}",
        "{{time.utc-30}}",
        "{{time.utc+1h}}",
        "{{input.a}}}}",
        "{{{{input.a}}}}",
    ] {
        let read = parts(text).map_or_else(|bad| format!("- {bad}"), |parts| format!("{parts:?}"));
        writeln!(table, "{text}\n    {read}").unwrap();
    }
    expect![[r#"
        plain
            [Text("plain")]
        {{input.a}}
            [Variable(Input("a"))]
        {{ input.a }}
            [Variable(Input("a"))]
        a{{input.a}}b{{input.b_2}}
            [Text("a"), Variable(Input("a")), Text("b"), Variable(Input("b_2"))]
        {{time.utc}}
            [Variable(Time(Utc, Span(0)))]
        {{time.utc-30m}}
            [Variable(Time(Utc, Span(1800)))]
        {{time.ms-1h}}
            [Variable(Time(Millis, Span(3600)))]
        {{time.s-1d}}
            [Variable(Time(Seconds, Span(86400)))]
        {{incident.id}}
            [Variable(Incident(Id))]
        {{tenant}}
            [Variable(Tenant)]
        {{execution.id}}
            [Variable(ExecutionId)]
        {{incident.display_id}}
            [Variable(Incident(DisplayId))]
        {{incident.commander}}
            [Variable(Incident(Commander))]
        {{incident.description}}
            - has the unknown variable `incident.description`
        {"a":{"b":{}}}
            [Text("{\"a\":{\"b\":{}}}")]
        {{input.a
            - has a `{{` that no `}}` closes
        {{}}
            - has the unknown variable ``
        {{input.A}}
            - has the unknown variable `input.A`
        {{input.}}
            - has the unknown variable `input.`
        {{env.HOME}}
            - has the unknown variable `env.HOME`
        {{time.utc-30}}
            - has the unknown variable `time.utc-30`
        {{time.utc+1h}}
            - has the unknown variable `time.utc+1h`
        {{input.a}}}}
            [Variable(Input("a")), Text("}}")]
        {{{{input.a}}}}
            - has the unknown variable `{{input.a`
    "#]]
    .assert_eq(&table);
}
