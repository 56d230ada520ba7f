//! Whatever fails on the way: what was answered with 202 is taken in, and once.

use super::{deliver, incidents, post, sample, sender, take_in};
use crate::world::{TENANT, World};
use watchfire_domain::integration::IntegrationKind;
use watchfire_fakes::{Fault, Faults};

#[tokio::test]
async fn whatever_call_fails_the_sender_hears_it_and_a_repeat_counts_once() {
    let kind = IntegrationKind::Alertmanager;
    let mut refused = 0;
    for fault in Fault::ALL {
        for at in 0..5 {
            let world = World::new(1);
            let of = sender(&world, kind, None).await;
            let troubled = world.process(Faults::new());
            troubled.faults.at(at, fault);
            let work = Box::pin(watchfire_hook::handle(&troubled.desk, of.request(&sample(kind))));
            let first = troubled.faults.survive(troubled.acting("hook", work)).await;
            let first = first.map_or(0, |answer| answer["statusCode"].as_u64().unwrap());
            if first != 202 {
                refused += 1;
                assert!(first == 0 || first >= 500, "{fault:?} at {at}: {first}");
                // The sender tries again.
                assert_eq!(post(&world, of.request(&sample(kind))).await, 202);
            }
            world.settle();
            assert_eq!(deliver(&world).await, Vec::<String>::new());
            let opened = incidents(&world, TENANT);
            assert_eq!(opened.len(), 2, "{fault:?} at {at}");
            for incident in opened {
                assert_eq!(
                    world.story(incident.id).await,
                    ["incident_created"],
                    "{fault:?} at {at}"
                );
            }
        }
    }
    assert!(refused > 10, "{refused}");
}

#[tokio::test]
async fn whatever_call_fails_the_message_comes_again_and_counts_once() {
    let kind = IntegrationKind::Pagerduty;
    let mut again = 0;
    for fault in Fault::ALL {
        for at in 0..8 {
            let world = World::new(1);
            let of = sender(&world, kind, None).await;
            for action in ["trigger", "acknowledge"] {
                let mut body = sample(kind);
                body["event_action"] = action.into();
                assert_eq!(post(&world, of.request(&body)).await, 202);
                let message = world.hooks.take();
                let troubled = world.process(Faults::new());
                troubled.faults.at(at, fault);
                let work = troubled.faults.survive(take_in(&troubled, message.clone()));
                let left = Box::pin(work).await;
                if left != Some(Vec::new()) {
                    again += 1;
                    assert_eq!(take_in(&world, message).await, Vec::<String>::new());
                }
            }
            world.settle();
            let [incident] = incidents(&world, TENANT).try_into().unwrap();
            let story = world.story(incident.id).await;
            assert_eq!(story, ["incident_created", "status_changed"], "{fault:?} at {at}");
            world.sound(incident.id).await;
        }
    }
    assert!(again > 20, "{again}");
}
