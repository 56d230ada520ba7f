//! The single table: the only crate that speaks to DynamoDB.
