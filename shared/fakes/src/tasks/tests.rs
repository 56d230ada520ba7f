mod endings;
mod events;
mod promises;

use super::FakeTasks;
use crate::access::FakeAccessPoints;
use crate::clock::FakeClock;
use crate::evidence::FakeEvidence;
use crate::faults::Faults;
use crate::ids::FakeIds;
use watchfire_ports::{AccessPointAsk, AccessPoints as _, DefinitionAsk, RunAsk, Tasks as _};

struct Account {
    clock: FakeClock,
    faults: Faults,
    access: FakeAccessPoints,
    evidence: FakeEvidence,
    tasks: FakeTasks,
    access_point: String,
}

async fn account() -> Account {
    let (clock, faults, ids) = (FakeClock::default(), Faults::new(), FakeIds::new(1));
    let access = FakeAccessPoints::new(ids.clone(), faults.clone());
    access.creating_for(0);
    let ask =
        AccessPointAsk { client_token: "ap".to_owned(), path: "/c/7".to_owned(), tags: Vec::new() };
    let access_point = access.create(&ask).await.unwrap().id;
    let evidence = FakeEvidence::new("audit", faults.clone());
    let tasks =
        FakeTasks::new(clock.clone(), ids, access.clone(), evidence.clone(), faults.clone());
    faults.restart();
    Account { clock, faults, access, evidence, tasks, access_point }
}

impl Account {
    fn definition(&self) -> DefinitionAsk {
        let variable = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        DefinitionAsk {
            family: "rosa-boundary-dev-c-7-20261121T031200".to_owned(),
            environment: vec![variable("CLUSTER_ID", "c"), variable("INCIDENT_NUMBER", "7")],
            access_point: self.access_point.clone(),
            tags: Vec::new(),
        }
    }

    async fn ask(&self, token: &str) -> RunAsk {
        RunAsk {
            definition: self.tasks.define(&self.definition()).await.unwrap(),
            client_token: token.to_owned(),
            started_by: "wf-1".to_owned(),
            tags: Vec::new(),
        }
    }

    async fn run(&self) -> String {
        self.tasks.run(&self.ask("run").await).await.unwrap()
    }

    /// The stages that a task goes through from now on, as `LAST/DESIRED version`.
    fn stages(&self, arn: &str) -> Vec<String> {
        let line = || {
            let status = self.tasks.status(arn).unwrap();
            let agent = if status.exec_ready { " exec" } else { "" };
            let (last, desired) = (status.last_status, status.desired_status);
            format!("{last}/{desired} {}{agent}", status.version)
        };
        let mut stages = vec![line()];
        while self.tasks.advance(arn) {
            stages.push(line());
        }
        stages
    }
}
