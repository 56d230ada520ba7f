use super::*;
use crate::{Fault, chain};
use expect_test::expect;
use serde::Deserialize;
use serde_json::{Value, json};
use std::fmt::Write as _;
use watchfire_domain::{IncidentId, Severity, patch};

fn event(change: &Value) -> Value {
    let mut event = json!({
        "version": "2.0",
        "routeKey": "ANY /v1/{proxy+}",
        "rawPath": "/v1/incidents",
        "rawQueryString": "",
        "headers": {"content-type": "application/json"},
        "requestContext": {
            "http": {"method": "GET", "sourceIp": "192.0.2.7"},
            "requestId": "r-1",
            "stage": "$default",
        },
        "isBase64Encoded": false,
    });
    patch::apply(&mut event, change);
    event
}

fn request(change: &Value) -> Request {
    Request::from_event(&event(change)).unwrap()
}

fn refused(change: &Value) -> String {
    let fault = Request::from_event(&event(change)).unwrap_err();
    format!("{} {}", fault.status(), chain(&fault))
}

#[test]
fn a_request_is_read_as_it_came() {
    let request = request(&json!({
        "rawQueryString": "status=new&status=resolved&q=disk+full%21&flag&=x&&tag=a%26b%3Dc",
        "headers": {"Authorization": "bearer  a.b.c ", "Content-Type": "application/json"},
        "requestContext": {
            "http": {"method": "post"},
            "authorizer": {"jwt": {"claims": {"sub": "alice"}, "scopes": []}},
        },
        "body": "{}",
    }));
    assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/v1/incidents"));
    assert_eq!(request.query("q"), Some("disk full!"));
    assert_eq!(request.query("tag"), Some("a&b=c"));
    assert_eq!((request.query("flag"), request.query("none")), (Some(""), None));
    assert_eq!(request.query.iter().filter(|(name, _)| name == "status").count(), 2);
    assert_eq!(request.bearer(), Some("a.b.c"));
    assert_eq!(request.authorizer, Authorizer::Jwt);
    assert_eq!((request.request_id.as_str(), request.source_ip.as_str()), ("r-1", "192.0.2.7"));
    assert_eq!(request.json().unwrap(), json!({}));
    assert!(!format!("{request:?}").contains("a.b.c"));
}

#[test]
fn a_stage_is_no_part_of_the_path() {
    let path = |path: &str, stage: &str| {
        request(&json!({"rawPath": path, "requestContext": {"stage": stage}})).path
    };
    assert_eq!(path("/prod/v1/plans", "prod"), "/v1/plans");
    assert_eq!(path("/prod", "prod"), "/");
    assert_eq!(path("/production/v1", "prod"), "/production/v1");
    assert_eq!(path("/v1/plans", "prod"), "/v1/plans");
    assert_eq!(path("/$default/v1", "$default"), "/$default/v1");
}

#[test]
fn segments_are_parted_before_they_are_unescaped() {
    let segments = |path: &str| request(&json!({"rawPath": path})).segments().unwrap();
    assert_eq!(segments("/v1/plans/a%2Fb%20c"), ["v1", "plans", "a/b c"]);
    assert_eq!(segments("/v1/incidents/"), ["v1", "incidents", ""]);
    assert_eq!(segments("/v1//x"), ["v1", "", "x"]);
    for path in ["/v1/%", "/v1/%4", "/v1/%zz", "/v1/%+1", "/v1/%ff", "/%F0%9F"] {
        assert_eq!(request(&json!({"rawPath": path})).segments().unwrap_err().status(), 400);
    }
}

#[test]
fn cookies_come_in_two_shapes() {
    let listed = request(&json!({"cookies": ["__Host-ap=x=y", "b=2"]}));
    let header = request(&json!({"headers": {"Cookie": "__Host-ap=x=y; b=2; broken"}}));
    for request in [listed, header] {
        assert_eq!((request.cookie("__Host-ap"), request.cookie("b")), (Some("x=y"), Some("2")));
        assert_eq!(request.cookies.len(), 2);
    }
}

#[test]
fn a_signed_request_tells_who_signed() {
    let arn = "arn:aws:sts::1:assumed-role/ci/run";
    let iam = json!({"requestContext": {"authorizer": {"iam": {"userArn": arn}}}});
    assert_eq!(request(&iam).authorizer, Authorizer::Iam { arn: arn.into() });
    for nobody in [json!(null), json!({"iam": {"userArn": null}}), json!({"jwt": 1}), json!("x")] {
        let change = json!({"requestContext": {"authorizer": nobody}});
        assert_eq!(request(&change).authorizer, Authorizer::None);
    }
}

