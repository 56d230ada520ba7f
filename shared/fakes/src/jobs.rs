//! Jobs by name: what is started under one name twice is one job.

#[cfg(test)]
mod tests;

use crate::faults::Faults;
use crate::plant;
use crate::shelf::Shelf;
use crate::wire::{Ask, Service};
use crate::words::lines;
use async_trait::async_trait;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use watchfire_domain::Whole;
use watchfire_ports::{Ended, Job, JobKind, Jobs, PortError, Work};

/// With what a program ends that is stopped: 128 and SIGTERM.
const KILLED: i32 = 143;

/// How a job ends. Without a word it passes at the second look, and prints nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Whether it did what it should.
    pub passed: bool,
    /// With which exit code it ends, if it is a program: as ECS has it of one that ran to its end.
    pub exit_code: Option<i32>,
    /// What it prints.
    pub output: Vec<u8>,
    /// What is known of the whole, if that is but the beginning.
    pub whole: Option<Whole>,
    /// At which look it is over; 1 is the first.
    pub at_look: u32,
    /// What went wrong.
    pub problem: Option<String>,
    /// Whether it goes on though it was asked to stop.
    pub deaf: bool,
}

impl Ending {
    /// It prints this and passes.
    pub fn passes(output: &str) -> Self {
        Self {
            passed: true,
            exit_code: Some(0),
            output: output.as_bytes().to_vec(),
            whole: None,
            at_look: 2,
            problem: None,
            deaf: false,
        }
    }

    /// It fails with this problem, and with exit code 1.
    pub fn fails(problem: &str) -> Self {
        let problem = Some(problem.to_owned());
        Self { passed: false, exit_code: Some(1), problem, ..Self::passes("") }
    }

    /// The same with this exit code; with none, it never ran.
    #[must_use]
    pub fn exits(self, exit_code: Option<i32>) -> Self {
        Self { exit_code, ..self }
    }

    /// The same, over at this look.
    #[must_use]
    pub fn at_look(self, at_look: u32) -> Self {
        Self { at_look, ..self }
    }

    /// The same, its output but the beginning of this.
    #[must_use]
    pub fn beginning_of(self, whole: Whole) -> Self {
        Self { whole: Some(whole), ..self }
    }

    /// It goes on until it is stopped.
    pub fn never() -> Self {
        Self::passes("").at_look(u32::MAX)
    }

    /// It goes on, whoever asks it to stop.
    pub fn deaf() -> Self {
        Self { deaf: true, ..Self::never() }
    }
}

/// Whoever carries out programs and SSM documents.
#[derive(Clone, Debug)]
pub struct FakeJobs(Service<Office>);

#[derive(Debug, Default)]
struct Office {
    next: BTreeMap<String, VecDeque<Ending>>,
    always: BTreeMap<String, Ending>,
    hidden: bool,
    refused: BTreeSet<String>,
    jobs: Shelf<Kept>,
    looks: BTreeMap<String, u32>,
}

#[derive(Clone, Debug)]
struct Kept {
    job: Job,
    starts: u32,
    ending: Ending,
    stopped: Option<String>,
}

impl FakeJobs {
    /// Nobody has started anything.
    pub fn new(faults: Faults) -> Self {
        Self(Service::new(faults, Office::default()))
    }

    /// The same, seen from another process.
    #[must_use]
    pub fn with_faults(&self, faults: Faults) -> Self {
        Self(self.0.with_faults(faults))
    }

    /// How one job ends that is started from now on: `what` is its program (`argv[0]`) or its
    /// document. Those that were said before come first.
    pub fn next(&self, what: &str, ending: Ending) {
        self.0.state().next.entry(what.to_owned()).or_default().push_back(ending);
    }

    /// How all others of this program or document end.
    pub fn always(&self, what: &str, ending: Ending) {
        self.0.state().always.insert(what.to_owned(), ending);
    }

    /// Refuses a program, a document or a profile, as what the deployment does not list.
    pub fn refuse(&self, what: &str) {
        self.0.state().refused.insert(what.to_owned());
    }

    /// Refuses to be looked at from now on, as a cluster that is gone.
    pub fn hide(&self) {
        self.0.state().hidden = true;
    }

    /// Forgets a job, as ECS does an hour after its end.
    pub fn forget(&self, name: &str) {
        self.0.state().jobs.remove(name);
    }

    /// The jobs that are remembered, in the order of their names.
    pub fn jobs(&self) -> Vec<Job> {
        self.0.state().jobs.iter(0).map(|(_, kept)| kept.job.clone()).collect()
    }

    /// How often a job of this name was really started.
    pub fn started(&self, name: &str) -> u32 {
        self.0.state().jobs.get(name, 0).map_or(0, |kept| kept.starts)
    }

    /// How many were really started.
    pub fn starts(&self) -> u32 {
        self.0.state().jobs.iter(0).map(|(_, kept)| kept.starts).sum()
    }

    /// Why a job was stopped, if it was.
    pub fn stopped(&self, name: &str) -> Option<String> {
        self.0.state().jobs.get(name, 0)?.stopped.clone()
    }

    /// The calls that reached the services.
    pub fn calls(&self) -> Vec<String> {
        self.0.calls()
    }

    /// Delivers late duplicates.
    pub fn settle(&self) {
        self.0.settle();
    }

    /// Each job: its name, what it is, how often it was started, and whether it was stopped.
    pub fn dump(&self) -> String {
        let office = self.0.state();
        let line = |(name, kept): (&str, &Kept)| {
            let stopped = if kept.stopped.is_some() { " stopped" } else { "" };
            format!("{name} {} ×{}{stopped}", what(&kept.job), kept.starts)
        };
        lines(office.jobs.iter(0).map(line))
    }
}

