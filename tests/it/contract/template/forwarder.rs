//! Alarms of other accounts and regions: what `infra/forwarder.yaml` sends is what the desk's bus
//! admits, and its rule takes.

use super::{TEMPLATE, listed, of_type, referred, resources, yaml};
use serde_json::{Value, json};
use std::sync::LazyLock;

static FORWARDER: LazyLock<Value> = LazyLock::new(|| yaml::read("infra/forwarder.yaml"));

fn forwarder(name: &str) -> &'static Value {
    let resource = &FORWARDER["Resources"][name];
    assert!(resource.is_object(), "{name}");
    &resource["Properties"]
}

#[test]
fn what_is_sent_is_what_is_taken() {
    let sent = &forwarder("AlarmRule")["EventPattern"];
    let taken = &resources()["OrganizationAlarmRule"]["Properties"]["EventPattern"];
    assert_eq!(sent, taken);
    let own = &resources()["AlarmRule"]["Properties"]["EventPattern"];
    assert_eq!(sent["detail-type"], own["detail-type"], "as the desk's own account's");
    // A drill is made where the desk is: nobody else's event passes for one.
    assert_eq!(sent["source"], json!(["aws.cloudwatch"]));
    let allowed = FORWARDER["Parameters"]["AlarmBusArn"]["AllowedPattern"].as_str().unwrap();
    assert!(allowed.contains(":event-bus/"));
    assert_eq!(TEMPLATE["Outputs"]["AlarmBusArn"]["Condition"], "HasOrganization");
}

#[test]
fn the_bus_admits_the_organization_and_is_there_for_one_alone() {
    for name in ["AlarmBus", "AlarmBusPolicy", "OrganizationAlarmRule"] {
        assert_eq!(resources()[name]["Condition"], "HasOrganization", "{name}");
    }
    let buses: Vec<_> = of_type("AWS::Events::EventBusPolicy").collect();
    assert_eq!(buses.len(), 1);
    for (name, policy) in buses {
        let statement = &policy["Statement"];
        assert_eq!(statement["Action"], "events:PutEvents", "{name}");
        assert_eq!(referred(&statement["Resource"]), Some("AlarmBus"), "{name}");
        let of = json!({ "StringEquals": { "aws:PrincipalOrgID": { "Ref": "OrganizationId" } } });
        assert_eq!(statement["Condition"], of, "{name}");
    }
    let rule = &resources()["OrganizationAlarmRule"]["Properties"];
    assert_eq!(referred(&rule["EventBusName"]), Some("AlarmBus"));
    assert_eq!(referred(&rule["Targets"][0]["Arn"]), Some("AlarmQueue"));
    // Both queues admit the rule, as they do the others.
    for queue in ["AlarmQueuePolicy", "RuleDeadLettersPolicy"] {
        let text = resources()[queue].to_string();
        assert!(text.contains("OrganizationAlarmRule"), "{queue}");
    }
}

#[test]
fn the_forwarder_loses_nothing_and_may_do_nothing_else() {
    let [target] = listed(&forwarder("AlarmRule")["Targets"]).try_into().unwrap();
    let of_hub = &resources()["AlarmRule"]["Properties"]["Targets"][0];
    assert_eq!(target["RetryPolicy"], of_hub["RetryPolicy"]);
    assert_eq!(referred(&target["Arn"]), Some("AlarmBusArn"));
    assert_eq!(referred(&target["RoleArn"]), Some("ForwardRole"));
    assert_eq!(referred(&target["DeadLetterConfig"]["Arn"]), Some("DeadLetters"));
    let role = forwarder("ForwardRole");
    let allowed = &role["Policies"][0]["PolicyDocument"]["Statement"];
    let [statement] = listed(allowed).try_into().unwrap();
    assert_eq!(statement["Action"], "events:PutEvents");
    assert_eq!(referred(&statement["Resource"]), Some("AlarmBusArn"));
    let trust = role["AssumeRolePolicyDocument"].to_string();
    assert!(trust.contains("aws:SourceAccount") && role.get("RoleName").is_none());
    assert_eq!(forwarder("DeadLetters")["SqsManagedSseEnabled"], true);
    let watched = &forwarder("DeadLettersAlarm")["Dimensions"][0]["Value"];
    assert_eq!(referred(watched), Some("DeadLetters"));
    // A stack set has it in many regions of an account: nothing there may have a name of its own.
    for (name, resource) in FORWARDER["Resources"].as_object().unwrap() {
        for field in ["Name", "QueueName", "RoleName", "AlarmName"] {
            assert!(resource["Properties"].get(field).is_none(), "{name}: {field}");
        }
    }
}
