//! Events as they were told, and whom they tell about.

use crate::witness::Subject;
use mz_contracts::{CATALOGUE, Envelope};
use mz_kernel::{Date, DivisionCode, EventId, PersonId, Stamp};
use mz_store::{Column, Conn, Json, Kind, StoreError, Table, record};
use serde_json::Value;

const EVENT: Table = Table {
    name: "event",
    columns: &[
        ("id", Kind::Text),
        ("event_type", Kind::Text),
        ("service", Kind::Text),
        ("aggregate", Kind::Text),
        ("sequence", Kind::Int),
        ("recorded", Kind::Stamp),
        ("legal_date", Kind::Date),
        ("division", Kind::Text),
        ("actor", Kind::Text),
        ("correlation", Kind::Text),
        ("causation", Kind::Text),
        ("data", Kind::Text),
    ],
    on_conflict: "ON CONFLICT (id) DO NOTHING",
};

const SUBJECT_PERSON: Table = Table {
    name: "subject_person",
    columns: &[
        ("person", Kind::Text),
        ("event", Kind::Text),
        ("whole", Kind::Bool),
        ("part", Kind::Text),
    ],
    on_conflict: "ON CONFLICT (person, event) DO NOTHING",
};

/// Keeps an event; once, however often it is told.
pub(crate) async fn keep_event(conn: &mut Conn, envelope: &Envelope) -> Result<(), StoreError> {
    let known = CATALOGUE
        .iter()
        .find(|entry| entry.event_type == envelope.event_type);
    // A type that this program does not know yet is kept under the last part of its source.
    let service = known.map_or_else(
        || envelope.source.rsplit('/').next().unwrap_or_default(),
        |entry| entry.service,
    );
    let row = vec![
        envelope.id.encode(),
        envelope.event_type.encode(),
        service.encode(),
        envelope.subject.encode(),
        i64::try_from(envelope.sequence).unwrap_or(i64::MAX).encode(),
        envelope.time.encode(),
        envelope.legal_date.encode(),
        envelope.division.encode(),
        envelope.actor.to_string().encode(),
        envelope.correlation.encode(),
        envelope.causation.encode(),
        envelope.data.encode(),
    ];
    conn.insert_all(&EVENT, vec![row]).await?;
    Ok(())
}

/// Keeps what an event says of each person.
pub(crate) async fn keep_subjects(
    conn: &mut Conn,
    event: EventId,
    subjects: Vec<Subject>,
) -> Result<(), StoreError> {
    let row = |Subject { person, whole, part }| {
        vec![
            person.encode(),
            event.encode(),
            whole.encode(),
            Json(part).encode(),
        ]
    };
    let rows = subjects.into_iter().map(row).collect();
    conn.insert_all(&SUBJECT_PERSON, rows).await?;
    Ok(())
}

record! {
    /// An event as far as it tells about one person.
    #[derive(Debug, Clone)]
    pub(crate) struct StepRow {
        pub(crate) event: EventId,
        pub(crate) event_type: String,
        pub(crate) service: String,
        pub(crate) division: DivisionCode,
        pub(crate) legal_date: Date,
        pub(crate) recorded: Stamp,
        pub(crate) causation: Option<EventId>,
        pub(crate) whole: bool,
        pub(crate) part: Json<Value>,
    }
}

const STEPS: &str = "SELECT e.id, e.event_type, e.service, e.division, e.legal_date, e.recorded, e.causation, s.whole, s.part \
    FROM subject_person s JOIN event e ON e.id = s.event WHERE s.person = $1";
const EVENTS: &str = "SELECT id, event_type, service, division, legal_date, recorded, causation, TRUE, data \
    FROM event WHERE id IN LIST($1)";

const EVENTS_OF: &str = "SELECT id, event_type, service, division, legal_date, recorded, causation, TRUE, data \
    FROM event WHERE event_type = $1";

/// Everything that was told about a person, in no order.
pub(crate) async fn steps(conn: &mut Conn, person: PersonId) -> Result<Vec<StepRow>, StoreError> {
    conn.query(STEPS).bind(person).all().await
}

/// Events by id, each as a whole; those that have not come yet are left out.
pub(crate) async fn events(conn: &mut Conn, ids: &[EventId]) -> Result<Vec<StepRow>, StoreError> {
    conn.query(EVENTS).bind_list(ids).all().await
}

/// Every event of a type, of which there are few, each as a whole.
pub(crate) async fn events_of(conn: &mut Conn, event_type: &str) -> Result<Vec<StepRow>, StoreError> {
    conn.query(EVENTS_OF).bind(event_type).all().await
}
