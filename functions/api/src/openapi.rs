//! The OpenAPI 3.1 document, made of the route table. `openapi.json` is its snapshot.

mod answers;
mod bodies;
mod faults;
mod operation;
mod parameters;
mod profile;
mod records;
mod runs;
mod schema;
pub(crate) mod terms;

use crate::table::ROUTES;
use serde_json::{Map, Value, json};

const ABOUT: &str = "\
The desk's HTTP API. The same routes answer under `/v1` (a JWT) and under `/iam/v1` (AWS Signature \
Version 4). A record of another tenant's does not exist: 404, with the same body. A write that \
carries an `Idempotency-Key` can be sent again. Errors have a stable code with a page of its own, \
and tell every problem at once.";

/// The document.
pub fn openapi() -> Value {
    let mut paths = Map::new();
    for route in ROUTES {
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        if let Value::Object(methods) = path {
            let method = route.method.name().to_ascii_lowercase();
            methods.insert(method, operation::operation(route));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Watchfire",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [
            { "url": "/v1", "description": "For callers with a token." },
            { "url": "/iam/v1", "description": "For programs that sign." },
        ],
        "security": [{ "token": [] }, { "signature": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "parameters": parameters::shared(),
            "responses": faults::shared(),
            "headers": operation::shared_headers(),
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "RS256 or ES256, by the configured issuer for the configured audience.",
                },
                "signature": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "AWS Signature Version 4 for `execute-api`.",
                },
            },
        },
    })
}

fn schemas() -> Map<String, Value> {
    let all = [
        answers::schemas(),
        records::schemas(),
        bodies::schemas(),
        profile::schemas(),
        runs::schemas(),
    ];
    all.into_iter().flatten().map(|(name, schema)| (name.to_owned(), schema)).collect()
}
