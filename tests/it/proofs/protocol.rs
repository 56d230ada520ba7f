//! The approval protocol, checked in every state that it can come to: approvers who read and answer at
//! once, before their turn and after it, somebody who goes ahead without them, answers and wake-ups that get
//! lost, time that passes, a newer question, and a close that takes the question back.
//! The moves are the product's own rules; what is modelled is who calls them and when.

use super::asked::{Asked, tell};
use serde::Serialize;
use stateright::{Checker, Model, Property};
use std::hash::{Hash, Hasher};
use watchfire_domain::approval::{Answer, ApprovalAsk, ApprovalState, Level, Proof, Risk, Subject};
use watchfire_domain::{Actor, ActorKind, Approval, ApprovalId, HOUR, IncidentId, Timestamp};

const NOW: Timestamp = Timestamp::from_millis(1_795_230_720_000);
/// How often an approver presses a button: the second time perhaps the other one.
const TRIES: u8 = 2;

/// What is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    /// An access point: nobody goes ahead with its removal (`Desk::change_approval`).
    Removal,
    /// A runbook's step, which somebody may go ahead with.
    Step,
}

/// Levels of so many approvers, of whom so many must agree.
#[derive(Debug, Clone)]
struct Protocol {
    about: About,
    levels: Vec<(u8, u8)>,
}

impl Protocol {
    /// Who is of which level.
    fn people(&self) -> Vec<Vec<String>> {
        let mut names = (0..).map(name);
        let of = |(people, _): &(u8, u8)| names.by_ref().take(usize::from(*people)).collect();
        self.levels.iter().map(of).collect()
    }

    /// What an outcome opens: `outcome` in `shared/desk/src/phases/close.rs` for an access point, and
    /// `Run::grant` in `shared/runbook` for a step.
    fn opens(&self, state: ApprovalState) -> bool {
        match self.about {
            About::Removal => state == ApprovalState::Granted,
            About::Step => matches!(state, ApprovalState::Granted | ApprovalState::Overridden),
        }
    }

    /// Whether the first `levels` have agreed, by the answers up to `decisions`.
    fn agreed(&self, record: &Approval, levels: usize, decisions: usize) -> bool {
        let people = self.people();
        people.iter().zip(&self.levels).take(levels).all(|(people, (_, need))| {
            let said = record.decisions.iter().take(decisions);
            let grants = said.filter(|one| one.answer == Answer::Grant);
            grants.filter(|one| people.contains(&one.approver)).count() >= usize::from(*need)
        })
    }

    fn has_quorum(&self, record: &Approval) -> bool {
        self.agreed(record, self.levels.len(), record.decisions.len())
    }
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
    /// It is done; whether what was asked about was.
    Done { opened: bool },
}

