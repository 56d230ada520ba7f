//! The artefact: one bootstrap in one zip, the same for the local stack and for AWS.

mod artefact;

use crate::places;
use crate::run::{Run, note, step};
use crate::trouble::{Doing, Done, Trouble};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use zip::write::SimpleFileOptions;

/// What the template's `CodeUri` names.
pub(crate) const ZIP: &str = "target/package/bootstrap.zip";
/// What lies in it beside the program.
const PARTITIONS: &str = "infra/partitions";

/// How it is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// For the local stack and the tests: linked in a fraction of the time.
    Ci,
    /// What is shipped.
    Release,
}

impl Profile {
    const fn name(self) -> &'static str {
        match self {
            Self::Ci => "ci",
            Self::Release => "release",
        }
    }

    /// How hard to compress. What is shipped is worth the half minute that wins a fiftieth.
    const fn effort(self) -> i64 {
        match self {
            Self::Ci => 9,
            Self::Release => 15,
        }
    }
}

/// `cargo xtask package`.
pub(crate) fn chore(words: &[&str]) -> Done {
    let (mut profile, mut target) = (Profile::Release, None);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match (*word, words.next().copied()) {
            ("--profile", Some("ci")) => profile = Profile::Ci,
            ("--profile", Some("release")) => profile = Profile::Release,
            ("--target", Some(triple)) => target = Some(triple),
            _ => {
                return Err(Trouble::new(format!("package: cannot make sense of `{word}`"))
                    .advise("package [--profile ci|release] [--target TRIPLE]"));
            }
        }
    }
    package(profile, target)
}

/// Builds the bootstrap and packs it.
pub(crate) fn package(profile: Profile, target: Option<&str>) -> Done {
    step(&format!("building the bootstrap (profile {})", profile.name()));
    let binary = build(profile, target)?;
    let bytes = std::fs::read(&binary).doing(&format!("reading {}", binary.display()))?;

    step("packing it");
    let zip = zipped(&bytes, &partitions()?, profile.effort()).doing("packing the bootstrap")?;
    let place = places::at(ZIP);
    if let Some(folder) = place.parent() {
        std::fs::create_dir_all(folder).doing("making target/package")?;
    }
    std::fs::write(&place, &zip).doing(&format!("writing {ZIP}"))?;
    let architecture = artefact::architecture(&bytes)?;
    note(&format!("bootstrap, stripped    {}", megabytes(bytes.len())));
    note(&format!("{ZIP}    {}", megabytes(zip.len())));
    note(&format!("deploy it with the template's parameter Architecture={architecture}"));
    artefact::check(profile, &bytes, zip.len(), target)
}

fn build(profile: Profile, target: Option<&str>) -> Result<PathBuf, Trouble> {
    let mut words =
        vec!["build", "--locked", "--package", "watchfire-bootstrap", "--profile", profile.name()];
    if let Some(triple) = target {
        words.extend(["--target", triple]);
    }
    let run = Run::cargo(&words);
    let run = match target {
        None => run,
        Some(_) => run.advise(
            "cross-building wants `rustup target add` and a C compiler and linker of that target",
        ),
    };
    run.go()?;
    let folder = places::build_folder()?;
    let folder = target.map_or_else(|| folder.clone(), |triple| folder.join(triple));
    Ok(folder.join(profile.name()).join("bootstrap"))
}

/// How AWS is named in each of its partitions, by the file's name: the template names one of them.
fn partitions() -> Result<BTreeMap<String, Vec<u8>>, Trouble> {
    let folder = places::at(PARTITIONS);
    let files = std::fs::read_dir(&folder).doing(&format!("reading {PARTITIONS}"))?;
    files
        .map(|file| {
            let file = file.doing(&format!("reading {PARTITIONS}"))?;
            let name = file.file_name().to_string_lossy().into_owned();
            let text = std::fs::read(file.path()).doing(&format!("reading {name}"))?;
            Ok((name, text))
        })
        .collect()
}

/// The same bytes for the same bootstrap, whenever and wherever. `effort` beyond 9 is Zopfli's.
fn zipped(
    bytes: &[u8],
    partitions: &BTreeMap<String, Vec<u8>>,
    effort: i64,
) -> zip::result::ZipResult<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .compression_level(Some(effort))
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o755);
    let readable = options.unix_permissions(0o644);
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("bootstrap", options)?;
    zip.write_all(bytes)?;
    for (name, text) in partitions {
        zip.start_file(format!("partitions/{name}"), readable)?;
        zip.write_all(text)?;
    }
    Ok(zip.finish()?.into_inner())
}

/// Megabytes of a million bytes, as AWS counts.
fn megabytes(bytes: usize) -> String {
    format!("{}.{:02} MB", bytes / 1_000_000, bytes % 1_000_000 / 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_bootstrap_makes_the_same_zip() {
        let partitions = partitions().unwrap();
        for effort in [Profile::Ci, Profile::Release].map(Profile::effort) {
            let zip = zipped(b"bootstrap", &partitions, effort).unwrap();
            assert_eq!(zip, zipped(b"bootstrap", &partitions, effort).unwrap());
        }
        let zip = zipped(b"bootstrap", &partitions, Profile::Release.effort()).unwrap();
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zip)).unwrap();
        let file = archive.by_name("bootstrap").unwrap();
        assert_eq!(file.unix_mode(), Some(0o100_755));
        assert_eq!(file.last_modified().unwrap().year(), 1980);
        drop(file);
        let file = archive.by_name("partitions/aws.json").unwrap();
        assert_eq!(file.unix_mode(), Some(0o100_644));
    }

    #[test]
    fn sizes_are_told_in_megabytes() {
        assert_eq!(megabytes(4_056_789), "4.05 MB");
    }
}
