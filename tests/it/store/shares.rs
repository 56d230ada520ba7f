//! An incident that further tenants read.

use super::{moved, note, opened, person, repo, transition};
use crate::world::tenant;
use watchfire_domain::{Incident, IncidentId, Status};
use watchfire_fakes::World as Fakes;
use watchfire_store::{Commit, Due, Refused, Which};

async fn share(fakes: &Fakes, id: IncidentId, with: &str) -> Incident {
    let home = repo(fakes, "acme");
    let incident = home.incident(id).await.unwrap().unwrap().record;
    let change = incident.share(with, &person()).unwrap();
    let after = change.after.clone();
    home.commit(Commit::on(id).change(change, Due::Keep).share(&tenant(with))).await.unwrap();
    after
}

#[tokio::test]
async fn those_it_is_shared_with_find_it_under_its_home_and_nobody_else() {
    let fakes = Fakes::new(1);
    let id = opened(&fakes, "acme").await.id;
    let incident = share(&fakes, id, "guest").await;
    for name in ["acme", "guest"] {
        let (home, row) = repo(&fakes, name).find(id).await.unwrap().unwrap();
        assert_eq!((home.tenant().as_str(), row.record), ("acme", incident.clone()));
    }
    assert!(repo(&fakes, "stranger").find(id).await.unwrap().is_none());
    assert!(repo(&fakes, "guest").incident(id).await.unwrap().is_none(), "it is not the guest's");
}

#[tokio::test]
async fn a_pointer_that_its_incident_does_not_know_leads_nowhere() {
    let fakes = Fakes::new(1);
    let id = opened(&fakes, "acme").await.id;
    let incident = share(&fakes, id, "guest").await;
    let mut back = moved(&fakes, &incident, Status::Acknowledged);
    back.after.tenants.pop();
    repo(&fakes, "acme").commit(Commit::on(id).change(back, Due::Keep)).await.unwrap();
    assert!(repo(&fakes, "guest").find(id).await.unwrap().is_none());
    let page = repo(&fakes, "guest").list(Which::All, None, 9, &|_| true).await.unwrap();
    assert_eq!(page.incidents, Vec::new());
}

#[tokio::test]
async fn a_guests_list_holds_its_own_and_what_is_shared_in_one_order() {
    let fakes = Fakes::new(1);
    let mut ids = Vec::new();
    for at in 0..12 {
        fakes.forward(1_000);
        let name = ["acme", "guest", "acme"][at % 3];
        let id = opened(&fakes, name).await.id;
        if at % 3 == 2 {
            share(&fakes, id, "guest").await;
        }
        if at % 3 > 0 {
            ids.push(id);
        }
    }
    ids.reverse();
    let guest = repo(&fakes, "guest");
    let list = async |which| {
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let page = guest.list(which, after, 3, &|_| true).await.unwrap();
            found.extend(page.incidents.into_iter().map(|incident| incident.id));
            after = page.next;
            if after.is_none() {
                return found;
            }
        }
    };
    assert_eq!(list(Which::Open).await, ids);
    let closed = ids.remove(3);
    let home = guest.find(closed).await.unwrap().unwrap().0;
    transition(&fakes, home.tenant().as_str(), closed, Status::Closed).await;
    assert_eq!(list(Which::Open).await, ids);
    assert_eq!(list(Which::Closed).await, [closed]);
    assert_eq!(list(Which::All).await.len(), 8);
}

/// Two homes cannot have an incident of one id; if they had, the second would not take the guests of
/// the first.
#[tokio::test]
async fn a_pointer_is_never_turned_to_another_home() {
    let fakes = Fakes::new(1);
    let id = opened(&fakes, "acme").await.id;
    let incident = share(&fakes, id, "guest").await;
    let commit = Commit::on(id).fresh().event(note("mine")).share(&tenant("guest"));
    let stolen = repo(&fakes, "globex").commit(commit).await;
    assert!(matches!(stolen, Err(Refused::Taken("share"))), "{stolen:?}");
    let (home, row) = repo(&fakes, "guest").find(id).await.unwrap().unwrap();
    assert_eq!((home.tenant().as_str(), row.record), ("acme", incident));
}
