//! The function `approve`.
