use super::Script;
use crate::SecretsManager;
use std::sync::{Arc, Mutex};
use watchfire_domain::{MINUTE, Timestamp};
use watchfire_ports::{Clock, PortError, Secrets};

#[derive(Debug)]
pub(super) struct Stopped(pub(super) Mutex<Timestamp>);

impl Stopped {
    pub(super) fn at(seconds: i64) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Timestamp::from_millis(0).plus(seconds.saturating_mul(1_000)))))
    }

    fn forward(&self, millis: i64) {
        let mut now = self.0.lock().unwrap();
        *now = now.plus(millis);
    }
}

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

fn value(text: &str) -> String {
    serde_json::json!({"SecretString": text}).to_string()
}

#[tokio::test]
async fn a_secret_is_kept_five_minutes_and_refreshed_once_a_minute() {
    let script = Script::default().ok(&value("one")).ok(&value("two")).ok(&value("three"));
    let clock = Stopped::at(1_000_000);
    let secrets = SecretsManager::new(script.aws(), clock.clone());
    assert_eq!(&*secrets.secret("s", false).await.unwrap(), "one");
    assert_eq!(&*secrets.secret("s", true).await.unwrap(), "one");
    clock.forward(MINUTE);
    assert_eq!(&*secrets.secret("s", false).await.unwrap(), "one");
    assert_eq!(&*secrets.secret("s", true).await.unwrap(), "two");
    clock.forward(5 * MINUTE);
    assert_eq!(&*secrets.secret("s", false).await.unwrap(), "three");
    assert_eq!(script.asked().len(), 3);
}

#[tokio::test]
async fn a_missing_secret_is_not_found_and_a_binary_one_corrupt() {
    let script =
        Script::default().error(400, "ResourceNotFoundException", r#","Message":"no""#).ok("{}");
    let secrets = SecretsManager::new(script.aws(), Stopped::at(1_000_000));
    let error = secrets.secret("s", false).await.unwrap_err();
    assert!(matches!(error, PortError::NotFound { .. }), "{error}");
    let error = secrets.secret("s", false).await.unwrap_err();
    assert!(matches!(error, PortError::Corrupt { .. }), "{error}");
}
