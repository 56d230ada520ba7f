//! The function `approval-page`.
