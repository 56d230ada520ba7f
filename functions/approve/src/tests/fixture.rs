//! A stopped environment whose approvers were asked, and the link that one of them got.

use crate::handle;
use serde_json::{Value, json};
use watchfire_desk::Desk;
use watchfire_domain::approval::{Approval, ApprovalAsk, Risk, Subject};
use watchfire_domain::calendar::Calendar;
use watchfire_domain::environment::{Evidence, Spec, Verdict};
use watchfire_domain::incident::{Edit, Extra, Incident, Opening};
use watchfire_domain::link::form_token;
use watchfire_domain::plan::Target;
use watchfire_domain::{
    Actor, ActorKind, ApprovalId, Change, Environment, EnvironmentId, HOUR, IncidentId, Profile,
    Severity, Tenant, Voucher,
};
use watchfire_edge::Config;
use watchfire_fakes::World;
use watchfire_ports::{Clock as _, Ids as _};
use watchfire_store::{Commit, Due};

pub(super) const APPROVER: &str = "bob@example.com";
pub(super) const ORIGIN: &str = "https://desk.example.com";
pub(super) const COOKIE: [u8; 32] = [7; 32];
/// The same, as a browser sends it.
pub(super) const COOKIE_TEXT: &str = "__Host-ap=BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";

pub(super) fn desk(world: &World) -> Desk {
    let settings = |name: &str| {
        let value = match name {
            "WATCHFIRE_TABLE" => "watchfire",
            "WATCHFIRE_PUBLIC_URL" => ORIGIN,
            "WATCHFIRE_LINK_SECRET" => "link-secret",
            "WATCHFIRE_TOKEN_SECRET" => "token-secret",
            "WATCHFIRE_SIGN_IN_CLIENT" => "page",
            "WATCHFIRE_SIGN_IN_AUTHORIZE" => "https://login.example.com/authorize",
            "WATCHFIRE_SIGN_IN_TOKEN" => "https://login.example.com/token",
            _ => return None,
        };
        Some(value.to_owned())
    };
    world.desk(Config::read(&settings).unwrap())
}

pub(super) fn tenant() -> Tenant {
    Tenant::vouched("acme", Voucher::Execution).unwrap()
}

/// Writes an incident and its stopped environment, whose removal these people may approve.
async fn stopped(world: &World, approvers: &[&str]) -> EnvironmentId {
    let (now, desk) = (world.clock.now(), desk(world));
    let actor = Actor { kind: ActorKind::User, id: "alice@example.com".to_owned() };
    let opening = Opening {
        id: IncidentId::at(now, world.ids.ten()),
        title: "Evidence storage is slow".to_owned(),
        description: String::new(),
        severity: Severity::High,
        confirm_severity: false,
        extra: Extra::default(),
    };
    let id = EnvironmentId { incident: opening.id, n: 1 };
    let incident = Incident::open(&tenant(), &Profile::sev(), opening, 0, &actor, now);
    let spec: Spec =
        serde_json::from_value(json!({"cluster_id": "prod-east", "approvers": approvers})).unwrap();
    let asked = Environment::request(id, &spec, "20261121-0312", "rosa-boundary-dev", &actor, now);
    let environment = asked.after.created("fsap-0a1b", "arn:definition:1", None, Ok(None), &actor);
    let environment = environment.unwrap().unwrap().after;
    let environment = environment.ask_stop("done looking", None, &actor, now).unwrap().unwrap();
    let evidence = Evidence {
        verdict: Verdict::Verified,
        prefix: Some("prod-east/20261121-0312/20261121/4f1e/".to_owned()),
        files: 14,
        manifest: Some("5be071c4".repeat(8)),
        problem: None,
    };
    let after = environment.after.stopped(None, evidence, &actor).unwrap().unwrap().after;
    let commit = Commit::on(id.incident)
        .fresh()
        .change(incident, Due::Keep)
        .change(Change { before: None, after, draft: asked.draft }, Due::Keep);
    desk.table.of(&tenant()).commit(commit).await.unwrap();
    id
}

/// What one approver was asked.
pub(super) struct Asked {
    pub(super) world: World,
    pub(super) id: ApprovalId,
    pub(super) environment: EnvironmentId,
    pub(super) link: String,
    pub(super) token: String,
}

impl Asked {
    /// Bob was asked.
    pub(super) async fn bob(seed: u64) -> Self {
        Box::pin(Self::of(seed, &[APPROVER])).await
    }

    /// These people were asked; the link is Bob's.
    pub(super) async fn of(seed: u64, approvers: &[&str]) -> Self {
        let world = World::new(seed);
        let environment = stopped(&world, approvers).await;
        Box::pin(Self::about(world, environment)).await
    }

    /// Bob was asked about something dangerous.
    pub(super) async fn risky(seed: u64) -> Self {
        Box::pin(Self::asked_as(seed, Risk::High, None)).await
    }

    /// Bob was asked on a Saturday at 03:12 about something that his link decides, within these
    /// hours.
    pub(super) async fn within(seed: u64, hours: Calendar) -> Self {
        Box::pin(Self::asked_as(seed, Risk::Medium, Some(hours))).await
    }

