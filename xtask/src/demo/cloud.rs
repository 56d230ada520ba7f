//! The few calls to AWS services that the walk makes itself, by plain HTTP: the local stack reads
//! from a request's credential scope which service is meant, and checks no signature.

use super::stack::{REGION, STACK};
use crate::net::{self, Answer};
use crate::run::note;
use crate::trouble::{Doing, Done, Trouble};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use ureq::Agent;

/// The services behind the endpoint, and the deployed stack's outputs.
#[derive(Debug)]
pub(crate) struct Cloud {
    agent: Agent,
    endpoint: String,
    outputs: BTreeMap<String, String>,
}

/// Every function that logs.
const FUNCTIONS: [&str; 14] = [
    "alarm",
    "api",
    "create",
    "hook",
    "launch",
    "observe",
    "publish",
    "step",
    "stop",
    "approve",
    "approval-page",
    "close",
    "checkpoint",
    "sweep",
];

impl Cloud {
    /// The services of an endpoint.
    pub(super) fn at(agent: Agent, endpoint: String) -> Self {
        Self { agent, endpoint, outputs: BTreeMap::new() }
    }

    /// Reads the outputs of the deployed stack.
    pub(super) fn read_outputs(&mut self) -> Done {
        let fields = [("StackName", STACK)];
        let xml = self.query("cloudformation", "2010-05-15", "DescribeStacks", &fields)?;
        self.outputs = outputs(&xml);
        Ok(())
    }

    /// An output of the deployed stack.
    pub(super) fn output(&self, name: &str) -> Result<&str, Trouble> {
        self.outputs.get(name).map(String::as_str).doing(&format!("the stack has no output {name}"))
    }

    /// Puts an event on the default bus.
    pub(super) fn put_event(
        &self,
        source: &str,
        kind: &str,
        resource: &str,
        detail: &Value,
    ) -> Done {
        let entry = json!({
            "Source": source, "DetailType": kind, "Resources": [resource], "Detail": detail.to_string(),
        });
        let answer = self.json("events", "AWSEvents.PutEvents", &json!({ "Entries": [entry] }))?;
        match answer.get("FailedEntryCount").and_then(Value::as_u64) {
            Some(0) => Ok(()),
            _ => Err(Trouble::new(format!("the event was refused: {answer}"))),
        }
    }

    /// Makes an alarm over one metric that tells `topic`.
    pub(super) fn put_alarm(&self, name: &str, topic: &str) -> Done {
        let fields = [
            ("AlarmName", name),
            ("Namespace", "Watchfire/Demo"),
            ("MetricName", "ErrorRate"),
            ("Statistic", "Average"),
            ("Period", "60"),
            ("EvaluationPeriods", "1"),
            ("Threshold", "5"),
            ("ComparisonOperator", "GreaterThanThreshold"),
            ("AlarmActions.member.1", topic),
        ];
        self.query("monitoring", "2010-08-01", "PutMetricAlarm", &fields).map(|_| ())
    }

    /// Measures once.
    pub(super) fn put_metric(&self, value: &str) -> Done {
        let fields = [
            ("Namespace", "Watchfire/Demo"),
            ("MetricData.member.1.MetricName", "ErrorRate"),
            ("MetricData.member.1.Value", value),
        ];
        self.query("monitoring", "2010-08-01", "PutMetricData", &fields).map(|_| ())
    }

    /// Makes a network for tasks: two subnets and the security group of their VPC.
    pub(super) fn make_network(&self) -> Result<(String, String), Trouble> {
        let ask = |action: &str, fields: &[(&str, &str)], tag: &str| {
            let xml = self.query("ec2", "2016-11-15", action, fields)?;
            between(&xml, tag).doing(&format!("{action} names no {tag}"))
        };
        let vpc = ask("CreateVpc", &[("CidrBlock", "10.99.0.0/16")], "vpcId")?;
        let mut subnets = Vec::new();
        for (zone, block) in [("a", "10.99.0.0/24"), ("b", "10.99.1.0/24")] {
            let zone = format!("{REGION}{zone}");
            let fields = [
                ("VpcId", vpc.as_str()),
                ("CidrBlock", block),
                ("AvailabilityZone", zone.as_str()),
            ];
            subnets.push(ask("CreateSubnet", &fields, "subnetId")?);
        }
        let fields =
            [("GroupName", "tasks"), ("GroupDescription", "tasks"), ("VpcId", vpc.as_str())];
        Ok((subnets.join(","), ask("CreateSecurityGroup", &fields, "groupId")?))
    }

    /// Lets SES send from `address`.
    pub(super) fn allow_sender(&self, address: &str) -> Done {
        let url = format!("{}/v2/email/identities", self.endpoint);
        let body = json!({ "EmailIdentity": address }).to_string();
        let scope = scope("ses");
        let headers = [("authorization", scope.as_str()), ("content-type", "application/json")];
        accepted("CreateEmailIdentity", net::send(&self.agent, "POST", &url, &headers, &body)?)
            .map(|_| ())
    }

    /// The ARN of what a runbook's programs run as, whose container keeps what they print.
    pub(super) fn command_definition(&self, family: &str) -> Result<String, Trouble> {
        let target = "AmazonEC2ContainerServiceV20141113.DescribeTaskDefinition";
        let answer = self.json("ecs", target, &json!({ "taskDefinition": family }))?;
        let entry = "/taskDefinition/containerDefinitions/0/entryPoint/2";
        let script = answer.pointer(entry).and_then(Value::as_str).unwrap_or_default();
        if !script.contains("put-object") {
            return Err(Trouble::new(format!("{family} has no wrapper: {answer}")));
        }
        let arn = answer.pointer("/taskDefinition/taskDefinitionArn").and_then(Value::as_str);
        arn.map(str::to_owned).doing("the task definition has no ARN")
    }

