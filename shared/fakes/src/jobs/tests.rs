use super::*;
use crate::faults::Fault;

const NAME: &str = "0123456789abcdef0123456789abcdef";

fn program(name: &str, argv: &[&str]) -> Job {
    let argv = argv.iter().map(|word| (*word).to_owned()).collect();
    let kind = JobKind::Program { profile: "operator".to_owned(), argv, stdin: None };
    Job { name: name.to_owned(), tenant: "acme".to_owned(), kind }
}

fn automation(name: &str, document: &str) -> Job {
    let kind = JobKind::Automation { document: document.to_owned(), parameters: BTreeMap::new() };
    Job { name: name.to_owned(), tenant: "acme".to_owned(), kind }
}

#[tokio::test]
async fn a_job_goes_on_for_one_look_and_then_has_passed() {
    let jobs = FakeJobs::new(Faults::new());
    let job = program(NAME, &["kubectl", "get", "pods"]);
    assert_eq!(jobs.look(&job).await.unwrap(), Work::Unknown);
    jobs.start(&job).await.unwrap();
    assert_eq!(jobs.look(&job).await.unwrap(), Work::Running);
    let Work::Over(ended) = jobs.look(&job).await.unwrap() else { panic!("it goes on") };
    assert!(ended.passed && ended.output.is_empty() && ended.problem.is_none());
    let place = format!("s3://watchfire-evidence/commands/acme/{NAME}/output");
    assert_eq!(ended.evidence, [place]);
    // One that is over is not stopped any more.
    jobs.stop(&job, "late").await.unwrap();
    assert_eq!(jobs.stopped(NAME), None);
    jobs.forget(NAME);
    assert_eq!(jobs.look(&job).await.unwrap(), Work::Unknown);
}

#[tokio::test]
async fn a_test_says_how_programs_and_documents_end() {
    let jobs = FakeJobs::new(Faults::new());
    jobs.always("kubectl", Ending::passes("ready").at_look(1));
    jobs.next("AWS-RestartEC2Instance", Ending::fails("Failed: no such instance").at_look(1));
    let (first, second) = (program("a", &["kubectl"]), automation("b", "AWS-RestartEC2Instance"));
    jobs.start(&first).await.unwrap();
    jobs.start(&second).await.unwrap();
    let ended = async |job| match jobs.look(job).await.unwrap() {
        Work::Over(ended) => (ended.passed, ended.output, ended.problem),
        Work::Unknown | Work::Running => panic!("not over"),
    };
    assert_eq!(ended(&first).await, (true, b"ready".to_vec(), None));
    let problem = Some("Failed: no such instance".to_owned());
    assert_eq!(ended(&second).await, (false, Vec::new(), problem));
    assert_eq!(jobs.dump(), "a kubectl ×1\nb AWS-RestartEC2Instance ×1\n");
}

#[tokio::test]
async fn one_name_is_one_job_whoever_starts_it_again() {
    let faults = Faults::new();
    let jobs = FakeJobs::new(faults.clone());
    let job = program(NAME, &["kubectl"]);
    faults.at(0, Fault::AnswerLost).at(1, Fault::Duplicate { after: 0 });
    assert!(jobs.start(&job).await.unwrap_err().retryable(), "though it was started");
    jobs.start(&job).await.unwrap();
    let other = jobs.with_faults(Faults::new());
    other.start(&program(NAME, &["another"])).await.unwrap();
    assert_eq!((jobs.started(NAME), jobs.starts()), (1, 1));
    assert_eq!(jobs.jobs(), [job]);
    assert_eq!(jobs.calls().len(), 4);
}

#[tokio::test]
async fn one_that_never_ends_is_stopped_once() {
    let jobs = FakeJobs::new(Faults::new());
    let job = automation(NAME, "AWS-RestartEC2Instance");
    jobs.stop(&job, "nobody knows it").await.unwrap();
    jobs.next("AWS-RestartEC2Instance", Ending::never());
    jobs.start(&job).await.unwrap();
    for _ in 0..5 {
        assert_eq!(jobs.look(&job).await.unwrap(), Work::Running);
    }
    jobs.stop(&job, "given up").await.unwrap();
    jobs.stop(&job, "again").await.unwrap();
    let Work::Over(ended) = jobs.look(&job).await.unwrap() else { panic!("it goes on") };
    assert_eq!(ended.problem.as_deref(), Some("it was stopped: given up"));
    assert!(!ended.passed && jobs.dump().ends_with("×1 stopped\n"));
}

#[tokio::test]
async fn what_the_deployment_does_not_list_is_refused() {
    let jobs = FakeJobs::new(Faults::new());
    jobs.refuse("operator");
    jobs.refuse("AWS-RestartEC2Instance");
    for job in [program(NAME, &["kubectl"]), automation(NAME, "AWS-RestartEC2Instance")] {
        let error = jobs.start(&job).await.unwrap_err();
        assert!(matches!(error, PortError::Refused { .. }), "{error}");
    }
    assert_eq!(jobs.starts(), 0);
}

#[tokio::test]
async fn a_killed_process_may_have_started_it_and_a_look_may_be_late() {
    let faults = Faults::new();
    let jobs = FakeJobs::new(faults.clone());
    let job = program(NAME, &["kubectl"]);
    faults.at(0, Fault::Killed { applied: true });
    assert!(faults.survive(jobs.start(&job)).await.is_none());
    let later = Faults::new();
    let process = jobs.with_faults(later.clone());
    later.at(0, Fault::Stale { writes: 1 });
    assert_eq!(process.look(&job).await.unwrap(), Work::Unknown);
    assert_eq!(process.look(&job).await.unwrap(), Work::Running);
    assert_eq!(process.started(NAME), 1);
}

#[tokio::test]
async fn a_listing_that_lacks_a_job_stops_nothing_and_a_deaf_one_goes_on() {
    let faults = Faults::new();
    let jobs = FakeJobs::new(faults.clone());
    let job = program(NAME, &["kubectl"]);
    jobs.always("kubectl", Ending::deaf());
    jobs.start(&job).await.unwrap();
    faults.restart().at_operation("ecs:ListTasks", 0, Fault::Stale { writes: u8::MAX });
    jobs.stop(&job, "given up").await.unwrap();
    assert_eq!(jobs.stopped(NAME), None);
    jobs.stop(&job, "given up").await.unwrap();
    assert_eq!(jobs.stopped(NAME).as_deref(), Some("given up"));
    assert_eq!(jobs.look(&job).await.unwrap(), Work::Running);
}
