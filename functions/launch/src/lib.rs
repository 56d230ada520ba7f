//! The function `launch`.
