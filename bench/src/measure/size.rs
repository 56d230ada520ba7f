//! G11, the artefact's size, and whether the linker's order still names what is in it.

use super::{Places, number, put};
use crate::report::{Gate, Kind, Report, Side};
use crate::trouble::{Doing as _, Trouble};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;

/// The zip, in bytes: the limit of `cargo xtask package` too.
pub const ZIP: f64 = 4_500_000.0;
/// The stripped program, in bytes. Lambda loads its pages when they are touched; the zip is what it
/// fetches.
pub const STRIPPED: f64 = 12_000_000.0;

/// Of the names in the linker's order, those that the program must have. Names change with versions
/// and compilers, and one that is not found has no place: then memory grows without a word.
pub const ORDER: f64 = 0.9;

/// What it judges.
pub fn gates() -> Vec<Gate> {
    sizes().into_iter().chain([order()]).collect()
}

fn order() -> Gate {
    let names = ("G11.order", "names of the linker's order that the program has");
    Gate::stated(names, (Side::Least, ORDER, "×"), Kind::Hard)
}

fn sizes() -> [Gate; 2] {
    [("G11.zip", "the packed bootstrap", ZIP), ("G11.stripped", "the bootstrap itself", STRIPPED)]
        .map(|(id, what, limit)| Gate::stated((id, what), (Side::Most, limit, "bytes"), Kind::Hard))
}

/// Reads both sizes.
pub fn measure(places: &Places, report: &mut Report) -> Result<(), Trouble> {
    let program = size(&places.programs.join("bootstrap"))?;
    let zip = size(&places.zip)?;
    let floor = size(&places.programs.join("floor"))?;
    put(report, "size", json!({ "stripped": program, "zip": zip, "floor": floor }));
    report.judge(sizes(), [zip, program].map(number));
    match std::fs::read_to_string(places.programs.join("bootstrap.map")) {
        Ok(map) => {
            let order = places.root.join("functions/bootstrap/order.txt");
            let order = std::fs::read_to_string(order).doing("reading the linker's order")?;
            report.judge([self::order()], [found(&order, &map)]);
        }
        // GNU's linker takes no order.
        Err(_) => report.skipped.push("the linker's order: it left no map".to_owned()),
    }
    Ok(())
}

fn size(path: &Path) -> Result<u64, Trouble> {
    Ok(std::fs::metadata(path).doing(&format!("looking at {}", path.display()))?.len())
}

/// How many of the order's names stand in lld's map, of all: each symbol ends a line of it.
fn found(order: &str, map: &str) -> f64 {
    let symbols: BTreeSet<&str> =
        map.lines().filter_map(|line| line.split_ascii_whitespace().next_back()).collect();
    let names: BTreeSet<&str> = order.lines().collect();
    let found = names.iter().filter(|name| symbols.contains(*name)).count();
    let share = |count: usize| u32::try_from(count).map_or(f64::INFINITY, f64::from);
    share(found) / share(names.len().max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_another_version_is_not_found() {
        let map = "\
             VMA              LMA     Size Align Out     In      Symbol
            1000             1000       10     1         a.o:(.text._ZN3one17h0E)
            1000             1000       10     1                 _ZN3one17h0E
            1010             1010        8     1                 _ZN3two17h0E
";
        let order = "_ZN3one17h0E\n_ZN3two17h0E\n_ZN3two17h1E\n_ZN4gone17h0E\n";
        assert!((found(order, map) - 0.5).abs() < 1e-9);
        assert!(found("", map) < ORDER, "an order that is lost is no order");
    }
}
