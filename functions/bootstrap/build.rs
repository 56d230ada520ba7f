//! The shipped program aborts on panic: nothing reads its unwind tables, which are a tenth of the zip.
//! The standard library comes with them, so only the linker can leave them out.

use std::env::var;

#[expect(clippy::disallowed_methods, reason = "this is how cargo tells a build script")]
fn main() {
    println!("cargo::rerun-if-changed=no-unwind-tables.ld");
    // The profiles that abort (Cargo.toml): `release`, and `ci` after it. Others unwind.
    let is = |name: &str, value: &str| var(name).is_ok_and(|it| it == value);
    if is("OPT_LEVEL", "s") && is("CARGO_CFG_TARGET_OS", "linux") {
        let folder = var("CARGO_MANIFEST_DIR").unwrap_or_default();
        println!("cargo::rustc-link-arg-bins=-Wl,-T,{folder}/no-unwind-tables.ld");
        println!("cargo::rustc-link-arg-bins=-Wl,--no-eh-frame-hdr");
        // There Rust links with lld, which can fold functions of the same code into one: a seventieth of
        // the zip. GNU's linker cannot. Rust promises no address of a function to be its own.
        if is("TARGET", "x86_64-unknown-linux-gnu") {
            println!("cargo::rustc-link-arg-bins=-Wl,--icf=all");
        }
    }
}
