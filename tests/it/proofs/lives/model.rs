//! What should happen, in as few words as it takes.
#![expect(clippy::wildcard_enum_match_arm, reason = "a model names what matters, not each phase")]

use proptest::prelude::*;
use proptest_state_machine::ReferenceStateMachine;
use watchfire_domain::Status;
use watchfire_domain::environment::State as Phase;

/// What somebody does, or what happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Move {
    Note,
    Owner(&'static str),
    /// To this status, with a rationale or without.
    Status(Status, bool),
    Launch,
    Extend,
    Stop,
    /// Under the explicit flag that removes the access point.
    Close,
    Grant,
    Deny,
    /// Every execution dies; the sweep comes by.
    Die,
    /// Ten seconds.
    Pass,
}

/// What is expected.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) status: Status,
    pub(super) owner: Option<&'static str>,
    pub(super) environment: Phase,
    pub(super) access_point: bool,
    /// The types of the timeline's events.
    pub(super) story: Vec<&'static str>,
    /// Whether the last move was done, rather than refused.
    pub(super) done: bool,
    mitigated: bool,
    /// Whether an approver was ever asked: then there is a link.
    asked: bool,
    /// How often the executions died: the tenth time a person must look.
    deaths: u8,
    /// What stands as the approver's answer.
    answered: Option<bool>,
}

/// The reference.
#[derive(Debug)]
pub(super) struct Model;

const OWNERS: [&str; 2] = ["kim@example.org", "lee@example.org"];

impl ReferenceStateMachine for Model {
    type State = State;
    type Transition = Move;

    fn init_state() -> BoxedStrategy<State> {
        Just(State {
            status: Status::New,
            owner: None,
            environment: Phase::Created,
            access_point: true,
            story: vec!["incident_created", "environment_requested", "environment_created"],
            done: true,
            mitigated: false,
            asked: false,
            deaths: 0,
            answered: None,
        })
        .boxed()
    }

    fn transitions(state: &State) -> BoxedStrategy<Move> {
        let status = prop::sample::select(Status::ALL.to_vec());
        let answers = if state.asked { 2 } else { 1 };
        prop_oneof![
            2 => Just(Move::Note),
            2 => prop::sample::select(OWNERS.to_vec()).prop_map(Move::Owner),
            6 => (status, any::<bool>()).prop_map(|(to, why)| Move::Status(to, why)),
            3 => Just(Move::Launch),
            2 => Just(Move::Extend),
            2 => Just(Move::Stop),
            1 => Just(Move::Close),
            answers => Just(Move::Grant),
            answers => Just(Move::Deny),
            1 => Just(Move::Die),
            2 => Just(Move::Pass),
        ]
        .boxed()
    }

    fn preconditions(state: &State, step: &Move) -> bool {
        match step {
            Move::Grant | Move::Deny => state.asked,
            Move::Die => state.deaths < 5,
            Move::Note
            | Move::Owner(_)
            | Move::Status(..)
            | Move::Launch
            | Move::Extend
            | Move::Stop
            | Move::Close
            | Move::Pass => true,
        }
    }

    fn apply(mut state: State, step: &Move) -> State {
        state.done = state.act(step);
        state
    }
}

impl State {
    fn tell(&mut self, event: &'static str) -> bool {
        self.story.push(event);
        true
    }

    /// Whether it is done, rather than refused.
    fn act(&mut self, step: &Move) -> bool {
        let closed = self.status == Status::Closed;
        match step {
            Move::Note => self.tell("note_added"),
            Move::Owner(name) => {
                !closed && {
                    self.owner = Some(name);
                    self.tell("owner_assigned")
                }
            }
            Move::Status(to, why) => self.step(*to, *why),
            Move::Launch => match self.environment {
                Phase::Created => {
                    self.environment = Phase::Running;
                    self.tell("launch_requested");
                    self.tell("task_launched");
                    self.tell("task_running")
                }
                _ => false,
            },
            Move::Extend => match self.environment {
                Phase::Created | Phase::Running => self.tell("environment_extended"),
                _ => false,
            },
            Move::Stop => match self.environment {
                Phase::Created | Phase::Running => {
                    self.stop();
                    self.asked = true;
                    self.tell("approval_requested")
                }
                phase => phase != Phase::Closed,
            },
            Move::Close => match self.environment {
                Phase::Created | Phase::Running => {
                    self.stop();
                    self.ended(false)
                }
                Phase::Closed => true,
                // The question is settled by the flag, and taken back.
                _ => {
                    self.tell("stop_requested");
                    self.tell("approval_revoked");
                    self.ended(false)
                }
            },
            Move::Grant => self.answer(true),
            Move::Deny => self.answer(false),
            Move::Die => {
                self.deaths += 1;
                if self.environment != Phase::Closed {
                    self.tell("environment_restarted");
                }
                true
            }
            Move::Pass => true,
        }
    }

    fn step(&mut self, to: Status, why: bool) -> bool {
        let order = |status: Status| Status::ALL.iter().position(|one| *one == status).unwrap();
        let (from, there) = (order(self.status), order(to));
        let back = matches!(self.status, Status::Monitoring | Status::Resolved)
            && to == Status::Mitigating;
        let unmitigated = to == Status::Closed && !self.mitigated;
        let needs = !back && (there > from + 1 || unmitigated);
        let may = self.status != Status::Closed && (back || there > from) && (why || !needs);
        if may {
            self.status = to;
            self.mitigated |= to == Status::Mitigating;
            self.tell(if to == Status::Closed { "incident_closed" } else { "status_changed" });
        }
        may
    }

    fn stop(&mut self) {
        self.tell("stop_requested");
        self.tell("task_stopped");
        self.environment = Phase::Stopped;
    }

    /// It is closed; whether the access point stays.
    fn ended(&mut self, stays: bool) -> bool {
        self.environment = Phase::Closed;
        self.access_point = stays;
        self.tell("environment_closed")
    }

    fn answer(&mut self, grant: bool) -> bool {
        match (self.answered, self.environment) {
            (Some(given), _) => given == grant,
            (None, Phase::Stopped) => {
                self.answered = Some(grant);
                self.tell(if grant { "approval_granted" } else { "approval_denied" });
                self.ended(!grant)
            }
            (None, _) => false,
        }
    }
}
