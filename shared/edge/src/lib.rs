//! What every function shares at its door: Fault, Config, log and metrics.
