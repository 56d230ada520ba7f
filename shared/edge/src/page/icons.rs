//! Shapes beside words: neither colour nor shape ever stands alone.

use super::html::{Html, html};

/// A shape, drawn in the colour of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Icon {
    Check,
    Cross,
    Clock,
    Warning,
    Person,
}

impl Icon {
    pub(super) fn html(self) -> Html {
        match self {
            Self::Check => html!(
                r#"<svg viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" aria-hidden="true"><path d="M3 8.500l3.500 3.500L13 4.500"/></svg>"#
            ),
            Self::Cross => html!(
                r#"<svg viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" aria-hidden="true"><path d="M4 4l8 8M12 4l-8 8"/></svg>"#
            ),
            Self::Clock => html!(
                r#"<svg viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" aria-hidden="true"><circle cx="8" cy="8" r="6.500"/><path d="M8 4.500V8l2.500 1.500"/></svg>"#
            ),
            Self::Warning => html!(
                r#"<svg viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" aria-hidden="true"><path d="M8 2l6.500 12h-13zM8 6.500v3.500M8 12v.1"/></svg>"#
            ),
            Self::Person => html!(
                r#"<svg viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" aria-hidden="true"><circle cx="8" cy="5" r="3"/><path d="M2.500 14a5.500 5.500 0 0 1 11 0"/></svg>"#
            ),
        }
    }
}

/// A word with a shape, on a ground that says how it stands.
pub(super) fn chip(class: &'static str, icon: Icon, word: &str) -> Html {
    html!(r#"<span class="chip {}">{}{}</span>"#, class, icon.html(), word)
}

/// A word on a plain ground.
pub(super) fn plain_chip(word: &str) -> Html {
    html!(r#"<span class="chip">{}</span>"#, word)
}
