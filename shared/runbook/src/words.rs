//! Words of others in sentences of ours.

/// The beginning of a text, in one line: what nobody sees is written out, so that no message has a
/// line break that its author put there.
pub(crate) fn clipped(text: &str, most: usize) -> String {
    let shown = |one: char| {
        if one.is_control() { one.escape_default().collect() } else { one.to_string() }
    };
    text.chars().take(most).map(shown).collect()
}
