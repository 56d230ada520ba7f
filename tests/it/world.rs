//! The whole of Watchfire in one process: the fakes, the use cases over them, the lifecycle machine
//! with the real handlers behind it, and the doors that knock at them.

mod alarms;
mod checks;
pub(crate) mod roles;
pub(crate) mod runs;
mod turns;
mod walk;

pub(crate) use alarms::{alarm, storage_plan};
pub(crate) use turns::{Doors, meets};

use crate::repo;
use serde_json::json;
use std::ops::Deref;
use std::sync::{Arc, Mutex};
use watchfire_desk::{Ask, Caller, Desk, Steer, Written};
use watchfire_domain::{
    Approval, Environment, EnvironmentId, Incident, IncidentId, Plan, Tenant, Voucher,
};
use watchfire_edge::{Config, Fault};
use watchfire_fakes::{Faults, Machine, World as Fakes, dynamo};
use watchfire_policy::{Actor, Role};
use watchfire_store::Repo;

/// The tenant that the tests work in, if they say no other.
pub(crate) const TENANT: &str = "acme";

/// What a deployment would set.
const ENV: [(&str, &str); 34] = [
    ("WATCHFIRE_TABLE", dynamo::TABLE),
    ("WATCHFIRE_STAGE", "test"),
    (
        "WATCHFIRE_LIFECYCLE_ARN",
        "arn:aws:states:us-east-1:111122223333:stateMachine:watchfire-test-lifecycle",
    ),
    (
        "WATCHFIRE_RUNBOOK_ARN",
        "arn:aws:states:us-east-1:111122223333:stateMachine:watchfire-test-runbook",
    ),
    ("WATCHFIRE_STEP_HOSTS", "status.example.com,evidence.example.com"),
    (
        "WATCHFIRE_PROBE_QUEUE_URL",
        "https://sqs.us-east-1.amazonaws.com/111122223333/watchfire-probes",
    ),
    ("WATCHFIRE_ECS_CLUSTER", "watchfire"),
    ("WATCHFIRE_SUBNETS", "subnet-0a1b2c3d"),
    ("WATCHFIRE_SECURITY_GROUPS", "sg-0a1b2c3d"),
    ("WATCHFIRE_IMAGE", "111122223333.dkr.ecr.us-east-1.amazonaws.com/rosa-boundary:latest"),
    ("WATCHFIRE_TASK_ROLE_ARN", "arn:aws:iam::111122223333:role/watchfire-task"),
    ("WATCHFIRE_EXECUTION_ROLE_ARN", "arn:aws:iam::111122223333:role/watchfire-execution"),
    ("WATCHFIRE_FILE_SYSTEM", "fs-0a1b2c3d"),
    ("WATCHFIRE_TASK_LOG_GROUP", "/watchfire/tasks"),
    ("WATCHFIRE_EVIDENCE_BUCKET", "watchfire-evidence"),
    ("WATCHFIRE_TOKEN_SECRET", "token-secret"),
    ("WATCHFIRE_LINK_SECRET", "link-secret"),
    ("WATCHFIRE_CURSOR_SECRET", "cursor-secret"),
    ("WATCHFIRE_INTEGRATION_SECRET", "integration-secret"),
    (
        "WATCHFIRE_ALARM_QUEUE_URL",
        "https://sqs.us-east-1.amazonaws.com/111122223333/watchfire-alarms",
    ),
    (
        "WATCHFIRE_ALARM_LINE_URL",
        "https://sqs.us-east-1.amazonaws.com/111122223333/watchfire-alarm-line.fifo",
    ),
    ("WATCHFIRE_CHECKPOINT_BUCKET", "watchfire-checkpoints"),
    ("WATCHFIRE_CHECKPOINT_SECRET", "checkpoint-secret"),
    ("WATCHFIRE_EVENT_BUS", "watchfire"),
    ("WATCHFIRE_LOG_ORIGIN", "watchfire-test"),
    ("WATCHFIRE_SEAL_QUEUE_URL", "https://sqs.us-east-2.amazonaws.com/1/seal"),
    ("WATCHFIRE_PUBLIC_URL", "https://watchfire.example.org"),
    ("WATCHFIRE_MAIL_FROM", "watchfire@example.org"),
    ("WATCHFIRE_ISSUER", "https://issuer.example.org"),
    ("WATCHFIRE_AUDIENCE", "watchfire"),
    ("WATCHFIRE_SIGN_IN_CLIENT", "watchfire-page"),
    ("WATCHFIRE_SIGN_IN_AUTHORIZE", "https://issuer.example.org/authorize"),
    ("WATCHFIRE_SIGN_IN_TOKEN", "https://issuer.example.org/oauth/token"),
    ("WATCHFIRE_APPROVAL_TTL_SECONDS", "86400"),
];

/// The configuration of every function at once; `more` goes first.
pub(crate) fn config_with(more: &[(&str, &str)]) -> Config {
    let get = |name: &str| {
        let mut all = more.iter().chain(&ENV);
        all.find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    };
    Config::read(&get).unwrap()
}

/// The use cases over these fakes, as `bootstrap` wires them over AWS.
pub(crate) fn desk_of(fakes: &Fakes) -> Desk {
    fakes.desk(config_with(&[]))
}

/// A tenant, vouched for.
pub(crate) fn tenant(name: &str) -> Tenant {
    Tenant::vouched(name, Voucher::Claims).unwrap()
}

