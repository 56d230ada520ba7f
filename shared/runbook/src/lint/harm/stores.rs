//! Stores that are no databases of SQL: Redis, `MongoDB`, and those that keep a cluster's state.

use super::{Found, listed, text};
use crate::lint::program;

/// What only looks, of tools that are told in a word or two what to do.
const LOOKS: [(&str, &[&str]); 6] = [
    ("cockroach", &["node status", "node ls", "version"]),
    ("velero", &["restore get", "restore describe", "restore logs", "backup get", "version"]),
    ("etcdctl", &["get", "member list", "endpoint status", "endpoint health", "version"]),
    ("consul", &["members", "catalog", "kv get", "operator raft", "info", "version"]),
    ("vault", &["status", "version", "secrets list", "auth list", "policy list", "policy read"]),
    ("nomad", &["status", "version"]),
];

/// Whether it is one of the tools that are known by their words.
pub(super) fn knows(tool: &str) -> bool {
    LOOKS.iter().any(|(known, _)| *known == tool)
}

/// Judges the words after such a tool.
pub(super) fn judged(tool: &str, words: &[&str]) -> Found {
    let mut plain = program::plain(words, &[]).into_iter();
    let (first, second) = (plain.next().unwrap_or(""), plain.next().unwrap_or(""));
    let both = format!("{first} {second}");
    let looks = LOOKS.iter().filter(|(known, _)| *known == tool).flat_map(|(_, looks)| *looks);
    let phrase = looks.into_iter().find(|phrase| **phrase == first || **phrase == both);
    // `restore get` looks; so does `operator raft list-peers`, and `operator raft remove-peer` says
    // that it does not.
    let own = phrase.map_or("", |phrase| phrase);
    let rest: Vec<&str> = words.iter().copied().filter(|word| !listed(own, word)).collect();
    let unknown = text::unknown(tool, &rest, &format!("{tool} {first}"));
    let looks = phrase.is_some() && unknown.harm < super::Harm::Destroys;
    if looks { Found::looks() } else { unknown }
}

/// Judges the words after `redis-cli`.
pub(super) fn redis(words: &[&str]) -> Found {
    const VALUED: [&str; 18] = [
        "-h",
        "-p",
        "-s",
        "-a",
        "-u",
        "-r",
        "-i",
        "-n",
        "-d",
        "-t",
        "--user",
        "--pass",
        "--cert",
        "--key",
        "--cacert",
        "--cacertdir",
        "--sni",
        "--eval",
    ];
    const LOOKS: &str = "\
        ping info get mget ttl pttl type exists scan dbsize strlen llen lrange hget hgetall \
        hlen hkeys scard smembers sismember zcard zrange zscore xlen xinfo xrange pubsub \
        time role lastsave keys echo";
    const LOOK_PAIRS: [&str; 18] = [
        "config get",
        "slowlog get",
        "slowlog len",
        "memory usage",
        "memory stats",
        "memory doctor",
        "client list",
        "client info",
        "client id",
        "client getname",
        "latency latest",
        "latency history",
        "latency doctor",
        "cluster info",
        "cluster nodes",
        "cluster slots",
        "cluster shards",
        "object freq",
    ];
    const DESTROYS: &str = "\
        flushdb flushall del unlink shutdown failover restore debug replicaof slaveof swapdb \
        migrate flush reset hdel xdel getdel srem zrem lrem zremrangebyrank zremrangebyscore \
        zremrangebylex ltrim xtrim spop lpop rpop lmpop zmpop zpopmin zpopmax blpop brpop \
        flushslots delslots forget destroy kill pause remove delete deluser del-node";
    let lower: Vec<String> = words.iter().map(|word| word.to_ascii_lowercase()).collect();
    if let Some(word) = lower.iter().find(|word| listed(DESTROYS, word.as_str())) {
        return Found::destroys(&format!("redis-cli {word}"));
    }
    let plain = program::plain(words, &VALUED);
    let mut plain = plain.iter().map(|word| word.to_ascii_lowercase());
    let (verb, next) = (plain.next().unwrap_or_default(), plain.next().unwrap_or_default());
    if words.contains(&"--eval") {
        return text::unknown("redis-cli", words, "redis-cli --eval");
    }
    // A script of Lua says what it calls.
    if verb.starts_with("eval") || verb.starts_with("fcall") {
        let inner = |one: char| one.is_ascii_alphanumeric();
        let calls = |word: &String| word.split(|one| !inner(one)).any(|p| listed(DESTROYS, p));
        let own = text::unknown("redis-cli", words, &format!("redis-cli {verb}"));
        return lower.iter().find(|word| calls(word)).map_or(own, |_| Found::destroys(&verb));
    }
    let both = format!("{verb} {next}");
    if listed(LOOKS, verb.as_str()) || LOOK_PAIRS.contains(&both.as_str()) {
        return Found::looks();
    }
    Found::changes(format!("redis-cli {verb}").trim_end())
}

/// Judges what a shell of `MongoDB` is handed: it looks if it calls nothing but what is known to.
pub(super) fn mongo(text: &str) -> Found {
    const CALLS: &str = "\
        find findone count countdocuments estimateddocumentcount aggregate distinct stats \
        status serverstatus currentop getcollectionnames getcollectioninfos getcollection \
        getsiblingdb getindexes limit skip sort project hint explain pretty toarray itcount \
        size print printjson tojson stringify hello ismaster dbstats version conf objectid \
        isodate printreplicationinfo";
    let bare: String = text.chars().filter(|one| !one.is_whitespace()).collect();
    let lower = bare.to_ascii_lowercase();
    let inner = |one: char| one.is_ascii_alphanumeric() || "_$".contains(one);
    let pieces: Vec<&str> = lower.split('(').collect();
    let befores = pieces.split_last().map_or(&[][..], |(_, befores)| befores);
    let known = befores.iter().all(|before| {
        let name = before.rsplit(|one| !inner(one)).next().unwrap_or_default();
        // What has no name of its own is a parenthesis, or is called by a value.
        let value = before.ends_with([')', ']', '}', '.', '/', '\'', '"']);
        listed(CALLS, name) || (name.is_empty() && !value)
    });
    // `find(db.x.drop, db.x)` calls what it is handed.
    let member = |rest: &str| {
        let (name, after) = rest.split_at(rest.find(|one| !inner(one)).unwrap_or(rest.len()));
        !after.is_empty() && !after.starts_with('(') && text::destroying(name).is_some()
    };
    let behind = |before: &str| before.ends_with(|one| inner(one) || ").]".contains(one));
    let indexed = || lower.match_indices('[').any(|(at, _)| lower.get(..at).is_some_and(behind));
    let handed = lower.split('.').skip(1).any(member) || indexed();
    let named = text::destroying(text);
    let writes = ["$out", "$merge", "=", "`"].iter().any(|sign| lower.contains(sign));
    if known && !writes && !(handed && named.is_some()) {
        return Found::looks();
    }
    // Every document there is: no condition.
    let every = ["updatemany({}", "update({}", "stepdown"];
    let every = every.iter().find(|sign| lower.contains(*sign)).map(|sign| (*sign).to_owned());
    let named = named.or(every);
    named.map_or_else(|| Found::changes("mongosh --eval"), |word| Found::destroys(&word))
}
