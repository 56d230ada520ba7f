//! What AWS charges, as of a date. A price that nobody looked up is unknown, and what is unknown is
//! never nothing: a sum that would need it is unknown too.

use serde::Serialize;
use std::collections::BTreeMap;

/// When the table was last compared with its sources.
pub const AS_OF: &str = "2026-11";
/// Where these prices hold.
pub const REGION: &str = "us-east-1";

/// What is charged for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    /// A write unit of a table on demand.
    WriteUnit,
    /// A read unit of a table on demand.
    ReadUnit,
    /// A state that a Standard machine enters.
    Transition,
    /// A request to Lambda, and its duration as assumed in [`LAMBDA`].
    Invocation,
    /// A request to an HTTP API.
    ApiRequest,
    /// A request to SQS.
    QueueRequest,
    /// A read of Secrets Manager.
    SecretRead,
    /// A listing or a write of S3.
    BucketList,
    /// A read of S3.
    BucketRead,
    /// An event of a custom bus.
    Event,
    /// A mail of SES.
    Mail,
    /// A call of a control plane that charges for no calls.
    ControlCall,
    /// A call of which this table knows nothing.
    Unknown,
    /// A text message: it depends on the country.
    TextMessage,
}

/// A price and where it was found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Price {
    /// What is charged for.
    pub item: Item,
    /// Dollars for a million of them; none if nobody looked it up.
    pub per_million: Option<f64>,
    /// Who says so.
    pub source: &'static str,
}

/// How the price of an invocation comes about: no duration was measured on AWS.
pub const LAMBDA: &str = "$0.20 a million requests, and 15 ms at 256 MB on arm64 ($0.0000133334 a GB-second): assumed, not measured";

/// The table.
pub const PRICES: [Price; 14] = [
    price(Item::WriteUnit, 0.625, "DynamoDB on demand since November 2024"),
    price(Item::ReadUnit, 0.125, "DynamoDB on demand since November 2024"),
    price(Item::Transition, 25.0, "aws.amazon.com/step-functions/pricing"),
    price(Item::Invocation, 0.25, "Lambda; see the assumption"),
    price(Item::ApiRequest, 1.0, "API Gateway, HTTP API"),
    price(Item::QueueRequest, 0.40, "SQS, standard queue"),
    price(Item::SecretRead, 5.0, "Secrets Manager: $0.05 for 10,000 calls"),
    price(Item::BucketList, 5.0, "S3 Standard: $0.005 for 1,000"),
    price(Item::BucketRead, 0.40, "S3 Standard: $0.0004 for 1,000"),
    price(Item::Event, 1.0, "EventBridge: custom events, of up to 64 KB"),
    price(Item::Mail, 100.0, "SES: $0.10 for 1,000"),
    price(
        Item::ControlCall,
        0.0,
        "ECS and EFS charge for what runs and lies there, Step Functions for transitions",
    ),
    Price { item: Item::Unknown, per_million: None, source: "nobody looked it up" },
    Price { item: Item::TextMessage, per_million: None, source: "depends on the country" },
];

const fn price(item: Item, per_million: f64, source: &'static str) -> Price {
    Price { item, per_million: Some(per_million), source }
}

/// Dollars for so many; none if the price is unknown and there are any.
pub fn dollars(item: Item, count: f64) -> Option<f64> {
    if count == 0.0 {
        return Some(0.0);
    }
    let price = PRICES.iter().find(|price| price.item == item)?;
    price.per_million.map(|per_million| per_million * count / 1e6)
}

/// Dollars for all of them together; none as soon as one of them is unknown.
pub fn sum(counts: &BTreeMap<Item, f64>) -> Option<f64> {
    counts.iter().map(|(item, count)| dollars(*item, *count)).sum()
}

/// What people's time costs, if their rates are given: minutes at dollars an hour.
pub fn people(minutes: f64, rate: Option<f64>) -> Option<f64> {
    rate.map(|rate| rate * minutes / 60.0)
}

/// Dollars as they are shown; what is unknown is said to be.
pub fn shown(dollars: Option<f64>) -> String {
    dollars.map_or_else(|| "unknown".to_owned(), |dollars| format!("${dollars:.6}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_has_one_row() {
        let items: std::collections::BTreeSet<Item> = PRICES.iter().map(|one| one.item).collect();
        assert_eq!(items.len(), PRICES.len());
        assert!(PRICES.iter().all(|price| !price.source.is_empty()));
    }

    #[test]
    fn a_million_cost_what_the_table_says() {
        assert_eq!(dollars(Item::WriteUnit, 1e6), Some(0.625));
        assert_eq!(dollars(Item::Transition, 7.0), Some(0.000_175));
    }

    #[test]
    fn what_is_unknown_is_never_nothing() {
        assert_eq!(dollars(Item::TextMessage, 1.0), None);
        let counts = BTreeMap::from([(Item::WriteUnit, 10.0), (Item::TextMessage, 1.0)]);
        assert_eq!(sum(&counts), None);
        assert_eq!(shown(sum(&counts)), "unknown");
        let none_sent = BTreeMap::from([(Item::WriteUnit, 10.0), (Item::TextMessage, 0.0)]);
        assert_eq!(shown(sum(&none_sent)), "$0.000006");
        assert_eq!(shown(people(30.0, None)), "unknown");
        assert_eq!(people(30.0, Some(120.0)), Some(60.0));
    }
}