    /// Bob was asked about an incident that asks for clearance.
    pub(super) async fn guarded(seed: u64) -> Self {
        let asked = Box::pin(Self::asked_as(seed, Risk::Medium, None)).await;
        let repo = desk(&asked.world).table.of(&tenant());
        let incident = repo.incident(asked.id.incident).await.unwrap().unwrap().record;
        let edit = Edit { clearance: Some(60), ..Edit::default() };
        let change = incident.edit(edit, &Actor::service("test")).unwrap();
        repo.commit(Commit::on(incident.id).change(change, Due::Keep)).await.unwrap();
        asked
    }

    async fn asked_as(seed: u64, risk: Risk, hours: Option<Calendar>) -> Self {
        let world = World::new(seed);
        let environment = stopped(&world, &[APPROVER]).await;
        let ask = ApprovalAsk {
            id: ApprovalId { incident: environment.incident, n: 1 },
            subject: Subject {
                action: "remove_access_point".to_owned(),
                target: environment.to_string(),
                summary: "Delete the access point.".to_owned(),
                does: None,
                risk,
                spec_hash: None,
                inputs_hash: None,
            },
            need: 1,
            approvers: vec![APPROVER.to_owned()],
            then: Vec::new(),
            excluded: Vec::new(),
            on_call: false,
            hours,
            role: None,
            clearance: None,
            requested_by: "service:approve".to_owned(),
            expires_at: world.clock.now().plus(HOUR),
            random: [0; 4],
        };
        let change = Approval::request(ask, &Actor::service("approve"), world.clock.now()).unwrap();
        let commit = Commit::on(environment.incident).change(change, Due::Keep);
        desk(&world).table.of(&tenant()).commit(commit).await.unwrap();
        Box::pin(Self::about(world, environment)).await
    }

    async fn about(world: World, environment: EnvironmentId) -> Self {
        let token = world.workflow.wait("env");
        let asked = Self {
            id: ApprovalId { incident: environment.incident, n: 1 },
            link: String::new(),
            environment,
            token: token.clone(),
            world,
        };
        handle(&desk(&asked.world), asked.step(1, &token)).await.unwrap();
        Self { link: asked.link_of(APPROVER), ..asked }
    }

    /// The newest link in somebody's inbox.
    pub(super) fn link_of(&self, who: &str) -> String {
        let inbox = self.world.notify.inbox_of(&Target::Email(who.to_owned()));
        let text = &inbox.last().unwrap().text;
        let (_, rest) = text.split_once(&format!("{ORIGIN}/approvals/")).unwrap();
        rest.split_whitespace().next().unwrap().to_owned()
    }

    /// The machine's step.
    pub(super) fn step(&self, attempt: u32, token: &str) -> Value {
        json!({
            "tenant": "acme", "incident": self.environment.incident, "environment": self.environment,
            "attempt": attempt, "token": token,
        })
    }

    pub(super) async fn approval(&self) -> Approval {
        let repo = desk(&self.world).table.of(&tenant());
        repo.approval(self.id).await.unwrap().unwrap().record
    }

    /// The form that the page would send.
    pub(super) async fn form(&self, answer: &str) -> Vec<(&'static str, String)> {
        self.form_of(&self.link, answer).await
    }

    pub(super) async fn form_of(&self, link: &str, answer: &str) -> Vec<(&'static str, String)> {
        let view = desk(&self.world).open_link(link).await.unwrap();
        vec![
            ("link", link.to_owned()),
            ("csrf", form_token(&COOKIE, &view.nonce)),
            ("code", view.approval.code),
            ("decision", answer.to_owned()),
        ]
    }

    /// How the timeline went, in words.
    pub(super) async fn timeline(&self) -> Vec<String> {
        let repo = desk(&self.world).table.of(&tenant());
        let events = repo.events(self.id.incident, 0, 50).await.unwrap();
        events.iter().map(|one| one.json()["type"].as_str().unwrap().to_owned()).collect()
    }
}

/// The request that a browser sends with this form.
pub(super) fn post(form: &[(&str, String)]) -> Value {
    let body: Vec<_> = form.iter().map(|(name, value)| format!("{name}={value}")).collect();
    json!({
        "version": "2.0",
        "rawPath": "/approvals/decide",
        "rawQueryString": "",
        "cookies": [COOKIE_TEXT],
        "headers": {
            "content-type": "application/x-www-form-urlencoded",
            "origin": ORIGIN,
            "accept": "text/html,application/xhtml+xml,application/json;q=0.9",
        },
        "requestContext": {
            "http": {"method": "POST", "path": "/approvals/decide", "sourceIp": "192.0.2.1"},
            "requestId": "r-1", "stage": "$default",
        },
        "body": body.join("&"),
        "isBase64Encoded": false,
    })
}

/// The answer's status and page.
pub(super) async fn send(world: &World, event: Value) -> (u64, String) {
    let answer = handle(&desk(world), event).await.unwrap();
    let status = answer["statusCode"].as_u64().unwrap();
    (status, answer["body"].as_str().unwrap().to_owned())
}
