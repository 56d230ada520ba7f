//! Things by key, with what they were before: an eventually consistent reader sees an older shelf.

use std::collections::BTreeMap;

#[derive(Clone, Debug)]
pub(crate) struct Shelf<V> {
    writes: u64,
    rows: BTreeMap<String, Vec<(u64, Option<V>)>>,
}

impl<V> Default for Shelf<V> {
    fn default() -> Self {
        Self { writes: 0, rows: BTreeMap::new() }
    }
}

impl<V> Shelf<V> {
    pub(crate) fn put(&mut self, key: &str, value: V) {
        self.write(key, Some(value));
    }

    pub(crate) fn remove(&mut self, key: &str) {
        if self.get(key, 0).is_some() {
            self.write(key, None);
        }
    }

    /// What stands under `key`, for a reader who lags behind by so many writes.
    pub(crate) fn get(&self, key: &str, behind: u8) -> Option<&V> {
        self.seen(self.rows.get(key)?, behind)
    }

    /// All that stands there, in key order, for such a reader.
    pub(crate) fn iter(&self, behind: u8) -> impl Iterator<Item = (&str, &V)> {
        self.rows.iter().filter_map(move |(key, row)| Some((key.as_str(), self.seen(row, behind)?)))
    }

    fn seen<'a>(&self, row: &'a [(u64, Option<V>)], behind: u8) -> Option<&'a V> {
        let last = self.writes.saturating_sub(u64::from(behind));
        row.iter().rev().find(|(at, _)| *at <= last)?.1.as_ref()
    }

    fn write(&mut self, key: &str, value: Option<V>) {
        self.writes = self.writes.saturating_add(1);
        self.rows.entry(key.to_owned()).or_default().push((self.writes, value));
    }
}

#[cfg(test)]
mod tests {
    use super::Shelf;

    #[test]
    fn a_reader_behind_sees_what_was() {
        let mut shelf = Shelf::default();
        shelf.put("a", 1);
        shelf.put("b", 2);
        shelf.put("a", 3);
        shelf.remove("a");
        let seen = |behind| shelf.iter(behind).map(|(_, value)| *value).collect::<Vec<_>>();
        assert_eq!(seen(0), [2]);
        assert_eq!(seen(1), [3, 2]);
        assert_eq!(seen(2), [1, 2]);
        assert_eq!(seen(3), [1]);
        assert_eq!(seen(9), Vec::<i32>::new());
    }
}
