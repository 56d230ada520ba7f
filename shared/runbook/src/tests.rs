//! Tests of the whole crate, over the shipped runbooks.

mod schema;