/// The program or the document.
fn what(job: &Job) -> &str {
    match &job.kind {
        JobKind::Program { argv, .. } => argv.first().map_or("", String::as_str),
        JobKind::Automation { document, .. } => document,
    }
}

/// The operation that starts it, with the name by which the service knows a repeat.
fn token(job: &Job) -> (&'static str, &'static str) {
    match job.kind {
        JobKind::Program { .. } => ("ecs:RunTask", "ecs:RunTask: clientToken"),
        JobKind::Automation { .. } => {
            ("ssm:StartAutomationExecution", "ssm:StartAutomationExecution: ClientToken")
        }
    }
}

impl Office {
    fn ending(&mut self, what: &str) -> Ending {
        let next = self.next.get_mut(what).and_then(VecDeque::pop_front);
        let always = || self.always.get(what).cloned();
        next.or_else(always).unwrap_or_else(|| Ending::passes(""))
    }

    fn refuses(&self, job: &Job) -> bool {
        let profile = match &job.kind {
            JobKind::Program { profile, .. } => Some(profile),
            JobKind::Automation { .. } => None,
        };
        self.refused.contains(what(job)) || profile.is_some_and(|one| self.refused.contains(one))
    }

    fn start(&mut self, job: &Job) {
        let (_, guard) = token(job);
        match self.jobs.get(&job.name, 0).cloned() {
            // Whatever was started under the name is left alone.
            Some(_) if !plant::is(guard) => {}
            Some(kept) => {
                let starts = kept.starts.saturating_add(1);
                self.jobs.put(&job.name, Kept { starts, ..kept });
            }
            None => {
                let ending = self.ending(what(job));
                let kept = Kept { job: job.clone(), starts: 1, ending, stopped: None };
                self.jobs.put(&job.name, kept);
            }
        }
    }

    fn over(&self, name: &str, kept: &Kept) -> bool {
        self.looks.get(name).is_some_and(|looks| *looks >= kept.ending.at_look)
    }

    fn look(&mut self, name: &str, behind: u8) -> Work {
        let Some(kept) = self.jobs.get(name, behind).cloned() else { return Work::Unknown };
        let program = matches!(kept.job.kind, JobKind::Program { .. });
        if let Some(reason) = kept.stopped.as_ref().filter(|_| !kept.ending.deaf) {
            return Work::Over(Ended {
                passed: false,
                exit_code: program.then_some(KILLED),
                status: (!program).then(|| "Cancelled".to_owned()),
                output: Vec::new(),
                whole: None,
                evidence: Vec::new(),
                problem: Some(format!("it was stopped: {reason}")),
            });
        }
        let looks = self.looks.entry(name.to_owned()).or_default();
        *looks = looks.saturating_add(1);
        if !self.over(name, &kept) {
            return Work::Running;
        }
        let Ending { passed, exit_code, output, whole, problem, .. } = kept.ending;
        let exit_code = exit_code.filter(|_| program);
        let evidence = match kept.job.kind {
            JobKind::Program { .. } => {
                vec![format!("s3://watchfire-evidence/commands/{}/{name}/output", kept.job.tenant)]
            }
            JobKind::Automation { .. } => Vec::new(),
        };
        let status = if passed { "Success" } else { "Failed" };
        let status = (!program).then(|| status.to_owned());
        Work::Over(Ended { passed, exit_code, status, output, whole, evidence, problem })
    }
}

#[async_trait]
impl Jobs for FakeJobs {
    async fn start(&self, job: &Job) -> Result<(), PortError> {
        let subject = format!("{} {}", job.name, what(job));
        let call = Ask::new(token(job).0, "starting the job of a step", &subject);
        let (words, job) = (call.clone(), job.clone());
        self.0
            .write(call, move |office| {
                if office.refuses(&job) {
                    return Err(words.refused("the deployment does not list it"));
                }
                office.start(&job);
                Ok(())
            })
            .await
    }

    async fn look(&self, job: &Job) -> Result<Work, PortError> {
        let operation = match job.kind {
            JobKind::Program { .. } => "ecs:DescribeTasks",
            JobKind::Automation { .. } => "ssm:DescribeAutomationExecutions",
        };
        let call = Ask::new(operation, "looking at the job of a step", &job.name);
        let gone = || PortError::Refused {
            service: "ECS",
            doing: "looking at the job of a step",
            reason: "the cluster is gone".to_owned(),
        };
        let look = |office: &mut Office, behind| {
            if office.hidden { Err(gone()) } else { Ok(office.look(&job.name, behind)) }
        };
        self.0.read(call, look).await
    }

    async fn stop(&self, job: &Job, reason: &str) -> Result<(), PortError> {
        let (listing, operation) = match job.kind {
            JobKind::Program { .. } => ("ecs:ListTasks", "ecs:StopTask"),
            JobKind::Automation { .. } => {
                ("ssm:DescribeAutomationExecutions", "ssm:StopAutomationExecution")
            }
        };
        // What is stopped is looked for first, and a listing may lack it.
        let call = Ask::new(listing, "stopping the job of a step", &job.name);
        let known = |office: &mut Office, behind| Ok(office.jobs.get(&job.name, behind).is_some());
        if !self.0.read(call, known).await? {
            return Ok(());
        }
        let call = Ask::new(operation, "stopping the job of a step", &job.name);
        let (name, reason) = (job.name.clone(), reason.to_owned());
        self.0
            .write(call, move |office| {
                let Some(kept) = office.jobs.get(&name, 0).cloned() else { return Ok(()) };
                if !office.over(&name, &kept) && kept.stopped.is_none() {
                    office.jobs.put(&name, Kept { stopped: Some(reason.clone()), ..kept });
                }
                Ok(())
            })
            .await
    }
}
