//! Task tokens: AES-256-GCM under a Secrets Manager key, in partitions that only the functions that
//! complete them may read. No link, log, event or answer ever holds one.

use crate::commit::transact_put;
use crate::{Repo, item, keys};
use aws_sdk_dynamodb::types::Put;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use watchfire_domain::DAY;
use watchfire_ports::{Ids, PortError};

/// A token cannot be opened: another key, or not what was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a stored task token cannot be opened with key `{kid}`")]
pub struct TokenRefused {
    /// The key that it was sealed with.
    pub kid: String,
}

/// A key for task tokens.
#[derive(Clone)]
pub struct TokenKey {
    kid: String,
    key: LessSafeKey,
}

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("TokenKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl TokenKey {
    /// The key `kid` of these bytes; none if the cipher does not take them, which 32 bytes never
    /// are refused for.
    pub fn new(kid: &str, bytes: &[u8; 32]) -> Option<Self> {
        let key = UnboundKey::new(&AES_256_GCM, bytes).ok()?;
        Some(Self { kid: kid.to_owned(), key: LessSafeKey::new(key) })
    }

    /// The key's name.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    fn seal(&self, owner: &str, token: &str, ids: &dyn Ids) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        ids.fill(&mut nonce);
        let mut sealed = token.as_bytes().to_vec();
        let aad = Aad::from(owner.as_bytes());
        self.key
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed)
            .ok()?;
        Some([nonce.as_slice(), &sealed].concat())
    }

    fn open(&self, owner: &str, sealed: &[u8]) -> Option<String> {
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut rest = rest.to_vec();
        let plain = self.key.open_in_place(nonce, Aad::from(owner.as_bytes()), &mut rest).ok()?;
        String::from_utf8(plain.to_vec()).ok()
    }
}

/// No execution waits longer than a year (Step Functions quotas); nor does a token stay.
const TOKEN_DAYS: i64 = 40;

impl Repo {
    /// Stores the token that `owner` waits with in the state `wait`, unless a later attempt's is
    /// there. A state that is retried within an attempt waits with a new token: the newest of an
    /// attempt counts.
    pub async fn put_token(
        &self,
        owner: &str,
        wait: &str,
        attempt: u32,
        token: &str,
        key: &TokenKey,
    ) -> Result<(), PortError> {
        let pk = keys::tokens(self.tenant(), owner);
        let bound = bound_to(&pk, wait);
        let sealed = key.seal(&bound, token, self.table().ids.as_ref()).ok_or_else(|| {
            PortError::Refused {
                service: "the cipher",
                doing: "sealing a task token",
                reason: "it did not take the token".to_owned(),
            }
        })?;
        let gone = self.table().clock.now().plus(TOKEN_DAYS.saturating_mul(DAY)).seconds();
        let put = Put::builder()
            .table_name("")
            .item(item::PK, item::s(&pk))
            .item(item::SK, item::s(wait))
            .item("kid", item::s(&key.kid))
            .item("token", item::b(&sealed))
            .item("attempt", item::n(attempt))
            .item(item::TTL, item::n(gone))
            .condition_expression("attribute_not_exists(pk) OR attempt <= :attempt")
            .expression_attribute_values(":attempt", item::n(attempt));
        self.put_once(transact_put(put), "storing a task token").await?;
        Ok(())
    }

    /// The tokens that `owner` waits with, or waited with, in this attempt: by state, opened with
    /// the key that `pick` gives for the key's id. One read.
    pub async fn tokens(
        &self,
        owner: &str,
        attempt: u32,
        pick: &(dyn Fn(&str) -> Option<TokenKey> + Send + Sync),
    ) -> Result<Vec<(String, Result<String, TokenRefused>)>, PortError> {
        let pk = keys::tokens(self.tenant(), owner);
        let mut tokens = Vec::new();
        for found in self.table().collect(&pk, "").await? {
            if item::number::<u32>(&found, "attempt")? != attempt {
                continue;
            }
            let wait = item::text(&found, item::SK)?;
            let kid = item::text(&found, "kid")?;
            let sealed = item::bytes(&found, "token")?;
            let opened = pick(kid).and_then(|key| key.open(&bound_to(&pk, wait), sealed));
            let opened = opened.ok_or_else(|| TokenRefused { kid: kid.to_owned() });
            tokens.push((wait.to_owned(), opened));
        }
        Ok(tokens)
    }
}

/// What a sealed token is bound to: one that was moved to another place does not open.
fn bound_to(pk: &str, wait: &str) -> String {
    format!("{pk}/{wait}")
}
