//! Whatever fails, and wherever: afterwards all is as if nothing had, and nothing is left behind.

mod life;
mod repeat;
mod single;
