//! `watchfire runbook test`: plays the cases that lie beside runbooks.

use super::diff::differences;
use super::load;
use super::{Asked, UNREAD, WRONG, counted};
use crate::shown::clean;
use serde_json::{Value, json};
use std::path::Path;
use watchfire_runbook::cases::Failed;

/// What came of the cases of a file.
struct Page {
    file: String,
    count: usize,
    problems: Vec<String>,
    failed: Vec<Failed>,
    code: u8,
}

pub(super) fn run(asked: &Asked, write: bool) -> u8 {
    let files = match load::files(&asked.places) {
        Ok(files) => files,
        Err(error) => {
            eprintln!("watchfire: {error}");
            return UNREAD;
        }
    };
    let pages: Vec<Page> = files.iter().map(|file| page(file, write)).collect();
    let code = pages.iter().map(|page| page.code).max().unwrap_or(0);
    if asked.json {
        let pages: Vec<Value> = pages.iter().map(machine).collect();
        println!("{}", json!({ "ok": code == 0, "exit_code": code, "runbooks": pages }));
        return code;
    }
    pages.iter().for_each(print);
    let cases: usize = pages.iter().map(|page| page.count).sum();
    let failed: usize = pages.iter().map(|page| page.failed.len()).sum();
    println!("{}, {}: {failed} failed", counted(pages.len(), "runbook"), counted(cases, "case"));
    code
}

fn page(path: &Path, write: bool) -> Page {
    let file = path.display().to_string();
    let beside = load::cases_of(path);
    let wrong =
        |problems, code| Page { file: file.clone(), count: 0, problems, failed: vec![], code };
    let (read, cases) = match (load::read(path), load::cases(&beside)) {
        (Err(failed), _) => return wrong(failed.reasons(), UNREAD),
        (_, Err(failed)) => {
            let named = |reason| format!("{}: {reason}", beside.display());
            return wrong(failed.reasons().into_iter().map(named).collect(), UNREAD);
        }
        (Ok(_), Ok(None)) => {
            let problem = format!("no cases: write {}", beside.display());
            return wrong(vec![problem], WRONG);
        }
        (Ok(read), Ok(Some(cases))) => (read, cases),
    };
    let cases = if write { cases.renewed(&read.spec, &read.value) } else { cases };
    if write && let Err(error) = std::fs::write(&beside, cases.to_yaml()) {
        return wrong(vec![format!("{}: {error}", beside.display())], crate::UNWRITTEN);
    }
    let failed = cases.play(&read.spec, &read.value);
    let code = if failed.is_empty() { 0 } else { WRONG };
    Page { file, count: cases.count(), problems: Vec::new(), failed, code }
}

fn machine(page: &Page) -> Value {
    let Page { file, count, problems, failed, code } = page;
    json!({ "file": file, "ok": *code == 0, "cases": count, "problems": problems,
        "failed": failed })
}

fn print(page: &Page) {
    let file = clean(&page.file);
    for problem in &page.problems {
        println!("{file}: error: {}", clean(problem));
    }
    for failed in &page.failed {
        println!("{file}: {} does not hold", clean(&failed.case));
        for line in differences(&failed.expected, &failed.found) {
            println!("    {}", clean(&line));
        }
    }
}
