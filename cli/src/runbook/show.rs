//! `watchfire runbook show`: what a runbook would do.

use super::{Asked, UNREAD, WRONG, load};
use crate::shown::clean;
use serde_json::{Map, Value, json};
use watchfire_runbook::cases::given;
use watchfire_runbook::preview::{preview, whole};
use watchfire_runbook::spec::Type;
use watchfire_runbook::{Inputs, Spec, spec_hash};

pub(super) fn run(asked: &Asked, said: &[(String, String)]) -> u8 {
    let Some(place) = asked.places.first() else { return crate::USAGE };
    let spec = match load::read(place) {
        Ok(read) => read.spec,
        Err(failed) => return refuse(asked, &failed.reasons(), UNREAD),
    };
    let inputs = match Inputs::bind(&spec, &typed(&spec, said)) {
        Ok(inputs) => inputs,
        Err(unbound) => {
            let reasons: Vec<String> = unbound.iter().map(ToString::to_string).collect();
            return refuse(asked, &reasons, WRONG);
        }
    };
    let given = given(&inputs);
    match whole(&spec, &given) {
        Err(refused) => {
            let reasons: Vec<String> = refused.iter().map(ToString::to_string).collect();
            refuse(asked, &reasons, WRONG)
        }
        Ok(text) => {
            if asked.json {
                let steps: Vec<_> =
                    spec.walk().iter().filter_map(|step| preview(step, &given).ok()).collect();
                let hash = spec_hash(&spec).ok().map(|hash| hash.to_string());
                println!(
                    "{}",
                    json!({ "ok": true, "exit_code": 0, "name": spec.name, "spec_hash": hash,
                        "risk": spec.risk(), "steps": steps })
                );
            } else {
                text.lines().for_each(|line| println!("{}", clean(line)));
                println!("\nThe incident, the execution, the tenant and the time are made up.");
            }
            0
        }
    }
}

/// Prints the spec as JSON: what the API takes.
pub(super) fn spec(asked: &Asked) -> u8 {
    let Some(place) = asked.places.first() else { return crate::USAGE };
    match load::read(place) {
        Ok(read) => {
            println!("{:#}", json!(read.spec));
            0
        }
        Err(failed) => refuse(asked, &failed.reasons(), UNREAD),
    }
}

/// What was said, as the types of the inputs have it. What does not fit stays text, and is refused.
fn typed(spec: &Spec, said: &[(String, String)]) -> Map<String, Value> {
    let value = |(name, text): &(String, String)| {
        let kind = spec.input(name).map(|input| input.kind);
        let value = match kind {
            Some(Type::Integer) => text.parse::<i64>().ok().map(Value::from),
            Some(Type::Boolean) => text.parse::<bool>().ok().map(Value::from),
            Some(Type::String | Type::Enum | Type::Duration) | None => None,
        };
        (name.clone(), value.unwrap_or_else(|| Value::from(text.as_str())))
    };
    said.iter().map(value).collect()
}

fn refuse(asked: &Asked, reasons: &[String], code: u8) -> u8 {
    if asked.json {
        println!("{}", json!({ "ok": false, "exit_code": code, "problems": reasons }));
    } else {
        for reason in reasons {
            println!("error: {}", clean(reason));
        }
    }
    code
}
