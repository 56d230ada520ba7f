//! The server's side of TLS: a chain as long as that of AWS's endpoints, and of the same kind of
//! keys (RSA 2048), since checking it is most of a handshake. `bench/tls/make.sh` made it; its root
//! is trusted by nobody but the programs that are measured.

use crate::trouble::{Trouble, odd};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::sync::Arc;

/// The root, in PEM.
pub(super) const ROOT: &str = include_str!("../../tls/root.pem");
const CHAIN: &str = include_str!("../../tls/chain.pem");
const KEY: &str = include_str!("../../tls/leaf.key");

/// A server for 127.0.0.1 that speaks HTTP/1.1.
pub(super) fn config() -> Result<Arc<ServerConfig>, Trouble> {
    let unset = |error: rustls::Error| odd(format!("TLS cannot be set up: {error}"));
    let chain = CertificateDer::pem_slice_iter(CHAIN.as_bytes()).collect::<Result<_, _>>();
    let chain = chain.map_err(|error| odd(format!("the chain cannot be read: {error}")))?;
    let key = PrivateKeyDer::from_pem_slice(KEY.as_bytes());
    let key = key.map_err(|error| odd(format!("the key cannot be read: {error}")))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(unset)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(unset)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_is_read() {
        config().unwrap();
        assert_eq!(CertificateDer::pem_slice_iter(CHAIN.as_bytes()).count(), 2);
    }
}
