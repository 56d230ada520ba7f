//! The approval protocol, checked in every state that it can come to: approvers who read and answer at
//! once, answers and wake-ups that get lost, time that passes, and a close that takes the question back.
//! The moves are the product's own rules; what is modelled is who calls them and when.

use super::asked::{Asked, tell};
use serde::Serialize;
use stateright::{Checker, Model, Property};
use std::hash::{Hash, Hasher};
use watchfire_domain::approval::{Answer, ApprovalAsk, ApprovalState, Proof, Risk, Subject};
use watchfire_domain::{Actor, Approval, ApprovalId, HOUR, IncidentId, Timestamp};

const NOW: Timestamp = Timestamp::from_millis(1_795_230_720_000);
/// How often an approver presses a button: the second time perhaps the other one.
const TRIES: u8 = 2;

/// So many approvers, of whom so many must agree.
#[derive(Debug, Clone, Copy)]
struct Protocol {
    approvers: u8,
    need: u8,
}

/// What an approver is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Hand {
    Idle,
    /// The record was read at this version, and this answer follows from what was read.
    Deciding(u64, Answer),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Approver {
    hand: Hand,
    tries: u8,
    /// The answer that they were told stands.
    told: Option<Answer>,
}

/// What the machine is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Machine {
    /// It waits for its token.
    Waits,
    /// It was woken, and closes.
    Closes,
    /// It is done; whether the access point went.
    Done { removed: bool },
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct State {
    record: Approval,
    late: bool,
    approvers: Vec<Approver>,
    machine: Machine,
    /// Whether somebody is about to wake the machine.
    waking: bool,
    /// Whether somebody closes the environment under the explicit flag, without waiting.
    hurried: bool,
}

