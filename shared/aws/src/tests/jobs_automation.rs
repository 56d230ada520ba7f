use super::Script;
use super::jobs_program::{NAME, jobs};
use serde_json::{Value, json};
use watchfire_ports::{Ended, Job, JobKind, Jobs, PortError, Work};

const NONE: &str = r#"{"AutomationExecutionMetadataList":[]}"#;

fn restart() -> Job {
    let parameters = [("InstanceId".to_owned(), vec!["i-1".to_owned()])].into();
    let kind = JobKind::Automation { document: "AWS-RestartEC2Instance".to_owned(), parameters };
    Job { name: NAME.to_owned(), tenant: "acme".to_owned(), kind }
}

fn listed(status: &str) -> String {
    execution(status, json!({}))
}

fn execution(status: &str, more: Value) -> String {
    let mut one = json!({"AutomationExecutionId": "e-1", "AutomationExecutionStatus": status});
    one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "AutomationExecutionMetadataList": [one] }).to_string()
}

async fn look(status: &str, more: Value) -> Work {
    let script = Script::default().ok(&execution(status, more));
    jobs(&script).look(&restart()).await.unwrap()
}

#[tokio::test]
async fn a_document_is_started_once_under_a_token_and_a_tag() {
    let script = Script::default().ok(NONE).ok(r#"{"AutomationExecutionId":"e-1"}"#);
    jobs(&script).start(&restart()).await.unwrap();
    let started = ["DescribeAutomationExecutions", "StartAutomationExecution"];
    assert_eq!(script.operations(), started);
    let key = format!("watchfire:step:{NAME}");
    assert_eq!(script.json(0), json!({"Filters": [{"Key": "TagKey", "Values": [key]}]}));
    assert_eq!(
        script.json(1),
        json!({
            "DocumentName": "AWS-RestartEC2Instance",
            "Parameters": {"InstanceId": ["i-1"]},
            "ClientToken": "01234567-89ab-cdef-0123-456789abcdef",
            "Tags": [
                {"Key": key, "Value": "acme"},
                {"Key": "ManagedBy", "Value": "watchfire"},
            ],
        })
    );
    // Whatever became of it.
    for status in ["InProgress", "Failed"] {
        let script = Script::default().ok(&listed(status));
        jobs(&script).start(&restart()).await.unwrap();
        assert_eq!(script.asked().len(), 1);
    }
}

#[tokio::test]
async fn a_token_that_was_used_is_a_start_that_was_made() {
    let used = || Script::default().ok(NONE).error(400, "IdempotentParameterMismatch", "");
    jobs(&used().ok(&listed("InProgress"))).start(&restart()).await.unwrap();
    let error = jobs(&used().ok(NONE)).start(&restart()).await.unwrap_err();
    assert!(error.retryable(), "it is not listed yet: {error}");
    // Whatever else SSM may say to a token that was used: what is there was started.
    let script = Script::default().ok(NONE).error(400, "ValidationException", "");
    jobs(&script.ok(&listed("Success"))).start(&restart()).await.unwrap();
}

#[tokio::test]
async fn what_is_not_listed_is_refused_before_anything_is_sent() {
    let script = Script::default();
    let mut other = restart();
    let document = "AWS-RunShellScript".to_owned();
    other.kind = JobKind::Automation { document, parameters: [].into() };
    let error = jobs(&script).start(&other).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "SSM refused while starting the job of a step: `AWS-RunShellScript` is not listed in \
         `WATCHFIRE_STEP_DOCUMENTS`"
    );
    for name in ["", "0123", "0123456789abcdef0123456789abcdeg", &"ä".repeat(16)] {
        let job = Job { name: name.to_owned(), ..restart() };
        let error = jobs(&script).start(&job).await.unwrap_err();
        assert!(matches!(error, PortError::Refused { .. }), "{error}");
    }
    assert!(script.asked().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_start_may_pass_later_or_never() {
    let throttled = (0..3).fold(Script::default().ok(NONE), |script, _| {
        script.error(400, "ThrottlingException", r#","message":"Rate exceeded""#)
    });
    let no = |code: &str| Script::default().ok(NONE).error(400, code, "").ok(NONE);
    for (script, retryable) in [
        (throttled, true),
        (Script::default(), true),
        (Script::default().ok(NONE), true),
        (no("AutomationExecutionLimitExceededException"), true),
        (no("InvalidAutomationExecutionParametersException"), false),
        (no("AutomationDefinitionNotFoundException"), false),
        (no("AccessDeniedException"), false),
    ] {
        let error = jobs(&script).start(&restart()).await.unwrap_err();
        assert_eq!(error.retryable(), retryable, "{error}");
    }
}

#[tokio::test]
async fn it_goes_on_until_ssm_says_how_it_ended() {
    let script = Script::default().ok(NONE);
    assert_eq!(jobs(&script).look(&restart()).await.unwrap(), Work::Unknown);
    for status in ["Pending", "InProgress", "Waiting", "Cancelling", "Approved", "Something new"] {
        assert_eq!(look(status, json!({})).await, Work::Running, "{status}");
    }
    for status in ["Success", "CompletedWithSuccess"] {
        let outputs = json!({"Outputs": {"stop.Id": ["i-1"], "a": ["1", "2"]}});
        let output = br#"{"a":["1","2"],"stop.Id":["i-1"]}"#.to_vec();
        let ended = Ended {
            passed: true,
            exit_code: None,
            status: Some(status.to_owned()),
            output,
            whole: None,
            evidence: Vec::new(),
            problem: None,
        };
        assert_eq!(look(status, outputs).await, Work::Over(ended), "{status}");
    }
    for status in [
        "Failed",
        "TimedOut",
        "Cancelled",
        "Rejected",
        "ChangeCalendarOverrideRejected",
        "CompletedWithFailure",
        "Exited",
    ] {
        let Work::Over(ended) = look(status, json!({"FailureMessage": "no\ninstance"})).await
        else {
            panic!("{status} goes on");
        };
        assert_eq!((ended.passed, ended.output), (false, b"{}".to_vec()), "{status}");
        assert_eq!(ended.status.as_deref(), Some(status));
        assert_eq!(ended.problem, Some(format!("{status}: no instance")));
    }
    let Work::Over(ended) = look("Cancelled", json!({})).await else { panic!("it goes on") };
    assert_eq!(ended.problem.as_deref(), Some("it ended as Cancelled"));
}

#[tokio::test]
async fn an_empty_page_is_not_the_end_of_the_list() {
    let page = r#"{"AutomationExecutionMetadataList":[],"NextToken":"more"}"#;
    let script = Script::default().ok(page).ok(&listed("Success"));
    let work = jobs(&script).look(&restart()).await.unwrap();
    assert!(matches!(work, Work::Over(_)));
    assert_eq!(script.json(1)["NextToken"], "more");
}

#[tokio::test]
async fn what_is_over_is_not_cancelled() {
    let script = Script::default().ok(&listed("InProgress")).ok("{}");
    jobs(&script).stop(&restart(), "given up").await.unwrap();
    assert_eq!(script.json(1), json!({"AutomationExecutionId": "e-1", "Type": "Cancel"}));
    for list in [NONE.to_owned(), listed("Failed")] {
        let script = Script::default().ok(&list);
        jobs(&script).stop(&restart(), "late").await.unwrap();
        assert_eq!(script.asked().len(), 1);
    }
    for (code, good) in [
        ("InvalidAutomationStatusUpdateException", true),
        ("AutomationExecutionNotFoundException", true),
        ("AccessDeniedException", false),
    ] {
        let script = Script::default().ok(&listed("InProgress")).error(400, code, "");
        assert_eq!(jobs(&script).stop(&restart(), "x").await.is_ok(), good, "{code}");
    }
}
