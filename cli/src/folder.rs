//! A bundle in a folder.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use watchfire_seal::bundle::{EVENTS, Folder};

/// A folder of files.
#[derive(Debug)]
pub(crate) struct Files(PathBuf);

impl Files {
    pub(crate) fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// How long the events' file is, for the bar alone.
    pub(crate) fn length(&self) -> u64 {
        std::fs::metadata(self.0.join(EVENTS)).map_or(0, |file| file.len())
    }
}

impl Folder for Files {
    fn open(&self, name: &str) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(File::open(self.0.join(name))?))
    }
}
