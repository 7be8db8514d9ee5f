//! The bus: a private nats-server (D3), and what travels over it (D4, D9).
//!
//! * [`server`]: finds or fetches nats-server and keeps it as a child.
//! * [`Connection`]: one connection of one service.
//! * [`Relay`]: the journal's chain, copied to the service's stream (`relay.rs`, `publish.rs`, `stream.rs`).
//! * [`Consumer`]: another service's stream, applied through the gate (`consumer.rs`, `durable.rs`, `apply.rs`,
//!   [`Reactions`]).
//! * [`Lead`]: which of several instances does both.
//! * [`parking`]: events that could not be applied.
//! * [`bridge`]: HTTP requests, carried over request/reply.
//! * [`Progress`]: how far all of them have come.
//!
//! Deliberately absent: SQL, HTTP, and every word of a programme. Only this crate talks to NATS.

mod apply;
pub mod bridge;
mod connection;
mod consumer;
mod durable;
mod lead;
pub mod parking;
mod pause;
mod progress;
mod publish;
mod reactions;
mod relay;
pub mod server;
mod stream;

pub use connection::{Address, ConnectError, Connection};
pub use consumer::Consumer;
pub use lead::Lead;
pub use pause::{Pause, Still};
pub use progress::{Progress, Snapshot};
pub use reactions::{Reaction, ReactionError, Reactions, Witness};
pub use relay::{Relay, RelayError};
pub use stream::{StreamError, Tail, look, remove};
