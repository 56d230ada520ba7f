//! The steps of an incident's life, each as its person or its machine takes it.

use super::{Doors, TENANT, World, ask, person};
use serde_json::{Value, json};
use watchfire_desk::{Caller, Decided, Deed, Written};
use watchfire_domain::approval::Answer;
use watchfire_domain::environment::State;
use watchfire_domain::incident::Transition;
use watchfire_domain::{EnvironmentId, IncidentId, Status};
use watchfire_edge::Fault;
use watchfire_policy::Role;

impl World {
    /// Plays until the environment is in `state`, for at most an hour.
    pub(crate) async fn until(&self, id: EnvironmentId, state: State, doors: Doors) {
        self.drive().await;
        for _ in 0..360 {
            if self.environment(id).await.state == state {
                return;
            }
            Box::pin(self.turn(doors)).await;
        }
        let environment = self.environment(id).await;
        let record = serde_json::to_string(&environment).unwrap();
        panic!("it never was {}: {record}\n{}", state.name(), self.fakes.dump());
    }

    /// An environment that ran and was stopped, and whose approvers are asked whether it may go.
    pub(crate) async fn questioned(&self) -> EnvironmentId {
        let id = self.opened(&json!({})).await;
        self.until(id, State::Running, Doors::Both).await;
        self.stop(id).await;
        self.until(id, State::Stopped, Doors::Both).await;
        self.drive().await;
        assert_eq!(self.approvals(id.incident).await.len(), 1);
        id
    }

    /// The newest link of `approver` is opened and answered, with the code that its page shows.
    pub(crate) async fn answer(&self, approver: &str, answer: Answer) -> Result<Decided, Fault> {
        let link = self.links(approver).pop().unwrap();
        let view = self.acting("approval-page", self.desk.open_link(&link)).await?;
        let decided = self.desk.decide_link(&view, answer, &view.approval.code);
        self.acting("approve", decided).await
    }

    /// An incident that `caller` opened by hand.
    pub(crate) async fn by_hand(&self, caller: &Caller) -> IncidentId {
        let new = json!({ "title": "the site is slow", "severity": "high" });
        let (ask, new) = (ask("POST /incidents"), serde_json::from_value(new).unwrap());
        let opened = self.desk.create_incident(caller, &ask, new);
        let written = self.acting("api", opened).await.unwrap();
        let answer: Value = serde_json::from_str(&written.body).unwrap();
        answer["incident"]["id"].as_str().unwrap().parse().unwrap()
    }

    /// A responder does `deed` to the incident.
    pub(crate) async fn deed(&self, id: IncidentId, deed: Deed) -> Result<Written, Fault> {
        let caller = person("kim@example.org", Role::Commander, TENANT);
        let ask = ask("POST /incidents");
        let changed = self.desk.change_incident(&caller, &ask, id, &deed);
        self.acting("api", changed).await
    }

    /// The incident moves to `to`.
    pub(crate) async fn transition(&self, id: IncidentId, to: Status) {
        let rationale = Some("as the runbook says".to_owned());
        self.deed(id, Deed::Transition(Transition { to, rationale })).await.unwrap();
    }
}
