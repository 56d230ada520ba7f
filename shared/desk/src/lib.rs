//! Use cases: ask, decide, commit, effects.
