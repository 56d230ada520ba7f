//! One conditional write for each event, as it must not be done: with the SDK's whole chain of
//! settings (`chain`), or with TLS as the SDK ships it (`aws-lc`).

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, SharedHttpClient};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let client = client().await?;
    Box::pin(lambda_runtime::run(service_fn(move |_: LambdaEvent<Value>| {
        let client = client.clone();
        async move {
            let text = |text: &str| AttributeValue::S(text.to_owned());
            let put = client.put_item().table_name("parts");
            let put = put.item("pk", text("T#acme#INC#1")).item("sk", text("EV#0000000001#0001"));
            let put = put.item("body", text(&"x".repeat(600)));
            put.condition_expression("attribute_not_exists(pk)").send().await?;
            Ok::<_, Error>(json!({}))
        }
    })))
    .await
}

/// The roots of the file that `SSL_CERT_FILE` names: the pinned ones, and the test's own.
fn pinned() -> Result<TlsContext, Error> {
    let pem = std::fs::read(std::env::var("SSL_CERT_FILE")?)?;
    let store = TrustStore::empty().with_pem_certificate(pem);
    Ok(TlsContext::builder().with_trust_store(store).build()?)
}

fn http() -> Result<SharedHttpClient, Error> {
    #[cfg(feature = "aws-lc")]
    let mode = CryptoMode::AwsLc;
    #[cfg(not(feature = "aws-lc"))]
    let mode = CryptoMode::Ring;
    let builder = Builder::new().tls_provider(Provider::Rustls(mode));
    Ok(builder.tls_context(pinned()?).build_https())
}

#[cfg(feature = "chain")]
async fn client() -> Result<Client, Error> {
    let config = aws_config::defaults(BehaviorVersion::latest()).http_client(http()?);
    Ok(Client::new(&config.load().await))
}

#[cfg(not(feature = "chain"))]
async fn client() -> Result<Client, Error> {
    use aws_credential_types::Credentials;
    let env = |name: &str| std::env::var(name);
    let (key, secret) = (env("AWS_ACCESS_KEY_ID")?, env("AWS_SECRET_ACCESS_KEY")?);
    let credentials = Credentials::from_keys(key, secret, env("AWS_SESSION_TOKEN").ok());
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(aws_sdk_dynamodb::config::Region::new(env("AWS_REGION")?))
        .credentials_provider(credentials)
        .endpoint_url(env("AWS_ENDPOINT_URL")?)
        .http_client(http()?)
        .build();
    Ok(Client::from_conf(config))
}
