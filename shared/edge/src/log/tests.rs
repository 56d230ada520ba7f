use super::*;
use expect_test::expect;
use watchfire_ports::PortError;

const HEADER: &str =
    "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a:0";

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

#[test]
fn a_trace_keeps_its_digits_in_every_dress() {
    let trace = TraceId::from_header(HEADER).unwrap();
    assert_eq!(trace.to_string(), "5759e988bd862e3fe1be46a994272793");
    assert_eq!(trace.to_string().parse(), Ok(trace));
    assert_eq!(TraceId::from_header(&format!("Self=x; Root={}", trace.xray())), Some(trace));
    assert_eq!(TraceId::from_bytes([0; 16]).to_string().len(), 32);
    assert!(TraceId::from_bytes([0; 16]).to_string().parse::<TraceId>().is_ok());
}

#[test]
fn what_is_no_trace_is_none() {
    for header in [
        "",
        "Root=",
        "Root=1-5759e988",
        "Root=2-5759e988-bd862e3fe1be46a994272793",
        "Root=1-5759e98-8bd862e3fe1be46a994272793",
        "Root=1-5759E988-bd862e3fe1be46a994272793",
        "Root=1-00000000-000000000000000000000000",
        "Root=1-+759e988-bd862e3fe1be46a994272793",
        "Parent=53995c3f42cd8ad8",
    ] {
        assert_eq!(TraceId::from_header(header), None, "{header}");
    }
}

#[test]
fn a_span_is_one_line() {
    let (begun, now) = (at("2026-11-21T03:12:00Z"), at("2026-11-21T03:12:00.042Z"));
    let mut span = Span::begin("incident.create", None, begun)
        .with("incident.id", "0192\nforged line")
        .with("level", "a field cannot change what the line is");
    span.follow(TraceId::from_header(HEADER).unwrap());
    let source = Box::new(std::io::Error::other("throttled"));
    let error = PortError::Unavailable { service: "DynamoDB", doing: "recording", source };
    let lines =
        [span.end(now), span.fail(now, &error.into()), span.fail(begun.plus(-5), &Fault::NotFound)];
    assert!(lines.iter().all(|line| !line.contains('\n')));
    expect![[r#"
        {"duration_ms":42,"incident.id":"0192\nforged line","level":"INFO","span":"incident.create","timestamp":"2026-11-21T03:12:00.042Z","trace.id":"5759e988bd862e3fe1be46a994272793"}
        {"duration_ms":42,"error.chain":"a dependency failed: DynamoDB is unavailable while recording: throttled","error.code":"WF-0031","error.name":"Dependency.Unavailable","incident.id":"0192\nforged line","level":"ERROR","span":"incident.create","timestamp":"2026-11-21T03:12:00.042Z","trace.id":"5759e988bd862e3fe1be46a994272793"}
        {"duration_ms":0,"error.chain":"no such record","error.code":"WF-0006","error.name":"Record.NotFound","incident.id":"0192\nforged line","level":"WARN","span":"incident.create","timestamp":"2026-11-21T03:11:59.995Z","trace.id":"5759e988bd862e3fe1be46a994272793"}"#]].assert_eq(&lines.join("\n"));
}
