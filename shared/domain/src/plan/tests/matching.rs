//! Which alarms a plan answers, and which of two plans fits better.

use super::*;
use proptest::prelude::*;

fn fit(value: Value) -> Option<u32> {
    serde_json::from_value::<Match>(value).unwrap().fit(&alarm())
}

#[test]
fn the_more_it_says_the_better_it_fits() {
    let tags = json!({"service": "storage"});
    let cases = [
        json!({}),
        json!({"source": "cloudwatch"}),
        json!({"name_prefix": "s"}),
        json!({"name_prefix": "storage-"}),
        json!({"region": "us-east-1"}),
        json!({"account": "123456789012"}),
        json!({"account": "123456789012", "region": "us-east-1"}),
        json!({"tags": tags}),
        json!({"tags": tags, "name_prefix": "storage-"}),
        json!({"tags": tags, "account": "123456789012"}),
        json!({"tags": {"service": "storage", "team": "sre"}}),
        json!({"name": "storage-latency-high"}),
        json!({"name": "storage-latency-high", "tags": tags}),
        json!({"source": "drill"}),
        json!({"name": "storage-latency"}),
        json!({"name": "Storage-latency-high"}),
        json!({"name_prefix": "network-"}),
        json!({"account": "999999999999", "name": "storage-latency-high"}),
        json!({"region": "eu-west-1"}),
        json!({"tags": {"service": "storage", "team": "web"}}),
        json!({"tags": {"absent": ""}}),
    ];
    let mut table = String::new();
    for case in cases {
        let fit = fit(case.clone()).map_or("-".to_owned(), |fit| fit.to_string());
        writeln!(table, "{fit:<6} {case}").unwrap();
    }
    expect![[r#"
        0      {}
        1      {"source":"cloudwatch"}
        1      {"name_prefix":"s"}
        8      {"name_prefix":"storage-"}
        300    {"region":"us-east-1"}
        500    {"account":"123456789012"}
        800    {"account":"123456789012","region":"us-east-1"}
        1000   {"tags":{"service":"storage"}}
        1008   {"name_prefix":"storage-","tags":{"service":"storage"}}
        1500   {"account":"123456789012","tags":{"service":"storage"}}
        2000   {"tags":{"service":"storage","team":"sre"}}
        10000  {"name":"storage-latency-high"}
        11000  {"name":"storage-latency-high","tags":{"service":"storage"}}
        -      {"source":"drill"}
        -      {"name":"storage-latency"}
        -      {"name":"Storage-latency-high"}
        -      {"name_prefix":"network-"}
        -      {"account":"999999999999","name":"storage-latency-high"}
        -      {"region":"eu-west-1"}
        -      {"tags":{"service":"storage","team":"web"}}
        -      {"tags":{"absent":""}}
    "#]]
    .assert_eq(&table);
}

#[test]
fn one_match_suffices_and_the_best_one_counts() {
    let plan = plan(json!({
        "title": "t", "severity": "high",
        "matches": [{"name": "other"}, {"region": "us-east-1"}, {"name_prefix": "sto"}],
    }));
    assert_eq!(plan.fit(&alarm()), fit(json!({"region": "us-east-1"})));
}

#[test]
fn the_severity_is_the_tags_if_it_says_one() {
    let with = |tag: Value| plan(json!({"title": "t", "severity": "low", "severity_tag": tag}));
    for (tag, severity) in [
        (json!("severity"), Severity::High),
        (json!("team"), Severity::Low),
        (json!("absent"), Severity::Low),
        (Value::Null, Severity::Low),
    ] {
        assert_eq!(with(tag.clone()).severity_for(&alarm()), severity, "{tag}");
    }
}

/// Conditions that hold for the alarm.
fn holding() -> impl Strategy<Value = Match> {
    let alarm = alarm();
    let name = alarm.name.clone();
    let tags = prop::sample::subsequence(alarm.tags.into_iter().collect::<Vec<_>>(), 0..=3);
    (
        prop::option::of(Just(Source::Cloudwatch)),
        prop::option::of(Just(alarm.account)),
        prop::option::of(Just(alarm.region)),
        prop::option::of(Just(name.clone())),
        prop::option::of((1..=name.len()).prop_map(move |end| name[..end].to_owned())),
        tags,
    )
        .prop_map(|(source, account, region, name, name_prefix, tags)| Match {
            source,
            account,
            region,
            name,
            name_prefix,
            tags: tags.into_iter().collect(),
        })
}

/// `one` with what `other` says besides.
fn both(one: &Match, other: &Match) -> Match {
    let longer = |a: &Option<String>, b: &Option<String>| a.clone().max(b.clone());
    Match {
        source: one.source.or(other.source),
        account: one.account.clone().or(other.account.clone()),
        region: one.region.clone().or(other.region.clone()),
        name: one.name.clone().or(other.name.clone()),
        name_prefix: longer(&one.name_prefix, &other.name_prefix),
        tags: one.tags.iter().chain(&other.tags).map(|(k, v)| (k.clone(), v.clone())).collect(),
    }
}

proptest! {
    #[test]
    fn saying_more_never_fits_worse(one in holding(), other in holding()) {
        let (fit, more) = (one.fit(&alarm()).unwrap(), both(&one, &other).fit(&alarm()).unwrap());
        prop_assert!(more >= fit);
        prop_assert_eq!(more == fit, both(&one, &other) == one, "and better, if it says more");
    }
}
