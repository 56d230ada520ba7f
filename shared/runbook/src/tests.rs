//! Tests of the whole crate, most of them over the shipped runbooks.

mod address;
mod bind;
mod coverage;
mod handed;
mod harm;
mod hash;
mod injection;
mod library;
mod link;
mod lint;
mod mutants;
mod night;
mod parse;
mod preview;
mod printed;
mod schema;
mod shipped;
mod span;
mod waited;
mod yaml;

/// Each in a line of its own.
fn lines(all: &[impl ToString]) -> String {
    all.iter().map(|one| one.to_string() + "\n").collect()
}
