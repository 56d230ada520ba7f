//! Faithful fakes of the ports, with fault injection; for tests only.
