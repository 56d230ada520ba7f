//! One connector under all clients. The SDK would set up TLS anew for each of them, and once more to
//! see whether it can: each time it reads every root.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use std::sync::OnceLock;

/// The client whose connector is built by the first request of whichever client comes first. Only
/// right where all of them have the same time limits, as ours do.
#[derive(Debug)]
struct Once {
    under: SharedHttpClient,
    connector: OnceLock<SharedHttpConnector>,
}

impl HttpClient for Once {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let build = || self.under.http_connector(settings, components);
        self.connector.get_or_init(build).clone()
    }
}

/// Shares the connector of `under` among all that use it.
pub(crate) fn shared(under: SharedHttpClient) -> SharedHttpClient {
    SharedHttpClient::new(Once { under, connector: OnceLock::new() })
}
