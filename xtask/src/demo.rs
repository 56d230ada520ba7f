//! `cargo xtask demo`: the local stack, the real template on it, and the main job walked through
//! once.

mod alarms;
mod approver;
mod cloud;
mod desk;
mod record;
mod stack;
mod walk;

use crate::package::{Profile, package};
use crate::run::{note, step};
use crate::trouble::Done;
use crate::venv::Venv;
use desk::Desk;
use stack::Stack;

/// What follows the walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    /// The stack stays until Ctrl-C.
    Stay,
    /// Everything is stopped.
    Stop,
}

/// Runs it.
pub(crate) fn run(then: Then) -> Done {
    package(Profile::Ci, None)?;
    step("the local stack");
    Venv::Stack.ready()?;
    Venv::Sam.ready()?;
    let mut stack = Stack::start()?;
    let walked = stack.deploy().and_then(|cloud| {
        let desk = Desk::open(&stack, &cloud)?;
        let last = walk::walk(&cloud, &desk).inspect_err(|_| cloud.tell_troubles())?;
        Ok((desk, last))
    });
    let (desk, last) = walked.inspect_err(|_| stack.tell_log())?;
    if then == Then::Stay {
        invite(&desk);
    } else {
        drop(desk);
    }
    println!("\n{last}");
    match then {
        Then::Stay => stack.wait(),
        Then::Stop => Ok(()),
    }
}

fn invite(desk: &Desk) {
    step("the stack stays up until Ctrl-C; nothing of it is kept");
    note(&format!("API      {}", desk.address()));
    note(&format!("token    {}   (an administrator's, for an hour)", desk.token()));
    note("try");
    let (address, token) = (desk.address(), desk.token());
    for (words, path) in [
        ("", "/v1/incidents"),
        (
            "-X POST -d '{\"title\":\"checkout is slow\",\"severity\":\"high\"}' -H 'content-type: application/json' ",
            "/v1/incidents",
        ),
        ("", "/v1/plans"),
    ] {
        println!("curl -s {words}-H 'authorization: Bearer {token}' {address}{path}");
    }
}
