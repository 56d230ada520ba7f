use super::Script;
use crate::S3Evidence;
use watchfire_ports::{Evidence, PortError};

fn evidence(script: &Script) -> S3Evidence {
    S3Evidence::new(script.aws(), "audit".to_owned())
}

fn folders(names: &[&str]) -> String {
    let name = |name: &&str| format!("<CommonPrefixes><Prefix>{name}</Prefix></CommonPrefixes>");
    listing(&names.iter().map(name).collect::<String>())
}

fn objects(keys: &[(&str, u64)]) -> String {
    let key = |(key, size): &(&str, u64)| {
        format!("<Contents><Key>{key}</Key><Size>{size}</Size></Contents>")
    };
    listing(&keys.iter().map(key).collect::<String>())
}

fn listing(inner: &str) -> String {
    format!(
        "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>{inner}\
         </ListBucketResult>"
    )
}

#[tokio::test]
async fn the_newest_day_that_has_the_task_is_found() {
    let more = "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>\
        <NextContinuationToken>t</NextContinuationToken>\
        <Contents><Key>c/1/20260102/task/a+b%C3%A9</Key><Size>3</Size></Contents></ListBucketResult>";
    let script = Script::default()
        .ok(&folders(&["c/1/20260101/", "c/1/20260103/", "c/1/20260102/"]))
        .ok(&objects(&[]))
        .ok(more)
        .ok(&objects(&[("c/1/20260102/task/manifest.json", 2)]))
        .ok("{}");
    let found = evidence(&script).find("c", "1", "task").await.unwrap().unwrap();
    assert_eq!(found.prefix, "c/1/20260102/task/");
    assert_eq!(found.objects, [("a bé".to_owned(), 3), ("manifest.json".to_owned(), 2)]);
    assert_eq!(found.manifest.as_deref(), Some(&b"{}"[..]));
    let asked = script.asked();
    assert_eq!(asked.len(), 5);
    assert!(asked[1].0.contains("prefix=c%2F1%2F20260103%2Ftask%2F"), "{}", asked[1].0);
    assert!(asked[3].0.contains("continuation-token=t"), "{}", asked[3].0);
}

#[tokio::test]
async fn nothing_there_is_none_and_a_missing_manifest_is_none() {
    let script = Script::default().ok(&folders(&[]));
    assert_eq!(evidence(&script).find("c", "1", "task").await.unwrap(), None);
    let script = Script::default()
        .ok(&folders(&["c/1/20260101/"]))
        .ok(&objects(&[("c/1/20260101/task/x", 1)]));
    let found = evidence(&script).find("c", "1", "task").await.unwrap().unwrap();
    assert_eq!(found.manifest, None);
    assert_eq!(evidence(&script).location("c", "1"), "s3://audit/c/1/");
}

#[tokio::test]
async fn a_manifest_that_is_too_large_is_not_read() {
    let script = Script::default()
        .ok(&folders(&["c/1/20260101/"]))
        .ok(&objects(&[("c/1/20260101/task/manifest.json", 5 * 1024 * 1024 + 1)]));
    let error = evidence(&script).find("c", "1", "task").await.unwrap_err();
    assert!(matches!(error, PortError::Corrupt { .. }));
    assert_eq!(script.asked().len(), 2);
}

#[tokio::test]
async fn what_is_kept_stays_as_it_is_and_is_named() {
    let script = Script::default().ok("").s3_error(412, "PreconditionFailed");
    let evidence = evidence(&script);
    for _ in 0..2 {
        let place = evidence.keep("answers/a/b.json", b"{}".to_vec()).await.unwrap();
        assert_eq!(place, "s3://audit/answers/a/b.json");
    }
    assert_eq!(script.only_new(), [true, true]);
    let script = Script::default().s3_error(403, "AccessDenied");
    let error = self::evidence(&script).keep("answers/a", Vec::new()).await.unwrap_err();
    assert!(matches!(error, PortError::Refused { .. }), "{error}");
}
