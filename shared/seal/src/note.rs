//! Signed notes (C2SP signed-note): a text, an empty line, and a line for each signature.

mod key;

pub use key::{Ed25519Signer, KeyId, NoKey, Signer, Unsigned, VerifierKey};

use base64ct::{Base64, Encoding as _};
use std::{fmt, str::FromStr};

/// How many signatures a note may have: it is small, and each costs a look.
const MOST: usize = 100;

/// A text and its signatures, which are not believed before [`Note::signed_by`] looked at them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

/// A signature, of any algorithm: whoever does not know the key cannot tell which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The key's name.
    pub name: String,
    /// The key's id.
    pub id: KeyId,
    /// What the key made of the text.
    pub bytes: Vec<u8>,
}

/// A note that is none, or that is not signed as it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It cannot be read.
    #[error("not a signed note: {0}")]
    Malformed(&'static str),
    /// A key that we know did not sign this.
    #[error("the signature by `{0}` is not of this text")]
    Forged(String),
    /// None of the keys that we know signed it.
    #[error("no key that is known signed it")]
    Unknown,
}

impl Note {
    /// A note over `text`, signed.
    pub fn sign(text: &str, signer: &dyn Signer) -> Result<Self, Unsigned> {
        let mut note = Self::unsigned(text).map_err(|wrong| Unsigned::new(wrong.to_string()))?;
        let signature = signer.sign(note.text.as_bytes())?;
        note.attach(signer.key(), signature)?;
        Ok(note)
    }

    /// A note that nobody has signed yet: for a signer that answers later, as KMS does.
    pub fn unsigned(text: &str) -> Result<Self, NoteError> {
        let wrong = if text.chars().any(|one| one.is_control() && one != '\n') {
            "its text has control characters"
        } else if !text.ends_with('\n') {
            "its text does not end with a line's end"
        } else {
            return Ok(Self { text: text.to_owned(), signatures: Vec::new() });
        };
        Err(NoteError::Malformed(wrong))
    }

    /// Adds a signature by `key`, which must be right: a wrong one would make the note useless.
    pub fn attach(&mut self, key: &VerifierKey, signature: [u8; 64]) -> Result<(), Unsigned> {
        if !key.verifies(self.text.as_bytes(), &signature) {
            return Err(Unsigned::new("the signer answered with a signature of something else"));
        }
        let bytes = signature.to_vec();
        self.signatures.push(Signature { name: key.name().to_owned(), id: key.id(), bytes });
        Ok(())
    }

    /// What was signed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures, as they stand there.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// The first of `keys` that signed it. Signatures by other keys are ignored, as C2SP demands;
    /// a wrong one by a known key is not.
    pub fn signed_by<'a>(&self, keys: &'a [VerifierKey]) -> Result<&'a VerifierKey, NoteError> {
        let mut found = None;
        for signature in &self.signatures {
            let known =
                keys.iter().find(|key| key.name() == signature.name && key.id() == signature.id);
            let Some(key) = known else { continue };
            if !key.verifies(self.text.as_bytes(), &signature.bytes) {
                return Err(NoteError::Forged(key.name().to_owned()));
            }
            found = found.or(Some(key));
        }
        found.ok_or(NoteError::Unknown)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}", self.text)?;
        for Signature { name, id, bytes } in &self.signatures {
            let bytes = [&id.0[..], bytes].concat();
            writeln!(out, "— {name} {}", Base64::encode_string(&bytes))?;
        }
        Ok(())
    }
}

impl FromStr for Note {
    type Err = NoteError;
    fn from_str(note: &str) -> Result<Self, NoteError> {
        let wrong = NoteError::Malformed;
        // The last empty line divides: the text may have empty lines of its own.
        let at = note.rfind("\n\n").ok_or(wrong("nothing divides text and signatures"))?;
        let (text, lines) = note.split_at_checked(at.saturating_add(1)).unwrap_or_default();
        let lines = lines.strip_prefix('\n').and_then(|lines| lines.strip_suffix('\n'));
        let lines = lines.ok_or(wrong("it has no signatures, or its last line has no end"))?;
        let mut read = Self::unsigned(text)?;
        read.signatures = lines
            .split('\n')
            .map(|line| signature(line).ok_or(wrong("a signature cannot be read")))
            .collect::<Result<_, _>>()?;
        if read.signatures.len() > MOST {
            return Err(wrong("it has too many signatures"));
        }
        Ok(read)
    }
}

fn signature(line: &str) -> Option<Signature> {
    let (name, bytes) = line.strip_prefix("— ")?.split_once(' ')?;
    let bytes = Base64::decode_vec(bytes).ok()?;
    let (id, bytes) = bytes.split_first_chunk::<4>()?;
    let whole = key::is_name(name) && !bytes.is_empty();
    whole.then(|| Signature { name: name.to_owned(), id: KeyId(*id), bytes: bytes.to_vec() })
}
