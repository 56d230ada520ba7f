//! Steps that other systems do: requests, programs and documents.

use super::Loaded;
use super::act::{Ending, Found, Look};
use super::answer::Answer;
use super::carried::Carry;
use crate::Desk;
use crate::settle::{TRIES, fault};
use std::collections::BTreeMap;
use watchfire_domain::approval::ApprovalState;
use watchfire_domain::{Approval, HOUR, MINUTE, Timestamp};
use watchfire_edge::Fault;
use watchfire_ports::{Ended, Job, JobKind, PortError, WebAsk, Work};
use watchfire_runbook::address;
use watchfire_runbook::render::{Program, Request};
use watchfire_runbook::spec::Header;
use watchfire_runbook::verdict;
use watchfire_store::{Commit, Due, Refused};

/// For how long whoever began a step may still be about to send its request: longer than any
/// function runs.
const LEASE: i64 = 2 * MINUTE;

impl Desk {
    /// A request. One that changes something is sent by whoever began the step, and by nobody else:
    /// if that one died, nobody knows whether it was sent, and a person has to look.
    pub(super) async fn web_step(
        &self,
        look: &Look<'_>,
        request: &Request,
    ) -> Result<Found, Fault> {
        if !look.first && !request.method.is_safe() {
            let left = LEASE.saturating_sub(look.age(self.clock.now()));
            if left > 0 {
                return Ok(Found::Later(left.div_euclid(1_000).saturating_add(1), None));
            }
            return Ok(Found::Over(Ending::failed(
                "whether the request was sent is not known: look before you try it again",
            )));
        }
        self.sent(look, request).await.map(Found::Over)
    }

    /// Sends a request, and judges its answer, which is not kept yet: of a check, only the last is.
    pub(super) async fn sent(&self, look: &Look<'_>, request: &Request) -> Result<Ending, Fault> {
        let hosts = self.config.step_hosts.iter().map(ToString::to_string).collect();
        if let Err(refusal) = address::is_allowed(&request.authority, &hosts) {
            return Ok(Ending::failed(refusal.to_string()));
        }
        let mut secrets = Vec::new();
        let ask = match self.web_ask(look, request, &mut secrets).await {
            Ok(ask) => ask,
            Err(problem) => return Ok(Ending::failed(problem)),
        };
        match self.requests.send(&ask).await {
            Ok(mut answer) => {
                answer.body = without(answer.body, &secrets);
                let wrong =
                    verdict::of_answer(&request.expect, answer.status, answer.millis, &answer.body);
                Ok(Answer::new(answer, request).ending(wrong))
            }
            Err(error) => Ok(Ending::failed(watchfire_edge::chain(&error))),
        }
    }

    /// The request; what of it is secret is told besides, so that an echo of it is not kept.
    async fn web_ask(
        &self,
        look: &Look<'_>,
        request: &Request,
        secrets: &mut Vec<String>,
    ) -> Result<WebAsk, String> {
        let mut headers = Vec::new();
        for (name, header) in &request.headers {
            let value = match header {
                Header::Value(text) => text.clone(),
                Header::Secret(secret) => {
                    let text = self.step_secret(look.loaded, secret).await?;
                    secrets.push(text.clone());
                    text
                }
                Header::Bearer(secret) => {
                    let text = self.step_secret(look.loaded, secret).await?;
                    secrets.push(text.clone());
                    format!("Bearer {text}")
                }
            };
            headers.push((name.clone(), value));
        }
        if !request.method.is_safe() {
            // Whoever receives it twice can tell.
            headers.push(("Idempotency-Key".to_owned(), look.turn.effect.clone()));
        }
        let body = request.json.as_ref().map(|json| json.to_string().into_bytes());
        if body.is_some() {
            headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        }
        let (method, url) = (request.method.name(), request.url.clone());
        Ok(WebAsk { method, url, headers, body })
    }

    /// A secret that a runbook of this tenant may name.
    async fn step_secret(&self, loaded: &Loaded, name: &str) -> Result<String, String> {
        let tenant = loaded.repo.tenant();
        let id = format!("{}{tenant}/{name}", self.config.step_secrets);
        let told = self.secrets.secret(&id, false).await;
        let unread = |_: PortError| format!("the secret `{name}` cannot be read");
        Ok(told.map_err(unread)?.trim().to_owned())
    }

    /// A program, in a task of its own.
    pub(super) async fn program(&self, look: &Look<'_>, program: &Program) -> Result<Found, Fault> {
        let job = program_job(look.loaded, &look.turn.effect, program);
        let found = self.job(look, &job).await?;
        Ok(match found {
            Found::Over(ending) => Found::Over(judged(ending, program)),
            Found::Later(..) => found,
        })
    }

