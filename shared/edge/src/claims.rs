//! Who asks: the claims of a verified token, or of a principal that the administrator mapped.
//!
//! API Gateway verified the token before; it is verified again here, since its flattened claims
//! cannot be told apart from text, and a function must not depend on how its door is set up.

mod principal;
mod provider;
mod read;
#[cfg(test)]
mod tests;

pub use principal::principal;

use crate::Fault;
use crate::config::ClaimNames;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Map, Value};
use watchfire_domain::{Tenant, Timestamp};
use watchfire_ports::PortError;

/// What is known of a caller for certain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The issuer's stable name of the caller (`sub`), or the principal's ARN.
    pub subject: String,
    /// Its mail address, if the issuer gives one and does not call it unverified: approvers are
    /// named by address, and nobody may approve what they asked for themselves.
    pub email: Option<String>,
    /// The tenants that it acts for: at least one.
    pub tenants: Vec<Tenant>,
    /// Its role.
    pub role: String,
    /// Its clearance, 0 to 100.
    pub clearance: i64,
    /// Whether it is on call now.
    pub on_call: bool,
    /// The one deployment that its credential is good for (S3-73); none: every one.
    pub stage: Option<String>,
}

/// Why a token was refused. Callers are told only that it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClaimsRefused {
    /// Not a token.
    #[error("the token cannot be read")]
    Malformed,
    /// Signed with something other than RS256 or ES256, or with extensions that we do not know.
    #[error("the token's algorithm is not RS256 or ES256, or it needs an extension")]
    Algorithm,
    /// It does not say which key it was signed with.
    #[error("the token has no key id")]
    KeyIdMissing,
    /// The key is not in the set: it may be new. Worth one fresh look at the set.
    #[error("the token's key is not in the issuer's set")]
    UnknownKey,
    /// The key of that id is not for this algorithm, or not for signatures.
    #[error("the token's key is not for its algorithm")]
    KeyUnfit,
    /// The signature is wrong.
    #[error("the token's signature is wrong")]
    Signature,
    /// Another issuer's.
    #[error("the token is of another issuer")]
    Issuer,
    /// For another audience.
    #[error("the token is for another audience")]
    Audience,
    /// Over, or without an end.
    #[error("the token has expired")]
    Expired,
    /// Not valid yet.
    #[error("the token is not valid yet")]
    Early,
    /// Nobody's.
    #[error("the token has no subject")]
    Subject,
    /// For no tenant, or for a name that is none.
    #[error("the token's claim of tenants is missing or not readable")]
    Tenants,
    /// Without a role.
    #[error("the token's claim of a role is missing or not readable")]
    Role,
    /// With a clearance that is no number from 0 to 100.
    #[error("the token's claim of a clearance is not readable")]
    Clearance,
    /// With something else than true and false.
    #[error("the token's claim of being on call is not readable")]
    OnCall,
    /// With something else than a deployment's name.
    #[error("the token's claim of a deployment is not readable")]
    Stage,
    /// The issuer's key set is no key set.
    #[error("the issuer's key set cannot be read")]
    Keys,
}

impl ClaimsRefused {
    /// Why, for our log.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Malformed => "malformed token",
            Self::Algorithm => "algorithm",
            Self::KeyIdMissing => "no key id",
            Self::UnknownKey => "unknown key",
            Self::KeyUnfit => "unfit key",
            Self::Signature => "signature",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Expired => "expired",
            Self::Early => "not valid yet",
            Self::Subject => "no subject",
            Self::Tenants => "claim of tenants",
            Self::Role => "claim of a role",
            Self::Clearance => "claim of a clearance",
            Self::OnCall => "claim of being on call",
            Self::Stage => "claim of a deployment",
            Self::Keys => "key set",
        }
    }
}

impl From<ClaimsRefused> for Fault {
    fn from(refused: ClaimsRefused) -> Self {
        // Without the issuer's keys nobody can sign in: that is not the caller's fault.
        if refused == ClaimsRefused::Keys {
            let (service, doing) = ("the issuer", "verifying a token");
            return PortError::Corrupt { service, doing, reason: refused.to_string() }.into();
        }
        Self::Unauthenticated { reason: refused.reason() }
    }
}