    /// The mails sent so far.
    pub(super) fn mails(&self) -> Result<Vec<Value>, Trouble> {
        let url = format!("{}/_ministack/ses/messages", self.endpoint);
        let text = accepted("the inbox", net::send(&self.agent, "GET", &url, &[], "")?)?;
        let answer: Value = serde_json::from_str(&text).doing("reading the inbox")?;
        // `{"messages": {"<account>": [...]}}`: there is one account.
        let accounts = answer.get("messages").and_then(Value::as_object);
        let mails = accounts.into_iter().flat_map(|accounts| accounts.values());
        Ok(mails.filter_map(Value::as_array).flatten().cloned().collect())
    }

    /// The names of a bucket's objects below `prefix`. Names of ours need no escaping in XML.
    pub(super) fn objects(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, Trouble> {
        let list = format!("?list-type=2&prefix={}", encoded(prefix));
        let xml = self.object(bucket, &list)?;
        let parts = xml.split("<Key>").skip(1);
        let names = parts.filter_map(|part| part.split_once("</Key>"));
        Ok(names.map(|(name, _)| name.to_owned()).collect())
    }

    /// The text of an object.
    pub(super) fn object(&self, bucket: &str, name: &str) -> Result<String, Trouble> {
        let url = format!("{}/{bucket}/{name}", self.endpoint);
        let scope = scope("s3");
        let headers = [("authorization", scope.as_str())];
        accepted(name, net::send(&self.agent, "GET", &url, &headers, "")?)
    }

    /// Shows the last errors that the functions logged.
    pub(super) fn tell_troubles(&self) {
        for name in FUNCTIONS {
            let body =
                json!({ "logGroupName": format!("/aws/lambda/{STACK}-{name}"), "limit": 10_000 });
            let Ok(answer) = self.json("logs", "Logs_20140328.FilterLogEvents", &body) else {
                continue;
            };
            let events =
                answer.get("events").and_then(Value::as_array).cloned().unwrap_or_default();
            let bad: Vec<_> = events
                .iter()
                .filter_map(|event| event.get("message").and_then(Value::as_str))
                .filter(|text| {
                    ["ERROR", "WARN", "rror\"", "panicked", "exited"]
                        .iter()
                        .any(|sign| text.contains(sign))
                })
                .collect();
            for text in bad.iter().skip(bad.len().saturating_sub(5)) {
                note(&format!("{name}: {}", text.trim_end()));
            }
        }
    }

    /// Calls an operation of a service that speaks JSON.
    pub(super) fn json(&self, service: &str, target: &str, body: &Value) -> Result<Value, Trouble> {
        let scope = scope(service);
        let headers = [
            ("authorization", scope.as_str()),
            ("x-amz-target", target),
            ("content-type", "application/x-amz-json-1.1"),
        ];
        let answer = net::send(&self.agent, "POST", &self.endpoint, &headers, &body.to_string())?;
        serde_json::from_str(&accepted(target, answer)?)
            .doing(&format!("reading {target}'s answer"))
    }

    fn query(
        &self,
        service: &str,
        version: &str,
        action: &str,
        fields: &[(&str, &str)],
    ) -> Result<String, Trouble> {
        let scope = scope(service);
        let headers = [
            ("authorization", scope.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        let body: Vec<_> = [("Action", action), ("Version", version)]
            .iter()
            .chain(fields)
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        accepted(action, net::send(&self.agent, "POST", &self.endpoint, &headers, &body.join("&"))?)
    }
}

fn scope(service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/{service}/aws4_request, SignedHeaders=host, Signature=none"
    )
}

fn accepted(what: &str, answer: Answer) -> Result<String, Trouble> {
    if (200..300).contains(&answer.status) {
        return Ok(answer.text);
    }
    Err(Trouble::new(format!("{what} was answered with {}: {}", answer.status, answer.text)))
}

/// A value in a form or a URL's query.
pub(super) fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// The text of the first element with this tag.
fn between(xml: &str, tag: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{tag}>"))?;
    let (inner, _) = rest.split_once(&format!("</{tag}>"))?;
    Some(inner.replace("&amp;", "&"))
}

/// The outputs in an answer of `DescribeStacks`.
fn outputs(xml: &str) -> BTreeMap<String, String> {
    xml.split("<OutputKey>")
        .skip(1)
        .filter_map(|part| {
            let (name, rest) = part.split_once("</OutputKey>")?;
            Some((name.to_owned(), between(rest, "OutputValue")?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_read_from_the_answer() {
        let xml = "<Outputs><member><OutputKey>ApiId</OutputKey><OutputValue>abc</OutputValue></member>\
                   <member><OutputKey>Url</OutputKey><OutputValue>http://a/?b=1&amp;c=2</OutputValue></member></Outputs>";
        let outputs = outputs(xml);
        assert_eq!(outputs["ApiId"], "abc");
        assert_eq!(outputs["Url"], "http://a/?b=1&c=2");
    }

    #[test]
    fn values_are_encoded() {
        assert_eq!(encoded("a b&c=é~"), "a%20b%26c%3D%C3%A9~");
    }
}
