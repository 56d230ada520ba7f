//! The shipped program aborts on panic: nothing reads its unwind tables, which are a tenth of the zip.
//! The standard library comes with them, so only the linker can leave them out.
#![expect(clippy::disallowed_methods, reason = "this is how cargo tells a build script")]

use std::env::var;
use std::path::PathBuf;

fn main() {
    println!("cargo::rerun-if-changed=no-unwind-tables.ld");
    // The profiles that abort (Cargo.toml): `release`, and `ci` after it. Others unwind.
    let is = |name: &str, value: &str| var(name).is_ok_and(|it| it == value);
    if is("OPT_LEVEL", "s") && is("CARGO_CFG_TARGET_OS", "linux") {
        let folder = var("CARGO_MANIFEST_DIR").unwrap_or_default();
        println!("cargo::rustc-link-arg-bins=-Wl,-T,{folder}/no-unwind-tables.ld");
        println!("cargo::rustc-link-arg-bins=-Wl,--no-eh-frame-hdr");
        if is("TARGET", "x86_64-unknown-linux-gnu") {
            lld(&folder);
        }
    }
}

/// There Rust links with lld, which can do what GNU's linker cannot.
fn lld(folder: &str) {
    let say = |option: &str| println!("cargo::rustc-link-arg-bins=-Wl,{option}");
    // Functions of the same code become one. Rust promises no address of a function to be its own.
    say("--icf=all");
    // Functions and constants lie beside those that they resemble: a twelfth of the zip.
    say("--bp-compression-sort=both");
    // But what runs lies beside what runs, so that a start touches fewer pages. `cargo xtask order`
    // asks for a map, and writes the order anew from what it sees run. There is a map beside the
    // program too: `cargo xtask bench` sees in it how many names of the order are still found.
    println!("cargo::rerun-if-env-changed=WATCHFIRE_MAP");
    println!("cargo::rerun-if-changed=order.txt");
    say("--no-demangle");
    if let Ok(map) = var("WATCHFIRE_MAP") {
        say(&format!("-Map={map}"));
    } else {
        if let Some(map) = beside_the_program() {
            say(&format!("-Map={}", map.display()));
        }
        say(&format!("--symbol-ordering-file={folder}/order.txt"));
        // A function that was renamed since has no place in the order, and that is all.
        say("--no-warn-symbol-ordering");
    }
}

/// `target/release/bootstrap.map`: cargo gives a script `target/release/build/bootstrap-…/out`.
fn beside_the_program() -> Option<PathBuf> {
    let out = PathBuf::from(var("OUT_DIR").ok()?);
    Some(out.ancestors().nth(3)?.join("bootstrap.map"))
}
