//! The function `api`.
