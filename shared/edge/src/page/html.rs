//! Markup into which text can only get escaped.

use std::fmt::Display;

/// Markup.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Html(String);

/// What can stand in a hole of a template.
pub(crate) trait Part {
    fn put(&self, out: &mut String);
}

impl Part for Html {
    fn put(&self, out: &mut String) {
        out.push_str(&self.0);
    }
}

impl Part for str {
    fn put(&self, out: &mut String) {
        // Most letters stand for themselves: what lies between the others goes over in one piece.
        let mut rest = self;
        // A byte of a longer letter is not plain: the first one stands where its letter begins.
        while let Some(at) = rest.bytes().position(|byte| !is_plain(byte)) {
            let (plain, from) = rest.split_at(at);
            out.push_str(plain);
            let mut letters = from.chars();
            letters.next().into_iter().for_each(|letter| escape(letter, out));
            rest = letters.as_str();
        }
        out.push_str(rest);
    }
}

impl Part for String {
    fn put(&self, out: &mut String) {
        self.as_str().put(out);
    }
}

impl<T: Part + ?Sized> Part for &T {
    fn put(&self, out: &mut String) {
        (**self).put(out);
    }
}

impl<T: Part> Part for Option<T> {
    fn put(&self, out: &mut String) {
        if let Some(part) = self {
            part.put(out);
        }
    }
}

/// Anything that has a text.
pub(crate) struct Text<T>(pub(crate) T);

impl<T: Display> Part for Text<T> {
    fn put(&self, out: &mut String) {
        self.0.to_string().put(out);
    }
}

/// Whether there is nothing to escape: letters, digits and most signs of ASCII. [`escape`] knows the
/// others.
const fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\'')
}

fn escape(letter: char, out: &mut String) {
    match letter {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        '\'' => out.push_str("&#39;"),
        '\n' | '\t' => out.push(' '),
        // They turn text around: an alarm's title could make a page ask for the opposite.
        '\u{200e}'
        | '\u{200f}'
        | '\u{061c}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' => out.push('\u{fffd}'),
        control if control.is_control() => out.push('\u{fffd}'),
        plain => out.push(plain),
    }
}

impl Html {
    /// A template of ours with its holes filled. Through [`html!`], which counts them.
    pub(crate) fn fill(template: &'static str, parts: &[&dyn Part]) -> Self {
        let mut out = String::with_capacity(template.len());
        let mut parts = parts.iter();
        // A brace is looked for much faster than a pair, and most are holes.
        for (at, piece) in template.split('{').enumerate() {
            match piece.strip_prefix('}') {
                Some(rest) if at > 0 => {
                    parts.next().into_iter().for_each(|part| part.put(&mut out));
                    out.push_str(rest);
                }
                Some(_) | None => {
                    out.push_str(if at > 0 { "{" } else { "" });
                    out.push_str(piece);
                }
            }
        }
        Self(out)
    }

    /// Text that is markup already, and ours.
    pub(crate) fn ours(markup: &'static str) -> Self {
        Self(markup.to_owned())
    }

    /// One after the other.
    pub(crate) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        Self(parts.into_iter().map(|part| part.0).collect())
    }

    /// The text of the markup, for good.
    pub(crate) fn into_string(self) -> String {
        self.0
    }

    /// The text of the markup.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How many holes a template has.
pub(crate) const fn holes(template: &str) -> usize {
    let mut rest = template.as_bytes();
    let mut count: usize = 0;
    loop {
        rest = match rest {
            [b'{', b'}', rest @ ..] => {
                count = count.saturating_add(1);
                rest
            }
            [_, rest @ ..] => rest,
            [] => return count,
        };
    }
}

/// Fills the holes `{}` of a literal template, each with a part: as many of these as of those.
macro_rules! html {
    ($template:literal $(, $part:expr)* $(,)?) => {{
        const {
            let parts: &[&str] = &[$(stringify!($part)),*];
            assert!($crate::page::html::holes($template) == parts.len());
        }
        $crate::page::html::Html::fill($template, &[$(&$part as &dyn $crate::page::html::Part),*])
    }};
}
pub(crate) use html;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        let title = "<script>\"x\" & 'y'</script>\u{202e}\u{0}\n";
        let page =
            html!("<p title=\"{}\">{}</p>{}", title, html!("<b>{}</b>", "a<b"), None::<Html>);
        let escaped =
            "&lt;script&gt;&quot;x&quot; &amp; &#39;y&#39;&lt;/script&gt;\u{fffd}\u{fffd} ";
        assert_eq!(page.as_str(), format!("<p title=\"{escaped}\"><b>a&lt;b</b></p>"));
    }

    #[test]
    fn only_what_stands_for_itself_is_plain() {
        let mut all = String::new();
        for letter in ('\u{0}'..='\u{3000}').chain(['\u{feff}', '\u{1f525}']) {
            let mut escaped = String::new();
            escape(letter, &mut escaped);
            let plain = u8::try_from(letter).is_ok_and(is_plain);
            assert!(!plain || escaped == letter.to_string(), "{letter:?}");
            all.push(letter);
        }
        let mut one_by_one = String::new();
        all.chars().for_each(|letter| escape(letter, &mut one_by_one));
        assert_eq!(html!("{}", all).as_str(), one_by_one);
    }

    #[test]
    fn a_part_is_no_template() {
        assert_eq!(html!("{} {}", "{}", Text(7)).as_str(), "{} 7");
        assert_eq!(html!("}a{b}{{}}{", "c").as_str(), "}a{b}{c}{");
    }
}
