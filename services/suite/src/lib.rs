//! The suite: every service in one process, and the operator's command line.
//!
//! * [`cli`]: what can be asked. `main.rs` hands it on.
//! * [`up`] → [`suite::Suite`]: private nats-server, services (`parts.rs`), HTTP door (`door.rs`).
//! * [`secrets`]: what services in processes of their own start with.
//! * [`verify`]: the chains of the journals, read from the databases.
//! * [`doctor`], [`parked`], [`report`] → [`client::Client`]: questions to the running suite.
//! * [`county`], [`scenario`], [`simulate`]: a county's year, replayed through the public API.

pub mod cli;
pub mod client;
pub mod county;
pub mod doctor;
mod door;
pub mod parked;
pub mod parts;
mod problems;
pub mod report;
pub mod say;
pub mod scenario;
pub mod secrets;
pub mod simulate;
mod simulation;
pub mod suite;
mod table;
pub mod up;
pub mod verify;

pub use simulation::simulation;
