//! Text of bytes and of dumps.

/// Bytes in hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |four: u8| char::from_digit(u32::from(four), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Each on a line of its own.
pub(crate) fn lines(all: impl IntoIterator<Item = String>) -> String {
    all.into_iter().flat_map(|line| [line, "\n".to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn hex_and_lines_read_as_usual() {
        assert_eq!(super::hex(&[0, 15, 16, 255]), "000f10ff");
        assert_eq!(super::lines(["a".to_owned(), "b".to_owned()]), "a\nb\n");
    }
}
