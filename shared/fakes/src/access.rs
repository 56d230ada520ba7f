//! Access points as EFS keeps them, and a broker that can be down.

mod broker;
mod points;
#[cfg(test)]
mod tests;

pub use broker::FakeBroker;
pub use points::FakeAccessPoints;
