//! The function `sweep`.
