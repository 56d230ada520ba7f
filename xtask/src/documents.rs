//! What is generated from the code: written anew, or compared. Tests do both, so that a plain
//! `cargo test` finds what has drifted too.

use crate::run::{Run, note, step};
use crate::trouble::{Done, Trouble};

/// Each document, and the test that compares it.
const DOCUMENTS: [(&str, &str); 4] = [
    ("docs/CONFIG.md", "config::tests::the_page_is_the_tables"),
    ("openapi.json", "document::the_snapshot_is_the_tables"),
    ("runbooks/schema.json", "schema::the_published_schema_is_the_types"),
    ("sbom.cdx.json", "documents::the_bill_of_materials_is_the_bootstraps"),
];

/// What to do about a document that has drifted.
pub(crate) const ADVICE: &str =
    "if a generated document has drifted, `cargo xtask docs` writes it anew; read the difference";

/// Writes them.
pub(crate) fn write() -> Done {
    step("writing the generated documents");
    tests(Run::cargo(&words()).with("UPDATE_EXPECT", "1"))?;
    for (document, _) in DOCUMENTS {
        note(document);
    }
    Ok(())
}

/// Compares them.
pub(crate) fn check() -> Done {
    step("comparing the generated documents with the code");
    tests(Run::cargo(&words()).advise(ADVICE))
}

/// The same selection as `cargo xtask test` has, so that nothing is built twice.
fn words() -> Vec<&'static str> {
    let all = ["test", "--locked", "--workspace", "--"];
    all.into_iter().chain(DOCUMENTS.map(|(_, test)| test)).collect()
}

fn tests(run: Run) -> Done {
    let mut ran = Vec::new();
    run.lines(|line| {
        let done = DOCUMENTS.iter().filter(|(_, test)| line.contains(test) && line.ends_with("ok"));
        ran.extend(done.map(|(document, _)| *document));
    })?;
    match DOCUMENTS.iter().find(|(document, _)| !ran.contains(document)) {
        None => Ok(()),
        Some((document, test)) => Err(Trouble::new(format!("no test compared {document}"))
            .advise(format!("{test} has moved: say where in xtask/src/documents.rs"))),
    }
}
