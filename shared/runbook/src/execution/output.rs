//! What a program printed or a server answered, as far as a record keeps it: cut, cleared, hashed.

mod redact;

pub(super) use redact::{is_marked, redact, unmarked};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use watchfire_domain::{Excerpt, Whole, hex};

/// How much of one step's output is kept, in bytes.
pub(super) const EACH: usize = 2_000;

/// How much of all outputs together is kept, in bytes.
pub(super) const ALL: usize = 64_000;

/// How much is looked at to keep [`EACH`]: what is cleared away makes room for what follows.
const WINDOW: usize = 16_000;

/// What an automatic step returned. The whole of what a program printed or a server answered lies
/// where its evidence points to, if the step has any.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// Its beginning, in which what looks like a secret reads `[redacted]`.
    pub text: String,
    /// SHA-256 of the whole as it is kept, in hex; of its first `hashed` bytes, where that is said.
    pub sha256: String,
    /// How long the whole is as it is kept, in bytes.
    pub bytes: u64,
    /// How much of it was hashed, in bytes, if that is not all: it was too long to be read, and
    /// whoever keeps it told no SHA-256.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hashed: Option<u64>,
    /// Whether `text` says less than the whole.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
    /// Whether something in `text` was taken out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub redacted: bool,
}

impl Output {
    /// Of what came back, which `whole` keeps, or the beginning of that; at most `room` bytes of it are kept.
    pub(super) fn of(read: &[u8], whole: Option<&Whole>, room: usize) -> Self {
        let (text, mut cut) = window(read, whole.is_some_and(|whole| !whole.read));
        let (text, redacted) = redact(&text);
        let kept = clipped(&text, room.min(EACH));
        cut |= kept.len() < text.len();
        let length = u64::try_from(read.len()).unwrap_or(u64::MAX);
        let told = whole.and_then(|whole| whole.sha256.clone());
        Self {
            text: kept.to_owned(),
            hashed: whole.filter(|_| told.is_none()).map(|_| length),
            sha256: told.unwrap_or_else(|| hex(&Sha256::digest(read))),
            bytes: whole.map_or(length, |whole| whole.bytes),
            cut,
            redacted,
        }
    }
}

/// The beginning of what is to be done, in at most so many bytes. What merely looks as if nobody
/// had made it up stays in it: a commit or a digest says what it is done to, and neither a spec nor
/// an input may hold what is marked as a secret.
pub(super) fn excerpt(whole: &str, most: usize) -> Excerpt {
    let shown: String = whole.chars().map(seen).collect();
    let (text, redacted) = unmarked(&shown);
    let kept = clipped(&text, most);
    Excerpt {
        text: kept.to_owned(),
        sha256: hex(&Sha256::digest(whole)),
        bytes: u64::try_from(whole.len()).unwrap_or(u64::MAX),
        cut: kept.len() < text.len(),
        redacted,
    }
}

/// The beginning of a text, in at most so many bytes.
pub(super) fn clipped(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    text.get(..end).unwrap_or_default()
}

/// The beginning of it as text, and whether that is not all: more was read, or there is `more`. It
/// ends with a whole word: half a secret is not known for one.
fn window(read: &[u8], more: bool) -> (String, bool) {
    let part = read.get(..WINDOW).unwrap_or(read);
    let text = String::from_utf8_lossy(part);
    let cut = more || part.len() < read.len();
    let end = if cut { text.rfind(char::is_whitespace).unwrap_or(0) } else { text.len() };
    let shown = text.get(..end).unwrap_or_default().chars().map(seen).collect();
    (shown, cut)
}

/// A character that changes how others are read becomes a blank.
fn seen(one: char) -> char {
    let turns = matches!(one, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(one, '\u{2060}'..='\u{206f}' | '\u{feff}');
    if turns || (one.is_control() && one != '\n' && one != '\t') { ' ' } else { one }
}
