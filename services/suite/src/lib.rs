//! The suite: every service in one process, and the operator's command line.
//!
//! * [`cli`]: what can be asked. `main.rs` hands it on.
//! * [`up`] → [`suite::Suite`]: private nats-server, services (`parts.rs`), HTTP door (`door.rs`).
//! * [`secrets`]: what services in processes of their own start with.
//! * [`backup`], [`restore`]: everything of a data folder, and the way back; `wrap.rs`: keys under a passphrase.
//! * [`verify`]: the chains of the journals, read from the databases.
//! * [`doctor`], [`parked`], [`report`] → [`client::Client`]: questions to the running suite.
//! * [`county`], [`scenario`], [`simulate`]: a county's year, replayed through the public API.

pub mod backup;
pub mod cli;
pub mod client;
pub mod county;
mod databases;
pub mod doctor;
mod door;
pub mod parked;
pub mod parts;
mod problems;
pub mod report;
pub mod restore;
pub mod say;
pub mod scenario;
pub mod secrets;
pub mod simulate;
mod simulation;
pub mod suite;
mod table;
pub mod up;
pub mod verify;
mod wrap;

pub use simulation::simulation;
