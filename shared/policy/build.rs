//! Compiles `policies/*.rego`: rules that do not compile are no build, and no process parses them.
#![expect(clippy::disallowed_methods, reason = "this is how cargo tells a build script")]

#[path = "src/compile.rs"]
mod compile;

use std::collections::BTreeMap;
use std::env::var;
use std::path::Path;
use std::{error, fs};

fn main() -> Result<(), Box<dyn error::Error>> {
    let folder = Path::new(&var("CARGO_MANIFEST_DIR")?).join("../../policies");
    println!("cargo::rerun-if-changed={}", folder.display());
    println!("cargo::rerun-if-changed=src/compile.rs");
    let mut texts = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let (Some(name), Some("rego")) = (
            path.file_stem().and_then(|name| name.to_str()),
            path.extension().and_then(|extension| extension.to_str()),
        ) else {
            continue;
        };
        println!("cargo::rerun-if-changed={}", path.display());
        texts.insert(name.replacen('_', ".", 1), fs::read_to_string(path)?);
    }
    for (package, text) in &texts {
        let program = compile::program(package, text)?;
        fs::write(Path::new(&var("OUT_DIR")?).join(package), program)?;
    }
    let texts = texts.iter().map(|(package, text)| (package.as_str(), text.as_str()));
    println!("cargo::rustc-env=WATCHFIRE_POLICY_HASH={}", compile::hash(texts));
    Ok(())
}
