//! `cargo xtask order`: which functions of the bootstrap run, for its linker to put beside each
//! other. Linux maps a program by pages, and sixteen around each that is touched: what runs,
//! scattered among what does not, brings all of it into memory (docs/decisions/0011).

use crate::run::{Run, note, step};
use crate::trouble::{Doing as _, Done, Trouble};
use crate::{bench, places};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const ORDER: &str = "functions/bootstrap/order.txt";
const FOLDER: &str = "target/order";
/// What so many hundredths of the processes run stands together, the largest part first: what each
/// start runs, then what most events do, then the rest.
const SHARES: [usize; 3] = [90, 25, 0];

const HEAT: [&str; 4] = ["unlikely.", "hot.", "startup.", "exit."];

/// Writes the order anew.
pub(crate) fn chore() -> Done {
    let folder = places::at(FOLDER);
    let dumps = folder.join("dumps");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).doing("taking the last dumps away")?;
    }
    std::fs::create_dir_all(&dumps).doing("making a folder")?;
    // Another name each time: cargo links anew, and so there is a map.
    let map = folder.join(format!("{}.map", std::process::id()));

    step("building the bootstrap with a map of it, in no order of ours");
    Run::cargo(&bench::PROGRAMS).with("WATCHFIRE_MAP", &map).go()?;
    step("seeing what runs");
    bench::dumps(&places::build_folder()?.join("release"), &folder, &dumps);
    // It is written when all has been measured, whatever the gates say. On a machine that is too
    // busy a call runs out of time, and half an order would be worse than the last one.
    if !folder.join("report.json").exists() {
        return Err(Trouble::new("not every step was seen: the order stays as it was")
            .advise("see what failed above, and run it again when the machine has less to do"));
    }

    let map = Map::of(&read(&map)?)?;
    let processes = processes(&map, &dumps)?;
    let order = map.order(&processes);
    if order.is_empty() {
        return Err(Trouble::new("no function was seen to run").advise("is valgrind installed?"));
    }
    std::fs::write(places::at(ORDER), order.join("\n") + "\n").doing("writing the order")?;
    note(&format!("wrote {ORDER}: {} functions of {} processes", order.len(), processes.len()));
    note("`cargo xtask bench --only size,memory` builds with it, and measures what it comes to");
    Ok(())
}

fn read(path: &Path) -> Result<String, Trouble> {
    std::fs::read_to_string(path).doing(&format!("reading {}", path.display()))
}

/// What each process of the bootstrap ran.
fn processes(map: &Map, dumps: &Path) -> Result<Vec<BTreeSet<u64>>, Trouble> {
    let mut processes = Vec::new();
    for entry in std::fs::read_dir(dumps).doing("reading the dumps")? {
        let ran = ran(&read(&entry.doing("reading the dumps")?.path())?, "/bootstrap");
        let functions: BTreeSet<u64> = ran.iter().filter_map(|at| map.function(*at)).collect();
        if !functions.is_empty() {
            processes.push(functions);
        }
    }
    Ok(processes)
}

/// The functions of a program, by where they begin.
struct Map(BTreeMap<u64, (u64, String)>);

impl Map {
    /// Reads what lld's `-Map` wrote: address, load address, size, alignment, and
    /// `file:(.text.function)`.
    fn of(text: &str) -> Result<Self, Trouble> {
        let hex = |word: Option<&str>| u64::from_str_radix(word?, 16).ok();
        let function = |line: &str| {
            let name = line.split_once(":(.text.")?.1.strip_suffix(')')?;
            // What the compiler thinks of how often it runs stands before its name.
            let name = HEAT.iter().find_map(|heat| name.strip_prefix(heat)).unwrap_or(name);
            let mut words = line.split_ascii_whitespace();
            let (at, size) = (hex(words.next())?, hex(words.nth(1))?);
            Some((at, (size, name.to_owned())))
        };
        let functions: BTreeMap<_, _> = text.lines().filter_map(function).collect();
        if functions.is_empty() {
            return Err(Trouble::new("the linker's map names no function")
                .advise("it is written where Rust links with lld: x86_64 Linux"));
        }
        Ok(Self(functions))
    }

    /// Where the function begins that has this address.
    fn function(&self, at: u64) -> Option<u64> {
        let (begin, (size, _)) = self.0.range(..=at).next_back()?;
        (at.saturating_sub(*begin) < *size).then_some(*begin)
    }

