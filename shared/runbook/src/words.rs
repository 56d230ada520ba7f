//! Words of others in sentences of ours.

/// The beginning of a text, in one line: what nobody sees is written out, so that no message has a
/// line break that its author put there.
pub(crate) fn clipped(text: &str, most: usize) -> String {
    let shown = |one: char| {
        if one.is_control() { one.escape_default().collect() } else { one.to_string() }
    };
    text.chars().take(most).map(shown).collect()
}

/// Whether nobody sees a character, or it changes how others are seen: controls, marks that turn
/// the direction of writing, what has no width, and what is no character at all.
pub(crate) fn is_hidden(one: char) -> bool {
    one.is_control()
        || matches!(one, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}')
        || matches!(one, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(one, '\u{feff}' | '\u{fff0}'..='\u{ffff}' | '\u{e0000}'..='\u{e0fff}')
}
