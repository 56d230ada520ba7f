//! Integrations, as the table keeps them.

use super::repo;
use watchfire_domain::integration::{IntegrationKind, NewIntegration};
use watchfire_domain::{Integration, IntegrationId, SECOND};
use watchfire_fakes::World as Fakes;
use watchfire_ports::{Clock as _, Ids as _};
use watchfire_store::Refused;

fn made(fakes: &Fakes) -> Integration {
    let new =
        NewIntegration { name: "metrics".to_owned(), kind: IntegrationKind::Generic, plan: None };
    new.made(IntegrationId::of(fakes.ids.ten()), "k1", "kim", fakes.clock.now())
}

#[tokio::test]
async fn an_integration_changes_only_from_the_version_that_was_read() {
    let fakes = Fakes::new(1);
    let acme = repo(&fakes, "acme");
    let one = made(&fakes);
    acme.put_integration(&one, None, None).await.unwrap();
    let (here, there) =
        (one.rotated("k1", fakes.clock.now()), one.rotated("k1", fakes.clock.now().plus(SECOND)));
    acme.put_integration(&here, Some(&one), None).await.unwrap();
    let late = acme.put_integration(&there, Some(&one), None).await;
    assert!(matches!(late, Err(Refused::Changed)), "{late:?}");
    assert_eq!(acme.integration(&one.id).await.unwrap(), Some(here.clone()));
    // One that is gone is not brought back by a rotation that began before.
    acme.delete_integration(&one.id, None).await.unwrap();
    acme.delete_integration(&one.id, None).await.unwrap();
    let late =
        acme.put_integration(&here.rotated("k1", fakes.clock.now()), Some(&here), None).await;
    assert!(matches!(late, Err(Refused::Changed)), "{late:?}");
    assert_eq!(acme.integration(&one.id).await.unwrap(), None);
}

#[tokio::test]
async fn an_integration_is_found_by_its_id_and_listed_by_its_tenant_alone() {
    let fakes = Fakes::new(2);
    let (acme, globex) = (repo(&fakes, "acme"), repo(&fakes, "globex"));
    let (one, other) = (made(&fakes), made(&fakes));
    acme.put_integration(&one, None, None).await.unwrap();
    globex.put_integration(&other, None, None).await.unwrap();
    let owner = acme.table().integration_owner(&other.id).await.unwrap().unwrap();
    assert_eq!(owner.as_str(), "globex");
    assert_eq!(acme.integration(&other.id).await.unwrap(), None);
    assert_eq!(acme.integrations().await.unwrap(), [one]);
}
