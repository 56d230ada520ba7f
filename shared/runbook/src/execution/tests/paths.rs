//! Walks among hostile approvals: whatever comes in whichever order, the action of a step of high
//! risk is reached through its own granted approval alone.

use super::approvals::unfit_at;
use super::*;
use proptest::prelude::*;

/// What can be asked about a step, with an approval or none.
const DOORS: [&str; 16] = [
    "block", "block", "begin", "begin", "begin", "act", "act", "complete", "complete", "choose",
    "returned", "retry", "skip", "resume", "fail", "abort",
];

/// Runs that stand at their first step of high risk.
static LEADS: LazyLock<[Execution; 2]> = LazyLock::new(|| {
    ["restart", "pause"].map(|option| {
        driven(started(1), option, |one| {
            ["reboot", "failover"].contains(&one.current_step.as_deref().unwrap_or_default())
        })
    })
});

/// Asks; answers with the record afterwards, and whether an action was handed out.
fn ask(one: &Execution, door: &str, step: &str, approval: Option<&Approval>) -> (Execution, bool) {
    let (run, attempt) = (run(one), one.steps[step].attempt);
    let told = Told { incident: Some(&crate::cases::FACTS), now: at(3) };
    if door == "act" {
        return (one.clone(), run.act(step, attempt, approval, told).is_ok());
    }
    let report = |approval: &Approval| Report {
        approval_ids: vec![approval.id],
        ..Report::done("s3://evidence/1")
    };
    let answer = match door {
        "block" => {
            let request = request(one, step);
            run.block(step, approval.unwrap_or(&request), &machine())
        }
        "begin" => run.begin(step, approval, &machine(), at(3)),
        "complete" => {
            let report = approval.map_or_else(|| Report::done("s3://evidence/1"), report);
            run.complete(step, &report, approval, &person(ALICE), at(4))
        }
        "choose" => run.choose(step, "restart", approval, &person(ALICE), at(4)),
        "returned" => run.returned(step, &returned(attempt, attempt > 1), &machine(), at(4)),
        "retry" => run.retry(step, attempt, &person(ALICE)),
        "skip" => run.skip(step, "it does not hold", &person(ALICE), at(4)),
        "resume" => one.resume(one.drive, &machine()),
        "fail" => one.fail("it is worse", &person(ALICE), at(5)),
        "abort" => one.abort("enough", &person(ALICE), at(5)),
        other => panic!("{other}"),
    };
    (answer.ok().flatten().map_or_else(|| one.clone(), |change| change.after), false)
}

fn is_at_work(step: &StepState) -> bool {
    matches!(step.state, Standing::Waiting | Standing::Running | Standing::Done)
}

/// What comes with a question: nothing, its own approval as it should be, or one that is not it.
#[derive(Debug, Clone, Copy)]
enum With {
    None,
    Own,
    Unfit(usize),
}

fn with() -> impl Strategy<Value = With> {
    prop_oneof![Just(With::None), Just(With::Own), (0usize..40).prop_map(With::Unfit)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_path_reaches_an_action_unapproved(
        lead in 0usize..2,
        walk in prop::collection::vec(
            (prop::sample::select(DOORS.to_vec()), 0usize..6, with()), 0..50
        ),
    ) {
        // Up to the first step of high risk everything goes as it should.
        let mut one = LEADS[lead].clone();
        for (door, place, with) in walk {
            let others = ["reboot", "failover", "look", "thank"];
            let current = one.current_step.clone().unwrap_or("tell".to_owned());
            let step = others.get(place).copied().unwrap_or(&current);
            let (approval, fits) = match with {
                With::None => (None, false),
                With::Own => (Some(granted(&one, step)), true),
                With::Unfit(at) => (unfit_at(&one, step, at), false),
            };
            let (next, acted) = ask(&one, door, step, approval.as_ref());
            let high = |id: &str| ["reboot", "failover"].contains(&id);
            prop_assert!(!acted || !high(step) || fits, "{} of {} with {:?}", door, step, with);
            for id in ["reboot", "failover"] {
                let (was, is) = (&one.steps[id], &next.steps[id]);
                let began = !is_at_work(was) && is_at_work(is);
                prop_assert!(
                    !began || (fits && door == "begin" && id == step && was.state == Standing::Blocked),
                    "{} of {} with {:?} began {}", door, step, with, id
                );
                let done = is.state == Standing::Done && was.state != Standing::Done;
                let by_hand = done && door == "complete";
                prop_assert!(!by_hand || fits, "{} of {} with {:?} ended {}", door, step, with, id);
            }
            one = next;
        }
    }
}
