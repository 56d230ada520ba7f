//! The function `close`.
