//! A bar on stderr, if that is a terminal: a log file gets none.

use std::io::IsTerminal as _;

const WIDTH: u64 = 40;

/// How far it is.
#[derive(Debug)]
pub(crate) struct Progress {
    whole: u64,
    /// The last per mille shown; none if there is nobody to see it.
    shown: Option<u64>,
}

impl Progress {
    /// Over `whole` bytes.
    pub(crate) fn over(whole: u64) -> Self {
        // What is read in a blink needs no bar.
        let seen = std::io::stderr().is_terminal() && whole > 4 << 20;
        Self { whole, shown: seen.then_some(0) }
    }

    /// So many of them are read.
    pub(crate) fn at(&mut self, bytes: u64) {
        let Some(shown) = self.shown else { return };
        let done = bytes.saturating_mul(1000).checked_div(self.whole).unwrap_or(1000).min(1000);
        if done > shown {
            self.shown = Some(done);
            let filled = usize::try_from(done.saturating_mul(WIDTH) / 1000).unwrap_or(0);
            let width = usize::try_from(WIDTH).unwrap_or(0);
            eprint!("\r[{:<width$}] {:>3} %", "#".repeat(filled), done / 10);
        }
    }

    /// Wipes it.
    pub(crate) fn done(self) {
        if self.shown.is_some() {
            eprint!("\r\x1b[K");
        }
    }
}
