//! An environment's life, over the real handlers and the real machine.

mod apart;
mod broker;
mod ends;
mod inventory;
mod launch;
mod machine;
mod metrics;
mod races;
mod stops;
mod trace;
mod unreadable;
mod whole;
