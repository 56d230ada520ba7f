//! A root, and a leaf for 127.0.0.1 under it: P-256, as ring makes them.

use crate::trouble::{Trouble, odd};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use std::sync::Arc;

/// What the server needs, and what its clients must trust.
pub(super) struct Made {
    pub(super) config: Arc<ServerConfig>,
    pub(super) root: String,
}

/// Makes both. The keys live as long as the process.
pub(super) fn make() -> Result<Made, Trouble> {
    let unmade = |error: rcgen::Error| odd(format!("no certificate can be made: {error}"));
    let key = KeyPair::generate().map_err(unmade)?;
    let mut root = CertificateParams::new(Vec::<String>::new()).map_err(unmade)?;
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    root.distinguished_name.push(DnType::CommonName, "Watchfire bench root");
    let certificate = root.self_signed(&key).map_err(unmade)?;
    let pem = certificate.pem();
    let issuer = Issuer::new(root, key);

    let leaf_key = KeyPair::generate().map_err(unmade)?;
    let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned()]).map_err(unmade)?;
    let leaf = leaf.signed_by(&leaf_key, &issuer).map_err(unmade)?;

    let unset = |error: rustls::Error| odd(format!("TLS cannot be set up: {error}"));
    let secret = PrivateKeyDer::try_from(leaf_key.serialize_der())
        .map_err(|error| odd(format!("a key cannot be read: {error}")))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(unset)?
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], secret)
        .map_err(unset)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Made { config: Arc::new(config), root: pem })
}
