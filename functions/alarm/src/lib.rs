//! The function `alarm`.