impl Hash for State {
    fn hash<H: Hasher>(&self, to: &mut H) {
        let Approval { state, version, link_gen, decisions, .. } = &self.record;
        (state, version, link_gen).hash(to);
        for one in decisions {
            (&one.approver, one.answer, one.at.millis()).hash(to);
        }
        (self.late, &self.approvers, self.machine, self.waking, self.hurried).hash(to);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Move {
    Read(usize, Answer),
    Commit(usize),
    /// It is committed, and nobody hears of it.
    CommitUnheard(usize),
    Wake,
    WakeLost,
    TimePasses,
    Sweep,
    Hurry,
    Close,
}

fn name(at: usize) -> String {
    format!("approver-{at}@example.com")
}

impl State {
    fn now(&self) -> Timestamp {
        if self.late { self.record.expires_at } else { NOW }
    }

    fn decided(&self) -> bool {
        self.record.state != ApprovalState::Pending
    }

    /// The conditional write of an approver who read the record at `version`: what it becomes.
    fn commit(&mut self, at: usize, version: u64, answer: Answer, heard: bool) {
        self.approvers[at].hand = Hand::Idle;
        if self.record.version != version {
            return;
        }
        match self.record.decide(
            &name(at),
            answer,
            Proof::Code(&self.record.code.clone()),
            self.now(),
        ) {
            Ok(change) => {
                if let Some(change) = change {
                    self.record = change.after;
                }
                self.waking |= self.decided();
                if heard {
                    self.approvers[at].told = Some(answer);
                }
            }
            Err(_refused) => {}
        }
    }

    fn grants(&self) -> usize {
        self.record.decisions.iter().filter(|one| one.answer == Answer::Grant).count()
    }

    fn denials(&self) -> usize {
        self.record.decisions.len().saturating_sub(self.grants())
    }
}

impl Model for Protocol {
    type State = State;
    type Action = Move;

    fn init_states(&self) -> Vec<State> {
        let ask = ApprovalAsk {
            id: ApprovalId { incident: IncidentId::at(NOW, [1; 10]), n: 1 },
            subject: Subject {
                action: "remove_access_point".to_owned(),
                target: "env".to_owned(),
                summary: "Delete it".to_owned(),
                risk: Risk::Medium,
                spec_hash: None,
                inputs_hash: None,
            },
            need: self.need,
            approvers: (0..usize::from(self.approvers)).map(name).collect(),
            excluded: Vec::new(),
            on_call: false,
            requested_by: "service:approve".to_owned(),
            expires_at: NOW.plus(HOUR),
            random: [0, 1, 2, 3],
        };
        let record = Approval::request(ask, &Actor::service("approve"), NOW).unwrap().after;
        let approver = Approver { hand: Hand::Idle, tries: 0, told: None };
        let approvers = vec![approver; usize::from(self.approvers)];
        let machine = Machine::Waits;
        vec![State { record, late: false, approvers, machine, waking: false, hurried: false }]
    }

    fn actions(&self, state: &State, moves: &mut Vec<Move>) {
        // A link of an earlier generation opens nothing: `Desk::open_link` compares the subject.
        let linked = state.record.link_gen == 1;
        for (at, approver) in state.approvers.iter().enumerate() {
            match approver.hand {
                Hand::Idle if approver.tries < TRIES && linked => {
                    moves.extend([Move::Read(at, Answer::Grant), Move::Read(at, Answer::Deny)]);
                }
                Hand::Idle => {}
                Hand::Deciding(..) => moves.extend([Move::Commit(at), Move::CommitUnheard(at)]),
            }
        }
        let waits = state.machine == Machine::Waits;
        if state.waking && waits {
            moves.extend([Move::Wake, Move::WakeLost]);
        }
        if !state.late {
            moves.push(Move::TimePasses);
        }
        // The sweep comes by again and again: it expires what is late, and wakes who still waits.
        if waits && (state.late || state.decided()) {
            moves.push(Move::Sweep);
        }
        if waits && !state.hurried {
            moves.push(Move::Hurry);
        }
        if state.machine == Machine::Closes {
            moves.push(Move::Close);
        }
    }

    fn next_state(&self, before: &State, action: Move) -> Option<State> {
        let mut state = before.clone();
        match action {
            Move::Read(at, answer) => {
                state.approvers[at].tries += 1;
                state.approvers[at].hand = Hand::Deciding(state.record.version, answer);
            }
            Move::Commit(at) | Move::CommitUnheard(at) => {
                let Hand::Deciding(version, answer) = state.approvers[at].hand else { return None };
                state.commit(at, version, answer, action == Move::Commit(at));
            }
            Move::Wake => {
                state.waking = false;
                state.machine = Machine::Closes;
            }
            Move::WakeLost => state.waking = false,
            Move::TimePasses => state.late = true,
            Move::Sweep => {
                let now = state.now();
                if let Some(change) = state.record.expire(&Actor::service("sweep"), now) {
                    state.record = change.after;
                }
                state.machine = Machine::Closes;
            }
            // The environment shall be closed without waiting for the answer.
            Move::Hurry => {
                state.hurried = true;
                state.machine = Machine::Closes;
            }
            Move::Close => {
                // As `Desk::end_question`: what is still open is expired or taken back.
                let (actor, now) = (Actor::service("close"), state.now());
                if !state.decided() {
                    let change = state.record.expire(&actor, now);
                    let change = change
                        .map_or_else(|| state.record.revoke("it is being closed", &actor), Ok);
                    state.record = change.ok()?.after;
                }
                let removed = state.record.state == ApprovalState::Granted;
                state.machine = Machine::Done { removed };
            }
        }
        (state != *before).then_some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("what was removed was granted", |model: &Self, state: &State| {
                let removed = state.machine == Machine::Done { removed: true };
                let quorum = state.grants() >= usize::from(model.need) && state.denials() == 0;
                !removed || (state.record.state == ApprovalState::Granted && quorum)
            }),
            Property::always(
                "granted means that so many agreed in time",
                |model: &Self, state: &State| {
                    let granted = state.record.state == ApprovalState::Granted;
                    let in_time =
                        state.record.decisions.iter().all(|one| one.at < state.record.expires_at);
                    in_time && (!granted || state.grants() >= usize::from(model.need))
                },
            ),
            Property::always("one refusal is the end", |_: &Self, state: &State| {
                state.denials() == 0 || state.record.state == ApprovalState::Denied
            }),
            Property::always("everybody has one answer", |_: &Self, state: &State| {
                let mut who: Vec<_> =
                    state.record.decisions.iter().map(|one| &one.approver).collect();
                who.sort();
                who.dedup();
                who.len() == state.record.decisions.len()
            }),
            Property::always("what somebody was told stands", |_: &Self, state: &State| {
                state.approvers.iter().enumerate().all(|(at, approver)| {
                    approver.told.is_none_or(|told| {
                        let stands = |one: &watchfire_domain::approval::Decision| {
                            one.approver == name(at) && one.answer == told
                        };
                        state.record.decisions.iter().any(stands)
                    })
                })
            }),
            Property::always("the end finds an outcome", |_: &Self, state: &State| {
                !matches!(state.machine, Machine::Done { .. }) || state.decided()
            }),
            Property::eventually("the machine comes to its end", |_: &Self, state: &State| {
                matches!(state.machine, Machine::Done { .. })
            }),
            Property::sometimes("it is removed", |_: &Self, state: &State| {
                state.machine == Machine::Done { removed: true }
            }),
            Property::sometimes("it is denied", |_: &Self, state: &State| {
                state.record.state == ApprovalState::Denied
            }),
            Property::sometimes("it expires", |_: &Self, state: &State| {
                state.record.state == ApprovalState::Expired
            }),
            Property::sometimes("it is taken back", |_: &Self, state: &State| {
                state.record.state == ApprovalState::Revoked
            }),
        ]
    }
}

/// What `cargo xtask protocol --json` answers.
#[derive(Debug, Default, Serialize)]
struct Tally {
    approvers: u8,
    /// The states of all quorums together; each was looked at.
    states: usize,
    transitions: usize,
    bad: Vec<String>,
}

#[test]
fn no_state_of_the_approval_protocol_is_bad() {
    let approvers = u8::try_from(Asked::read().number("approvers", 2)).unwrap();
    let mut tally = Tally { approvers, ..Tally::default() };
    for need in 1..=approvers {
        let checker = Protocol { approvers, need }.checker().spawn_bfs().join();
        tally.states += checker.unique_state_count();
        tally.transitions += checker.state_count();
        for property in (Protocol { approvers, need }).properties() {
            let found = checker.discovery(property.name);
            let wrong = match property.expectation {
                stateright::Expectation::Always | stateright::Expectation::Eventually => {
                    found.is_some()
                }
                stateright::Expectation::Sometimes => found.is_none(),
            };
            if wrong {
                let path = found.map(|path| format!("{:?}", path.into_actions()));
                tally.bad.push(format!("{need} of {approvers}: {}: {path:?}", property.name));
            }
        }
    }
    tell(&tally);
    assert!(tally.bad.is_empty() && tally.states > 100, "{tally:#?}");
}
