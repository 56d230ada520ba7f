//! The clients of AWS: one HTTP client under all of them, DynamoDB's built at once, the others when
//! they are first used.

use crate::connector;
use crate::roots;
use crate::settings::{Settings, Trust};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::config::{BehaviorVersion, IdentityCache, Region, SharedHttpClient};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use rustls::RootCertStore;
use std::sync::OnceLock;
use std::time::Duration;
use watchfire_domain::Problem;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(2);

/// The clients of AWS, one of each for the whole process.
#[derive(Debug)]
pub struct Aws {
    config: SdkConfig,
    dynamodb: aws_sdk_dynamodb::Client,
    ecs: OnceLock<aws_sdk_ecs::Client>,
    efs: OnceLock<aws_sdk_efs::Client>,
    eventbridge: OnceLock<aws_sdk_eventbridge::Client>,
    s3: OnceLock<aws_sdk_s3::Client>,
    secretsmanager: OnceLock<aws_sdk_secretsmanager::Client>,
    sesv2: OnceLock<aws_sdk_sesv2::Client>,
    sfn: OnceLock<aws_sdk_sfn::Client>,
    sns: OnceLock<aws_sdk_sns::Client>,
    sqs: OnceLock<aws_sdk_sqs::Client>,
    ssm: OnceLock<aws_sdk_ssm::Client>,
}

impl Aws {
    /// With the settings of the environment, or all that is wrong with it.
    pub fn from_env(env: &dyn Fn(&str) -> Option<String>) -> Result<Self, Vec<Problem>> {
        let settings = Settings::read(env)?;
        let roots = match &settings.trust {
            Trust::Pinned => roots::pinned(),
            Trust::Native(pem) => {
                let mut store = RootCertStore::empty();
                roots::add(&mut store, pem);
                store
            }
        };
        let http = connector::client(roots, CONNECT);
        let http = http.map_err(|problem| vec![Problem::new("WATCHFIRE_TRUST", problem)])?;
        Ok(Self::over(&settings, http))
    }

    /// Over an HTTP client: the real one, or one that answers from a test.
    pub fn over(settings: &Settings, http: SharedHttpClient) -> Self {
        let config = SdkConfig::builder()
            // Pinned: a newer one may change retries and time limits behind our back.
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(settings.region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(settings.credentials.clone()))
            // The credentials are constants of the process: there is nothing to cache.
            .identity_cache(IdentityCache::no_cache())
            .http_client(http)
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(CONNECT)
                    .operation_attempt_timeout(Duration::from_secs(5))
                    .operation_timeout(Duration::from_secs(15))
                    .build(),
            )
            .sleep_impl(TokioSleep::new())
            .time_source(SystemTimeSource::new());
        let config = match &settings.endpoint {
            Some(endpoint) => config.endpoint_url(endpoint),
            None => config,
        }
        .build();
        Self {
            dynamodb: aws_sdk_dynamodb::Client::new(&config),
            config,
            ecs: OnceLock::new(),
            efs: OnceLock::new(),
            eventbridge: OnceLock::new(),
            s3: OnceLock::new(),
            secretsmanager: OnceLock::new(),
            sesv2: OnceLock::new(),
            sfn: OnceLock::new(),
            sns: OnceLock::new(),
            sqs: OnceLock::new(),
            ssm: OnceLock::new(),
        }
    }

    /// DynamoDB, which every function uses.
    pub const fn dynamodb(&self) -> &aws_sdk_dynamodb::Client {
        &self.dynamodb
    }

    /// ECS.
    pub fn ecs(&self) -> &aws_sdk_ecs::Client {
        self.ecs.get_or_init(|| aws_sdk_ecs::Client::new(&self.config))
    }

    /// EFS.
    pub fn efs(&self) -> &aws_sdk_efs::Client {
        self.efs.get_or_init(|| aws_sdk_efs::Client::new(&self.config))
    }

    /// EventBridge.
    pub fn eventbridge(&self) -> &aws_sdk_eventbridge::Client {
        self.eventbridge.get_or_init(|| aws_sdk_eventbridge::Client::new(&self.config))
    }

    /// S3. Under an endpoint of its own the bucket stands in the path: there is no DNS for it.
    pub fn s3(&self) -> &aws_sdk_s3::Client {
        self.s3.get_or_init(|| {
            let config = aws_sdk_s3::config::Builder::from(&self.config)
                .force_path_style(self.config.endpoint_url().is_some());
            aws_sdk_s3::Client::from_conf(config.build())
        })
    }

    /// Secrets Manager.
    pub fn secretsmanager(&self) -> &aws_sdk_secretsmanager::Client {
        self.secretsmanager.get_or_init(|| aws_sdk_secretsmanager::Client::new(&self.config))
    }

    /// SES.
    pub fn sesv2(&self) -> &aws_sdk_sesv2::Client {
        self.sesv2.get_or_init(|| aws_sdk_sesv2::Client::new(&self.config))
    }

    /// Step Functions.
    pub fn sfn(&self) -> &aws_sdk_sfn::Client {
        self.sfn.get_or_init(|| aws_sdk_sfn::Client::new(&self.config))
    }

    /// SNS.
    pub fn sns(&self) -> &aws_sdk_sns::Client {
        self.sns.get_or_init(|| aws_sdk_sns::Client::new(&self.config))
    }

    /// SQS.
    pub fn sqs(&self) -> &aws_sdk_sqs::Client {
        self.sqs.get_or_init(|| aws_sdk_sqs::Client::new(&self.config))
    }

    /// SSM.
    pub fn ssm(&self) -> &aws_sdk_ssm::Client {
        self.ssm.get_or_init(|| aws_sdk_ssm::Client::new(&self.config))
    }

    /// The region.
    pub fn region(&self) -> &str {
        self.config.region().map_or("", Region::as_ref)
    }
}
