//! Runbooks, from their start to their end.

mod answers;
mod doors;
mod faults;
mod glass;
pub(crate) mod golden;
mod history;
mod hours;
mod kinds;
mod levels;
mod messages;
mod onward;
mod overtaken;
mod ranks;
mod rates;
mod recovery;
mod shown;
mod stopping;
mod unseen;
