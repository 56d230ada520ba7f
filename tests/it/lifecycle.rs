//! An environment's life, over the real handlers and the real machine.

mod whole;