/// What a token must be to be believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verifier {
    /// Equal to its `iss`, to the letter.
    pub issuer: String,
    /// Equal to its `aud`, or to one of them, to the letter.
    pub audience: String,
    /// Where it says what we need.
    pub names: ClaimNames,
}

// What API Gateway accepts in all headers together is smaller.
const LONGEST: usize = 16_384;

impl Verifier {
    /// The claims of `token`, if it was signed with a key of `jwks` and holds at `now`.
    pub fn verify(&self, token: &str, jwks: &str, now: Timestamp) -> Result<Claims, ClaimsRefused> {
        let claims = signed(token, jwks)?;
        if claims.get("iss").and_then(Value::as_str) != Some(self.issuer.as_str()) {
            return Err(ClaimsRefused::Issuer);
        }
        let meant = match claims.get("aud") {
            Some(Value::String(audience)) => *audience == self.audience,
            Some(Value::Array(all)) => all.iter().any(|one| *one == *self.audience),
            _ => false,
        };
        if !meant {
            return Err(ClaimsRefused::Audience);
        }
        // A token without an end is one that cannot be taken back.
        if read::moment(&claims, "exp").is_none_or(|end| end <= now) {
            return Err(ClaimsRefused::Expired);
        }
        if claims.contains_key("nbf") && read::moment(&claims, "nbf").is_none_or(|at| now < at) {
            return Err(ClaimsRefused::Early);
        }
        read::claims(&claims, &self.names)
    }
}

/// The payload of `token`, if a key of `jwks` signed it. Says nothing about what stands in it.
fn signed(token: &str, jwks: &str) -> Result<Map<String, Value>, ClaimsRefused> {
    if token.len() > LONGEST {
        return Err(ClaimsRefused::Malformed);
    }
    // An algorithm that the library does not know, `none` among them, is no header to it either.
    let header = decode_header(token).map_err(|_| ClaimsRefused::Malformed)?;
    if !matches!(header.alg, Algorithm::RS256 | Algorithm::ES256) || header.crit.is_some() {
        return Err(ClaimsRefused::Algorithm);
    }
    let kid = header.kid.as_deref().ok_or(ClaimsRefused::KeyIdMissing)?;
    let key = key(jwks, kid, header.alg)?;
    // Times and audiences are compared with our own clock and in our own words, see above.
    let mut validation = Validation::new(header.alg);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    provider::install();
    let data = decode(token, &key, &validation).map_err(|error| {
        let unread = matches!(error.kind(), jsonwebtoken::errors::ErrorKind::Json(_));
        if unread { ClaimsRefused::Malformed } else { ClaimsRefused::Signature }
    })?;
    Ok(data.claims)
}

/// The key of that id, if it may verify that algorithm. Keys are read one by one: a set may hold
/// some of kinds that the library does not know.
fn key(jwks: &str, kid: &str, algorithm: Algorithm) -> Result<DecodingKey, ClaimsRefused> {
    let set: Value = serde_json::from_str(jwks).map_err(|_| ClaimsRefused::Keys)?;
    let keys = set.get("keys").and_then(Value::as_array).ok_or(ClaimsRefused::Keys)?;
    let mut named = keys.iter().filter(|key| key.get("kid").is_some_and(|id| id == kid)).peekable();
    named.peek().ok_or(ClaimsRefused::UnknownKey)?;
    named
        .filter_map(|key| serde_json::from_value::<Jwk>(key.clone()).ok())
        .filter(|key| fits(key, algorithm))
        .find_map(|key| DecodingKey::from_jwk(&key).ok())
        .ok_or(ClaimsRefused::KeyUnfit)
}

fn fits(key: &Jwk, algorithm: Algorithm) -> bool {
    // Secrets, Edwards curves, and whatever the library may learn, fit never.
    let kind = if let AlgorithmParameters::EllipticCurve(point) = &key.algorithm {
        algorithm == Algorithm::ES256 && point.curve == EllipticCurve::P256
    } else {
        algorithm == Algorithm::RS256 && matches!(key.algorithm, AlgorithmParameters::RSA(_))
    };
    let signs = match &key.common.public_key_use {
        Some(usage) => *usage == PublicKeyUse::Signature,
        None => true,
    };
    let said = key.common.key_algorithm;
    kind && signs && said.is_none_or(|said| said == algorithm.into())
}
