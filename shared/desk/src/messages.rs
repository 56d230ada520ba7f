//! Messages: what they say, and how they are sent after the commit that queued them.

mod notice;

pub(crate) use notice::{Notice, noticed};

use crate::Desk;
use crate::settle::fault;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use watchfire_domain::environment::{Evidence, Verdict};
use watchfire_domain::plan::Target;
use watchfire_domain::{
    Actor, Approval, Audience, Draft, Environment, EventType, Excerpt, Incident, MINUTE, Plan, hex,
};
use watchfire_edge::Fault;
use watchfire_ports::Message;
use watchfire_store::{Commit, Queued, Refused, Repo};

/// When a plan's targets are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occasion {
    Opened,
    Reopened,
    Flapping,
    SeverityRaised,
    Resolved,
}

impl Occasion {
    const fn word(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Reopened => "reopened",
            Self::Flapping => "goes on and off: you are not told of each change",
            Self::SeverityRaised => "severity raised",
            Self::Resolved => "resolved",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Opened => "incident.opened",
            Self::Reopened => "incident.reopened",
            Self::Flapping => "incident.flapping",
            Self::SeverityRaised => "incident.severity_raised",
            Self::Resolved => "incident.resolved",
        }
    }
}

/// A message to each of the plan's targets about the incident as it stands now.
pub(crate) fn of(plan: &Plan, incident: &Incident, occasion: Occasion) -> Vec<Message> {
    // What goes on inside is for those who work on it: customers hear what a person writes for
    // them.
    let targets = plan.told(Audience::Responders);
    targets.into_iter().map(|target| about(target, incident, occasion)).collect()
}

fn about(target: &Target, incident: &Incident, occasion: Occasion) -> Message {
    let severity = incident.severity.name();
    let mut text = format!(
        "{} {}\n{}\n\nseverity: {severity}\nstatus:   {}\nopened:   {}\n",
        incident.display_id,
        occasion.word(),
        incident.title,
        incident.status.name(),
        incident.created_at,
    );
    if incident.drill {
        text.push_str("This is a drill.\n");
    }
    if !incident.description.is_empty() {
        text.push('\n');
        text.push_str(&incident.description);
        text.push('\n');
    }
    let drill = if incident.drill { "[DRILL] " } else { "" };
    let whom = serde_json::to_string(target).unwrap_or_default();
    // The same occasion at the same version is the same message.
    let id =
        digest(&[&incident.id.to_string(), &incident.version.to_string(), occasion.name(), &whom]);
    let subject = format!(
        "{drill}[{severity}] {} {}: {}",
        incident.display_id,
        occasion.word(),
        incident.title
    );
    Message {
        id,
        to: target.clone(),
        subject: subject.chars().take(100).collect(),
        text,
        data: json!({
            "event": occasion.name(),
            "incident": incident.id,
            "display_id": incident.display_id,
            "title": incident.title,
            "severity": severity,
            "status": incident.status.name(),
            "drill": incident.drill,
        }),
    }
}

/// The mail that asks one approver about a runbook's step. It holds the link, so it is never
/// stored.
pub(crate) fn step_approval(
    incident: &Incident,
    approval: &Approval,
    who: &str,
    url: &str,
) -> Message {
    let place = approval.asked().count();
    let level = approval.asked().last();
    let (need, people) = level.map_or((0, 0), |level| (level.need, level.people.len()));
    let levels = approval.levels_in_all();
    let levels = levels.map_or(String::new(), |all| format!("level:    {place} of {all}\n"));
    let text = format!(
        "Your approval is asked for in incident {} ({}).\n\n{}\n\n{}\
         asked by: {}\nneeded:   {need} of {people}\n{levels}\n\
         Read it and decide here, until {}; no answer counts as no:\n{url}\n\n\
         This is of high risk: to agree, you sign in as {who}; to refuse, the link is enough.\n\
         The link is yours alone: do not forward it. Opening it decides nothing.\n",
        incident.display_id,
        incident.title,
        approval.subject.summary,
        approval.subject.does.as_ref().map(done).unwrap_or_default(),
        approval.requested_by,
        approval.expires_at,
    );
    let duty = "Only those who are on call when they agree count.\n";
    let text = if level.is_some_and(|level| level.on_call) { text + duty } else { text };
    let hours = level.and_then(|level| level.hours);
    let hours = hours.map_or(String::new(), |hours| {
        format!("To agree counts only within these hours: {hours}.\n")
    });
    let wants = level.and_then(|level| level.wants());
    let wants = wants.map_or(String::new(), |wants| format!("To agree takes {wants}.\n"));
    let text = text + &hours + &wants;
    asked(incident, approval, who, text)
}

