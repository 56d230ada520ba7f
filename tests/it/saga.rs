//! Whatever fails, and wherever: afterwards all is as if nothing had, and nothing is left behind.

mod alarm;
mod lag;
mod life;
mod repeat;
mod schedule;
mod single;

pub(crate) use life::keyed;