/// Who could go ahead without the approvers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Glass {
    /// Nobody thinks of it yet.
    Whole,
    /// The record was read at this version.
    Reached(u64),
    /// Done, or refused.
    Tried,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct State {
    record: Approval,
    late: bool,
    approvers: Vec<Approver>,
    glass: Glass,
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
        (self.late, &self.approvers, self.glass, self.machine).hash(to);
        (self.waking, self.hurried).hash(to);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Move {
    Read(usize, Answer),
    Commit(usize),
    /// It is committed, and nobody hears of it.
    CommitUnheard(usize),
    Reach,
    /// Somebody goes ahead, by a conditional write as an answer's.
    GoAhead,
    Wake,
    WakeLost,
    TimePasses,
    Sweep,
    /// The step is tried again before it began, in one commit with the end of its question.
    Retry,
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

    /// The conditional write of who goes ahead, having read the record at `version`.
    fn go_ahead(&mut self, version: u64) {
        self.glass = Glass::Tried;
        let who = Actor { kind: ActorKind::User, id: "cora@example.com".to_owned() };
        let ahead = self.record.go_ahead("nobody answers", &who, self.now());
        if let Ok(Some(change)) = ahead
            && self.record.version == version
        {
            self.record = change.after;
            self.waking = true;
        }
    }

    fn denials(&self) -> usize {
        self.record.decisions.iter().filter(|one| one.answer == Answer::Deny).count()
    }
}

impl Model for Protocol {
    type State = State;
    type Action = Move;

    fn init_states(&self) -> Vec<State> {
        let levels = self.people().into_iter().zip(self.levels.clone());
        let mut levels = levels.map(|(people, (_, need))| Level {
            people,
            need,
            on_call: false,
            hours: None,
            role: None,
            clearance: None,
        });
        let first = levels.next().unwrap();
        let ask = ApprovalAsk {
            id: ApprovalId { incident: IncidentId::at(NOW, [1; 10]), n: 1 },
            subject: Subject {
                action: "remove_access_point".to_owned(),
                target: "env".to_owned(),
                summary: "Delete it".to_owned(),
                does: None,
                risk: Risk::Medium,
                spec_hash: None,
                inputs_hash: None,
            },
            need: first.need,
            approvers: first.people,
            then: levels.collect(),
            excluded: Vec::new(),
            on_call: false,
            hours: None,
            role: None,
            clearance: None,
            requested_by: "service:approve".to_owned(),
            expires_at: NOW.plus(HOUR),
            random: [0, 1, 2, 3],
        };
        let record = Approval::request(ask, &Actor::service("approve"), NOW).unwrap().after;
        let approver = Approver { hand: Hand::Idle, tries: 0, told: None };
        let approvers = vec![approver; self.people().concat().len()];
        let (glass, machine) = (Glass::Whole, Machine::Waits);
        let (late, waking, hurried) = (false, false, false);
        vec![State { record, late, approvers, glass, machine, waking, hurried }]
    }

    fn actions(&self, state: &State, moves: &mut Vec<Move>) {
        // A link of an earlier generation opens nothing: `Desk::open_link` compares the subject. Those of a
        // later level have theirs at once, as if it were forged: the rule alone keeps them back.
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
        match state.glass {
            Glass::Whole if self.about == About::Step => moves.push(Move::Reach),
            Glass::Reached(_) => moves.push(Move::GoAhead),
            Glass::Whole | Glass::Tried => {}
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
        let newer = state.record.supersede("anew", &Actor::service("api")).is_some();
        if self.about == About::Step && newer && !matches!(state.machine, Machine::Done { .. }) {
            moves.push(Move::Retry);
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
            Move::Reach => state.glass = Glass::Reached(state.record.version),
            Move::GoAhead => {
                let Glass::Reached(version) = state.glass else { return None };
                state.go_ahead(version);
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
            Move::Retry => {
                let change = state.record.supersede("anew", &Actor::service("api"));
                state.record = change?.after;
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
                let opened = self.opens(state.record.state);
                state.machine = Machine::Done { opened };
            }
        }
        (state != *before).then_some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(
                "what was done was granted or overridden",
                |model: &Self, state: &State| {
                    let record = &state.record;
                    let granted =
                        record.state == ApprovalState::Granted && model.has_quorum(record);
                    let ahead =
                        record.state == ApprovalState::Overridden && record.overridden.is_some();
                    let opened = state.machine == Machine::Done { opened: true };
                    let fits = granted || (ahead && model.about == About::Step);
                    !opened || (fits && state.denials() == 0)
                },
            ),
            Property::always(
                "all levels agreed in time if it is granted",
                |model: &Self, state: &State| {
                    let record = &state.record;
                    let in_time = record.decisions.iter().all(|one| one.at < record.expires_at);
                    let over = record.state == ApprovalState::Superseded;
                    let granted = record.state == ApprovalState::Granted
                        || (over && model.has_quorum(record));
                    in_time && granted == (model.has_quorum(record) && state.denials() == 0)
                },
            ),
            Property::always(
                "a level answers once those before it agreed",
                |model: &Self, state: &State| {
                    let people = model.people();
                    state.record.decisions.iter().enumerate().all(|(at, one)| {
                        let level = people.iter().position(|level| level.contains(&one.approver));
                        level.is_some_and(|level| model.agreed(&state.record, level, at))
                    })
                },
            ),
            Property::always(
                "who went ahead skipped all who had not agreed",
                |model: &Self, state: &State| {
                    let record = &state.record;
                    let agreed =
                        |who: &String| record.decisions.iter().any(|one| one.approver == *who);
                    record.overridden.as_ref().is_none_or(|over| {
                        let mut left = model.people().concat();
                        left.retain(|who| !agreed(who));
                        over.skipped == left && record.state == ApprovalState::Overridden
                    })
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
            Property::sometimes("it is granted and done", |_: &Self, state: &State| {
                let granted = state.record.state == ApprovalState::Granted;
                granted && state.machine == Machine::Done { opened: true }
            }),
            // What nobody may go ahead with shall find nobody: there, this is true of every state.
            Property::sometimes(
                "somebody goes ahead, and it is done",
                |model: &Self, state: &State| {
                    let ahead = state.record.state == ApprovalState::Overridden;
                    let done = state.machine == Machine::Done { opened: true };
                    (ahead && done) || model.about == About::Removal
                },
            ),
            Property::sometimes("it ends between two levels", |model: &Self, state: &State| {
                let between = state.record.turn() > 0 && !model.has_quorum(&state.record);
                let over = matches!(state.machine, Machine::Done { .. });
                (between && over) || model.levels.len() == 1
            }),
            Property::sometimes("it is denied", |_: &Self, state: &State| {
                state.record.state == ApprovalState::Denied
            }),
            Property::sometimes("it expires", |_: &Self, state: &State| {
                state.record.state == ApprovalState::Expired
            }),
            Property::always("a newer question's forerunner opens nothing", |_, state: &State| {
                let opened = state.machine == Machine::Done { opened: true };
                !(opened && state.record.state == ApprovalState::Superseded)
            }),
            Property::sometimes("a grant is overtaken", |model: &Self, state: &State| {
                let over = state.record.state == ApprovalState::Superseded;
                (over && model.has_quorum(&state.record)) || model.about == About::Removal
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
    /// The states of all quorums and levels together; each was looked at.
    states: usize,
    transitions: usize,
    bad: Vec<String>,
}

#[test]
fn no_state_of_the_approval_protocol_is_bad() {
    let approvers = u8::try_from(Asked::read().number("approvers", 2)).unwrap();
    let mut tally = Tally { approvers, ..Tally::default() };
    let removals = (1..=approvers).map(|need| (About::Removal, vec![(approvers, need)]));
    // All of them, and one and then one of the others.
    let levels = vec![(1, 1), (approvers.saturating_sub(1).max(1), 1)];
    let steps = [vec![(approvers, approvers)], levels].map(|levels| (About::Step, levels));
    for (about, levels) in removals.chain(steps) {
        let model = Protocol { about, levels };
        let checker = model.clone().checker().spawn_bfs().join();
        tally.states += checker.unique_state_count();
        tally.transitions += checker.state_count();
        for property in model.properties() {
            let found = checker.discovery(property.name);
            let wrong = match property.expectation {
                stateright::Expectation::Always | stateright::Expectation::Eventually => {
                    found.is_some()
                }
                stateright::Expectation::Sometimes => found.is_none(),
            };
            if wrong {
                let path = found.map(|path| format!("{:?}", path.into_actions()));
                tally.bad.push(format!("{model:?}: {}: {path:?}", property.name));
            }
        }
    }
    tell(&tally);
    assert!(tally.bad.is_empty() && tally.states > 100, "{tally:#?}");
}
