//! The real client, pointed at the fake.

use aws_sdk_dynamodb::config::retry::{RetryConfig, RetryPartition, TokenBucket};
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{
    BehaviorVersion, Config, Credentials, IdentityCache, Region, StalledStreamProtectionConfig,
};
use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use std::future::{pending, ready};
use std::time::Duration;

/// What tells a time limit from a wait between attempts, which the SDK caps at twenty seconds.
const LIMIT: Duration = Duration::from_hours(1);

pub(super) fn client(wire: SharedHttpClient, attempts: u32) -> aws_sdk_dynamodb::Client {
    // The SDK shares one retry quota among all clients of a process. A storm of planned faults would
    // use it up, and what a test saw would depend on the tests before it.
    let partition =
        RetryPartition::custom("watchfire-fakes").token_bucket(TokenBucket::unlimited()).build();
    let limits =
        TimeoutConfig::builder().operation_timeout(LIMIT).operation_attempt_timeout(LIMIT).build();
    let config = Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "fakes"))
        .identity_cache(IdentityCache::no_cache())
        .http_client(wire)
        .retry_config(RetryConfig::standard().with_max_attempts(attempts))
        .retry_partition(partition)
        .timeout_config(limits)
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .sleep_impl(NoSleep)
        .build();
    aws_sdk_dynamodb::Client::from_conf(config)
}

/// A wait ends at once; a time limit never comes, since the fault plan says what times out.
#[derive(Debug)]
struct NoSleep;

impl AsyncSleep for NoSleep {
    fn sleep(&self, duration: Duration) -> Sleep {
        if duration < LIMIT { Sleep::new(ready(())) } else { Sleep::new(pending()) }
    }
}
