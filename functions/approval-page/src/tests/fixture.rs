//! An incident, its stopped environment, and the mail that asks whether its access point may go.

use serde_json::{Value, json};
use watchfire_desk::{Desk, Step};
use watchfire_domain::approval::{Approval, ApprovalAsk, Risk, Subject};
use watchfire_domain::environment::{Evidence, Spec, Verdict};
use watchfire_domain::incident::{Extra, Incident, Opening};
use watchfire_domain::{
    Actor, ActorKind, ApprovalId, Change, Environment, EnvironmentId, HOUR, IncidentId, Profile,
    Severity, Tenant, Timestamp, Voucher,
};
use watchfire_edge::Config;
use watchfire_fakes::World;
use watchfire_ports::{Clock as _, Ids as _};
use watchfire_store::{Commit, Due};

const ORIGIN: &str = "https://desk.example.com";

/// The function as it is deployed: without the keys of task tokens, for it wakes nobody.
pub(super) fn desk(world: &World) -> Desk {
    desk_with(world, None)
}

/// The same where approvers can sign in on the page.
pub(super) fn signing(world: &World) -> Desk {
    let settings = |name: &str| match name {
        "WATCHFIRE_TABLE" => Some("watchfire".to_owned()),
        "WATCHFIRE_PUBLIC_URL" => Some(ORIGIN.to_owned()),
        "WATCHFIRE_LINK_SECRET" => Some("link-secret".to_owned()),
        "WATCHFIRE_SIGN_IN_CLIENT" => Some("page".to_owned()),
        "WATCHFIRE_SIGN_IN_AUTHORIZE" => Some("https://login.example.com/authorize".to_owned()),
        "WATCHFIRE_SIGN_IN_TOKEN" => Some("https://login.example.com/token".to_owned()),
        _ => None,
    };
    world.desk(Config::read(&settings).unwrap())
}

fn desk_with(world: &World, token_secret: Option<&str>) -> Desk {
    let settings = |name: &str| match name {
        "WATCHFIRE_TABLE" => Some("watchfire".to_owned()),
        "WATCHFIRE_PUBLIC_URL" => Some(ORIGIN.to_owned()),
        "WATCHFIRE_LINK_SECRET" => Some("link-secret".to_owned()),
        "WATCHFIRE_TOKEN_SECRET" => token_secret.map(str::to_owned),
        _ => None,
    };
    world.desk(Config::read(&settings).unwrap())
}

fn dangerous(on: EnvironmentId, now: Timestamp) -> Change<Approval> {
    let ask = ApprovalAsk {
        id: ApprovalId { incident: on.incident, n: 1 },
        subject: Subject {
            action: "remove_access_point".to_owned(),
            target: on.to_string(),
            summary: "Delete the access point.".to_owned(),
            does: None,
            risk: Risk::High,
            spec_hash: None,
            inputs_hash: None,
        },
        need: 1,
        approvers: vec!["bob@example.com".to_owned()],
        then: Vec::new(),
        excluded: Vec::new(),
        on_call: false,
        hours: None,
        role: None,
        clearance: None,
        requested_by: "service:approve".to_owned(),
        expires_at: now.plus(HOUR),
        random: [0; 4],
    };
    Approval::request(ask, &Actor::service("approve"), now).unwrap()
}

/// What Bob was asked.
pub(super) struct Asked {
    pub(super) world: World,
    pub(super) id: ApprovalId,
    pub(super) link: String,
}

impl Asked {
    pub(super) async fn bob(seed: u64) -> Self {
        Box::pin(Self::of(seed, Risk::Medium)).await
    }

    /// Something dangerous.
    pub(super) async fn risky(seed: u64) -> Self {
        Box::pin(Self::of(seed, Risk::High)).await
    }

    async fn of(seed: u64, risk: Risk) -> Self {
        let world = World::new(seed);
        let (now, desk) = (world.clock.now(), desk_with(&world, Some("token-secret")));
        let tenant = Tenant::vouched("acme", Voucher::Execution).unwrap();
        let actor = Actor { kind: ActorKind::User, id: "alice@example.com".to_owned() };
        let opening = Opening {
            id: IncidentId::at(now, world.ids.ten()),
            title: "p99 > 4 s & \"rising\"</h1><script>alert('x')</script>".to_owned(),
            description: String::new(),
            severity: Severity::High,
            confirm_severity: false,
            extra: Extra { drill: true, ..Extra::default() },
        };
        let id = EnvironmentId { incident: opening.id, n: 1 };
        let spec = json!({"cluster_id": "prod-east", "approvers": ["Bob@Example.com"]});
        let spec: Spec = serde_json::from_value(spec).unwrap();
        let asked =
            Environment::request(id, &spec, "20261121-0312", "rosa-boundary-dev", &actor, now);
        let after = asked.after.created("fsap-0a1b", "arn:definition:1", None, Ok(None), &actor);
        let after = after.unwrap().unwrap().after.ask_stop("done looking", None, &actor, now);
        let evidence = Evidence {
            verdict: Verdict::Verified,
            prefix: Some("prod-east/20261121-0312/20261121/4f1e/".to_owned()),
            files: 14,
            manifest: Some("5be071c4".repeat(8)),
            problem: None,
        };
        let after = after.unwrap().unwrap().after.stopped(None, evidence, &actor).unwrap().unwrap();
        let commit = Commit::on(id.incident)
            .fresh()
            .change(Incident::open(&tenant, &Profile::sev(), opening, 0, &actor, now), Due::Keep)
            .change(Change { before: None, draft: asked.draft, after: after.after }, Due::Keep);
        Box::pin(desk.table.of(&tenant).commit(commit)).await.unwrap();
        if risk == Risk::High {
            let commit = Commit::on(id.incident).change(dangerous(id, now), Due::Keep);
            Box::pin(desk.table.of(&tenant).commit(commit)).await.unwrap();
        }
        let token = Some(world.workflow.wait("env"));
        let tenant = "acme".to_owned();
        let step = Step { tenant, environment: id, attempt: 1, step: None, token, error: None };
        desk.approve(&step).await.unwrap();
        let text = world.notify.take().remove(0).text;
        let (_, rest) = text.split_once(&format!("{ORIGIN}/approvals/")).unwrap();
        let link = rest.split_whitespace().next().unwrap().to_owned();
        Self { world, id: ApprovalId { incident: id.incident, n: 1 }, link }
    }

    pub(super) async fn approval(&self) -> Approval {
        let tenant = Tenant::vouched("acme", Voucher::Execution).unwrap();
        let repo = desk(&self.world).table.of(&tenant);
        repo.approval(self.id).await.unwrap().unwrap().record
    }
}

/// The request of whoever follows the link.
pub(super) fn get(link: &str) -> Value {
    json!({
        "version": "2.0",
        "rawPath": format!("/approvals/{link}"),
        "rawQueryString": "",
        "headers": {"accept": "text/html", "user-agent": "Mozilla/5.0"},
        "requestContext": {
            "http": {"method": "GET", "path": "/", "sourceIp": "192.0.2.1"},
            "requestId": "r-1", "stage": "$default",
        },
    })
}
