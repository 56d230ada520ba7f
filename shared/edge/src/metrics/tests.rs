use super::*;
use expect_test::expect;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

#[test]
fn the_names_are_the_products_promise() {
    let names = Metric::ALL.map(|metric| format!("{} {}", metric.name(), metric.unit()));
    expect![[r#"
        incidents_open_total Count
        incidents_by_severity Count
        incidents_mttr_seconds Seconds
        incidents_mtta_seconds Seconds
        policy_denials_total Count
        policy_errors_total Count
        runbook_executions_total Count
        runbook_step_failure_rate None
        high_risk_step_approval_rate None
        runbook_execution_duration_seconds Seconds
        orphans_found Count"#]]
    .assert_eq(&names.join("\n"));
}

#[test]
fn a_line_is_what_cloudwatch_reads() {
    let (from, to) = (at("2026-11-21T03:12:00Z"), at("2026-11-21T03:16:30.500Z"));
    let measured = Measured::time(Metric::IncidentsMttaSeconds, from, to)
        .by(Severity::High)
        .field("tenant", "acme")
        .field("stage", "a field cannot stand in for a dimension");
    let line: Value = serde_json::from_str(&measured.line("dev", to).unwrap()).unwrap();
    expect![[r#"
        {
          "_aws": {
            "CloudWatchMetrics": [
              {
                "Dimensions": [
                  [
                    "stage",
                    "severity"
                  ]
                ],
                "Metrics": [
                  {
                    "Name": "incidents_mtta_seconds",
                    "Unit": "Seconds"
                  }
                ],
                "Namespace": "Watchfire"
              }
            ],
            "Timestamp": 1795230990500
          },
          "incidents_mtta_seconds": 270.5,
          "severity": "high",
          "stage": "dev",
          "tenant": "acme"
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&line).unwrap());
    let line = Measured::one(Metric::PolicyDenialsTotal).line("dev", to).unwrap();
    assert!(!line.contains('\n') && line.contains(r#""Dimensions":[["stage"]]"#), "{line}");
}

#[test]
fn what_is_no_number_and_no_time_is_not_measured() {
    let (early, late) = (at("2026-11-21T03:12:00Z"), at("2026-11-21T03:13:00Z"));
    let backwards = Measured::time(Metric::IncidentsMttrSeconds, late, early);
    assert!(backwards.line("dev", late).unwrap().contains(r#""incidents_mttr_seconds":0.0"#));
    assert_eq!(Measured::new(Metric::IncidentsOpenTotal, f64::NAN).line("dev", late), None);
}
