//! The function `observe`.
