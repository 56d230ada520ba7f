//! The program, run as its users run it.

// `cfg(test)` tells clippy that the helpers in there are tests too.
#[cfg(test)]
mod program;
#[cfg(test)]
mod runbook;
#[cfg(test)]
mod timeline;
#[cfg(test)]
mod verify;
