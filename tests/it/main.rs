//! One integration-test binary.

// `cfg(test)` tells clippy that the helpers in there are tests too.
#[cfg(test)]
mod alarms;
#[cfg(test)]
mod budget;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod hooks;
#[cfg(test)]
mod lifecycle;
#[cfg(test)]
mod proofs;
#[cfg(test)]
mod published;
#[cfg(test)]
mod repo;
#[cfg(test)]
mod runs;
#[cfg(test)]
mod saga;
#[cfg(test)]
mod sealing;
#[cfg(test)]
mod store;
#[cfg(test)]
mod tidy;
#[cfg(test)]
mod world;
