//! The evidence bundle: fetched from the locked bucket, and verified by the operator's own tool.

use super::super::cloud::Cloud;
use super::super::desk::Desk;
use super::super::record::{number, text};
use super::PATIENCE;
use crate::net::until;
use crate::places;
use crate::run::{Run, note};
use crate::trouble::{Doing, Done};
use serde_json::Value;
use std::fs;

const MANIFEST: &str = "manifest.json";

/// Waits for the bundle of the closed incident, keeps it, and has `watchfire verify` look at it.
pub(super) fn show(cloud: &Cloud, desk: &Desk, id: &str) -> Done {
    let export = until("the incident was not exported", PATIENCE, || {
        let answer = desk.get(&format!("/v1/incidents/{id}/export"))?;
        Ok(answer.pointer("/newest").filter(|newest| newest.is_object()).cloned())
    })?;
    let location = text(&export, "/location")?;
    note(&format!(
        "{} events, sealed in a log of {} leaves: {location}",
        number(&export, "/seq")?,
        number(&export, "/size")?
    ));
    let bucket = cloud.output("CheckpointBucketName")?;
    let prefix = location
        .strip_prefix(&format!("s3://{bucket}/"))
        .doing(&format!("{location} is not in the bucket {bucket}"))?;
    let folder = places::build_folder()?.join("stack/bundle");
    if folder.exists() {
        fs::remove_dir_all(&folder).doing("removing an older bundle")?;
    }
    let manifest = cloud.object(bucket, &format!("{prefix}{MANIFEST}"))?;
    let listed: Value = serde_json::from_str(&manifest).doing("reading the manifest")?;
    let files =
        listed.get("files").and_then(Value::as_object).doing("the manifest has no files")?;
    for name in files.keys().map(String::as_str).chain([MANIFEST]) {
        let path = folder.join(name);
        let within = path.parent().doing("a file has no folder")?;
        fs::create_dir_all(within).doing("making the bundle's folder")?;
        fs::write(&path, cloud.object(bucket, &format!("{prefix}{name}"))?)
            .doing("writing the bundle")?;
    }
    // From the bucket's own list of keys, not from the bundle: that proves nothing about its
    // writer.
    let keys = cloud.objects(bucket, "keys/")?;
    let key = keys.first().doing("the bucket has no key")?;
    let key = cloud.object(bucket, key)?;
    let folder = folder.to_string_lossy().into_owned();
    let build = "run --quiet --locked --profile ci --package watchfire-cli -- verify --key";
    let words: Vec<&str> = build.split(' ').chain([key.trim(), &folder]).collect();
    note(&format!("watchfire verify --key '{}' {folder}", key.trim()));
    Run::cargo(&words).alone()
}
