//! What the tests of all crates share: real servers without Docker, also as root, and a few helpers.
//!
//! | what | feature | for |
//! |---|---|---|
//! | `nats()` | `nats` | a private nats-server that can be killed, frozen, wiped, rewound, truncated |
//! | `postgres()` | `postgres` | one PostgreSQL a test process, a fresh database a test |
//! | `Stage`, `stories!` | `stage` | services over their public interface, each story on either engine |
//! | `Browser` | `browser` | a real Chromium, driven as a person would |
//! | [`CuttingProxy`] | | a connection that refuses, breaks in mid-reply, or is slow |
//! | [`eventually`] | | the one way to poll |
//! | [`golden`] | | committed expectations, refreshed with `UPDATE_GOLDEN=1` |
//! | [`skip`] | | a test that this machine cannot run, said by name |
//!
//! Deliberately absent: imitations of the broker or a database, and sleeps.
//!
//! A library whose code is test code: it panics with a message where a test would.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "test code: a panic is how a test fails"
)]
#![expect(
    clippy::missing_panics_doc,
    reason = "test code: everything here panics when the machine lets it down"
)]

#[cfg(feature = "browser")]
mod browser;
mod eventually;
pub mod golden;
#[cfg(feature = "nats")]
mod nats;
#[cfg(feature = "stage")]
mod officer;
#[cfg(feature = "postgres")]
mod postgres;
mod proxy;
mod skip;
#[cfg(feature = "stage")]
mod stage;

#[cfg(feature = "browser")]
pub use browser::{Browser, Key, NO_BROWSER};
pub use eventually::eventually;
#[cfg(feature = "nats")]
pub use nats::{TestNats, nats, nats_binary, nats_with};
#[cfg(feature = "stage")]
pub use officer::{Officer, Reply};
#[cfg(feature = "postgres")]
pub use postgres::{Durability, NO_POSTGRES, TestPostgres, postgres, postgres_or_skip, postgres_with};
pub use proxy::{CuttingProxy, Upstream};
pub use skip::skip;
#[cfg(feature = "stage")]
pub use stage::Stage;
