//! Keys as a listing writes them. People name files as they like, and XML cannot carry every
//! character: so keys are asked for URL-encoded.

use aws_sdk_s3::types::EncodingType;

/// The key that a listing wrote in this encoding.
pub(super) fn decode(written: &str, encoding: Option<&EncodingType>) -> String {
    // A store that ignores the wish says no encoding, and its keys stand as they are.
    if encoding != Some(&EncodingType::Url) {
        return written.to_owned();
    }
    let mut bytes = Vec::with_capacity(written.len());
    let mut rest = written.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let mut ahead = rest.clone();
                match (ahead.next().and_then(hex), ahead.next().and_then(hex)) {
                    (Some(high), Some(low)) => {
                        bytes.push(high << 4 | low);
                        rest = ahead;
                    }
                    _ => bytes.push(b'%'),
                }
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_were_written() {
        let url = Some(&EncodingType::Url);
        assert_eq!(decode("a/b+c%2Bd%C3%A9%01.txt", url), "a/b c+dé\u{1}.txt");
        assert_eq!(decode("50%25%2", url), "50%%2");
        assert_eq!(decode("a+b%20c", None), "a+b%20c");
    }
}
