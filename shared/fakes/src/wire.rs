//! A service behind its wire: every call passes here, and here the fault plan has its say.

#[cfg(test)]
mod tests;

use crate::faults::{Fault, Faults};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use watchfire_ports::PortError;

/// One call: its operation as in an IAM action, what we are doing, and on what.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    operation: &'static str,
    doing: &'static str,
    subject: String,
}

impl Ask {
    pub(crate) fn new(operation: &'static str, doing: &'static str, subject: &str) -> Self {
        Self { operation, doing, subject: subject.to_owned() }
    }

    /// The service says no, and will say it again.
    pub(crate) fn refused(&self, reason: &str) -> PortError {
        refused(self.operation, self.doing, reason)
    }

    /// The answer is there, and is none that we can use.
    pub(crate) fn corrupt(&self, reason: &str) -> PortError {
        let service = service(self.operation);
        PortError::Corrupt { service, doing: self.doing, reason: reason.to_owned() }
    }

    pub(crate) fn unavailable(
        &self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> PortError {
        unavailable(self.operation, self.doing, source)
    }
}

pub(crate) fn refused(operation: &str, doing: &'static str, reason: &str) -> PortError {
    PortError::Refused { service: service(operation), doing, reason: reason.to_owned() }
}

pub(crate) fn unavailable(
    operation: &str,
    doing: &'static str,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> PortError {
    PortError::Unavailable { service: service(operation), doing, source: source.into() }
}

fn service(operation: &str) -> &'static str {
    match operation.split(':').next().unwrap_or_default() {
        "boundary" => "Boundary",
        "ecs" => "ECS",
        "events" => "EventBridge",
        "elasticfilesystem" => "EFS",
        "s3" => "S3",
        "secretsmanager" => "Secrets Manager",
        "ses" => "SES",
        "sns" => "SNS",
        "sqs" => "SQS",
        "ssm" => "SSM",
        "states" => "Step Functions",
        _ => "the web",
    }
}

/// A service's state, seen from one process. Clones share the state and the plan.
#[derive(Debug)]
pub(crate) struct Service<S> {
    state: Arc<Mutex<S>>,
    traffic: Arc<Mutex<Traffic>>,
    faults: Faults,
}

#[derive(Debug, Default)]
struct Traffic {
    calls: Vec<String>,
    late: Vec<Late>,
}

/// A late duplicate: the network delivers the request once more.
struct Late {
    after: u8,
    again: Box<dyn Fn() + Send>,
}

impl fmt::Debug for Late {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Late").field("after", &self.after).finish_non_exhaustive()
    }
}

impl<S> Clone for Service<S> {
    fn clone(&self) -> Self {
        self.with_faults(self.faults.clone())
    }
}

impl<S> Service<S> {
    pub(crate) fn new(faults: Faults, state: S) -> Self {
        Self { state: Arc::new(Mutex::new(state)), traffic: Arc::default(), faults }
    }

    /// The same service, seen from another process.
    pub(crate) fn with_faults(&self, faults: Faults) -> Self {
        Self { state: Arc::clone(&self.state), traffic: Arc::clone(&self.traffic), faults }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, S> {
        lock(&self.state)
    }

    /// The calls that reached the service, as `service:Operation subject`, in order.
    pub(crate) fn calls(&self) -> Vec<String> {
        lock(&self.traffic).calls.clone()
    }

    /// Delivers the duplicates that are still under way.
    pub(crate) fn settle(&self) {
        let late = std::mem::take(&mut lock(&self.traffic).late);
        for one in late {
            (one.again)();
        }
    }

    /// A look at the service. It may lag behind by as many writes as it is told.
    pub(crate) async fn read<T>(
        &self,
        ask: Ask,
        look: impl FnOnce(&mut S, u8) -> Result<T, PortError> + Send,
    ) -> Result<T, PortError> {
        let fault = self.depart(&ask).await;
        let answer = fault.is_none_or(reaches).then(|| {
            record(&self.traffic, &ask);
            let behind = if let Some(Fault::Stale { writes }) = fault { writes } else { 0 };
            look(&mut self.state(), behind)
        });
        self.tick(answer.is_some());
        self.arrive(&ask, fault, answer).await
    }

    /// A change of the service.
    pub(crate) async fn write<T>(
        &self,
        ask: Ask,
        effect: impl Fn(&mut S) -> Result<T, PortError> + Send + 'static,
    ) -> Result<T, PortError>
    where
        S: Send + 'static,
    {
        let fault = self.depart(&ask).await;
        let answer = fault.is_none_or(reaches).then(|| {
            record(&self.traffic, &ask);
            effect(&mut self.state())
        });
        self.tick(answer.is_some());
        if let Some(Fault::Duplicate { after }) = fault {
            let (state, traffic, ask) =
                (Arc::clone(&self.state), Arc::clone(&self.traffic), ask.clone());
            let again = move || {
                record(&traffic, &ask);
                drop(effect(&mut lock(&state)));
            };
            if after == 0 {
                again();
            } else {
                lock(&self.traffic).late.push(Late { after, again: Box::new(again) });
            }
        }
        self.arrive(&ask, fault, answer).await
    }

    /// The pause comes first: behind the plan's word there is no await before the effect, or a
    /// process that is killed once its request has left would be dropped before it.
    async fn depart(&self, ask: &Ask) -> Option<Fault> {
        self.faults.pause().await;
        self.faults.next(ask.operation)
    }

    async fn arrive<T>(
        &self,
        ask: &Ask,
        fault: Option<Fault>,
        answer: Option<Result<T, PortError>>,
    ) -> Result<T, PortError> {
        self.faults.pause().await;
        let lost = match fault {
            None | Some(Fault::Duplicate { .. } | Fault::Conflict | Fault::Stale { .. }) => {
                return answer.unwrap_or_else(|| Err(ask.unavailable("there is no answer")));
            }
            Some(Fault::Killed { .. }) => return Err(ask.unavailable(self.faults.die().await)),
            Some(Fault::NotSent) => "the connection was refused",
            Some(Fault::AnswerLost) => "the connection closed before the answer",
            Some(Fault::Throttled) => "the rate was exceeded",
            Some(Fault::Saturated) => "the capacity was exceeded",
            Some(Fault::ServerError { .. }) => "internal failure",
            Some(Fault::TimedOut { .. }) => "there was no answer in time",
        };
        Err(ask.unavailable(lost))
    }

    /// If one more call was served, late duplicates come nearer.
    fn tick(&self, served: bool) {
        if !served {
            return;
        }
        let due: Vec<Late> = {
            let mut traffic = lock(&self.traffic);
            for late in &mut traffic.late {
                late.after = late.after.saturating_sub(1);
            }
            traffic.late.extract_if(.., |late| late.after == 0).collect()
        };
        for late in due {
            (late.again)();
        }
    }
}

/// Transactions conflict in DynamoDB only: elsewhere that fault changes nothing.
fn reaches(fault: Fault) -> bool {
    fault.applies() || fault == Fault::Conflict
}

fn record(traffic: &Mutex<Traffic>, ask: &Ask) {
    lock(traffic).calls.push(format!("{} {}", ask.operation, ask.subject));
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panicking test must not hide its own message behind a poisoned lock.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
