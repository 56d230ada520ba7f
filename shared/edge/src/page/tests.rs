use super::form::{Form, Said, asked};
use super::layout::{script, style};
use super::notice::{nothing_here, refused};
use super::outcome::answered;
use super::question::Question;
use super::signs::signed_in;
use crate::config::SignIn;
use crate::{Fault, Response};
use expect_test::expect;
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use watchfire_domain::approval::{Answer, Approval, ApprovalState, Decision, Risk};
use watchfire_domain::environment::{Environment, Verdict};
use watchfire_domain::{HOUR, Incident, MINUTE, Timestamp};

mod colours;
mod sign_in;
mod states;

const NOW: Timestamp = Timestamp::from_millis(1_795_241_940_000);

/// What stands in the table, and what can be asked about it.
#[derive(Clone)]
struct Desk {
    approval: Approval,
    incident: Incident,
    environment: Option<Environment>,
    sign_in: Option<SignIn>,
}

impl Desk {
    fn new() -> Self {
        let at = "2026-11-21T03:12:00Z";
        let incident = json!({
            "id": "01a1fc16-e000-72c0-a888-038eb8343e42", "display_id": "INC-20261121-0312",
            "title": "Evidence storage is slow", "severity": "high", "status": "resolved",
            "profile": {"name": "sev", "version": 0}, "tenants": ["acme"], "sla_deadline": at,
            "created_at": at, "version": 3,
        });
        let environment = json!({
            "id": "env-01a1fc16e00072c0a888038eb8343e42-1", "cluster_id": "prod-east",
            "number": "20261121-0312", "state": "stopped", "attempt": 1, "launch": "now",
            "requested_by": "alice@example.com", "requested_at": at, "family": "f", "deadline": at,
            "access_point": "fsap-0a1b", "removal": "ask", "version": 7,
            "stop": {"by": "alice@example.com", "reason": "done looking", "at": at},
            "evidence": {"verdict": "verified", "files": 14, "prefix": "prod-east/7/"},
        });
        let approval = json!({
            "id": "apr-01a1fc16e00072c0a888038eb8343e42-1", "state": "pending", "need": 1,
            "subject": {
                "action": "remove_access_point", "target": "env-01a1fc16e00072c0a888038eb8343e42-1",
                "summary": "Delete it.", "risk": "medium",
            },
            "approvers": ["bob@example.com"], "requested_by": "service:approve", "requested_at": at,
            "expires_at": "2026-11-22T03:12:00Z", "link_gen": 1, "code": "042137", "version": 1,
        });
        Self {
            approval: serde_json::from_value(approval).unwrap(),
            incident: serde_json::from_value(incident).unwrap(),
            environment: Some(serde_json::from_value(environment).unwrap()),
            sign_in: None,
        }
    }

    fn but(change: impl FnOnce(&mut Self)) -> Self {
        let mut desk = Self::new();
        change(&mut desk);
        desk
    }

    fn decided(state: ApprovalState, by: &str, answer: Answer) -> Self {
        Self::but(|desk| {
            desk.approval.state = state;
            let decision = Decision { approver: by.to_owned(), answer, at: NOW, signed_in: false };
            desk.approval.decisions.push(decision);
        })
    }

    fn question(&self) -> Question<'_> {
        Question {
            approval: &self.approval,
            incident: &self.incident,
            environment: self.environment.as_ref(),
            approver: "bob@example.com",
            subject: [7; 32],
            tenant: "acme",
            sign_in: self.sign_in.as_ref(),
            now: NOW,
        }
    }

    fn asked(&self, said: Option<Said>) -> String {
        let form = Form { link: "v1.k1.link.mac", csrf: "field" };
        text(&asked(200, &self.question(), form, said))
    }
}

/// What a reader without style sees: the tags are gone, each block is a line.
fn text(page: &Response) -> String {
    let html = String::from_utf8(page.body.clone()).unwrap();
    let (_, main) = html.split_once("<main>").unwrap();
    let mut text = String::new();
    for piece in main.split('<') {
        let (tag, words) = piece.split_once('>').unwrap_or(("", piece));
        let blocks = ["p", "h1", "h2", "dt", "code", "label", "button", "summary", "input", "div"];
        if blocks.contains(&tag.split([' ', '\n']).next().unwrap()) {
            text.push('\n');
        }
        if tag.starts_with("dd") {
            text.push_str(": ");
        }
        if tag.starts_with("input") && !tag.contains("hidden") {
            text.push_str("[      ]");
        }
        text.push_str(words.trim_matches('\n'));
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.fold(String::new(), |all, line| all + line + "\n")
}
