//! Integrations, as a tenant's administrators keep them. A secret is told when it is made, and
//! again only to a repeat of the very request that made it.

use crate::incidents::{Ask, Written};
use crate::opening::marked;
use crate::settle::{TRIES, fault};
use crate::{Caller, Desk};
use async_recursion::async_recursion as boxed;
use serde_json::{Value, json};
use watchfire_domain::integration::{IntegrationKind, NewIntegration, secret};
use watchfire_domain::{Integration, IntegrationId, Plan};
use watchfire_edge::Fault;
use watchfire_policy::{Action, Context, Resource, ResourceKind};
use watchfire_store::{Refused, Repo};

/// How many a tenant may have: a list comes whole.
const MOST: usize = 100;

impl Desk {
    fn guarded_integrations(&self, caller: &Caller, action: Action) -> Result<Repo, Fault> {
        let resource = Resource::new(ResourceKind::Integration, caller.tenant.as_str());
        self.allow(caller, action, &resource, &Context::none())?;
        Ok(self.table.of(&caller.tenant))
    }

    /// The tenant's integrations, as callers see them.
    #[boxed]
    pub async fn integrations(&self, caller: &Caller) -> Result<Vec<Value>, Fault> {
        let repo = self.guarded_integrations(caller, Action::IntegrationView)?;
        Ok(repo.integrations().await?.iter().map(shown).collect())
    }

    /// An integration, as callers see it.
    #[boxed]
    pub async fn integration(&self, caller: &Caller, id: &IntegrationId) -> Result<Value, Fault> {
        let repo = self.guarded_integrations(caller, Action::IntegrationView)?;
        repo.integration(id).await?.as_ref().map(shown).ok_or(Fault::NotFound)
    }

    /// Makes an integration; the answer tells its secret.
    #[boxed]
    pub async fn create_integration(
        &self,
        caller: &Caller,
        ask: &Ask,
        new: NewIntegration,
    ) -> Result<Written, Fault> {
        let repo = self.guarded_integrations(caller, Action::IntegrationPut)?;
        let mark = ask.mark(caller);
        if let Some(written) = self.replayed(&repo, mark.as_ref()).await? {
            return self.telling(written).await;
        }
        if let Some(plan) = &new.plan
            && repo.newest_of::<Plan>(plan).await?.is_none()
        {
            return Err(Fault::invalid("plan", "is not a plan of this tenant"));
        }
        if repo.integrations().await?.len() >= MOST {
            return Err(Fault::invalid(".", format!("there are {MOST} integrations already")));
        }
        let kid = self.integration_keys(false).await?.current;
        let id = IntegrationId::of(self.ids.ten());
        let made = new.made(id, &kid, &caller.actor.id, self.clock.now());
        let (body, stored) = (answer(&made), answer(&made));
        let mark = marked(mark, 201, move |_| stored.clone());
        match repo.put_integration(&made, None, mark).await {
            Ok(()) => {
                tracing::info!(integration.id = %made.id, "Made an integration");
                self.telling(Written::new(201, body)).await
            }
            Err(Refused::Repeat(stored)) => self.telling(Written::replay(stored, &ask.body)?).await,
            Err(refused) => Err(fault(refused)),
        }
    }

    /// Gives an integration a new secret, which the answer tells; the one before is taken for
    /// another day.
    #[boxed]
    pub async fn rotate_integration(
        &self,
        caller: &Caller,
        ask: &Ask,
        id: &IntegrationId,
    ) -> Result<Written, Fault> {
        let repo = self.guarded_integrations(caller, Action::IntegrationPut)?;
        let mark = ask.mark(caller);
        if let Some(written) = self.replayed(&repo, mark.as_ref()).await? {
            return self.telling(written).await;
        }
        let kid = self.integration_keys(false).await?.current;
        for _ in 0..TRIES {
            let before = repo.integration(id).await?.ok_or(Fault::NotFound)?;
            if ask.expect.is_some_and(|version| version != before.version) {
                return Err(Fault::Stale);
            }
            let after = before.rotated(&kid, self.clock.now());
            let (body, stored) = (answer(&after), answer(&after));
            let mark = marked(mark.clone(), 200, move |_| stored.clone());
            match repo.put_integration(&after, Some(&before), mark).await {
                Ok(()) => {
                    tracing::info!(integration.id = %id, "Rotated an integration's secret");
                    return self.telling(Written::new(200, body)).await;
                }
                Err(Refused::Changed) => {}
                Err(Refused::Repeat(stored)) => {
                    return self.telling(Written::replay(stored, &ask.body)?).await;
                }
                Err(refused) => return Err(fault(refused)),
            }
        }
        Err(Fault::Conflict)
    }

    /// Deletes an integration: whatever it sends from now on is refused.
    #[boxed]
    pub async fn delete_integration(
        &self,
        caller: &Caller,
        ask: &Ask,
        id: &IntegrationId,
    ) -> Result<Written, Fault> {
        let repo = self.guarded_integrations(caller, Action::IntegrationPut)?;
        let mark = ask.mark(caller);
        if let Some(written) = self.replayed(&repo, mark.as_ref()).await? {
            return Ok(written);
        }
        let last = repo.integration(id).await?.ok_or(Fault::NotFound)?;
        if ask.expect.is_some_and(|version| version != last.version) {
            return Err(Fault::Stale);
        }
        let (body, stored) = (answer(&last), answer(&last));
        let mark = marked(mark, 200, move |_| stored.clone());
        match repo.delete_integration(id, mark).await {
            Ok(()) => {
                tracing::info!(integration.id = %id, "Deleted an integration");
                Ok(Written::new(200, body))
            }
            Err(Refused::Repeat(stored)) => Written::replay(stored, &ask.body),
            Err(refused) => Err(fault(refused)),
        }
    }

    /// The answer with the secret that belongs to it. It is never stored: not even a caller's
    /// idempotency mark holds it, so that a repeat has it made anew.
    async fn telling(&self, written: Written) -> Result<Written, Fault> {
        let internal = |reason: &str| Fault::Internal { reason: reason.to_owned() };
        let mut body: Value =
            serde_json::from_str(&written.body).map_err(|wrong| internal(&wrong.to_string()))?;
        let record = body.get("integration").cloned().unwrap_or_default();
        let of: Integration =
            serde_json::from_value(record).map_err(|wrong| internal(&wrong.to_string()))?;
        let keys = self.integration_keys(false).await?;
        let key = keys.all.get(&of.generation.kid);
        let key = key.ok_or_else(|| internal("the key of an integration is gone"))?;
        if let Value::Object(fields) = &mut body {
            let secret = secret(key, &of.id, of.kind, &of.generation);
            fields.insert("secret".to_owned(), secret.into());
        }
        Ok(Written { body: body.to_string(), ..written })
    }
}

/// An integration as callers see it: the record, and where its sender sends to.
fn shown(integration: &Integration) -> Value {
    let mut value = serde_json::to_value(integration).unwrap_or_default();
    let path = match integration.kind {
        IntegrationKind::Pagerduty => "/v2/enqueue".to_owned(),
        IntegrationKind::Alertmanager
        | IntegrationKind::Grafana
        | IntegrationKind::Datadog
        | IntegrationKind::Generic => format!("/hooks/{}", integration.id),
    };
    if let Value::Object(fields) = &mut value {
        fields.insert("path".to_owned(), path.into());
    }
    value
}

/// An integration stands in no timeline, so that there is no receipt.
fn answer(integration: &Integration) -> String {
    json!({ "integration": shown(integration), "receipt": Value::Null }).to_string()
}
