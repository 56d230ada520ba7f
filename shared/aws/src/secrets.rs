//! Secrets.

use crate::Aws;
use crate::aged::Aged;
use crate::error::{corrupt, told};
use async_trait::async_trait;
use std::sync::Arc;
use watchfire_domain::MINUTE;
use watchfire_ports::{Clock, PortError, Secrets};

const SERVICE: &str = "Secrets Manager";
const DOING: &str = "reading a secret";

/// Secrets of Secrets Manager, kept for five minutes.
#[derive(Debug)]
pub struct SecretsManager {
    aws: Arc<Aws>,
    clock: Arc<dyn Clock>,
    kept: Aged,
}

impl SecretsManager {
    /// Secrets that age by this clock.
    pub fn new(aws: Arc<Aws>, clock: Arc<dyn Clock>) -> Self {
        Self { aws, clock, kept: Aged::new(5 * MINUTE) }
    }
}

#[async_trait]
impl Secrets for SecretsManager {
    async fn secret(&self, id: &str, fresh: bool) -> Result<Arc<str>, PortError> {
        if let Some(text) = self.kept.get(id, fresh, self.clock.now()) {
            return Ok(text);
        }
        let answer = self.aws.secretsmanager().get_secret_value().secret_id(id).send().await;
        let answer = answer.map_err(told(SERVICE, DOING))?;
        let text: Arc<str> = answer
            .secret_string()
            .ok_or_else(|| corrupt(SERVICE, DOING, "the secret is binary, not text"))?
            .into();
        self.kept.put(id, &text, self.clock.now());
        Ok(text)
    }
}
