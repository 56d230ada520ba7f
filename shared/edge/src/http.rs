//! Requests and answers as API Gateway's payload 2.0 has them, in plain types.

mod escape;
mod request;
mod response;
mod shape;
#[cfg(test)]
mod tests;

pub use escape::{form_pairs, unescape};
pub use request::{Authorizer, MOST_BODY, MOST_PATH, MOST_QUERY, Request};
pub use response::{JSON_HEADERS, PAGE_HEADERS, Response, Source};
pub use shape::{shaped, shaped_by};
