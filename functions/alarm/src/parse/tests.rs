mod hostile;
mod shapes;

use super::*;
use std::collections::BTreeMap;
use std::path::Path;
use watchfire_domain::Timestamp;

/// The fixtures: their names and texts, in the order of their names.
fn fixtures() -> Vec<(String, String)> {
    read_all(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/alarms")))
}

fn read_all(folder: &Path) -> Vec<(String, String)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut all: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    all.sort();
    all
}

fn fixture(name: &str) -> String {
    fixtures().into_iter().find(|(each, _)| each == name).unwrap().1
}

fn one(body: &str) -> Alarm {
    let [alarm] = alarms(body).unwrap().try_into().unwrap();
    alarm
}

/// The alarm in words: every field that says something.
fn written(alarm: &Alarm) -> String {
    let Alarm { source, arn, name, account, region, contributor, state, at, .. } = alarm;
    let Alarm {
        reason, description, metric, dimensions, tags, suppressed_by, triggered_by, ..
    } = alarm;
    let kind = if alarm.configuration { " (configuration)" } else { "" };
    let head = format!(
        "  {source:?} {} since {at}{kind}\n  {arn}\n  `{name}` in {account}, {region}\n",
        state.name()
    );
    let list = |all: &BTreeMap<String, String>| (!all.is_empty()).then(|| format!("{all:?}"));
    let said = |text: &String| (!text.is_empty()).then(|| text.chars().take(66).collect());
    let rest = [
        ("reason", said(reason)),
        ("description", said(description)),
        ("contributor", contributor.clone()),
        ("metric", metric.clone()),
        ("dimensions", list(dimensions)),
        ("tags", list(tags)),
        ("suppressed by", suppressed_by.clone()),
        ("triggered by", (!triggered_by.is_empty()).then(|| triggered_by.join(" "))),
    ];
    let lines = rest.into_iter().filter_map(|(field, value)| Some((field, value?)));
    lines.fold(head, |text, (field, value)| text + "  " + field + ": " + &value + "\n")
}