/// A person of a tenant.
pub(crate) fn person(id: &str, role: Role, of: &str) -> Caller {
    let actor = Actor { clearance: 100, ..Actor::user(id, role, vec![of.to_owned()]) };
    Caller { actor, tenant: tenant(of), trace: None }
}

/// A write on `route`, without an idempotency key.
pub(crate) fn ask(route: &str) -> Ask {
    Ask { route: route.to_owned(), key: None, body: String::new(), expect: None }
}

/// The steps that the machine asked for, in order: function and event.
pub(crate) type Steps = Arc<Mutex<Vec<(String, serde_json::Value)>>>;

/// The world, and Watchfire in it. What the fakes offer is offered here too.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) fakes: Fakes,
    pub(crate) desk: Desk,
    /// Whether everything that is delivered is delivered twice.
    pub(crate) twice: bool,
    /// The steps that the machine asked for: function and event.
    pub(crate) steps: Steps,
    /// What the checks look through: it never fails.
    eye: Desk,
    pub(crate) machine: Arc<Machine>,
    /// The runbook machine.
    pub(crate) runner: Arc<Machine>,
}

impl Deref for World {
    type Target = Fakes;
    fn deref(&self) -> &Fakes {
        &self.fakes
    }
}

impl World {
    /// A world whose access broker is `ecs-exec`.
    pub(crate) fn new(seed: u64) -> Self {
        Self::over(Fakes::new(seed))
    }

    /// A world whose access broker has targets.
    pub(crate) fn with_targets(seed: u64) -> Self {
        Self::over(Fakes::with_targets(seed))
    }

    fn over(fakes: Fakes) -> Self {
        let machine = fakes.machine(&repo::read("statemachines/lifecycle.asl.json")).unwrap();
        let runner = repo::read("statemachines/runbook.asl.json");
        let runner = Arc::new(fakes.runner(&runner).unwrap());
        let eye = desk_of(&fakes.process(Faults::new()));
        let (machine, steps) = (Arc::new(machine), Steps::default());
        Self { desk: desk_of(&fakes), twice: false, steps, eye, machine, runner, fakes }
    }

    /// The same world, seen from another process that fails by a plan of its own.
    pub(crate) fn process(&self, faults: Faults) -> Self {
        let fakes = self.fakes.process(faults);
        let (eye, machine) = (self.eye.clone(), Arc::clone(&self.machine));
        let (twice, steps, runner) = (self.twice, self.steps.clone(), Arc::clone(&self.runner));
        Self { desk: desk_of(&fakes), twice, steps, eye, machine, runner, fakes }
    }

    /// The table, as the tests' tenant sees it; reading through it never fails.
    pub(crate) fn repo(&self) -> Repo {
        self.eye.table.of(&tenant(TENANT))
    }

    /// Stores a plan of the tests' tenant.
    pub(crate) async fn plan(&self, plan: &Plan) {
        self.repo().put_version(plan, None).await.unwrap();
    }

    /// Somebody of the tests' tenant who may do anything that a person may.
    pub(crate) fn admin() -> Caller {
        person("sam@example.org", Role::Admin, TENANT)
    }

    /// The incident as it is stored.
    pub(crate) async fn incident(&self, id: IncidentId) -> Incident {
        self.repo().incident(id).await.unwrap().unwrap().record
    }

    /// The environment as it is stored.
    pub(crate) async fn environment(&self, id: EnvironmentId) -> Environment {
        self.repo().environment(id).await.unwrap().unwrap().record
    }

    /// The approvals of the incident.
    pub(crate) async fn approvals(&self, id: IncidentId) -> Vec<Approval> {
        let rows = self.repo().approvals(id).await.unwrap();
        rows.into_iter().map(|row| row.record).collect()
    }

    /// Steers the environment through the API, as [`World::admin`].
    pub(crate) async fn steer(&self, id: EnvironmentId, steer: &Steer) -> Result<Written, Fault> {
        let (caller, ask) = (Self::admin(), ask("POST /environments"));
        let steered = self.desk.steer(&caller, &ask, id, steer);
        self.acting("api", steered).await
    }

    /// Asks for the stop.
    pub(crate) async fn stop(&self, id: EnvironmentId) {
        let stop = Steer::Stop { reason: "the cause is found".to_owned(), removal: None };
        self.steer(id, &stop).await.unwrap();
    }

    /// What was mailed to `who`, in order.
    pub(crate) fn mails(&self, who: &str) -> Vec<String> {
        let target = watchfire_domain::plan::Target::Email(who.to_owned());
        self.notify.inbox_of(&target).into_iter().map(|message| message.text).collect()
    }

    /// The links that were mailed to `approver`, in order.
    pub(crate) fn links(&self, approver: &str) -> Vec<String> {
        let texts = self.mails(approver).into_iter();
        texts
            .filter_map(|text| {
                let (_, rest) = text.split_once("/approvals/")?;
                Some(rest.split_whitespace().next()?.to_owned())
            })
            .collect()
    }
}

/// The newest event of a queue's probe message, as SQS hands it to `observe`.
pub(crate) fn batch(bodies: &[String]) -> serde_json::Value {
    let records: Vec<_> = bodies
        .iter()
        .enumerate()
        .map(|(at, body)| json!({ "messageId": format!("m{at}"), "body": body }))
        .collect();
    json!({ "Records": records })
}
