use super::Script;
use std::time::Duration;

macro_rules! bounded {
    ($($client:expr),+) => {$({
        let config = $client.config();
        let retry = config.retry_config().unwrap();
        assert_eq!(retry.mode(), aws_smithy_types::retry::RetryMode::Standard);
        assert_eq!(retry.max_attempts(), 3, "{}", stringify!($client));
        let limits = config.timeout_config().unwrap();
        assert_eq!(limits.connect_timeout(), Some(Duration::from_secs(2)));
        assert_eq!(limits.operation_attempt_timeout(), Some(Duration::from_secs(5)));
        assert_eq!(limits.operation_timeout(), Some(Duration::from_secs(15)));
        assert!(config.sleep_impl().is_some());
        assert!(config.time_source().is_some());
        assert_eq!(config.region().unwrap().as_ref(), "eu-central-1");
    })+};
}

#[test]
fn every_client_is_bounded_in_attempts_and_time() {
    let aws = Script::default().aws();
    bounded!(
        aws.dynamodb(),
        aws.ecs(),
        aws.efs(),
        aws.eventbridge(),
        aws.s3(),
        aws.secretsmanager(),
        aws.sesv2(),
        aws.sfn(),
        aws.sns(),
        aws.sqs(),
        aws.ssm()
    );
}

#[tokio::test(start_paused = true)]
async fn throttling_is_tried_three_times() {
    let script = (0..3).fold(Script::default(), |script, _| {
        script.error(400, "ThrottlingException", r#","message":"Rate exceeded""#)
    });
    let client = script.aws().ecs().clone();
    assert!(client.list_clusters().send().await.is_err());
    assert_eq!(script.operations(), ["ListClusters"; 3]);
}

#[tokio::test]
async fn an_endpoint_of_its_own_has_the_bucket_in_the_path() {
    let script = Script::default().ok("").ok("");
    let aws = script.aws_with(&[("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")]);
    aws.s3().head_bucket().bucket("evidence").send().await.unwrap();
    script.aws().s3().head_bucket().bucket("evidence").send().await.unwrap();
    let asked = script.asked();
    assert_eq!(asked[0].0, "HEAD http://127.0.0.1:4566/evidence/");
    assert_eq!(asked[1].0, "HEAD https://evidence.s3.eu-central-1.amazonaws.com/");
}

#[tokio::test(start_paused = true)]
async fn a_real_client_is_built_with_pinned_and_native_roots() {
    let env = |trust: &'static str| {
        move |name: &str| match name {
            "AWS_REGION" => Some("eu-central-1".to_owned()),
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("test".to_owned()),
            // Nobody listens there.
            "AWS_ENDPOINT_URL" => Some("https://127.0.0.1:1".to_owned()),
            "WATCHFIRE_TRUST" => Some(trust.to_owned()),
            "SSL_CERT_FILE" => {
                Some(concat!(env!("CARGO_MANIFEST_DIR"), "/roots/amazon-root-ca-1.pem").to_owned())
            }
            _ => None,
        }
    };
    for trust in ["pinned", "native"] {
        let aws = crate::Aws::from_env(&env(trust)).unwrap();
        assert!(aws.dynamodb().list_tables().send().await.is_err());
        assert!(aws.sfn().list_state_machines().send().await.is_err());
    }
    assert!(crate::Aws::from_env(&env("nobody")).is_err());
}
