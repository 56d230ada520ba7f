//! G7 and G8: what a whole incident needs of AWS, and what AWS charges for it.

use super::{Places, number, put};
use crate::price::{self, Item};
use crate::report::{Gate, Kind, Report, Side};
use crate::scene::Whole;
use crate::trouble::Trouble;
use serde_json::json;
use std::collections::BTreeMap;
use watchfire_domain::Status;

/// G7: write units of an incident, and of one with five changes of status.
pub const WRITES: f64 = 80.0;
/// See [`WRITES`].
pub const WRITES_WITH_STATUSES: f64 = 112.0;
/// G7: states that the machine enters.
pub const STATES: f64 = 7.0;
/// G8: dollars for an incident from its alarm to its close, mail aside.
pub const DOLLARS: f64 = 0.000_35;
/// The same, told to the bus, sealed and exported besides: as measured, with a twentieth to spare
/// (docs/decisions/0011).
pub const DOLLARS_SEALED: f64 = 0.000_45;

/// Minutes of people's work that an incident takes besides: three that answer, and one that approves.
const PEOPLE_MINUTES: f64 = 95.0;

/// What it judges of an incident's needs: write units, those with changes of status, scans, states.
fn needs() -> [Gate; 4] {
    [
        ("G7.writes", "write units of an incident", WRITES, "units"),
        (
            "G7.writes-statuses",
            "the same with four changes of status and a close",
            WRITES_WITH_STATUSES,
            "units",
        ),
        ("G7.scans", "scans", 0.0, "calls"),
        ("G7.states", "states that the machine enters", STATES, "states"),
    ]
    .map(|(id, what, limit, unit)| Gate::stated((id, what), (Side::Most, limit, unit), Kind::Hard))
}

/// What it judges of its price: up to the close, and all of it.
fn prices() -> [Gate; 2] {
    [
        ("G8", "dollars for an incident, mail aside", DOLLARS),
        ("G8.sealed", "the same, told, sealed and exported", DOLLARS_SEALED),
    ]
    .map(|(id, what, limit)| Gate::stated((id, what), (Side::Most, limit, "$"), Kind::Hard))
}

/// What it judges.
pub fn gates() -> Vec<Gate> {
    needs().into_iter().chain(prices()).collect()
}

/// Lives two incidents, counts, and prices the first.
pub fn measure(places: &Places, report: &mut Report, rate: Option<f64>) -> Result<(), Trouble> {
    use Status::{Acknowledged, Mitigating, Monitoring, Resolved};
    let plain = places.scene()?.whole(&[])?;
    let changes = [Acknowledged, Mitigating, Monitoring, Resolved];
    let changing = places.scene()?.whole(&changes)?;

    let counts = items(&plain);
    let mail = counts.get(&Item::Mail).copied().unwrap_or_default();
    let without_mail = |mut counts: BTreeMap<Item, f64>| {
        counts.remove(&Item::Mail);
        price::sum(&counts)
    };
    let sealed = without_mail(counts.clone());
    let dollars = without_mail(items(&Whole { after: Vec::new(), ..plain.clone() }));
    let priced: BTreeMap<_, _> = counts
        .iter()
        .map(|(item, count)| {
            (item, json!({ "count": count, "dollars": price::dollars(*item, *count) }))
        })
        .collect();
    judge(&plain, &changing, report);
    golden(places, report)?;
    for (gate, dollars) in prices().into_iter().zip([dollars, sealed]) {
        // A sum with an unknown price in it is no sum.
        report.gates.push(match dollars {
            Some(dollars) => gate.measured(dollars),
            None => gate,
        });
    }
    put(
        report,
        "incident",
        json!({
            "steps": plain.steps,
            "after": plain.after,
            "states": plain.states,
            "with_statuses": changing.steps,
            "priced": priced,
            "dollars_without_mail": dollars,
            "dollars_sealed": sealed,
            "dollars_mail": price::dollars(Item::Mail, mail),
            "people_minutes_assumed": PEOPLE_MINUTES,
            "dollars_people": price::people(PEOPLE_MINUTES, rate),
            "prices": price::PRICES,
            "prices_as_of": price::AS_OF,
            "prices_region": price::REGION,
            "lambda_assumption": price::LAMBDA,
        }),
    );
    Ok(())
}

