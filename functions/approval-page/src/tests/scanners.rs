//! A link is opened by many that are no approver.

use super::*;

const AGENTS: [&str; 20] = [
    "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 SafeLinks",
    "Microsoft Office/16.0 (Microsoft Outlook 16.0.17328; Pro)",
    "Proofpoint URL Defense",
    "Mimecast TTP URL Protect",
    "BarracudaCentral/1.0",
    "Symantec.cloud Click-time URL Protection",
    "Trend Micro URL Scan",
    "Cisco Secure Email URL Rewriting",
    "FireEye ETP",
    "GoogleImageProxy",
    "Google-Safety",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Twitterbot/1.0",
    "facebookexternalhit/1.1",
    "LinkedInBot/1.0",
    "WhatsApp/2.24",
    "TelegramBot (like TwitterBot)",
    "Applebot/0.1",
    "curl/8.9.1",
];

#[tokio::test]
async fn a_thousand_openings_by_twenty_scanners_change_nothing() {
    let asked = Asked::bob(11).await;
    let (table, account) = (asked.world.dynamo.dump(), asked.world.dump());
    let reads = desk(&asked.world);
    asked.world.dynamo.reset_counts();
    for turn in 0..1_000_usize {
        let mut event = get(&asked.link);
        event["headers"]["user-agent"] = AGENTS[turn % AGENTS.len()].into();
        if turn % 2 == 1 {
            event["requestContext"]["http"]["method"] = "HEAD".into();
        }
        if turn % 3 == 0 {
            event["headers"]["sec-purpose"] = "prefetch;prerender".into();
        }
        // Some follow the link with marks of their own.
        if turn % 5 == 0 {
            event["rawQueryString"] = "utm_source=mail&decision=grant&code=000000".into();
        }
        assert_eq!(handle(&reads, event).await["statusCode"], 200);
    }
    assert_eq!(asked.world.dynamo.dump(), table);
    assert_eq!(asked.world.dump(), account);
    // Its role has these two rights at the table, and no other.
    let operations = asked.world.dynamo.counts().by_operation;
    let rights = ["GetItem", "Query"];
    assert!(
        operations.keys().all(|one| rights.iter().any(|right| one.ends_with(right))),
        "{operations:?}"
    );
}
