//! What an execution is said to be, written once more and as simply as can be: the fixture's steps
//! in a row, and what each operation makes of them.

use super::{Standing, State};

/// A step of the fixture: id, whether it is of high risk, what it is, and when it is skipped.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) id: &'static str,
    pub(super) high: bool,
    pub(super) kind: char,
    /// It is done only if this alternative is chosen.
    only: Option<&'static str>,
    pub(super) state: Standing,
    pub(super) attempt: u32,
    denied: bool,
    /// It failed, and the run went on without it.
    pub(super) over: bool,
}

impl Row {
    fn is_past(&self) -> bool {
        matches!(self.state, Standing::Done | Standing::Skipped) || self.over
    }
}

/// The model.
#[derive(Debug, Clone)]
pub(super) struct Model {
    pub(super) state: State,
    pub(super) rows: Vec<Row>,
}

impl Model {
    pub(super) fn new() -> Self {
        let row = |id, high, kind, only| Row {
            id,
            high,
            kind,
            only,
            state: Standing::Pending,
            attempt: 1,
            denied: false,
            over: false,
        };
        Self {
            state: State::Pending,
            rows: vec![
                row("look", false, 'm', None),
                row("probe", false, 'a', None),
                row("peek", false, 'a', None),
                row("way", false, 'c', None),
                row("drain", false, 'm', Some("restart")),
                row("reboot", true, 'a', Some("restart")),
                row("rest", false, 'a', Some("pause")),
                row("failover", true, 'm', None),
                row("thank", false, 'm', Some("restart")),
                row("tell", false, 'a', None),
            ],
        }
    }

    fn turn(&mut self, id: &str) -> Option<&mut Row> {
        let open = matches!(self.state, State::Pending | State::Running | State::Blocked);
        let first = self.rows.iter_mut().find(|row| !row.is_past())?;
        (open && first.id == id).then_some(first)
    }

    /// Puts the step from one of these states into another; answers whether that could be.
    fn put(&mut self, id: &str, from: &[Standing], to: Standing) -> bool {
        let Some(row) = self.turn(id).filter(|row| from.contains(&row.state)) else { return false };
        row.state = to;
        row.over = to == Standing::Failed && row.id == "peek";
        self.state = if to == Standing::Blocked { State::Blocked } else { State::Running };
        true
    }

    fn row(&self, id: &str) -> &Row {
        self.rows.iter().find(|row| row.id == id).unwrap()
    }

    /// Does an operation; answers whether it changes anything.
    pub(super) fn does(&mut self, operation: &str, id: &str) -> bool {
        use Standing::{Blocked, Done, Failed, Pending, Running, Skipped, Waiting};
        let row = self.row(id).clone();
        let begun = if row.kind == 'a' { Running } else { Waiting };
        // What needs no approval may be done before the machine begins it.
        let theirs: &[Standing] = if row.high { &[Waiting] } else { &[Pending, Waiting] };
        match operation {
            "block" => row.high && self.put(id, &[Pending], Blocked),
            "begin" => !row.high && self.put(id, &[Pending], begun),
            "begin, granted" => {
                let from = if row.high { Blocked } else { Pending };
                self.put(id, &[from], begun)
            }
            "lapsed, denied" => {
                let failed = self.put(id, &[Blocked], Failed);
                self.rows
                    .iter_mut()
                    .filter(|row| failed && row.id == id)
                    .for_each(|row| row.denied = true);
                failed
            }
            "lapsed, expired" => self.put(id, &[Blocked], Failed),
            "complete" => row.kind == 'm' && self.put(id, theirs, Done),
            "complete, failed" => row.kind == 'm' && self.put(id, theirs, Failed),
            "returned" => self.put(id, &[Running], Done),
            "returned, failed" => self.put(id, &[Running], Failed),
            "skip" => row.high && self.put(id, &[Pending, Blocked], Skipped),
            "choose restart" | "choose pause" | "choose none" => {
                let option = operation.trim_start_matches("choose ");
                if row.kind != 'c' || !self.put(id, &[Waiting], Done) {
                    return false;
                }
                for row in self.rows.iter_mut().filter(|row| row.state == Pending) {
                    if option == "none" || row.only.is_some_and(|only| only != option) {
                        row.state = Skipped;
                    }
                }
                true
            }
            "expire" => {
                // All but a choice has its time.
                let late: Vec<&str> = self
                    .rows
                    .iter()
                    .filter(|row| row.kind != 'c' && matches!(row.state, Waiting | Running))
                    .map(|row| row.id)
                    .collect();
                late.first().is_some_and(|id| self.put(id, &[Waiting, Running], Failed))
            }
            "retry" => {
                let may = matches!(self.state, State::Running | State::Failed)
                    && row.state == Failed
                    && !row.denied
                    && !row.over
                    && row.attempt < 10;
                if may {
                    let row = self.rows.iter_mut().find(|row| row.id == id).unwrap();
                    (row.state, row.attempt) = (Pending, row.attempt.saturating_add(1));
                    self.state = State::Running;
                }
                may
            }
            "finish" => {
                let open = matches!(self.state, State::Pending | State::Running | State::Blocked);
                let failed = self.rows.iter().any(|row| row.state == Failed && !row.over);
                let over = self.rows.iter().all(Row::is_past);
                if open && failed {
                    self.state = State::Failed;
                } else if open && over {
                    self.state = State::Completed;
                }
                open && (failed || over)
            }
            "fail" | "abort" => {
                let open = matches!(self.state, State::Pending | State::Running | State::Blocked);
                let may = open || (operation == "abort" && self.state == State::Failed);
                if may {
                    self.state = if operation == "fail" { State::Failed } else { State::Aborted };
                    if let Some(row) = self.rows.iter_mut().find(|row| !row.is_past())
                        && (row.state != Pending || operation == "fail")
                    {
                        row.state = Failed;
                    }
                }
                may
            }
            other => panic!("{other}"),
        }
    }
}
