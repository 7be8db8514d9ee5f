//! One store over SQLite and PostgreSQL (D1, D2) and the columns that nobody reads without a key (D8).
//!
//! * [`Db`] is a service's database, opened by URL; [`Work`] is one use case in one transaction; [`Tx`] is what the
//!   work sees. On SQLite one thread runs the waiting units together and commits them once (`lite.rs`); on
//!   PostgreSQL each is a serialisable transaction, repeated where it must be (`pg.rs`).
//! * `journal.rs`: events are appended in the transaction that caused them. `seal.rs`, `chain.rs`: they are sealed into a
//!   hash chain whose positions are the positions of the service's stream.
//! * [`inbox`]: how far a consumer has come, and what it had to park.
//! * `answered.rs`: idempotency keys. `lease.rs`, `epoch.rs`: what the relay remembers.
//! * [`Keyring`]: sealed columns and keyed hashes. [`Snapshot`], [`restore`]: copies.
//!
//! Deliberately absent: NATS, HTTP, and every word of a programme. Only this crate names an engine; only the
//! `store.rs` of a service holds SQL besides.

mod answered;
mod chain;
mod conn;
mod db;
mod epoch;
mod error;
mod faults;
pub mod inbox;
mod insert;
mod journal;
mod lease;
mod lite;
mod migrate;
mod pg;
mod row;
mod seal;
mod sealed;
mod snapshot;
mod sql;
mod tx;
mod value;

pub use answered::{Answer, RequestKey};
pub use chain::{GENESIS, Hash, Head, JournalRow, SealedRow};
pub use conn::{Conn, Query};
pub use db::Db;
pub use epoch::Epoch;
pub use error::{BoxedError, StoreError};
pub use faults::{Faults, NoFaults, Step, UnknownStep};
pub use insert::Table;
pub use migrate::Migration;
pub use row::{Cells, Record};
pub use sealed::{Cipher, Keyring};
pub use snapshot::{Snapshot, restore};
pub use tx::{Origin, Surroundings, Tx, Work, work};
pub use value::{Bind, Column, Json, Kind, Malformed, Value, list};