#[test]
fn bodies_are_bytes_and_limited() {
    let encoded = request(&json!({"body": "YT0xJmI9JTIw", "isBase64Encoded": true}));
    assert_eq!(encoded.body, b"a=1&b=%20");
    let form = Request {
        headers: [(
            "content-type".into(),
            "application/x-www-form-urlencoded; charset=UTF-8".into(),
        )]
        .into(),
        ..encoded.clone()
    };
    assert_eq!(form.form().unwrap(), [("a".into(), "1".into()), ("b".into(), " ".into())]);
    assert_eq!(encoded.form().unwrap_err().status(), 400);

    let fits = json!({"body": "x".repeat(MOST_BODY)});
    assert_eq!(request(&fits).body.len(), MOST_BODY);
    let encoded = "eHh4".repeat(MOST_BODY / 3 + 1);
    let table = [
        refused(&json!({"body": "x".repeat(MOST_BODY + 1)})),
        refused(&json!({"body": encoded, "isBase64Encoded": true})),
        refused(&json!({"body": "YQ=", "isBase64Encoded": true})),
        refused(&json!({"body": "é", "isBase64Encoded": true})),
        refused(&json!({"rawPath": format!("/{}", "x".repeat(MOST_PATH))})),
        refused(&json!({"rawQueryString": "x".repeat(MOST_QUERY + 1)})),
        refused(&json!({"rawQueryString": "q=%e4"})),
        refused(&json!({"rawPath": null})),
        refused(&json!({"requestContext": null})),
        Request::from_event(&json!([])).unwrap_err().to_string(),
    ]
    .join("\n");
    expect![[r#"
        413 the body is larger than 262144 bytes
        413 the body is larger than 262144 bytes
        400 the request cannot be read: the body is not the base64 that it says
        400 the request cannot be read: the body is not the base64 that it says
        413 the path is larger than 2048 bytes
        413 the query is larger than 8192 bytes
        400 the request cannot be read: an address has an escape that is none
        400 the request cannot be read: the event has no `/rawPath`
        400 the request cannot be read: the event has no `/requestContext/http/method`
        the request cannot be read: the event has no `/rawPath`"#]]
    .assert_eq(&table);
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its shape matters")]
struct Ask {
    title: String,
    severity: Severity,
    tags: Vec<String>,
    affected: Option<u8>,
    previous: Option<IncidentId>,
    place: Place,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only its shape matters")]
struct Place {
    region: String,
    zone: u8,
}

fn good() -> Value {
    json!({"title": "t", "severity": "high", "tags": [], "place": {"region": "r", "zone": 1}})
}

#[test]
fn a_body_is_told_all_its_problems_at_once() {
    let mut table = String::new();
    assert!(shaped::<Ask>(good()).is_ok());
    for change in [
        json!({"title": 5, "tags": ["a", 7, "b", null], "affected": 300, "place": {"zone": "x"}}),
        json!({"title": null, "tags": null, "place": null}),
        json!({"severity": "awful", "colour": "red", "previous": "INC-1", "affected": -1}),
        json!({"place": {"region": null, "zone": null}, "severity": null, "title": null}),
        json!({"place": 7, "a/b~c": 1}),
    ] {
        let mut ask = good();
        patch::apply(&mut ask, &change);
        writeln!(table, "{ask}").unwrap();
        let Err(Fault::Invalid { problems }) = shaped::<Ask>(ask) else { panic!("{change}") };
        for one in problems {
            writeln!(table, "    `{}` {}", one.field, one.problem).unwrap();
        }
    }
    for ask in [json!([]), json!("x"), json!({})] {
        let fault = shaped::<Ask>(ask.clone()).unwrap_err();
        writeln!(table, "{ask}\n    {fault}").unwrap();
    }
    expect![[r#"
        {"affected":300,"place":{"region":"r","zone":"x"},"severity":"high","tags":["a",7,"b",null],"title":5}
            `affected` is integer `300`, expected a whole number from 0 to 255
            `place.zone` is string "x", expected a whole number from 0 to 255
            `tags[1]` is integer `7`, expected a string
            `tags[3]` is null, expected a string
            `title` is integer `5`, expected a string
        {"severity":"high"}
            `title` is missing
            `tags` is missing
            `place` is missing
        {"affected":-1,"colour":"red","place":{"region":"r","zone":1},"previous":"INC-1","severity":"awful","tags":[],"title":"t"}
            `affected` is integer `-1`, expected a whole number from 0 to 255
            `colour` is not known here
            `previous` `INC-1` is not an incident id
            `severity` is `awful`, expected one of `low`, `medium`, `high`, `critical`
        {"place":{},"tags":[]}
            `place.region` is missing
            `place.zone` is missing
            `title` is missing
            `severity` is missing
        {"a/b~c":1,"place":7,"severity":"high","tags":[],"title":"t"}
            `a/b~c` is not known here
            `place` is integer `7`, expected an object
        []
            the request has problems: `.` invalid length 0, expected an object
        "x"
            the request has problems: `.` is string "x", expected an object
        {}
            the request has problems: `title` is missing; `severity` is missing; `tags` is missing; `place` is missing
    "#]].assert_eq(&table);
}

#[test]
fn json_is_read_strictly() {
    let mut table = String::new();
    let deep = format!("{}1{}", "[".repeat(1000), "]".repeat(1000));
    for body in [r#"{"a":1,"a":2}"#, r#"{"a":9007199254740993}"#, "{", "", "{} {}", &deep] {
        let fault = request(&json!({"body": body})).json_body::<Value>().unwrap_err();
        assert_eq!((fault.name(), fault.status()), ("Request.Malformed", 400));
        writeln!(table, "{}", fault.public()).unwrap();
    }
    let bytes = request(&json!({"body": "/w==", "isBase64Encoded": true}));
    writeln!(table, "{}", bytes.json().unwrap_err().public()).unwrap();
    expect![[r#"
        the request cannot be read: the key `/a` appears twice
        the request cannot be read: the number at `/a` is beyond 9007199254740991: write it as a string
        the request cannot be read: not JSON: EOF while parsing an object at line 1 column 1
        the request cannot be read: not JSON: EOF while parsing a value at line 1 column 0
        the request cannot be read: not JSON: trailing characters at line 1 column 4
        the request cannot be read: nested deeper than 64 levels at `/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0…/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0`
        the request cannot be read: the body is not UTF-8
    "#]].assert_eq(&table);
}

#[test]
fn answers_carry_their_guards() {
    let style = "p{color:red}";
    let page = Response::page(
        200,
        format!("<style>{style}</style><p>é"),
        Source("p0bF+un5yUb9MBO6xRb8kPHlY2BdpHVtLiFkDrZPF64="),
    )
    .cookie("__Host-ap=x; Path=/; Secure; HttpOnly; SameSite=Strict");
    let fault = Response::fault(&Fault::MethodNotAllowed { allow: "GET, POST" }, "r-1");
    let mut table = serde_json::to_string_pretty(&page.to_event()).unwrap();
    table.push('\n');
    table.push_str(&serde_json::to_string_pretty(&fault.to_event()).unwrap());
    expect![[r#"
        {
          "body": "<style>p{color:red}</style><p>é",
          "cookies": [
            "__Host-ap=x; Path=/; Secure; HttpOnly; SameSite=Strict"
          ],
          "headers": {
            "cache-control": "no-store",
            "content-security-policy": "default-src 'none'; style-src 'sha256-p0bF+un5yUb9MBO6xRb8kPHlY2BdpHVtLiFkDrZPF64='; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            "content-type": "text/html; charset=utf-8",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "permissions-policy": "camera=(), geolocation=(), microphone=()",
            "referrer-policy": "same-origin",
            "strict-transport-security": "max-age=63072000; includeSubDomains",
            "x-content-type-options": "nosniff",
            "x-frame-options": "DENY",
            "x-robots-tag": "noindex, nofollow"
          },
          "isBase64Encoded": false,
          "statusCode": 200
        }
        {
          "body": "{\"error\":{\"code\":\"WF-0010\",\"help\":\"https://github.com/watchfire-desk/watchfire/blob/main/docs/errors/WF-0010.md\",\"message\":\"the method is not allowed here\",\"name\":\"Request.MethodNotAllowed\",\"request_id\":\"r-1\",\"retryable\":false}}",
          "cookies": [],
          "headers": {
            "allow": "GET, POST",
            "cache-control": "no-store",
            "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
            "content-type": "application/json",
            "referrer-policy": "same-origin",
            "strict-transport-security": "max-age=63072000; includeSubDomains",
            "x-content-type-options": "nosniff"
          },
          "isBase64Encoded": false,
          "statusCode": 405
        }"#]].assert_eq(&table);

    let unknown = Response::fault(&Fault::Unauthenticated { reason: "expired" }, "r-1");
    assert_eq!(unknown.header("www-authenticate"), Some("Bearer"));
    assert_eq!(Response::fault(&Fault::Conflict, "r-1").header("retry-after"), Some("1"));
    assert_eq!(Response::fault(&Fault::Stale, "r-1").header("retry-after"), None);
    assert_eq!(Response::empty().header("content-type"), None);
    let replaced = Response::empty().with("Cache-Control", "max-age=60");
    assert_eq!(replaced.header("cache-control"), Some("max-age=60"));
    let bytes = Response { body: vec![0xff], ..Response::empty() }.to_event();
    assert_eq!((&bytes["body"], &bytes["isBase64Encoded"]), (&json!("/w=="), &json!(true)));
}
