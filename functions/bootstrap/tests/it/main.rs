//! The program, as Lambda runs it.

// `cfg(test)` tells clippy that the helpers in there are tests too.
#[cfg(test)]
mod kills;
