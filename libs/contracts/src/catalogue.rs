//! Every event of the suite, once, for all who need to list them: documents, schemas, subscriptions.

use crate::events::{
    BatchSealed, BatchSettled, CaseAccepted, CaseDecided, CaseWithdrawn, DeathAnnulled, DeathRegistered,
    DivisionEnded, DivisionEstablished, EntitlementGranted, EntitlementResumed, EntitlementStopped,
    LinesComputed, LinesWithdrawn, NoticeIssued, PayeeAccountSet, PersonNumberCorrected, PersonRegistered,
    RecoveryIncreased, RecoveryRaised, RecoveryReduced, ReportReleased, StandardAdopted, UserRegistered,
};
use crate::{Event, Owner};
use schemars::Schema;
use serde_json::Value;
use std::fmt::Write as _;

/// Stands in the catalogue. Only this crate can say so.
pub trait Catalogued: sealed::Sealed {}

mod sealed {
    pub trait Sealed {}
}

/// What the catalogue knows of one event without knowing its Rust type.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// [`Event::TYPE`].
    pub event_type: &'static str,
    /// The owner's [`Owner::NAME`].
    pub service: &'static str,
    /// The owner's [`Owner::STREAM`].
    pub stream: &'static str,
    /// [`Event::AGGREGATE`].
    pub aggregate: &'static str,
    /// [`Event::NAME`].
    pub name: &'static str,
    /// [`Event::VERSION`].
    pub version: u16,
    /// [`Event::KEYED_BY`].
    pub keyed_by: &'static str,
    /// [`Event::ABOUT`].
    pub about: &'static str,
    /// Its JSON Schema (2020-12), with [`Event::SCHEMA_ID`] as `$id`.
    pub schema: fn() -> Schema,
    /// [`Event::sample`] as JSON.
    pub sample: fn() -> Result<Value, serde_json::Error>,
    /// Reads data as this event and writes it again: what a reader of this version keeps of it.
    pub read: fn(&Value) -> Result<Value, serde_json::Error>,
}

impl Entry {
    const fn of<E: Event>() -> Self {
        Self {
            event_type: E::TYPE,
            service: E::Owner::NAME,
            stream: E::Owner::STREAM,
            aggregate: E::AGGREGATE,
            name: E::NAME,
            version: E::VERSION,
            keyed_by: E::KEYED_BY,
            about: E::ABOUT,
            schema: schema::<E>,
            sample: || serde_json::to_value(E::sample()),
            read: |data| serde_json::to_value(E::deserialize(data)?),
        }
    }
}

fn schema<E: Event>() -> Schema {
    let mut schema = schemars::schema_for!(E);
    schema.insert("$id".to_owned(), E::SCHEMA_ID.into());
    schema
}

macro_rules! catalogue {
    ($($Event:ty,)+) => {
        $(
            impl sealed::Sealed for $Event {}
            impl Catalogued for $Event {}
        )+

        /// Every event, ordered by owner. A type that is missing here is no [`Event`], one that stands here twice
        /// does not compile.
        pub const CATALOGUE: &[Entry] = &[$(Entry::of::<$Event>()),+];
    };
}

catalogue![
    PersonRegistered,
    PersonNumberCorrected,
    DivisionEstablished,
    DivisionEnded,
    CaseAccepted,
    CaseDecided,
    CaseWithdrawn,
    EntitlementGranted,
    EntitlementStopped,
    EntitlementResumed,
    StandardAdopted,
    LinesComputed,
    DeathRegistered,
    DeathAnnulled,
    PayeeAccountSet,
    BatchSealed,
    LinesWithdrawn,
    BatchSettled,
    RecoveryRaised,
    RecoveryIncreased,
    RecoveryReduced,
    NoticeIssued,
    ReportReleased,
    UserRegistered,
];

/// The entry of a CloudEvents type, if the suite publishes it.
pub fn entry(event_type: &str) -> Option<&'static Entry> {
    CATALOGUE.iter().find(|entry| entry.event_type == event_type)
}

/// The catalogue as a Markdown table, for the documentation.
pub fn catalogue_markdown() -> String {
    let mut table = String::from(
        "| event | version | published by | stream | keyed by | what it says |\n|---|---|---|---|---|---|\n",
    );
    for Entry {
        service,
        stream,
        aggregate,
        name,
        version,
        keyed_by,
        about,
        ..
    } in CATALOGUE
    {
        let about = about.replace('|', "\\|");
        // Writing to a String cannot fail.
        let _ = writeln!(
            table,
            "| `{aggregate}.{name}` | {version} | `{service}` | `{stream}` | `{keyed_by}` | {about} |"
        );
    }
    table
}
