//! The pages of approvals: markup that is escaped by its type, one style, no script.
//!
//! They are written for a phone at night, and work without their style. Two functions show them: the
//! one that only reads, and the one that takes the answer.

mod cookie;
mod form;
mod html;
mod icons;
mod layout;
mod notice;
mod outcome;
mod question;
#[cfg(test)]
mod tests;
mod words;

pub use cookie::FormCookie;
pub use form::{Form, Said, asked};
pub use html::Html;
pub use notice::{nothing_here, refused};
pub use outcome::answered;
pub use question::Question;
