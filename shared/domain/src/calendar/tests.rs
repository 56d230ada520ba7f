use super::*;
use expect_test::expect;
use proptest::prelude::*;
use serde_json::json;
use std::fmt::Write as _;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// A desk in Auckland, thirteen hours ahead, with Monday the 26th and Christmas off.
fn auckland() -> Calendar {
    let text = json!({
        "utc_offset_minutes": 780,
        "workdays": ["monday", "tuesday", "wednesday", "thursday", "friday"],
        "opens": "08:30", "closes": "18:00",
        "holidays": ["2026-10-26", "2026-12-25"],
    });
    serde_json::from_value(text).unwrap()
}

#[test]
fn the_next_business_day() {
    let mut table = String::new();
    let late = Calendar { closes: TimeOfDay::minutes(1440), ..Calendar::office_hours() };
    for (name, calendar, moment) in [
        ("a Tuesday at noon", Calendar::office_hours(), "2026-11-17T12:00:00Z"),
        ("before it opens", Calendar::office_hours(), "2026-11-17T08:59:59.999Z"),
        ("as it opens", Calendar::office_hours(), "2026-11-17T09:00:00Z"),
        ("as it closes", Calendar::office_hours(), "2026-11-17T17:00:00Z"),
        ("Friday, ten to midnight", Calendar::office_hours(), "2026-11-20T23:50:00Z"),
        ("Saturday", Calendar::office_hours(), "2026-11-21T03:12:00Z"),
        ("closing at midnight", late, "2026-11-17T23:59:59.999Z"),
        ("Friday there, Thursday here", auckland(), "2026-10-22T20:00:00Z"),
        ("Saturday there, Monday off", auckland(), "2026-10-23T12:00:00Z"),
        ("Christmas Eve there", auckland(), "2026-12-23T23:00:00Z"),
    ] {
        let (open, close) = (calendar.open_at(at(moment)), calendar.next_close(at(moment)));
        writeln!(table, "{name:<30}{moment:<26}{open}  {close}").unwrap();
    }
    expect![[r#"
        a Tuesday at noon             2026-11-17T12:00:00Z      2026-11-17T12:00:00.000Z  2026-11-18T17:00:00.000Z
        before it opens               2026-11-17T08:59:59.999Z  2026-11-17T09:00:00.000Z  2026-11-18T17:00:00.000Z
        as it opens                   2026-11-17T09:00:00Z      2026-11-17T09:00:00.000Z  2026-11-18T17:00:00.000Z
        as it closes                  2026-11-17T17:00:00Z      2026-11-18T09:00:00.000Z  2026-11-18T17:00:00.000Z
        Friday, ten to midnight       2026-11-20T23:50:00Z      2026-11-23T09:00:00.000Z  2026-11-23T17:00:00.000Z
        Saturday                      2026-11-21T03:12:00Z      2026-11-23T09:00:00.000Z  2026-11-23T17:00:00.000Z
        closing at midnight           2026-11-17T23:59:59.999Z  2026-11-17T23:59:59.999Z  2026-11-19T00:00:00.000Z
        Friday there, Thursday here   2026-10-22T20:00:00Z      2026-10-22T20:00:00.000Z  2026-10-27T05:00:00.000Z
        Saturday there, Monday off    2026-10-23T12:00:00Z      2026-10-26T19:30:00.000Z  2026-10-27T05:00:00.000Z
        Christmas Eve there           2026-12-23T23:00:00Z      2026-12-23T23:00:00.000Z  2026-12-28T05:00:00.000Z
    "#]].assert_eq(&table);
}

#[test]
fn a_calendar_says_all_that_is_wrong_with_it() {
    let calendar = Calendar {
        utc_offset_minutes: 841,
        workdays: BTreeSet::new(),
        opens: TimeOfDay::minutes(600),
        closes: TimeOfDay::minutes(600),
        holidays: (0..151).map(Day::number).collect(),
    };
    let mut table = String::new();
    for Problem { field, problem } in calendar.check("calendar.") {
        writeln!(table, "{field} {problem}").unwrap();
    }
    expect![[r#"
        calendar.utc_offset_minutes must be -720 to 840
        calendar.workdays must name a day
        calendar.closes must be later than `opens`
        calendar.holidays must be at most 150 days
    "#]]
    .assert_eq(&table);
    assert_eq!(auckland().check(""), []);
    // Not refused in time, it still ends: a day later.
    let now = at("2026-11-21T03:12:00Z");
    assert_eq!((calendar.open_at(now), calendar.next_close(now)), (now.plus(DAY), now.plus(DAY)));
}

#[test]
fn a_calendar_has_words() {
    let week = |days: &[Workday]| Calendar {
        workdays: days.iter().copied().collect(),
        utc_offset_minutes: -210,
        ..Calendar::office_hours()
    };
    let one = BTreeSet::from([Day::number(0)]);
    let mut table = String::new();
    for calendar in [
        Calendar::office_hours(),
        auckland(),
        week(&[Workday::Monday, Workday::Tuesday]),
        Calendar { holidays: one, ..week(&[Workday::Monday, Workday::Tuesday, Workday::Sunday]) },
        week(&[Workday::Sunday, Workday::Saturday, Workday::Friday]),
    ] {
        writeln!(table, "{calendar}").unwrap();
    }
    expect![[r#"
        Monday to Friday, 09:00 to 17:00 (UTC)
        Monday to Friday, 08:30 to 18:00 (UTC+13:00), but for 2 holidays
        Monday, Tuesday, 09:00 to 17:00 (UTC-03:30)
        Monday, Tuesday, Sunday, 09:00 to 17:00 (UTC-03:30), but for 1 holiday
        Friday to Sunday, 09:00 to 17:00 (UTC-03:30)
    "#]]
    .assert_eq(&table);
}

#[test]
fn days_and_times_have_one_written_form() {
    for text in ["1970-01-01", "2024-02-29", "2026-12-24", "1969-12-31"] {
        assert_eq!(text.parse::<Day>().unwrap().to_string(), text);
    }
    assert_eq!("2026-11-21".parse::<Day>().unwrap().workday(), Workday::Saturday);
    for text in ["2026-02-29", "20261124", "2026-W47-6", "2026-1-1", "", "+02026-01-01"] {
        assert!(text.parse::<Day>().is_err(), "{text}");
    }
    for text in ["00:00", "09:30", "24:00"] {
        assert_eq!(text.parse::<TimeOfDay>().unwrap().to_string(), text);
    }
    for text in ["24:01", "9:30", "09:3", "09:60", "", "0930", "+9:00", "99999:00"] {
        assert!(text.parse::<TimeOfDay>().is_err(), "{text}");
    }
    let wire = serde_json::to_value(auckland()).unwrap();
    assert_eq!(serde_json::from_value::<Calendar>(wire).unwrap(), auckland());
}

proptest! {
    #[test]
    fn the_next_business_day_is_later_and_a_business_day(
        millis in 0i64..4_102_444_800_000, offset in -720i32..=840,
        days in prop::collection::btree_set(prop::sample::select(&Workday::WEEK), 1..7),
        opens in 0u16..1439, length in 1u16..1440, holidays in prop::collection::btree_set(0i64..48_000, 0..100),
    ) {
        let calendar = Calendar {
            utc_offset_minutes: offset,
            workdays: days,
            opens: TimeOfDay::minutes(opens),
            closes: TimeOfDay::minutes(opens.saturating_add(length)),
            holidays: holidays.into_iter().map(Day::number).collect(),
        };
        let now = Timestamp::from_millis(millis);
        let (open, close) = (calendar.open_at(now), calendar.next_close(now));
        prop_assert!(open >= now && close > now);
        prop_assert_eq!(calendar.open_at(open), open);
        let last = calendar.local(close.plus(-1));
        prop_assert!(calendar.is_business_day(Day::number(last.day)));
        prop_assert!(last.day > calendar.local(now).day);
        let mut between = (calendar.local(now).day..last.day).skip(1).map(Day::number);
        prop_assert!(!between.any(|day| calendar.is_business_day(day)));
    }
}