/// What would be done, set in so that no line of it is taken for one of ours.
fn done(does: &Excerpt) -> String {
    let mut text = "What would be done:\n".to_owned();
    let remark = does.remark().map(|remark| format!("({remark})"));
    for line in does.text.lines().chain(remark.as_deref()) {
        text.push_str("  ");
        text.push_str(line);
        text.push('\n');
    }
    text + "\n"
}

/// The mail that asks one approver. It holds the link, so it is never stored.
pub(crate) fn approval(
    incident: &Incident,
    environment: &Environment,
    approval: &Approval,
    who: &str,
    url: &str,
) -> Message {
    let evidence = match &environment.evidence {
        None => "not looked for".to_owned(),
        Some(Evidence { verdict: Verdict::None, .. }) => "none to expect".to_owned(),
        Some(Evidence { verdict: Verdict::Waived, problem: Some(problem), .. }) => {
            format!("let pass, though {problem}")
        }
        Some(Evidence { problem: Some(problem), .. }) => problem.clone(),
        Some(Evidence { files, .. }) => format!("{files} files verified"),
    };
    let text = format!(
        "Your approval is asked for in incident {} ({}).\n\n{}\n\n\
         cluster:  {}\nnumber:   {}\nevidence: {evidence}\n\n\
         Read it and decide here, until {}; no answer counts as no:\n{url}\n\n\
         The link is yours alone: do not forward it. Opening it decides nothing.\n",
        incident.display_id,
        incident.title,
        approval.subject.summary,
        environment.cluster_id,
        environment.number,
        approval.expires_at,
    );
    asked(incident, approval, who, text)
}

fn asked(incident: &Incident, approval: &Approval, who: &str, text: String) -> Message {
    let drill = if incident.drill { "[DRILL] " } else { "" };
    let action = approval.subject.action.replace('_', " ");
    let subject = format!("{drill}Approval needed: {action} in {}", incident.display_id);
    Message {
        id: digest(&[&approval.id.to_string(), &approval.link_gen.to_string(), who]),
        to: Target::Email(who.to_owned()),
        subject,
        text,
        data: json!({ "event": "approval.requested", "approval": approval.id, "incident": incident.id }),
    }
}

pub(crate) fn digest(parts: &[&str]) -> String {
    let digest = Sha256::digest(parts.join("\0"));
    hex(digest.first_chunk::<16>().map_or(&[], |first| first.as_slice()))
}

/// After how many tries a message is given up: half a day, with the pauses of [`later`].
pub(crate) const TRIES: u32 = 10;

/// How long until the next try, in milliseconds: a minute, doubled each time, at most four hours.
pub(crate) fn later(tries: u32) -> i64 {
    MINUTE.saturating_mul(1 << tries.min(8)).min(240 * MINUTE)
}

impl Desk {
    /// Sends messages that a commit queued. What is not taken now, `sweep` sends.
    pub(crate) async fn deliver(&self, repo: &Repo, messages: &[Message]) -> Result<(), Fault> {
        for message in messages {
            match self.notify.send(message).await {
                Ok(_) => repo.unqueue(&message.id).await?,
                Err(error) => {
                    tracing::warn!(message.id = %message.id, "A message was not taken: {error}");
                }
            }
        }
        Ok(())
    }

    /// Tries a queued message again; the one that fails too often is given up, on the timeline.
    pub(crate) async fn retry(&self, repo: &Repo, queued: Queued) -> Result<(), Fault> {
        match self.notify.send(&queued.message).await {
            Ok(_) => Ok(repo.unqueue(&queued.message.id).await?),
            Err(error) if error.retryable() && queued.tries.saturating_add(1) < TRIES => {
                let tries = queued.tries.saturating_add(1);
                let at = self.clock.now().plus(later(tries));
                Ok(repo.requeue(&Queued { tries, ..queued }, at).await?)
            }
            Err(error) => self.undeliverable(repo, queued, &error.to_string()).await,
        }
    }

    async fn undeliverable(&self, repo: &Repo, queued: Queued, reason: &str) -> Result<(), Fault> {
        let actor = Actor::service("sweep");
        let draft = Draft::new(EventType::NotificationFailed, &actor)
            .with("to", serde_json::to_value(&queued.message.to).unwrap_or_default())
            .with("about", queued.message.id.clone())
            .with("reason", reason);
        let commit = Commit::on(queued.incident).event(draft).given_up(&queued.message.id);
        match repo.commit(commit).await {
            // Another sweep was faster, or its answer was lost.
            Ok(_) | Err(Refused::Taken("given up")) => Ok(()),
            Err(refused) => Err(fault(refused)),
        }
    }
}
