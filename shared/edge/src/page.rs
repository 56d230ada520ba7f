//! The pages of approvals: markup that is escaped by its type, one style, and one script, on the two
//! pages where an approver signs in.
//!
//! They are written for a phone at night, and work without style and script. Two functions show them: the
//! one that only reads, and the one that takes the answer.

mod cookie;
mod form;
mod hours;
mod html;
mod icons;
mod layout;
mod notice;
mod outcome;
mod question;
mod signs;
#[cfg(test)]
mod tests;
mod words;

pub use cookie::FormCookie;
pub use form::{Form, Said, asked};
pub use html::Html;
pub use notice::{nothing_here, refused};
pub use outcome::answered;
pub use question::Question;
pub use signs::signed_in;
