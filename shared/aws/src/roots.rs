//! Roots of trust: our own as TLS reads them, others as single certificates in PEM.

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// Amazon Trust Services, see `roots/README.md`. Their text would be decoded at every cold start, for a
/// tenth of what a start costs.
const PINNED: [&[u8]; 5] = [
    include_bytes!("../roots/amazon-root-ca-1.der"),
    include_bytes!("../roots/amazon-root-ca-2.der"),
    include_bytes!("../roots/amazon-root-ca-3.der"),
    include_bytes!("../roots/amazon-root-ca-4.der"),
    include_bytes!("../roots/starfield-services-g2.der"),
];

const BUNDLES: [&str; 2] =
    ["/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/certs/ca-certificates.crt"];

/// The certificates of the system's bundle: of `SSL_CERT_FILE`, or of the first usual place.
pub(crate) fn native(env: &dyn Fn(&str) -> Option<String>) -> Result<Vec<String>, String> {
    let given = env("SSL_CERT_FILE").filter(|path| !path.is_empty());
    let places = given.map_or_else(|| BUNDLES.map(str::to_owned).to_vec(), |path| vec![path]);
    let bundle = places.iter().find_map(|path| std::fs::read_to_string(path).ok());
    let usable = bundle.map(|bundle| split(&bundle)).unwrap_or_default();
    if usable.is_empty() {
        return Err(format!("no certificate can be read from {}", places.join(" or ")));
    }
    Ok(usable)
}

/// The certificates of a bundle that TLS can use.
pub(crate) fn split(bundle: &str) -> Vec<String> {
    const END: &str = "-----END CERTIFICATE-----";
    bundle
        .split_inclusive(END)
        .filter_map(|block| {
            block.find("-----BEGIN CERTIFICATE-----").map(|at| block.split_at(at).1)
        })
        .filter(|block| {
            CertificateDer::from_pem_slice(block.as_bytes())
                .is_ok_and(|certificate| RootCertStore::empty().add(certificate).is_ok())
        })
        .map(str::to_owned)
        .collect()
}

/// The roots that are part of the program.
pub(crate) fn pinned() -> RootCertStore {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(PINNED.map(CertificateDer::from));
    store
}

/// Adds the certificates of `pem` to `store`.
pub(crate) fn add(store: &mut RootCertStore, pem: &[impl AsRef<str>]) {
    let bytes = pem.iter().map(|block| block.as_ref().as_bytes());
    let certificates = bytes.filter_map(|block| CertificateDer::from_pem_slice(block).ok());
    store.add_parsable_certificates(certificates);
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::digest::{SHA256, digest};
    use std::fmt::Write;

    const PEM: [&str; 5] = [
        include_str!("../roots/amazon-root-ca-1.pem"),
        include_str!("../roots/amazon-root-ca-2.pem"),
        include_str!("../roots/amazon-root-ca-3.pem"),
        include_str!("../roots/amazon-root-ca-4.pem"),
        include_str!("../roots/starfield-services-g2.pem"),
    ];

    #[test]
    fn the_pinned_roots_are_those_of_the_table() {
        let table = include_str!("../roots/README.md");
        for (der, pem) in PINNED.into_iter().zip(PEM) {
            let mut print = String::new();
            for byte in digest(&SHA256, der).as_ref() {
                write!(print, "{byte:02x}").unwrap();
            }
            assert!(table.contains(&print), "{print}");
            assert_eq!(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap().as_ref(), der);
            assert_eq!(split(pem).len(), 1);
        }
        assert_eq!(pinned().len(), 5);
    }

    #[test]
    fn a_bundle_loses_only_what_cannot_be_used() {
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let bundle = format!("# one\n{}{broken}# two\n{}", PEM[0], PEM[4]);
        let usable = split(&bundle);
        assert_eq!(usable.len(), 2);
        assert!(usable.iter().all(|pem| pem.starts_with("-----BEGIN CERTIFICATE-----")));
        assert_eq!(split("nothing"), Vec::<String>::new());
    }

    #[test]
    fn a_missing_bundle_is_a_problem() {
        let env = |name: &str| (name == "SSL_CERT_FILE").then(|| "/nonexistent/bundle".to_owned());
        let problem = native(&env).unwrap_err();
        assert_eq!(problem, "no certificate can be read from /nonexistent/bundle");
    }
}
