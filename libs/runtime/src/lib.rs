//! What makes a description of a service into a running one.
//!
//! * [`Service`] → [`Service::start`] → [`Running`] (`service.rs`): database, connection, relay, consumers, routes,
//!   and a shutdown that drains.
//! * [`run`] (`process.rs`, [`variables`]): the same as a process of its own, as its environment says.
//! * [`App::ask`]: asking another service in the caller's name.
//! * [`App::request_key`], [`origin`]: what a command takes over from its request.
//! * [`Failure`]: the error of every command, as the problem that the caller sees.
//! * `refusals.rs`, [`PROBLEMS`]: what the shared rules refuse, with the same code in every service.
//! * `works.rs`: what an operator may ask of every service: [`Health`], parked events, a stream made anew.
//! * [`settled`]: when a suite has come to rest.
//! * [`door()`], [`Listening`], [`HealthPage`]: HTTP at the edge, NATS inside (D9).
//! * [`County`], [`Bureau`]: the place that services run for, and what they have in common there.
//! * `secrets.rs`, `clocks.rs`, `logging.rs`, `shutdown.rs`, [`environment`]: the only places that read the machine.
//! * [`CrashAt`]: death on purpose, for tests.
//!
//! Deliberately absent: SQL, subjects, and every word of a programme.

mod adapter;
mod ask;
mod bureau;
mod clocks;
mod command;
mod county;
mod crash;
mod door;
mod environment;
mod failure;
pub mod logging;
mod metrics;
mod process;
mod refusals;
mod secrets;
mod service;
mod settled;
mod shutdown;
pub mod variables;
mod works;

pub use ask::InTheirName;
pub use bureau::{Bureau, BureauError};
pub use clocks::{WallCalendar, WallClock};
pub use command::origin;
pub use county::{County, CountyError, Division, NotEntered, WORKING_DAYS};
pub use crash::{CrashAt, NotACrash};
pub use door::{HealthPage, Listening, door, where_file};
pub use environment::environment;
pub use failure::Failure;
pub use process::{Process, ProcessError, process, run};
pub use refusals::PROBLEMS;
pub use secrets::{Secrets, SecretsError, token};
pub use service::{App, Part, Running, Service, Setting, StartError, nothing_to_prepare};
pub use settled::settled;
pub use shutdown::Stop;
pub use works::Health;
