use super::*;
use base64ct::{Base64UrlUnpadded as Base64, Encoding as _};
use expect_test::expect;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::json;

// Made once with another implementation (OpenSSL, by Python's `cryptography`); its key is forgotten.
const RS256: &str = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InJzMSJ9.eyJpc3MiOiJodHRwczovL2xvZ2luLmV\
    4YW1wbGUvIiwiYXVkIjoid2F0Y2hmaXJlIiwic3ViIjoiYXV0aDB8NDIiLCJpYXQiOjE3OTAwMDAwMDAsImV\
    4cCI6MjAwMDAwMDAwMCwid2ZfdGVuYW50cyI6WyJhY21lIl0sIndmX3JvbGUiOiJyZXNwb25kZXIifQ.zWfa\
    9abz1ynNqrfk_dzpEkoP73JFvfbNfCxCk4buy9X8B0Jq64cWFWwipZW9Uq1DzZtpod36P4kbYslLp0pc06la\
    GATnwaKmLEuwlIzT4TAnlm7XzfHl5M2m2uO35C4rn-DUBI3qYsQnVO96UzDRxjiKedlzvhgzECVuAfLg915K\
    XWads3YpCU4A5rGE4RJ7_-s2xZYDDhdWtQMAVj4SJjbZ5KnDao6KRWMZyJ2SZ9wlD9zJqE79ZIjAyVFmUKRM\
    5ACfqEIeWCuiZ0pn6QVWvonPVyY_j7yrBzZ0aV1bgFc7qlHh_6LvIk6Se9XYQtIvatns4m4sixctmtRFgn13\
    QQ";
const MODULUS: &str = "0H9hoRLlRt42q1oERlNaLnRT4xbT6iiUK-s0oM3YGXcdNQUbjUnpQ_BNv7v20RXsBnfDxQVZ6B-Hj6HRp4Dr\
    POazxLcswabKhgR1IyGRLb4LbLm8U6bMKCRodzgFoAFY8uR3kneRh49sFtIycJ0Xx4eyA9dBTXbtrf2CA9HY\
    Zp3xDgTdvaYWfEqvQKy3bfzZTNCUQerqbgtX6yyk6DRRwL5jfKlB69iDCh70zeIfUpRv6qJLqmh4PGITKWRb\
    t8ca-9_1MEtmbIcPj0RQuhmZwD_6HzJd2R2lhm1vI3I5hkSWX3eQz3JnewrKU7kB9MApFDl-yULoRFx0-4nz\
    VEI4WQ";

fn now() -> Timestamp {
    Timestamp::parse("2026-11-21T03:12:00Z").unwrap()
}

fn verifier() -> Verifier {
    Verifier {
        issuer: "https://login.example/".into(),
        audience: "watchfire".into(),
        names: ClaimNames {
            tenants: "wf_tenants".into(),
            role: "wf_role".into(),
            clearance: "wf_clearance".into(),
            on_call: "wf_on_call".into(),
            stage: "wf_stage".into(),
        },
    }
}

fn part(value: &Value) -> String {
    Base64::encode_string(value.to_string().as_bytes())
}

struct Issuer(EcdsaKeyPair);

impl Issuer {
    fn new() -> Self {
        let (chance, kind) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let key = EcdsaKeyPair::generate_pkcs8(kind, &chance).unwrap();
        Self(EcdsaKeyPair::from_pkcs8(kind, key.as_ref(), &chance).unwrap())
    }

    fn key(&self, kid: &str) -> Value {
        let (x, y) = self.0.public_key().as_ref()[1..].split_at(32);
        let (x, y) = (Base64::encode_string(x), Base64::encode_string(y));
        json!({"kty": "EC", "crv": "P-256", "kid": kid, "x": x, "y": y, "use": "sig"})
    }

    fn keys(&self) -> String {
        let strange = json!({"kty": "LWE", "kid": "k0", "n": 7});
        json!({"keys": [strange, self.key("k1")]}).to_string()
    }

    fn token(&self, header: &Value, claims: &Value) -> String {
        let message = format!("{}.{}", part(header), part(claims));
        let signature = self.0.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        format!("{message}.{}", Base64::encode_string(signature.as_ref()))
    }

    /// The claims that hold, patched.
    fn ask(&self, patch: &Value) -> Result<Claims, ClaimsRefused> {
        let token = self.token(&json!({"alg": "ES256", "kid": "k1"}), &claims(patch));
        verifier().verify(&token, &self.keys(), now())
    }
}

