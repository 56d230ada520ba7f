//! The global claim of a pair (cluster, number).

use super::{note, opened, other_process, repo, table_with};
use crate::world::tenant;
use watchfire_domain::EnvironmentId;
use watchfire_fakes::{Faults, World as Fakes};
use watchfire_store::{Commit, Receipt, Refused, Repo, Slot};

async fn claim(repo: &Repo, n: u16, over: Option<Slot>) -> (Slot, Result<Receipt, Refused>) {
    let incident = {
        // Whose incident it is follows from the tenant: one each.
        let page = repo.list(watchfire_store::Which::Open, None, 1, &|_| true).await.unwrap();
        page.incidents[0].id
    };
    let environment = EnvironmentId { incident, n };
    let slot = Slot { tenant: repo.tenant().clone(), environment };
    let commit = Commit::on(incident).event(note("claims")).slot("s", slot.clone(), over);
    (slot, repo.commit(commit).await)
}

async fn two_tenants() -> (Fakes, Repo, Repo) {
    let fakes = Fakes::new(1);
    for name in ["acme", "other"] {
        opened(&fakes, name).await;
    }
    let (ours, theirs) = (repo(&fakes, "acme"), repo(&fakes, "other"));
    (fakes, ours, theirs)
}

#[tokio::test]
async fn a_slot_is_claimed_once() {
    let (fakes, ours, _) = two_tenants().await;
    let (slot, claimed) = claim(&ours, 1, None).await;
    claimed.unwrap();
    assert_eq!(table_with(&fakes, 3).slot("s").await.unwrap(), Some(slot));
    assert_eq!(table_with(&fakes, 3).slot("other").await.unwrap(), None);
    let (_, again) = claim(&ours, 2, None).await;
    assert!(matches!(again, Err(Refused::Taken("slot"))), "{again:?}");
}

#[tokio::test]
async fn its_tenant_takes_over_its_own_closed_one_and_only_the_one_it_read() {
    let (fakes, ours, _) = two_tenants().await;
    let (first, claimed) = claim(&ours, 1, None).await;
    claimed.unwrap();
    let (second, claimed) = claim(&ours, 2, Some(first.clone())).await;
    claimed.unwrap();
    // Somebody who still believes in the first one comes too late.
    let (_, late) = claim(&ours, 3, Some(first)).await;
    assert!(matches!(late, Err(Refused::Taken("slot"))), "{late:?}");
    assert_eq!(table_with(&fakes, 3).slot("s").await.unwrap(), Some(second));
}

#[tokio::test]
async fn another_tenant_never_gets_it_whatever_it_says_it_read() {
    let (fakes, ours, theirs) = two_tenants().await;
    let (slot, claimed) = claim(&ours, 1, None).await;
    claimed.unwrap();
    let forged = Slot { tenant: tenant("other"), ..slot.clone() };
    for over in [None, Some(slot.clone()), Some(forged)] {
        let (_, refused) = claim(&theirs, 1, over).await;
        assert!(matches!(refused, Err(Refused::Taken("slot"))), "{refused:?}");
    }
    assert_eq!(table_with(&fakes, 3).slot("s").await.unwrap(), Some(slot));
}

#[tokio::test]
async fn of_two_claims_at_once_one_holds() {
    for seed in 0..20u64 {
        let (fakes, ..) = two_tenants().await;
        let race = |name: &'static str, own: u64| {
            let faults = Faults::new();
            faults.interleave(seed.wrapping_mul(13).wrapping_add(own));
            let repo = other_process(&fakes, name, &faults);
            async move { claim(&repo, 1, None).await }
        };
        let ((one, won), (other, lost)) = tokio::join!(race("acme", 1), race("other", 2));
        assert_ne!(won.is_ok(), lost.is_ok());
        let holder = if won.is_ok() { one } else { other };
        assert_eq!(table_with(&fakes, 3).slot("s").await.unwrap(), Some(holder));
    }
}
