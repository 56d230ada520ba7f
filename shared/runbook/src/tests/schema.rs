//! The published schema is the types'.

use crate::spec::Spec;
use expect_test::expect_file;

#[test]
fn the_published_schema_is_the_types() {
    let schema = schemars::schema_for!(Spec);
    let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    expect_file!["../../../../runbooks/schema.json"].assert_eq(&text);
}
