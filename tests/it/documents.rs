//! What is generated and kept in the repository. `cargo xtask docs` writes it anew; without that, each of
//! these tests compares it with the code.

mod sbom;

use expect_test::expect_file;

#[test]
fn the_bill_of_materials_is_the_bootstraps() {
    expect_file!["../../sbom.cdx.json"].assert_eq(&sbom::text());
}
