//! S3: the bucket of sealed things, and that of evidence. Buckets stand in the path.

use super::Answer;
use crate::answerer::Reply;
use crate::http::Request;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use watchfire_fakes::World;
use watchfire_ports::Vault as _;

const EVIDENCE: &str = "watchfire-evidence";

pub(super) async fn answer(world: &World, request: &Request) -> Answer {
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    let (bucket, key) = path.trim_start_matches('/').split_once('/').unwrap_or((path, ""));
    let key = decoded(key);
    if query.contains("list-type=2") {
        return Ok(xml(200, &listing(world, bucket, query)));
    }
    let failed = |_| xml(500, "<Error><Code>InternalError</Code></Error>");
    match (request.method.as_str(), bucket) {
        ("PUT", _) if request.header("if-none-match") == Some("*") => {
            if world.vault.put_new(&key, request.body.clone()).await.map_err(failed)? {
                return Ok(xml(200, ""));
            }
            Err(xml(412, "<Error><Code>PreconditionFailed</Code></Error>"))
        }
        ("PUT", _) => {
            world.vault.replace(&key, request.body.clone()).await.map_err(failed)?;
            Ok(xml(200, ""))
        }
        (_, EVIDENCE) => found(world.evidence.get(&key)),
        _ => found(world.vault.newest(&key)),
    }
}

fn found(bytes: Option<Vec<u8>>) -> Answer {
    let missing = || xml(404, "<Error><Code>NoSuchKey</Code></Error>");
    let body = bytes.ok_or_else(missing)?;
    Ok(Reply { status: 200, headers: Vec::new(), body })
}

/// What lies below a prefix: with a delimiter the folders, without it every object.
fn listing(world: &World, bucket: &str, query: &str) -> String {
    let of = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name));
    let prefix = decoded(of("prefix=").unwrap_or_default());
    let (mut folders, mut list) = (BTreeSet::new(), String::new());
    let evidence = || world.evidence.keys().into_iter().collect::<Vec<_>>();
    let sealed = || world.vault.below("").into_keys().collect();
    let keys: Vec<String> = if bucket == EVIDENCE { evidence() } else { sealed() };
    for key in keys {
        let Some(rest) = key.strip_prefix(&prefix) else { continue };
        if of("delimiter=").is_some() {
            folders.extend(rest.split_once('/').map(|(folder, _)| format!("{prefix}{folder}/")));
            continue;
        }
        let lies = if bucket == EVIDENCE { world.evidence.get(&key) } else { None };
        let size = lies.map_or(0, |bytes| bytes.len());
        // Writing into a text cannot fail.
        let _ = write!(list, "<Contents><Key>{key}</Key><Size>{size}</Size></Contents>");
    }
    for folder in folders {
        let _ = write!(list, "<CommonPrefixes><Prefix>{folder}</Prefix></CommonPrefixes>");
    }
    format!("<ListBucketResult><IsTruncated>false</IsTruncated>{list}</ListBucketResult>")
}

fn xml(status: u16, body: &str) -> Reply {
    let declared =
        if body.is_empty() { String::new() } else { format!("<?xml version=\"1.0\"?>{body}") };
    let headers = vec![("content-type", "application/xml".to_owned())];
    Reply { status, headers, body: declared.into() }
}

/// A part of an address, with what was escaped in it.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let digits = [ahead.next(), ahead.next()];
        let digit = |at: Option<u8>| char::from(at?).to_digit(16);
        match (byte, digits.map(digit)) {
            (b'%', [Some(high), Some(low)]) => {
                bytes.extend(u8::try_from(high.saturating_mul(16).saturating_add(low)));
                rest = ahead;
            }
            (other, _) => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
