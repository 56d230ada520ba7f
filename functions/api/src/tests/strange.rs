//! Events that no gateway sends: every part of one in turn is something else.

use super::api::{Api, alice};
use super::fixture::new_incident;
use serde_json::{Value, json};

/// The place of every value in it.
fn places(value: &Value, at: &str, into: &mut Vec<String>) {
    into.push(at.to_owned());
    let fields = value.as_object().into_iter().flatten();
    for (name, value) in fields {
        places(value, &format!("{at}/{}", name.replace('/', "~1")), into);
    }
}

#[tokio::test]
async fn an_event_with_any_part_replaced_is_answered_and_changes_nothing_it_should_not() {
    let api = Api::new();
    let good = api.event(&alice(), "POST", "/v1/incidents", Some(&new_incident()));
    let mut all = Vec::new();
    places(&good, "", &mut all);
    assert!(all.len() > 15);
    // The runtime's reader of events takes 128 levels at most.
    let deep = (0..100).fold(json!(1), |inner, _| json!([inner]));
    let others = [
        json!(null),
        json!(7),
        json!(""),
        json!("\u{0}é\n%"),
        json!({}),
        json!(["a"]),
        json!(true),
        deep,
    ];
    let mut refused = 0;
    for place in &all {
        for other in &others {
            let mut event = good.clone();
            *event.pointer_mut(place).unwrap() = other.clone();
            let dump = api.dump();
            let answer = api.send_strange(event).await;
            assert!((200..500).contains(&answer.status), "{place} {other}: {answer}");
            if answer.status >= 400 {
                refused += 1;
                assert_eq!(api.dump(), dump, "{place}");
            }
        }
    }
    assert!(refused > 50, "{refused}");
}
