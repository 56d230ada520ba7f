//! `watchfire runbook lint`: what is wrong with runbooks.

use super::load::{self, Failed};
use super::{Asked, UNREAD, WRONG, counted};
use crate::shown::clean;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use watchfire_runbook::lint::Severity;
use watchfire_runbook::{Finding, lint, spec_hash};

/// What was found in a file.
struct Page {
    file: String,
    name: Option<String>,
    hash: Option<String>,
    /// Why it is no runbook.
    problems: Vec<String>,
    findings: Vec<Finding>,
    code: u8,
}

pub(super) fn run(asked: &Asked, strict: bool) -> u8 {
    let files = match load::files(&asked.places) {
        Ok(files) => files,
        Err(error) => {
            eprintln!("watchfire: {error}");
            return UNREAD;
        }
    };
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut pages = Vec::new();
    for file in &files {
        let mut page = page(file, strict);
        if let Some(name) = page.name.clone()
            && let Some(other) = names.insert(name.clone(), page.file.clone())
        {
            page.problems.push(format!("`name` is `{name}`, as that of {other}"));
            page.code = page.code.max(WRONG);
        }
        pages.push(page);
    }
    let code = pages.iter().map(|page| page.code).max().unwrap_or(0);
    if asked.json {
        let pages: Vec<Value> = pages.iter().map(machine).collect();
        println!("{}", json!({ "ok": code == 0, "exit_code": code, "runbooks": pages }));
    } else {
        pages.iter().for_each(print);
        let count = |severity| {
            let all = pages.iter().flat_map(|page| &page.findings);
            all.filter(|finding| finding.severity == severity).count()
        };
        let problems: usize = pages.iter().map(|page| page.problems.len()).sum();
        println!(
            "{}: {}, {}",
            counted(pages.len(), "runbook"),
            counted(count(Severity::Error).saturating_add(problems), "error"),
            counted(count(Severity::Warning), "warning"),
        );
    }
    code
}

fn page(path: &Path, strict: bool) -> Page {
    let file = path.display().to_string();
    match load::read(path) {
        Ok(read) => {
            let findings = lint(&read.spec);
            let counts = |finding: &Finding| strict || finding.severity == Severity::Error;
            let code = if findings.iter().any(counts) { WRONG } else { 0 };
            let hash = spec_hash(&read.spec).ok().map(|hash| hash.to_string());
            Page { file, name: Some(read.spec.name), hash, problems: Vec::new(), findings, code }
        }
        Err(failed) => {
            let code = match failed {
                Failed::File(_) | Failed::Text(_) => UNREAD,
                Failed::Spec(_) => WRONG,
            };
            let problems = failed.reasons();
            Page { file, name: None, hash: None, problems, findings: Vec::new(), code }
        }
    }
}

fn machine(page: &Page) -> Value {
    let Page { file, name, hash, problems, findings, code } = page;
    json!({ "file": file, "name": name, "spec_hash": hash, "ok": *code == 0, "problems": problems,
        "findings": findings })
}

fn print(page: &Page) {
    let file = clean(&page.file);
    for problem in &page.problems {
        println!("{file}: error: {}", clean(problem));
    }
    for finding in &page.findings {
        let (severity, code) = (finding.severity.name(), finding.code);
        println!("{file}: {severity} {code}: {}", clean(&finding.path));
        println!("    {}", clean(&finding.problem));
        println!("    mend: {}", finding.mend);
    }
}
