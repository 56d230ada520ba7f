//! The function `stop`.