    /// An SSM Automation document.
    pub(super) async fn automation(
        &self,
        look: &Look<'_>,
        document: String,
        parameters: BTreeMap<String, Vec<String>>,
    ) -> Result<Found, Fault> {
        let kind = JobKind::Automation { document: document.clone(), parameters };
        let found = self.job(look, &job_of(look.loaded, &look.turn.effect, kind)).await?;
        Ok(match found {
            Found::Over(ending) => Found::Over(returned(ending, document)),
            Found::Later(..) => found,
        })
    }

    /// Starts a job, or looks at it.
    pub(super) async fn job(&self, look: &Look<'_>, job: &Job) -> Result<Found, Fault> {
        let now = self.clock.now();
        if !look.first {
            match self.jobs.look(job).await? {
                Work::Over(ended) => return Ok(Found::Over(ending(ended))),
                Work::Running => return Ok(Found::Later(look.patience(now), None)),
                // Nobody knows jobs for ever: one that is begun anew so late may have run before.
                Work::Unknown if look.age_of_job(now) > HOUR => return Ok(missed(look, now)),
                Work::Unknown => {}
            }
        }
        match self.jobs.start(job).await {
            Ok(()) => Ok(Found::Later(look.patience(now), None)),
            Err(error) if error.retryable() => Err(error.into()),
            Err(error) => Ok(Found::Over(Ending::failed(watchfire_edge::chain(&error)))),
        }
    }

    /// An execution that ended while approvers were asked: their answer would mean nothing.
    pub(super) async fn withdraw(&self, loaded: &Loaded) -> Result<(), Fault> {
        let Some(step) = &loaded.execution.current_step else { return Ok(()) };
        for _ in 0..TRIES {
            let approval = loaded.approval(step).await?;
            let is_open = |one: &Approval| one.state == ApprovalState::Pending;
            let Some(approval) = approval.filter(is_open) else { return Ok(()) };
            let change = approval.revoke("the execution has ended", &super::machine())?;
            let commit = Commit::on(approval.id.incident).change(change, Due::Clear);
            match loaded.repo.commit(commit).await {
                Ok(_) => return Ok(()),
                Err(Refused::Changed) => {}
                Err(refused) => return Err(fault(refused)),
            }
        }
        Err(Fault::Conflict)
    }
}

/// Nothing of a job was found where it should be known. One listing may lack what runs, so that the
/// next look has to miss it too; whatever loses the carry in between looks twice again.
fn missed(look: &Look<'_>, now: Timestamp) -> Found {
    let carry = look.carry.clone().unwrap_or_default();
    if carry.missed {
        let unknown = "nobody knows what became of it: look before you try it again";
        return Found::Over(Ending::failed(unknown));
    }
    let effect = look.turn.effect.clone();
    Found::Later(look.patience(now), Some(Carry { effect, missed: true, ..carry }))
}

/// The job of a program under this name.
pub(super) fn program_job(loaded: &Loaded, name: &str, program: &Program) -> Job {
    let Program { argv, stdin, profile, .. } = program.clone();
    job_of(loaded, name, JobKind::Program { profile, argv, stdin })
}

/// A job under this name.
pub(super) fn job_of(loaded: &Loaded, name: &str, kind: JobKind) -> Job {
    let tenant = loaded.repo.tenant().as_str().to_owned();
    Job { name: name.to_owned(), tenant, kind }
}

/// A body without these secrets, which its sender may have repeated.
fn without(body: Vec<u8>, secrets: &[String]) -> Vec<u8> {
    let said = |secret: &&String| {
        !secret.is_empty() && body.windows(secret.len()).any(|part| part == secret.as_bytes())
    };
    if !secrets.iter().any(|secret| said(&secret)) {
        return body;
    }
    let mut text = String::from_utf8_lossy(&body).into_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret.as_str(), "[a secret]");
    }
    text.into_bytes()
}

fn ending(ended: Ended) -> Ending {
    let Ended { passed, exit_code, status, output, whole, evidence, problem } = ended;
    let unsaid = || Some("it failed, and did not say why".to_owned());
    let problem = if passed { None } else { problem.or_else(unsaid) };
    Ending { exit_code, status, output, whole, evidence, problem, ..Ending::default() }
}

/// What a document returned is kept, if it ran at all.
fn returned(ending: Ending, document: String) -> Ending {
    let answer = ending.status.clone().map(|status| {
        Answer::of_document(document, status, &ending.output, ending.problem.clone())
    });
    Ending { answer, ..ending }
}

/// What a program printed is judged once it has ended as it should.
pub(super) fn judged(ending: Ending, program: &Program) -> Ending {
    let wrong = verdict::of_output(program, &ending.output);
    Ending { problem: ending.problem.or(wrong), ..ending }
}
