//! What somebody at three in the morning relies on, in every shipped runbook.

use super::shipped::{SHIPPED, shipped};
use crate::Risk;
use crate::lint::{Harm, of_action};
use crate::spec::places::actions;
use crate::spec::{Action, Within};
use watchfire_domain::Audience;

/// That nothing is wrong is shown by what there is: where nobody has such a name, nothing is wrong
/// there either.
#[test]
fn a_check_that_counts_what_is_wrong_sees_that_something_is_there() {
    let (mut counted, mut blind) = (0, Vec::new());
    for one in SHIPPED.iter() {
        for within in one.spec.walk() {
            let Some((_, command)) = within.step.action.command("") else { continue };
            let query = command.argv.windows(2).find(|two| two[0] == "--query");
            let query = query.map_or("", |two| two[1].as_str()).replace(' ', "");
            let none = query.contains("==`0`") || command.output_is.as_deref() == Some("0");
            if none && query.contains("length(") {
                counted += 1;
                if !query.contains(">`0`&&") {
                    blind.push(format!("{}: {}", one.name, within.step.id));
                }
            }
        }
    }
    assert!(counted >= 4, "{counted}");
    // An instance that is out of the load balancer already is to be cut off all the same.
    assert_eq!(blind, ["contain-instance: deregistered"]);
}

/// A full disk often breaks the agent of SSM too: nothing then stands between the start and a larger
/// volume (S1-35).
#[test]
fn a_full_disk_is_mended_without_the_agent_of_its_instance() {
    let steps = shipped("disk-full").spec.walk();
    let chosen = ["go-on", "grow-volume", "by-hand"];
    let taken = |within: &&Within<'_>| {
        within.under.is_none_or(|(_, option)| chosen.contains(&option.name.as_str()))
    };
    let done: Vec<&Within<'_>> = steps.iter().filter(taken).collect();
    assert!(
        ["grow", "extend-by-hand", "freed"]
            .iter()
            .all(|id| { done.iter().any(|within| within.step.id == *id) })
    );
    for within in done {
        let program = within.step.action.command("").map(|(_, command)| &command.argv);
        let sent = program.is_some_and(|argv| argv.iter().any(|word| word == "ssm"));
        assert!(!sent, "`{}` goes through the agent", within.step.id);
    }
}

/// Whoever only looks, without an approval, has no role that changes anything: a command sent to an
/// instance is a shell of root there, and is the operator's even where it only reads.
#[test]
fn the_observer_only_looks() {
    let mut observed = 0;
    for one in SHIPPED.iter() {
        for within in one.spec.walk() {
            for (_, action) in actions(within.step, "") {
                let Some((_, command)) = action.command("") else { continue };
                if command.profile == "observer" {
                    observed += 1;
                    let harm = of_action(action).harm;
                    assert_eq!(harm, Harm::Looks, "{}: {}", one.name, within.step.id);
                }
            }
        }
    }
    assert!(observed >= 100, "{observed}");
}

/// What crashes again and again has the phase `Running`: a look that leaves that phase out does not
/// show it (S4-15).
#[test]
fn no_list_of_pods_leaves_out_what_crashes() {
    let mut lists = 0;
    for one in SHIPPED.iter() {
        for within in one.spec.walk() {
            let Action::Command(command) = &within.step.action else { continue };
            let argv = &command.argv;
            if !argv.starts_with(&["kubectl", "get", "pods"].map(str::to_owned)) {
                continue;
            }
            lists += 1;
            let by_phase = argv.iter().any(|word| word.contains("status.phase"));
            assert!(!by_phase, "{}: {}", one.name, within.step.id);
        }
    }
    assert!(lists >= 2, "{lists}");
}

/// What a run makes is named as the run is: another run, or one after it failed, meets nothing that
/// has its name already.
#[test]
fn what_is_made_is_named_as_its_run_is() {
    let makes = [
        ("checkout", "-b"),
        ("create-db-instance-read-replica", "--db-instance-identifier"),
        ("create", "job"),
    ];
    let mut made = 0;
    for one in SHIPPED.iter() {
        for within in one.spec.walk() {
            let Action::Command(command) = &within.step.action else { continue };
            let argv = &command.argv;
            for (verb, option) in makes {
                let name = argv.windows(2).find(|two| two[0] == option).map(|two| &two[1]);
                let Some(name) = name.filter(|_| argv.iter().any(|word| word == verb)) else {
                    continue;
                };
                made += 1;
                let (runbook, step) = (&one.name, &within.step.id);
                assert!(name.contains("{{execution.id}}"), "{runbook}: {step}: {name}");
            }
        }
    }
    assert!(made >= 3, "{made}");
}

/// A message for whom nobody is named fails its step: where it is no way that a person took, nothing
/// dangerous waits behind it (S4-34).
#[test]
fn no_remedy_waits_for_a_message_that_nobody_may_get() {
    let mut told = 0;
    for one in SHIPPED.iter() {
        for (at, step) in one.spec.steps.iter().enumerate() {
            let Action::Notify(notice) = &step.action else { continue };
            // The responders stand in for the leads, and every plan has them.
            let sure = notice.audience == Audience::Responders;
            if sure || notice.audience.stand_in().is_some() {
                continue;
            }
            told += 1;
            let behind = one.spec.steps.iter().skip(at);
            let high = behind.filter(|step| step.weight() == Risk::High).count();
            assert_eq!(high, 0, "{}: {}", one.name, step.id);
        }
    }
    assert!(told >= 8, "{told}");
}

/// The first message has all that its template asks for (S2-23).
#[test]
fn the_first_message_of_a_p0_leaves_nothing_out() {
    let fields = ["commander", "eta", "impact", "status", "title", "updates"];
    let mut told = 0;
    for one in SHIPPED.iter() {
        for within in one.spec.walk() {
            let Action::Notify(notice) = &within.step.action else { continue };
            if notice.template == "p-initial" {
                told += 1;
                assert!(notice.values.keys().eq(fields), "{}: {:?}", one.name, notice.values);
            }
        }
    }
    assert_eq!(told, 2);
}