    /// What runs, by its share; each part as the linker had them, who puts what is alike together.
    fn order(&self, processes: &[BTreeSet<u64>]) -> Vec<&str> {
        let times = |at: &u64| processes.iter().filter(|ran| ran.contains(at)).count();
        let seen = self.0.iter().map(|(at, (_, name))| (times(at), name.as_str()));
        let reaches = |times: usize, share: &usize| {
            times.saturating_mul(100) >= share.saturating_mul(processes.len())
        };
        let part = |times: usize| SHARES.iter().position(|share| reaches(times, share));
        let mut ran: Vec<_> = seen.filter(|(times, _)| *times > 0).collect();
        ran.sort_by_key(|(times, _)| part(*times));
        ran.into_iter().map(|(_, name)| name).collect()
    }
}

/// The addresses that ran of the program whose path ends in `program`, as callgrind writes them:
/// each line of costs begins with one, whole or in what it differs from the line before (Callgrind
/// Format Specification, "Subposition Compression").
fn ran(dump: &str, program: &str) -> BTreeSet<u64> {
    let hex = |text: &str| u64::from_str_radix(text.trim_start_matches("0x"), 16).ok();
    let (mut ours, mut within) = (None, false);
    let (mut at, mut ran): (u64, _) = (0, BTreeSet::new());
    for line in dump.lines() {
        if let Some(object) = line.strip_prefix("ob=").or_else(|| line.strip_prefix("cob=")) {
            let (id, name) =
                object.split_once(' ').map_or((object, None), |(id, name)| (id, Some(name)));
            if name.is_some_and(|name| name.ends_with(program)) {
                ours = Some(id);
            }
            if line.starts_with("ob=") {
                within = ours == Some(id);
            }
            continue;
        }
        let word = line.split(' ').next().unwrap_or_default();
        let there = match word.split_at_checked(1) {
            Some(("*", _)) => Some(at),
            Some(("+", more)) => more.parse().ok().map(|more| at.saturating_add(more)),
            Some(("-", less)) => less.parse().ok().map(|less| at.saturating_sub(less)),
            Some(("0", _)) => hex(word),
            Some(_) | None => None,
        };
        let Some(there) = there else { continue };
        at = there;
        if within {
            ran.insert(at);
        }
    }
    ran
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAP: &str = "\
             VMA              LMA     Size Align Out     In      Symbol
            1000             1000       40     4 .text
            1000             1000       10     1         a.o:(.text._ZN3one17h0E)
            1000             1000       10     1                 _ZN3one17h0E
            1010             1010        8     1         a.o:(.text.unlikely._ZN3two17h0E)
            1020             1020       20     1         a.o:(.text._ZN5three17h0E)
            2000             2000       10     1         a.o:(.rodata.x)
";

    #[test]
    fn what_an_address_is_within() {
        let map = Map::of(MAP).unwrap();
        let at = [0xfff, 0x1000, 0x100f, 0x1010, 0x1018, 0x103f, 0x1040];
        let found = at.map(|at| map.function(at));
        let (one, two, three) = (Some(0x1000), Some(0x1010), Some(0x1020));
        assert_eq!(found, [None, one, one, two, None, three, None]);
        assert!(Map::of("2000 2000 10 1 a.o:(.rodata.x)").is_err());
    }

    #[test]
    fn addresses_are_read_whole_and_as_differences() {
        let dump = "\
ob=(1) /lib/libc.so.6
fn=(1) signal
0x1000 30 1
cob=(2) /target/release/bootstrap
cfn=(2) main
calls=1 0x1030 5
* * 80
ob=(2)
fn=(2)
+16 5 1
+12 +4 1
cob=(1)
calls=1 0x9 30
* * 1
-4 * 1
ob=(1)
+4 * 1
ob=(2)
0x1030 1 1
";
        assert_eq!(ran(dump, "/bootstrap"), BTreeSet::from([0x1010, 0x101c, 0x1018, 0x1030]));
        assert!(ran(dump, "/floor").is_empty());
    }

    #[test]
    fn what_is_common_comes_first() {
        let map = Map::of(MAP).unwrap();
        let all = || BTreeSet::from([0x1020]);
        let (some, one) = (BTreeSet::from([0x1010, 0x1020]), BTreeSet::from([0x1000, 0x1020]));
        let processes = [one, some.clone(), some, all(), all()];
        let names = ["_ZN5three17h0E", "_ZN3two17h0E", "_ZN3one17h0E"];
        assert_eq!(map.order(&processes), names);
        // Of two processes each runs half: what is common to them comes as the linker had it.
        assert_eq!(map.order(&processes[..2]), [names[0], names[2], names[1]]);
    }
}
