//! The log: one line of JSON for each event.

use tracing::level_filters::LevelFilter;

/// Starts the log at `level`; at `info` if the settings could not be read.
pub(crate) fn start(level: Option<LevelFilter>) {
    let level = level.unwrap_or(LevelFilter::INFO);
    // A second start would be a second call of this function: there is one.
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_target(false)
        .with_max_level(level)
        .try_init();
}
