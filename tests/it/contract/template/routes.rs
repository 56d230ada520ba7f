//! The HTTP API: which door leads where, and who guards it.

use super::{of_type, referred, resources};
use serde_json::Value;
use std::fmt::Write as _;

/// The function that a route ends at.
fn function_of(route: &Value) -> &str {
    let target = route["Target"]["Fn::Sub"].as_str().unwrap();
    let integration =
        target.strip_prefix("integrations/${").and_then(|rest| rest.strip_suffix('}')).unwrap();
    let integration =
        resources().get(integration).unwrap_or_else(|| panic!("no integration {integration}"));
    assert_eq!(integration["Type"], "AWS::ApiGatewayV2::Integration");
    assert_eq!(integration["Properties"]["PayloadFormatVersion"], "2.0");
    referred(&integration["Properties"]["IntegrationUri"]).unwrap()
}

#[test]
fn doors_are_these_and_no_others() {
    let mut table = String::new();
    let mut routes: Vec<_> = of_type("AWS::ApiGatewayV2::Route").collect();
    routes.sort_by_key(|(_, route)| route["RouteKey"].as_str());
    for (_, route) in routes {
        let (key, guard) =
            (route["RouteKey"].as_str().unwrap(), route["AuthorizationType"].as_str().unwrap());
        writeln!(table, "{key:<24} {guard:<8} {}", function_of(route)).unwrap();
        if guard == "JWT" {
            let authorizer = referred(&route["AuthorizerId"]).unwrap();
            let jwt = &resources()[authorizer]["Properties"]["JwtConfiguration"];
            assert_eq!(referred(&jwt["Issuer"]), Some("JwtIssuer"));
            assert_eq!(referred(&jwt["Audience"][0]), Some("JwtAudience"));
        }
    }
    expect_test::expect![[r#"
        ANY /iam/v1/{proxy+}     AWS_IAM  ApiFunction
        ANY /v1/{proxy+}         JWT      ApiFunction
        GET /approvals/{link}    NONE     ApprovalPageFunction
        OPTIONS /v1/{proxy+}     NONE     ApiFunction
        POST /approvals/decide   NONE     ApproveFunction
        POST /hooks/{integration} NONE     HookFunction
        POST /v2/enqueue         NONE     HookFunction
    "#]]
    .assert_eq(&table);
}

#[test]
fn a_route_may_invoke_its_function() {
    for (name, route) in of_type("AWS::ApiGatewayV2::Route") {
        let (_, path) = route["RouteKey"].as_str().unwrap().split_once(' ').unwrap();
        // What stands in braces is a star in the permission.
        let path = path
            .split('/')
            .map(|part| if part.starts_with('{') { "*" } else { part })
            .collect::<Vec<_>>()
            .join("/");
        let allowed = of_type("AWS::Lambda::Permission").any(|(_, permission)| {
            permission["Principal"] == "apigateway.amazonaws.com"
                && referred(&permission["FunctionName"]) == Some(function_of(route))
                && permission["SourceArn"]["Fn::Sub"]
                    .as_str()
                    .is_some_and(|arn| arn.ends_with(&path))
        });
        assert!(allowed, "{name}: no permission ends with {path}");
    }
}

#[test]
fn the_access_log_never_holds_a_link() {
    for (_, stage) in of_type("AWS::ApiGatewayV2::Stage") {
        let format = stage["AccessLogSettings"]["Format"].as_str().unwrap();
        for secret in
            ["$context.path", "requestUri", "$context.protocol", "header", "integration.error"]
        {
            assert!(!format.contains(secret), "{secret}");
        }
        assert!(format.contains("$context.routeKey") && format.contains("$context.requestId"));
    }
}
