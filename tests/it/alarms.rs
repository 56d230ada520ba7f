//! Alarms, from what a queue hands over to what a person is told.

mod marks;
mod queue;
mod storm;
