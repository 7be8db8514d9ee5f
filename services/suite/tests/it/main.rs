//! Stories of the whole program: real processes, a real nats-server, and what is left on the disk.
#![cfg(test)]

mod backup;
mod broker;
mod browser;
mod compose;
mod crash;
mod door;
mod identity;
mod interrupted;
mod metrics;
mod processes;
mod program;
mod report;
mod simulate;
mod trace;
mod up;
mod walk;
