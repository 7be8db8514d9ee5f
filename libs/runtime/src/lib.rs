//! What makes a description of a service into a running one.
//!
//! * [`Service`] → [`Service::start`] → [`Running`] (`service.rs`): database, connection, relay, consumers, routes,
//!   and a shutdown that drains.
//! * [`App::ask`]: asking another service in the caller's name.
//! * [`App::request_key`], [`origin`]: what a command takes over from its request.
//! * [`Failure`]: the error of every command, as the problem that the caller sees.
//! * `refusals.rs`, [`PROBLEMS`]: what the shared rules refuse, with the same code in every service.
//! * [`settled`]: when a suite has come to rest.
//! * [`door`]: HTTP at the edge, NATS inside (D9).
//! * [`County`]: the place that services run for, from a folder of two files.
//! * `secrets.rs`, `clocks.rs`, `logging.rs`, `shutdown.rs`, [`environment`]: the only places that read the machine.
//! * [`CrashAt`]: death on purpose, for tests.
//!
//! Deliberately absent: SQL, subjects, and every word of a programme.

mod adapter;
mod ask;
mod clocks;
mod command;
mod county;
mod crash;
mod environment;
mod failure;
pub mod logging;
mod refusals;
mod secrets;
mod service;
mod settled;
mod shutdown;

pub use adapter::door;
pub use ask::InTheirName;
pub use clocks::{WallCalendar, WallClock};
pub use command::origin;
pub use county::{County, CountyError, Division};
pub use crash::{CrashAt, NotACrash};
pub use environment::environment;
pub use failure::Failure;
pub use refusals::PROBLEMS;
pub use secrets::{Secrets, SecretsError};
pub use service::{App, Health, Part, Running, Service, Setting, StartError, nothing_to_prepare};
pub use settled::settled;
pub use shutdown::asked_to_stop;
