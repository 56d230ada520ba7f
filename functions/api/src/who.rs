//! Who asks, and in which tenant.

use watchfire_desk::{Caller, Desk};
use watchfire_domain::{Tenant, link::normalise};
use watchfire_edge::claims::{Claims, ClaimsRefused, Verifier, principal};
use watchfire_edge::config::{need, variables as var};
use watchfire_edge::http::{Authorizer, Request};
use watchfire_edge::{Fault, TraceId};
use watchfire_policy::{Actor, ActorKind, OBLIGATIONS, Role};
use watchfire_ports::Jwks;

/// Which of the two doors a request came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// `/v1`: a person or a program with a token.
    Token,
    /// `/iam/v1`: a program that signs.
    Signature,
}

impl Door {
    /// The door of a path, and the path below it.
    pub(crate) fn of(segments: &[String]) -> Option<(Self, &[String])> {
        match segments {
            [first, rest @ ..] if first == "v1" => Some((Self::Token, rest)),
            [first, second, rest @ ..] if first == "iam" && second == "v1" => {
                Some((Self::Signature, rest))
            }
            _ => None,
        }
    }

    /// How its paths begin.
    pub(crate) const fn prefix(self) -> &'static str {
        match self {
            Self::Token => "/v1",
            Self::Signature => "/iam/v1",
        }
    }
}

/// The caller. API Gateway verified it before; here it is verified again, so that a mistake at the
/// gateway opens nothing.
pub(crate) async fn caller(
    desk: &Desk,
    jwks: &dyn Jwks,
    request: &Request,
    door: Door,
    trace: Option<&str>,
) -> Result<Caller, Fault> {
    let (claims, kind) = match door {
        Door::Token => (token(desk, jwks, request).await?, ActorKind::User),
        Door::Signature => (signature(desk, request)?, ActorKind::Tooling),
    };
    let tenant = tenant(request, &claims)?;
    let role = Role::claimed(&claims.role).ok_or_else(no_role)?;
    let trace = trace.and_then(TraceId::from_header).map(|trace| trace.to_string());
    let tenants = claims.tenants.iter().map(|tenant| tenant.as_str().to_owned()).collect();
    // Approvers are named by address, and nobody may approve what they asked for themselves: so a
    // caller with an address is known by it, in the spelling of approvers.
    let name = claims.email.as_deref().unwrap_or(&claims.subject);
    let id = normalise(name).unwrap_or_else(|| claims.subject.clone());
    let actor = Actor { kind, ..Actor::user(id, role, tenants) };
    let (clearance, on_call, stage) = (claims.clearance, claims.on_call, claims.stage);
    let actor = Actor { clearance, on_call, stage, ..actor };
    Ok(Caller { actor, tenant, trace })
}

async fn token(desk: &Desk, jwks: &dyn Jwks, request: &Request) -> Result<Claims, Fault> {
    let token = request.bearer().ok_or(Fault::Unauthenticated { reason: "no token" })?;
    let config = &desk.config;
    let verifier = Verifier {
        issuer: need(config.issuer.as_ref(), &var::ISSUER)?.to_string(),
        audience: need(config.audience.as_ref(), &var::AUDIENCE)?.to_string(),
        names: config.claims.clone(),
    };
    let now = desk.clock.now();
    let keys = jwks.keys(false).await?;
    match verifier.verify(token, &keys, now) {
        // The issuer may have a new key: one fresh look.
        Err(ClaimsRefused::UnknownKey) => {
            let keys = jwks.keys(true).await?;
            Ok(verifier.verify(token, &keys, now)?)
        }
        known => Ok(known?),
    }
}

fn signature(desk: &Desk, request: &Request) -> Result<Claims, Fault> {
    let Authorizer::Iam { arn } = &request.authorizer else {
        return Err(Fault::Unauthenticated { reason: "no signature" });
    };
    let known = principal(arn, &desk.config.iam_principals);
    known.ok_or(Fault::Unauthenticated { reason: "a principal that nobody mapped" })
}

/// The tenant of the request: the caller's only one, or the one that it names among its own. Any
/// other does not exist.
fn tenant(request: &Request, claims: &Claims) -> Result<Tenant, Fault> {
    let named = match (request.header("watchfire-tenant"), request.query("tenant")) {
        (Some(header), Some(query)) if header != query => {
            return Err(Fault::invalid(
                "tenant",
                "is another than the `Watchfire-Tenant` header's",
            ));
        }
        (header, query) => header.or(query),
    };
    match (named, claims.tenants.as_slice()) {
        (Some(name), tenants) => {
            tenants.iter().find(|one| one.as_str() == name).cloned().ok_or(Fault::NotFound)
        }
        (None, [only]) => Ok(only.clone()),
        (None, _) => Err(Fault::invalid(
            "tenant",
            "must be said: you act for several, so send the header `Watchfire-Tenant`",
        )),
    }
}

fn no_role() -> Fault {
    let role = OBLIGATIONS.iter().filter(|one| one.code == "role");
    Fault::Denied { missing: role.map(|one| (one.code, one.text)).collect() }
}
