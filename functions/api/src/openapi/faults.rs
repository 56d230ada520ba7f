//! What a request may be refused with. Many routes may be refused for the same reasons: each set of
//! them stands in the document once.

use super::schema::refer;
use crate::routes::Route;
use crate::table::ROUTES;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use watchfire_edge::fault::{Kind, Row};

/// A route's sets, by status: their names.
pub(super) fn of(route: &Route) -> Vec<(u16, String)> {
    by_status(route).into_iter().map(|(status, rows)| (status, name(status, &rows))).collect()
}

/// Every set, by name.
pub(super) fn shared() -> Map<String, Value> {
    let all = ROUTES.iter().flat_map(by_status);
    all.map(|(status, rows)| (name(status, &rows), response(&rows))).collect()
}

fn by_status(route: &Route) -> BTreeMap<u16, Vec<Row>> {
    let mut all: BTreeMap<u16, Vec<Row>> = BTreeMap::new();
    for row in route.faults().into_iter().map(Kind::row) {
        all.entry(row.status).or_default().push(row);
    }
    for rows in all.values_mut() {
        rows.sort_by_key(|row| row.code);
    }
    all
}

/// `409-0007-0034`: the status, and the codes without what all of them begin with.
fn name(status: u16, rows: &[Row]) -> String {
    let codes = rows.iter().map(|row| row.code.trim_start_matches("WF-"));
    [status.to_string().as_str()].into_iter().chain(codes).collect::<Vec<_>>().join("-")
}

fn response(rows: &[Row]) -> Value {
    let each = rows.iter().map(|row| format!("`{}` {}: {}.", row.code, row.name, row.text));
    json!({
        "description": each.collect::<Vec<_>>().join(" "),
        "headers": { "X-Request-Id": { "$ref": "#/components/headers/X-Request-Id" } },
        "content": { "application/json": { "schema": refer("Error") } },
    })
}