/// The golden path of runbooks: no gate, a price.
fn golden(places: &Places, report: &mut Report) -> Result<(), Trouble> {
    let golden = places.scene()?.golden()?;
    let states = vec![String::new(); golden.states];
    let whole = Whole { steps: golden.steps.clone(), after: Vec::new(), states };
    let mut counts = items(&whole);
    counts.remove(&Item::Mail);
    let priced: BTreeMap<_, _> = counts
        .iter()
        .map(|(item, count)| {
            (item, json!({ "count": count, "dollars": price::dollars(*item, *count) }))
        })
        .collect();
    let writes: f64 = golden.steps.iter().map(|step| step.writes).sum();
    put(
        report,
        "golden_path",
        json!({
            "steps": golden.steps,
            "machines": golden.machines,
            "states": golden.states,
            "write_units": writes,
            "priced": priced,
            "dollars_without_mail": price::sum(&counts),
        }),
    );
    Ok(())
}

fn judge(plain: &Whole, changing: &Whole, report: &mut Report) {
    let writes = |whole: &Whole| whole.steps.iter().map(|step| step.writes).sum::<f64>();
    let scans = |whole: &Whole| whole.steps.iter().map(|step| step.scans).sum::<u64>();
    let scans = scans(plain).saturating_add(scans(changing));
    let states = u32::try_from(plain.states.len()).map_or(f64::INFINITY, f64::from);
    report.judge(needs(), [writes(plain), writes(changing), number(scans), states]);
}

/// What is charged for.
fn items(whole: &Whole) -> BTreeMap<Item, f64> {
    let mut items: BTreeMap<Item, f64> = BTreeMap::new();
    let mut add = |item, count: f64| *items.entry(item).or_default() += count;
    add(Item::Transition, u32::try_from(whole.states.len()).map_or(f64::INFINITY, f64::from));
    for step in whole.steps.iter().chain(&whole.after) {
        add(Item::WriteUnit, step.writes);
        add(Item::ReadUnit, step.reads);
        add(Item::Invocation, number(step.invocations));
        add(Item::ApiRequest, number(step.requests));
        for (operation, count) in &step.calls {
            if let Some((item, times)) = item_of(operation) {
                add(item, number(*count) * times);
            }
        }
    }
    items
}

/// What a call is charged as, and how often; DynamoDB's are charged by units.
fn item_of(operation: &str) -> Option<(Item, f64)> {
    let item = match operation.split_once(':')? {
        // Requests of runbooks go to hosts of the user's own.
        ("dynamodb" | "web", _) => return None,
        // Sent by us, received and deleted by Lambda: each is a request.
        ("sqs", _) => return Some((Item::QueueRequest, 3.0)),
        ("secretsmanager", _) => Item::SecretRead,
        ("events", _) => Item::Event,
        ("s3", "ListBucket" | "PutObject") => Item::BucketList,
        ("s3", _) => Item::BucketRead,
        ("ses", _) => Item::Mail,
        ("ecs" | "elasticfilesystem" | "states", _) => Item::ControlCall,
        _ => Item::Unknown,
    };
    Some((item, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::Spent;

    #[test]
    fn calls_are_charged_as_what_they_are() {
        let step = Spent {
            writes: 2.0,
            invocations: 1,
            calls: BTreeMap::from([
                ("dynamodb:PutItem".to_owned(), 2),
                ("ses:SendEmail".to_owned(), 1),
                ("ecs:RunTask".to_owned(), 3),
                ("sqs:SendMessage".to_owned(), 2),
                ("web:Request".to_owned(), 2),
                ("ssm:StartAutomationExecution".to_owned(), 1),
            ]),
            ..Spent::default()
        };
        let whole =
            Whole { steps: vec![step], after: Vec::new(), states: vec!["Create".to_owned()] };
        let items = items(&whole);
        assert_eq!(items.get(&Item::WriteUnit), Some(&2.0));
        assert_eq!(items.get(&Item::Mail), Some(&1.0));
        assert_eq!(items.get(&Item::ControlCall), Some(&3.0));
        assert_eq!(items.get(&Item::QueueRequest), Some(&6.0));
        assert_eq!(items.get(&Item::Unknown), Some(&1.0));
        assert_eq!(price::sum(&items), None, "what is unknown is not nothing");
        assert_eq!(items.get(&Item::Transition), Some(&1.0));
    }
}
