//! Names, and the limits of those that they are given to.

use super::*;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

#[test]
fn what_may_name_a_cluster_or_an_incident() {
    let mut table = String::new();
    let long = "x".repeat(48);
    let longer = "x".repeat(49);
    for text in [
        "a",
        "rosa-prod-01",
        "456",
        "20261121-0312",
        "a.b",
        "a_b",
        "A9",
        &long,
        &longer,
        "",
        "-a",
        "a-",
        ".a",
        "a.",
        "_a",
        "a_",
        "a..b",
        "a.-b",
        "..",
        "a/b",
        "a b",
        "a\0b",
        "a\n",
        "é",
        "a#b",
        "prod-incident",
        "prod-incident-2",
        "prod-incidents",
        "incident-2",
        "incident",
    ] {
        let [cluster, number] = [cluster_id(text).is_ok(), incident_number(text).is_ok()];
        let shown = if text.len() > 20 { format!("{} x", text.len()) } else { format!("{text:?}") };
        let word = |yes: bool| if yes { "yes" } else { "-" };
        writeln!(table, "{shown:<18} cluster {:<4} number {}", word(cluster), word(number))
            .unwrap();
    }
    expect![[r#"
        "a"                cluster yes  number yes
        "rosa-prod-01"     cluster yes  number yes
        "456"              cluster yes  number yes
        "20261121-0312"    cluster yes  number yes
        "a.b"              cluster yes  number yes
        "a_b"              cluster yes  number yes
        "A9"               cluster yes  number yes
        48 x               cluster yes  number yes
        49 x               cluster -    number -
        ""                 cluster -    number -
        "-a"               cluster -    number -
        "a-"               cluster -    number -
        ".a"               cluster -    number -
        "a."               cluster -    number -
        "_a"               cluster -    number -
        "a_"               cluster -    number -
        "a..b"             cluster -    number -
        "a.-b"             cluster yes  number yes
        ".."               cluster -    number -
        "a/b"              cluster -    number -
        "a b"              cluster -    number -
        "a\0b"             cluster -    number -
        "a\n"              cluster -    number -
        "é"                cluster -    number -
        "a#b"              cluster -    number -
        "prod-incident"    cluster -    number yes
        "prod-incident-2"  cluster -    number yes
        "prod-incidents"   cluster yes  number yes
        "incident-2"       cluster yes  number yes
        "incident"         cluster yes  number yes
    "#]]
    .assert_eq(&table);
}

#[test]
fn the_names_that_it_gives() {
    let names = [
        access_path("rosa-prod-01", "456"),
        family("rosa-boundary-dev", "rosa.prod_01", "456", at(0)),
        target_name("rosa-prod-01", "456"),
        slot("rosa-prod-01", "456"),
        started_by(&slot("rosa-prod-01", "456")),
    ];
    expect![[r#"
        /rosa-prod-01/456
        rosa-boundary-dev-rosa_prod_01-456-20261121T031200
        rosa-prod-01-incident-456
        9521bbe6c1c5cc4139ada3bcbebd5b9b
        wf-9521bbe6c1c5cc4139ada3bcbebd5b9b"#]]
    .assert_eq(&names.join("\n"));
}

/// Two ways to cut one text into a cluster and a number, at the word that joins them in a target's
/// name; and two texts that only look alike.
fn pairs() -> impl Strategy<Value = [(String, String); 2]> {
    let words = prop::collection::vec("[a1]{1,2}|incident", 2..4);
    (words, 0usize..5, 0usize..5, "[-._]").prop_map(|(words, one, other, mark)| {
        let cut = |at: usize| {
            let at = at.clamp(1, words.len().saturating_sub(1));
            (words[..at].join("-incident-"), words[at..].join("-incident-"))
        };
        let (left, mut right) = (cut(one), cut(other));
        if one < other {
            // Two numbers, or clusters, that only look alike.
            right = (left.1.replace('-', &mark), left.0.clone());
        }
        [left, right]
    })
}

#[test]
fn names_tell_pairs_apart() {
    let valid = |(cluster, number): &(String, String)| {
        cluster_id(cluster).is_ok() && incident_number(number).is_ok()
    };
    let mut compared = 0;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..20_000 {
        let [left, right] = pairs().new_tree(&mut runner).unwrap().current();
        if left == right || !valid(&left) || !valid(&right) {
            continue;
        }
        compared += 1;
        let ((a, b), (c, d)) = (&left, &right);
        assert_ne!(access_path(a, b), access_path(c, d));
        assert_ne!(target_name(a, b), target_name(c, d));
        assert_ne!(slot(a, b), slot(c, d));
    }
    assert!(compared > 1_000, "{compared}");
}

proptest! {
    /// What the services allow (EFS: 100 characters and four levels; ECS: 255 of letters, digits,
    /// `-` and `_`, and 36 of `startedBy`; tags: 256).
    #[test]
    fn names_fit_those_that_they_are_given_to(
        cluster in "[a-zA-Z0-9][a-zA-Z0-9._-]{0,46}[a-zA-Z0-9]",
        number in "[a-zA-Z0-9][a-zA-Z0-9._-]{0,46}[a-zA-Z0-9]",
    ) {
        prop_assume!(cluster_id(&cluster).is_ok() && incident_number(&number).is_ok());
        let path = access_path(&cluster, &number);
        prop_assert!(path.len() <= 100 && path.matches('/').count() == 2 && !path.ends_with('/'));
        prop_assert!(!path.contains(".."));
        let family = family(&"p".repeat(60), &cluster, &number, at(0));
        prop_assert!(family.len() <= 255);
        prop_assert!(family.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
        let slot = slot(&cluster, &number);
        prop_assert!(slot.len() == 32 && started_by(&slot).len() <= 36);
        prop_assert!(target_name(&cluster, &number).len() <= 128);
    }
}
