//! The lines in which two texts differ.

/// How many lines a text may have to be compared line by line.
const MOST: usize = 2_000;

/// The lines that only one of the texts has, in order: `-` for those of `old`, `+` for those of
/// `new`. Before them stands the heading that they are under, a line that begins with `[`.
pub(super) fn differences(old: &str, new: &str) -> Vec<String> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    if old.len().max(new.len()) > MOST {
        return vec!["  too long to be compared line by line".to_owned()];
    }
    let (mut found, mut heading, mut told) = (Vec::new(), "", "");
    for (sign, line) in edits(&old, &new) {
        if sign == ' ' {
            heading = if line.starts_with('[') { line } else { heading };
            continue;
        }
        if heading != told {
            found.push(format!("  {heading}"));
            told = heading;
        }
        found.push(format!("{sign} {line}"));
    }
    found
}

/// Every line of both, each with a sign: ` ` for those that both have.
fn edits<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(char, &'a str)> {
    let common = common(old, new);
    let at = |left: usize, right: usize| {
        common.get(left).and_then(|row| row.get(right)).copied().unwrap_or(0)
    };
    let (mut edits, mut left, mut right) = (Vec::new(), 0_usize, 0_usize);
    loop {
        let (after_left, after_right) = (left.saturating_add(1), right.saturating_add(1));
        match (old.get(left), new.get(right)) {
            (Some(one), Some(other)) if one == other => {
                edits.push((' ', *one));
                (left, right) = (after_left, after_right);
            }
            (Some(one), other)
                if other.is_none() || at(after_left, right) >= at(left, after_right) =>
            {
                edits.push(('-', *one));
                left = after_left;
            }
            (_, Some(other)) => {
                edits.push(('+', *other));
                right = after_right;
            }
            // Of the rest, none is left of either.
            (_, None) => return edits,
        }
    }
}

/// How many lines the two have in common, in order, from each pair of places on.
fn common(old: &[&str], new: &[&str]) -> Vec<Vec<u32>> {
    let width = new.len().saturating_add(1);
    let mut rows = vec![vec![0_u32; width]];
    for one in old.iter().rev() {
        let below = rows.last().cloned().unwrap_or_default();
        let mut row = vec![0_u32; width];
        for (at, other) in new.iter().enumerate().rev() {
            let next = at.saturating_add(1);
            let get = |row: &[u32], at: usize| row.get(at).copied().unwrap_or(0);
            let best = if one == other {
                get(&below, next).saturating_add(1)
            } else {
                get(&below, at).max(get(&row, next))
            };
            if let Some(place) = row.get_mut(at) {
                *place = best;
            }
        }
        rows.push(row);
    }
    rows.reverse();
    rows
}
