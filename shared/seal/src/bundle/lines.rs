//! Events, line by line: memory does not grow with their number.

use super::{Class, EVENTS, Failure, Folder};
use std::io::{BufRead, BufReader, Read};
use watchfire_domain::chain::Stored;

/// How long a line may be. The table's items end at 400 kB; deflated ones and JSON's escapes make
/// more of that, and whatever is longer than this is no event.
const MOST: u64 = 8 << 20;

/// The events of a bundle, in the order in which they stand there.
pub struct Lines<R> {
    from: BufReader<R>,
    seq: u64,
    line: Vec<u8>,
}

impl<R> std::fmt::Debug for Lines<R> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Lines(after {})", self.seq)
    }
}

/// Opens the events of a bundle, which nobody has verified.
pub fn events(folder: &dyn Folder) -> Result<Lines<Box<dyn Read + '_>>, Failure> {
    let unread =
        |error| Failure::of(Class::Malformed, format!("`{EVENTS}` cannot be read: {error}"));
    Ok(Lines::new(folder.open(EVENTS).map_err(unread)?))
}

impl<R: Read> Lines<R> {
    pub(super) fn new(from: R) -> Self {
        Self { from: BufReader::with_capacity(64 << 10, from), seq: 0, line: Vec::new() }
    }

    pub(super) fn into_inner(self) -> R {
        self.from.into_inner()
    }

    /// How long the line was that was read last.
    pub(super) fn width(&self) -> u64 {
        self.line.len() as u64
    }

    fn read(&mut self) -> Result<Option<Stored>, String> {
        self.line.clear();
        let count = (&mut self.from).take(MOST).read_until(b'\n', &mut self.line);
        if count.map_err(|error| format!("cannot be read: {error}"))? == 0 {
            return Ok(None);
        }
        if self.line.pop_if(|last| *last == b'\n').is_none() {
            return Err("is a line without an end".to_owned());
        }
        let stored = serde_json::from_slice(&self.line);
        stored.map(Some).map_err(|error| format!("is no event: {error}"))
    }
}

impl<R: Read> Iterator for Lines<R> {
    type Item = Result<Stored, Failure>;
    fn next(&mut self) -> Option<Self::Item> {
        self.seq = self.seq.saturating_add(1);
        let seq = self.seq;
        let malformed =
            |what: String| Failure::at(Class::Malformed, seq, format!("line {seq} {what}"));
        self.read().map_err(malformed).transpose()
    }
}
