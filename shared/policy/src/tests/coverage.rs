//! Which lines of the policies the cases reach.

use super::suite::cases;
use super::tell::tell;
use super::texts::text;
use crate::bundle::Package;
use regorus::Engine;
use serde_json::{Map, Value, json};

#[test]
fn the_cases_reach_every_file() {
    let mut percents = Map::new();
    for package in Package::ALL {
        let name = format!("{}.rego", package.name().replace('.', "_"));
        let mut engine = Engine::new();
        engine.add_policy(name.clone(), text(package).to_owned()).unwrap();
        engine.set_strict_builtin_errors(false);
        engine.set_enable_coverage(true);
        for case in cases().iter().filter(|case| case.package == package) {
            engine.set_input_json(&case.input.to_string()).unwrap();
            // This engine refuses a few cases that the machine denies (`machine.rs`); they reach no line less.
            if let Err(error) = engine.eval_rule(format!("data.{}.verdict", package.name())) {
                assert!(error.to_string().contains("some .. in collection"), "{error}");
            }
        }
        let report = engine.get_coverage_report().unwrap();
        let file = report.files.iter().find(|file| file.path == name).unwrap();
        let (covered, missed) = (file.covered.len(), file.not_covered.len());
        let percent = 100 * covered / (covered + missed);
        assert!(percent >= 90, "{name}: {percent} %, not {:?}", file.not_covered);
        percents.insert(name, json!(percent));
    }
    tell("coverage", &Value::Object(percents));
}
