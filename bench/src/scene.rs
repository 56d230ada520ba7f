//! The stage: the table and the lifecycle machine in our own process, with the use cases over them.
//! Records are brought to where a step begins; the step itself is then taken by what is measured.

mod crowd;
mod events;
mod golden;
mod gusts;
mod life;
mod settings;
mod unseen;
mod whole;

pub use events::{Step, alarm_event, listing, note, timeline};
pub use golden::Golden;
pub use gusts::Gust;
pub use settings::settings;
pub use unseen::Unseen;
pub use whole::{Spent, Whole};

use crate::answerer::{Answerer, Cloud};
use crate::trouble::{Doing as _, Trouble, odd};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::runtime::{Builder, Runtime};
use watchfire_desk::Desk;
use watchfire_domain::environment::State;
use watchfire_domain::integration::{IntegrationKind, NewIntegration};
use watchfire_domain::{HOUR, Plan, Tenant, Timestamp, Voucher};
use watchfire_edge::Config;
use watchfire_fakes::{Machine, World};

/// The secrets that the functions read, as the fakes have them.
const SECRETS: [&str; 5] =
    ["token-secret", "link-secret", "cursor-secret", "checkpoint-secret", "integration-secret"];
const SEED: u64 = 1;
const TENANT: &str = "acme";
/// No longer only asked for: its machine was started.
const STARTED: State = State::Launching;

/// The stage.
#[derive(Debug)]
pub struct Scene {
    /// The fakes: the table among them.
    pub world: World,
    /// What answers the functions.
    pub cloud: Arc<Cloud>,
    desk: Desk,
    machine: Machine,
    /// The runbook machine.
    runner: Machine,
    answerer: Answerer,
    roots: PathBuf,
    /// Where the file of the partition lies.
    partition: PathBuf,
    runtime: Runtime,
    count: u64,
    invocations: AtomicU64,
    /// The id of an integration, and its secret.
    hook: (String, String),
    /// The runbook that is carried out, once it is published.
    runbook: Option<String>,
}

impl Scene {
    /// Sets it up; certificates lie in `folder`, and the machine's definition is at `definition`.
    pub fn new(folder: &Path, definition: &Path) -> Result<Self, Trouble> {
        let world = World::new(SEED);
        // The functions have the system's clock. What they find was done within the last hours.
        world.clock.set(now().plus(-3 * HOUR));
        let secret = |id: &str| {
            let text = format!(r#"{{"current":"k1","keys":{{"k1":"{id} of {SEED}"}}}}"#);
            (id.to_owned(), text)
        };
        let secrets: BTreeMap<String, String> = SECRETS.map(secret).into();
        let cloud = Arc::new(Cloud::new(world.clone(), secrets));
        let answerer = Answerer::start(Arc::clone(&cloud) as _)?;
        let roots = folder.join("roots.pem");
        let amazon = settings::PINNED.concat();
        let bundle = format!("{amazon}{}", Answerer::root());
        std::fs::write(&roots, bundle).doing("writing the test's root")?;
        let partition = folder.join("aws.json");
        std::fs::write(&partition, settings::PARTITION).doing("writing the partition's file")?;
        let runbook = definition.with_file_name("runbook.asl.json");
        let runbook = std::fs::read_to_string(runbook).doing("reading the runbook machine")?;
        let runner = world.runner(&runbook).map_err(odd)?;
        let definition = std::fs::read_to_string(definition).doing("reading the machine")?;
        let machine = world.machine(&definition).map_err(odd)?;
        let get = |name: &str| settings::value(name).map(str::to_owned);
        let config = Config::read(&get).map_err(|problems| odd(format!("{problems:?}")))?;
        let desk = world.desk(config);
        let runtime = Builder::new_current_thread().enable_time().build();
        let runtime = runtime.doing("starting a runtime")?;
        let scene = Self {
            world,
            cloud,
            desk,
            machine,
            runner,
            answerer,
            roots,
            partition,
            runtime,
            count: 0,
            invocations: AtomicU64::new(0),
            hook: (String::new(), String::new()),
            runbook: None,
        };
        scene.store_plans()?;
        let hook = scene.integration()?;
        Ok(Self { hook, ..scene })
    }

    /// The environment of a function: its settings, where the cloud is, and whom to trust.
    pub fn env(&self, handler: &str) -> Vec<(String, String)> {
        let mut env = self.pinned(handler);
        let mut set = |name: &str, value: String| env.push((name.to_owned(), value));
        set("WATCHFIRE_TRUST", "native".to_owned());
        set("SSL_CERT_FILE", self.roots.display().to_string());
        env
    }

    /// The same as it is deployed: Amazon's roots, from the program itself. Good for INIT alone,
    /// since the cloud's certificate is not under them.
    pub fn pinned(&self, handler: &str) -> Vec<(String, String)> {
        let mut env = settings(handler);
        let mut set = |name: &str, value: String| env.push((name.to_owned(), value));
        set("AWS_ENDPOINT_URL", self.answerer.endpoint());
        set("SMITHY_CLIENT_SDK_CUSTOM_PARTITION", self.partition.display().to_string());
        env
    }

    /// A function was called.
    fn invoked(&self) {
        self.invocations.fetch_add(1, Ordering::Relaxed);
    }

    /// Makes an integration: its id, and its secret.
    fn integration(&self) -> Result<(String, String), Trouble> {
        let new = NewIntegration {
            name: "monitoring".to_owned(),
            kind: IntegrationKind::Generic,
            plan: None,
        };
        let (caller, ask) = (life::caller()?, life::ask());
        let made = self.desk.create_integration(&caller, &ask, new);
        let made = self.runtime.block_on(made).map_err(life::failed)?;
        let made: Value =
            serde_json::from_str(&made.body).map_err(|error| odd(error.to_string()))?;
        let text = |at: &str| made.pointer(at).and_then(Value::as_str).map(str::to_owned);
        let both = text("/integration/id").zip(text("/secret"));
        both.ok_or_else(|| odd("an integration tells no secret"))
    }

    fn store_plans(&self) -> Result<(), Trouble> {
        let repo = self.desk.table.of(&tenant()?);
        let lanes = (0..settings::LANES).map(|lane| format!("lane-{lane}"));
        let own = std::iter::once("storage".to_owned()).chain(lanes);
        for plan in own.map(|name| settings::plan(&name)).chain([settings::shared()]) {
            let plan: Plan = serde_json::from_value(plan)
                .map_err(|error| odd(format!("a plan cannot be read: {error}")))?;
            self.runtime
                .block_on(repo.put_version(&plan, None))
                .map_err(|refused| odd(format!("a plan is not stored: {refused:?}")))?;
        }
        Ok(())
    }
}

fn tenant() -> Result<Tenant, Trouble> {
    Tenant::vouched(TENANT, Voucher::Execution).map_err(|unnamed| odd(unnamed.to_string()))
}

/// The system's time, which is that of the functions.
#[expect(clippy::disallowed_methods, reason = "the functions that are measured read it too")]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
