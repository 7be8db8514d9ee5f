//! Every event between the services, declared once.
//!
//! One `event!` in [`events`] gives the struct, its JSON Schema, its CloudEvents type, its subject, its owner and
//! its sample; [`CATALOGUE`] lists them all. A service publishes only what it owns ([`PublishedBy`]), everybody may
//! read everything.
//!
//! | file | what |
//! |---|---|
//! | `events/<service>.rs` | the declarations, one file for each publishing service |
//! | `event.rs` | the [`Event`] trait and the `event!` declaration |
//! | `owner.rs` | the services as types |
//! | `catalogue.rs` | the list, and its Markdown table |
//! | `code.rs` | [`Code`], words from open lists |
//! | `subject.rs` | NATS subjects |
//! | `envelope.rs`, `wire.rs` | CloudEvents attributes and their two forms on the wire |
//! | `compat.rs` | what a new schema breaks of a released one |
//! | `schemas/` | the released schemas; a test compares them, `UPDATE_GOLDEN=1` rewrites them |
//!
//! Adding an event: declare it in its owner's file, add one line to `catalogue.rs`, run the tests once with
//! `UPDATE_GOLDEN=1`. Adding a service: one line in `owner.rs`.
//!
//! Deliberately absent: IO, a NATS client, and requests between services (their bodies belong to the HTTP API).

#[macro_use]
pub mod owner;
#[macro_use]
pub mod event;
pub mod catalogue;
pub mod code;
pub mod compat;
pub mod envelope;
pub mod events;
pub mod subject;
pub mod wire;

pub use catalogue::{CATALOGUE, Entry, catalogue_markdown};
pub use code::{Code, InvalidCode};
pub use envelope::{Actor, DecodeError, Envelope, ReadError, Recording};
pub use event::{Event, PublishedBy};
pub use owner::{
    Disbursement, FuneralReform, Gateway, Insight, Notification, OWNERS, Owner, Registration,
    SocialAssistance,
};
pub use subject::Area;