fn claims(patch: &Value) -> Value {
    let mut claims = json!({
        "iss": "https://login.example/", "aud": "watchfire", "sub": "alice",
        "exp": now().plus(1000).seconds(), "wf_tenants": ["acme"], "wf_role": "responder",
    });
    watchfire_domain::patch::apply(&mut claims, patch);
    claims
}

#[test]
fn what_a_token_says_is_read_in_every_form_that_issuers_write() {
    let issuer = Issuer::new();
    let alice = issuer.ask(&json!({})).unwrap();
    assert_eq!((alice.subject.as_str(), alice.role.as_str()), ("alice", "responder"));
    assert_eq!((alice.clearance, alice.on_call, alice.email), (0, false, None));
    assert_eq!(alice.stage, None);
    let full = issuer
        .ask(&json!({
            "aud": ["other", "watchfire"], "wf_tenants": "globex, acme acme", "wf_on_call": "true",
            "wf_clearance": "70", "nbf": now().seconds(), "exp": 1_795_230_721.5,
            "email": "alice@example.com", "wf_stage": "prod",
        }))
        .unwrap();
    let tenants: Vec<_> = full.tenants.iter().map(Tenant::as_str).collect();
    assert_eq!(tenants, ["acme", "globex"]);
    assert_eq!((full.clearance, full.on_call), (70, true));
    assert_eq!(full.stage.as_deref(), Some("prod"));
    assert_eq!(full.email.as_deref(), Some("alice@example.com"));
    let unverified = json!({"email": "alice@example.com", "email_verified": false});
    assert_eq!(issuer.ask(&unverified).unwrap().email, None);
}

