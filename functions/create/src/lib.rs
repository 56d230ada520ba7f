//! The function `create`.
