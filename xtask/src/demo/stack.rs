//! The local stack's processes, and the template on it.

use super::cloud::Cloud;
use crate::guard::Guarded;
use crate::net::{self, until};
use crate::places;
use crate::run::{Run, note};
use crate::trouble::{Doing, Done, Trouble};
use crate::venv::Venv;
use std::ffi::OsStr;
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Duration;
use ureq::Agent;

pub(super) const AUDIENCE: &str = "watchfire";
pub(super) const MAIL_FROM: &str = "watchfire@example.com";
pub(super) const STACK: &str = "watchfire-dev";
pub(super) const REGION: &str = "us-east-1";

/// The stack, running. Dropped, it is stopped and its folder is gone.
#[derive(Debug)]
pub(crate) struct Stack {
    // In this order, since fields are dropped in theirs: the folder last.
    issuer: Guarded,
    services: Guarded,
    folder: Folder,
    agent: Agent,
    pub(super) port: u16,
    pub(super) issuer_url: String,
}

impl Stack {
    /// Starts it on free ports of 127.0.0.1.
    pub(crate) fn start() -> Result<Self, Trouble> {
        let (port, issuer_port) = (net::free_port()?, net::free_port()?);
        let folder = Folder::make(port)?;
        let python = Venv::Stack.bin().join("python");
        let start = |name: &str, script: &str, port: u16, words: [&str; 2]| {
            let script = places::at("tests/stack").join(script).display().to_string();
            let port = port.to_string();
            let words: Vec<_> = [script.as_str(), "--with-parent", "--port", &port]
                .into_iter()
                .chain(words)
                .collect();
            Guarded::start(name, &python, &words, &folder.0.join(format!("{name}.log")))
        };
        let data = folder.0.join("data").display().to_string();
        let services = start("stack", "launch.py", port, ["--data", &data])?;
        let issuer = start("issuer", "issuer.py", issuer_port, ["--audience", AUDIENCE])?;
        let issuer_url = format!("http://127.0.0.1:{issuer_port}");
        let mut stack = Self { issuer, services, folder, agent: net::agent(), port, issuer_url };
        stack.await_ready().inspect_err(|_| stack.tell_log())?;
        note(&format!("runs on {}, with a token issuer on {}", stack.endpoint(), stack.issuer_url));
        Ok(stack)
    }

    /// Where its services answer.
    pub(super) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn await_ready(&mut self) -> Done {
        let ready = format!("{}/_ministack/ready", self.endpoint());
        let keys = format!("{}/.well-known/jwks.json", self.issuer_url);
        until("the local stack does not start", Duration::from_mins(1), || {
            self.services.still_runs()?;
            self.issuer.still_runs()?;
            let up = |url: &str| {
                net::send(&self.agent, "GET", url, &[], "").is_ok_and(|answer| answer.status == 200)
            };
            Ok((up(&ready) && up(&keys)).then_some(()))
        })
    }

    /// Deploys the template as one would to AWS, with this stack's parameters.
    pub(crate) fn deploy(&self) -> Result<Cloud, Trouble> {
        crate::run::step("deploying infra/template.yaml");
        let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
        let mut cloud = Cloud::at(self.agent.clone(), self.endpoint());
        let (subnets, group) = cloud.make_network()?;
        let overrides = [
            "Stage=dev".to_owned(),
            // The stack unpacks the zip into a folder of its own, and starts functions in it.
            "CodeFolder=.".to_owned(),
            format!("Architecture={architecture}"),
            format!("JwtIssuer={}", self.issuer_url),
            format!("JwtAudience={AUDIENCE}"),
            "SignInClient=watchfire-page".to_owned(),
            format!("SignInAuthorize={}/authorize", self.issuer_url),
            format!("SignInToken={}/oauth/token", self.issuer_url),
            format!("MailFrom={MAIL_FROM}"),
            format!("ApiDomain=execute-api.localhost:{}", self.port),
            "ApiScheme=http".to_owned(),
            format!("ContainerImage=example/investigation@sha256:{}", "0".repeat(64)),
            format!("SubnetIds={subnets}"),
            format!("SecurityGroupIds={group}"),
            format!("StepDocuments={}", super::walk::DOCUMENT),
        ];
        let mut words =
            vec!["deploy", "-t", "infra/template.yaml", "--config-file", "../samconfig.toml"];
        words.extend(["--parameter-overrides"]);
        words.extend(overrides.iter().map(String::as_str));
        let path = Venv::Sam.path()?;
        let endpoint = self.endpoint();
        let variables: [(&str, &OsStr); 8] = [
            ("PATH", &path),
            ("HOME", self.folder.0.as_os_str()),
            ("LANG", OsStr::new("C.UTF-8")),
            ("AWS_ACCESS_KEY_ID", OsStr::new("test")),
            ("AWS_SECRET_ACCESS_KEY", OsStr::new("test")),
            ("AWS_DEFAULT_REGION", OsStr::new(REGION)),
            ("AWS_ENDPOINT_URL", endpoint.as_ref()),
            ("SAM_CLI_TELEMETRY", OsStr::new("0")),
        ];
        Run::new(Venv::Sam.bin().join("sam"), &words).with_only(&variables).text()?;
        cloud.read_outputs()?;
        cloud.allow_sender(MAIL_FROM)?;
        note(&format!("{STACK} stands: API {}", cloud.output("ApiUrl")?));
        Ok(cloud)
    }

    /// Shows the end of the stack's own log.
    pub(crate) fn tell_log(&self) {
        let text = std::fs::read_to_string(self.folder.0.join("stack.log")).unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        let from = lines.len().saturating_sub(20);
        for line in lines.iter().skip(from) {
            note(&format!("stack: {line}"));
        }
    }

    /// A signed token with these claims.
    pub(super) fn token(&self, claims: &serde_json::Value) -> Result<String, Trouble> {
        let url = format!("{}/token", self.issuer_url);
        let answer = net::send(&self.agent, "POST", &url, &[], &claims.to_string())?;
        (answer.status == 200).then_some(answer.text).doing("the issuer gives no token")
    }

    pub(super) fn agent(&self) -> Agent {
        self.agent.clone()
    }

    /// Waits until the stack ends by itself, which it should not.
    pub(crate) fn wait(&mut self) -> Done {
        self.services.wait()
    }
}

/// Where the stack writes. Dropped, it is gone.
#[derive(Debug)]
struct Folder(PathBuf);

impl Folder {
    fn make(port: u16) -> Result<Self, Trouble> {
        let all = places::at("target/stack");
        // What interrupted runs left: the folder is named after its port, and nobody answers there.
        for entry in std::fs::read_dir(&all).into_iter().flatten().flatten() {
            let port = entry.file_name().to_str().and_then(|name| name.parse::<u16>().ok());
            if port.is_some_and(|port| TcpStream::connect(("127.0.0.1", port)).is_err()) {
                let _ = std::fs::remove_dir_all(entry.path());
            }
        }
        let folder = all.join(port.to_string());
        std::fs::create_dir_all(&folder).doing(&format!("making {}", folder.display()))?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // The next run removes what is left now.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
