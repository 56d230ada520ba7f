//! A SHA-256 digest and its one written form.

use crate::Unnamed;
use std::{fmt, str::FromStr};

/// A SHA-256 digest, written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Digest({self})")
    }
}

impl FromStr for Digest {
    type Err = Unnamed;
    fn from_str(text: &str) -> Result<Self, Unnamed> {
        let wrong = || Unnamed::new(text, "a SHA-256 digest");
        let nibble = |digit: u8| match digit {
            b'0'..=b'9' | b'a'..=b'f' => char::from(digit).to_digit(16),
            _ => None,
        };
        if text.len() != 64 {
            return Err(wrong());
        }
        let mut digest = [0; 32];
        for (byte, pair) in digest.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            for digit in pair {
                let nibble = nibble(*digit).and_then(|value| u8::try_from(value).ok());
                *byte = (*byte << 4) | nibble.ok_or_else(wrong)?;
            }
        }
        Ok(Self(digest))
    }
}
crate::ids::text_form!(Digest);

impl TryFrom<&[u8]> for Digest {
    type Error = Unnamed;
    fn try_from(bytes: &[u8]) -> Result<Self, Unnamed> {
        let wrong = |_| Unnamed::new(&format!("{} bytes", bytes.len()), "a SHA-256 digest");
        bytes.try_into().map(Self).map_err(wrong)
    }
}