#[test]
fn a_claim_that_is_not_as_it_must_be_refuses_the_token() {
    let issuer = Issuer::new();
    let at = now().seconds();
    let table: String = [
        json!({"iss": "https://login.example"}),
        json!({"iss": ["https://login.example/"]}),
        json!({"iss": null}),
        json!({"aud": "Watchfire"}),
        json!({"aud": ["other"]}),
        json!({"aud": null, "client_id": "watchfire"}),
        json!({"exp": at}),
        json!({"exp": null}),
        json!({"exp": at.to_string()}),
        json!({"exp": 1e300}),
        json!({"nbf": now().plus(1000).seconds()}),
        json!({"nbf": "0"}),
        json!({"sub": null}),
        json!({"sub": ""}),
        json!({"sub": "a\nb"}),
        json!({"wf_tenants": null}),
        json!({"wf_tenants": []}),
        json!({"wf_tenants": " , "}),
        json!({"wf_tenants": ["acme", 7]}),
        json!({"wf_tenants": ["acme#INC"]}),
        json!({"wf_tenants": "[acme globex]"}),
        json!({"wf_role": null}),
        json!({"wf_role": ["admin"]}),
        json!({"wf_clearance": 101}),
        json!({"wf_clearance": -1}),
        json!({"wf_clearance": 1.5}),
        json!({"wf_clearance": "high"}),
        json!({"wf_on_call": 1}),
        json!({"wf_stage": ""}),
        json!({"wf_stage": "*"}),
        json!({"wf_stage": ["prod"]}),
        json!({"wf_stage": true}),
    ]
    .iter()
    .map(|patch| format!("{patch} {}\n", issuer.ask(patch).unwrap_err().reason()))
    .collect::<Vec<_>>()
    .concat();
    expect![[r#"
        {"iss":"https://login.example"} issuer
        {"iss":["https://login.example/"]} issuer
        {"iss":null} issuer
        {"aud":"Watchfire"} audience
        {"aud":["other"]} audience
        {"aud":null,"client_id":"watchfire"} audience
        {"exp":1795230720} expired
        {"exp":null} expired
        {"exp":"1795230720"} expired
        {"exp":1e+300} expired
        {"nbf":1795230721} not valid yet
        {"nbf":"0"} not valid yet
        {"sub":null} no subject
        {"sub":""} no subject
        {"sub":"a\nb"} no subject
        {"wf_tenants":null} claim of tenants
        {"wf_tenants":[]} claim of tenants
        {"wf_tenants":" , "} claim of tenants
        {"wf_tenants":["acme",7]} claim of tenants
        {"wf_tenants":["acme#INC"]} claim of tenants
        {"wf_tenants":"[acme globex]"} claim of tenants
        {"wf_role":null} claim of a role
        {"wf_role":["admin"]} claim of a role
        {"wf_clearance":101} claim of a clearance
        {"wf_clearance":-1} claim of a clearance
        {"wf_clearance":1.5} claim of a clearance
        {"wf_clearance":"high"} claim of a clearance
        {"wf_on_call":1} claim of being on call
        {"wf_stage":""} claim of a deployment
        {"wf_stage":"*"} claim of a deployment
        {"wf_stage":["prod"]} claim of a deployment
        {"wf_stage":true} claim of a deployment
    "#]]
    .assert_eq(&table);
}

#[test]
fn a_token_holds_until_its_end_and_not_at_it() {
    let issuer = Issuer::new();
    let token = issuer.token(&json!({"alg": "ES256", "kid": "k1"}), &claims(&json!({})));
    let at = |now| verifier().verify(&token, &issuer.keys(), now).map(drop);
    assert_eq!(at(now().plus(999)), Ok(()));
    assert_eq!(at(now().plus(1000)), Err(ClaimsRefused::Expired));
}

#[test]
fn only_the_named_key_and_the_two_algorithms_count() {
    let (issuer, other) = (Issuer::new(), Issuer::new());
    let verify = |token: &str, keys: &str| verifier().verify(token, keys, now()).unwrap_err();
    let refuse =
        |header: &Value| verify(&issuer.token(header, &claims(&json!({}))), &issuer.keys());
    assert_eq!(refuse(&json!({"alg": "ES256"})), ClaimsRefused::KeyIdMissing);
    assert_eq!(refuse(&json!({"alg": "ES256", "kid": "k2"})), ClaimsRefused::UnknownKey);
    assert_eq!(refuse(&json!({"alg": "ES256", "kid": "k0"})), ClaimsRefused::KeyUnfit);
    assert_eq!(refuse(&json!({"alg": "RS256", "kid": "k1"})), ClaimsRefused::KeyUnfit);
    assert_eq!(refuse(&json!({"alg": "none", "kid": "k1"})), ClaimsRefused::Malformed);
    for algorithm in ["HS256", "ES384", "PS256", "RS512", "EdDSA"] {
        let header = json!({"alg": algorithm, "kid": "k1"});
        assert_eq!(refuse(&header), ClaimsRefused::Algorithm, "{algorithm}");
    }
    let extended = json!({"alg": "ES256", "kid": "k1", "crit": ["exp"]});
    assert_eq!(refuse(&extended), ClaimsRefused::Algorithm);

    let token = issuer.token(&json!({"alg": "ES256", "kid": "k1"}), &claims(&json!({})));
    assert_eq!(verify(&token, &other.keys()), ClaimsRefused::Signature);
    for usage in [json!({"use": "enc"}), json!({"alg": "ES384"}), json!({"crv": "P-384"})] {
        let mut key = issuer.key("k1");
        watchfire_domain::patch::apply(&mut key, &usage);
        let keys = json!({"keys": [key]}).to_string();
        assert_eq!(verify(&token, &keys), ClaimsRefused::KeyUnfit, "{usage}");
    }
    for keys in ["", "[]", "{}", r#"{"keys":{}}"#] {
        assert_eq!(verify(&token, keys), ClaimsRefused::Keys, "{keys}");
    }
    assert_eq!(Fault::from(ClaimsRefused::Keys).name(), "Dependency.Corrupt");
    assert_eq!(Fault::from(ClaimsRefused::Expired).status(), 401);
}

#[test]
fn a_public_key_is_no_secret_to_sign_with() {
    let issuer = Issuer::new();
    let keys = issuer.keys();
    let message =
        format!("{}.{}", part(&json!({"alg": "HS256", "kid": "k1"})), part(&claims(&json!({}))));
    for secret in [issuer.0.public_key().as_ref(), keys.as_bytes()] {
        let secret = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
        let tag = ring::hmac::sign(&secret, message.as_bytes());
        let token = format!("{message}.{}", Base64::encode_string(tag.as_ref()));
        assert_eq!(verifier().verify(&token, &keys, now()), Err(ClaimsRefused::Algorithm));
    }
    // The same, where the set itself holds a secret.
    let secret = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"secret");
    let tag = ring::hmac::sign(&secret, message.as_bytes());
    let token = format!("{message}.{}", Base64::encode_string(tag.as_ref()));
    let k = Base64::encode_string(b"secret");
    let keys = json!({"keys": [{"kty": "oct", "kid": "k1", "k": k, "alg": "HS256"}]}).to_string();
    assert_eq!(verifier().verify(&token, &keys, now()), Err(ClaimsRefused::Algorithm));
}

#[test]
fn no_changed_or_cut_token_is_believed() {
    let issuer = Issuer::new();
    let token = issuer.token(&json!({"alg": "ES256", "kid": "k1"}), &claims(&json!({})));
    let keys = issuer.keys();
    assert!(verifier().verify(&token, &keys, now()).is_ok());
    for at in 0..token.len() {
        assert!(verifier().verify(&token[..at], &keys, now()).is_err(), "cut at {at}");
        for letter in ["A", "B", "_", ".", "=", "\u{0}", ""] {
            if token[at..].starts_with(letter) && !letter.is_empty() {
                continue;
            }
            let changed = format!("{}{letter}{}", &token[..at], &token[at + 1..]);
            assert!(verifier().verify(&changed, &keys, now()).is_err(), "{letter:?} at {at}");
        }
    }
    for garbage in ["", ".", "..", "...", "a.b.c", "🦀.🦀.🦀", &"x".repeat(20_000)] {
        assert_eq!(verifier().verify(garbage, &keys, now()), Err(ClaimsRefused::Malformed));
    }
    let bare = issuer.token(&json!({"alg": "ES256", "kid": "k1"}), &json!("claims"));
    assert_eq!(verifier().verify(&bare, &keys, now()), Err(ClaimsRefused::Malformed));
}

#[test]
fn another_implementations_rsa_signature_is_believed() {
    let keys = |n: &str| {
        json!({"keys": [{"kty": "RSA", "kid": "rs1", "n": n, "e": "AQAB", "alg": "RS256"}]})
            .to_string()
    };
    let claims = verifier().verify(RS256, &keys(MODULUS), now()).unwrap();
    assert_eq!(claims.subject, "auth0|42");
    let mut signed = Base64::decode_vec(MODULUS).unwrap();
    signed.insert(0, 0);
    assert!(verifier().verify(RS256, &keys(&Base64::encode_string(&signed)), now()).is_ok());
    *signed.last_mut().unwrap() ^= 2;
    let refused = verifier().verify(RS256, &keys(&Base64::encode_string(&signed)), now());
    assert_eq!(refused, Err(ClaimsRefused::Signature));
}

#[test]
fn principals_fit_on_whole_segments_and_the_longest_wins() {
    let table: Vec<crate::config::Principal> = serde_json::from_value(json!([
        {"arn_prefix": "arn:aws:sts::1:assumed-role/", "tenants": ["any"], "role": "viewer"},
        {"arn_prefix": "arn:aws:sts::1:assumed-role/ci", "tenants": ["acme"], "role": "responder"},
        {"arn_prefix": "arn:aws:iam::1:role/apps/bot", "tenants": ["acme", "globex"], "role": "admin", "clearance": 50, "stage": "prod"},
        {"arn_prefix": "arn:aws:iam::1:user/eve", "tenants": ["globex"], "role": "viewer"},
    ]))
    .unwrap();
    let table: String = [
        "arn:aws:sts::1:assumed-role/ci/run-7",
        "arn:aws:sts::1:assumed-role/ci-admin/run-7",
        "arn:aws:sts::1:assumed-role/bot/session",
        "arn:aws:sts::1:assumed-role/robot/session",
        "arn:aws:sts::2:assumed-role/ci/run-7",
        "arn:aws:sts::1:assumed-role",
        "arn:aws-cn:sts::1:assumed-role/bot/session",
        "arn:aws:iam::1:user/eve",
        "arn:aws:iam::1:user/evelyn",
        "",
    ]
    .iter()
    .map(|arn| {
        let known = principal(arn, &table).map(|claims| {
            let tenants: Vec<_> = claims.tenants.iter().map(Tenant::as_str).collect();
            let stage = claims.stage.map(|stage| format!(" in {stage}")).unwrap_or_default();
            format!("{} {} for {}{stage}", claims.role, claims.clearance, tenants.join(" "))
        });
        format!("{arn} -> {}\n", known.unwrap_or_default())
    })
    .collect::<Vec<_>>()
    .concat();
    expect![[r#"
        arn:aws:sts::1:assumed-role/ci/run-7 -> responder 0 for acme
        arn:aws:sts::1:assumed-role/ci-admin/run-7 -> viewer 0 for any
        arn:aws:sts::1:assumed-role/bot/session -> admin 50 for acme globex in prod
        arn:aws:sts::1:assumed-role/robot/session -> viewer 0 for any
        arn:aws:sts::2:assumed-role/ci/run-7 -> 
        arn:aws:sts::1:assumed-role -> 
        arn:aws-cn:sts::1:assumed-role/bot/session -> 
        arn:aws:iam::1:user/eve -> viewer 0 for globex
        arn:aws:iam::1:user/evelyn -> 
         -> 
    "#]]
    .assert_eq(&table);
}
