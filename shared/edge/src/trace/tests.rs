use super::*;

const HEADER: &str =
    "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a:0";

#[test]
fn a_header_gives_the_digits_of_its_root() {
    let trace = TraceId::from_header(HEADER).unwrap();
    assert_eq!(trace.to_string(), "5759e988bd862e3fe1be46a994272793");
    assert_eq!(trace.to_string().parse(), Ok(trace));
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
