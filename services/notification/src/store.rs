//! The only SQL of the service.

use mz_contracts::events::Recipient;
use mz_kernel::{Date, DivisionCode, EventId, NoticeId, PersonId, Stamp};
use mz_store::{Conn, Json, Migration, StoreError, record};
use serde_json::Value;

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    name: "0001_notification",
    sql: include_str!("../migrations/0001_notification.sql"),
}];

record! {
    /// A notice. `dead`: whether a death of its person held when its event was recorded.
    pub(crate) struct NoticeRow {
        pub(crate) id: NoticeId,
        pub(crate) addressee: String,
        pub(crate) person: Option<PersonId>,
        pub(crate) division: DivisionCode,
        pub(crate) template: String,
        pub(crate) title: String,
        pub(crate) body: String,
        pub(crate) about: EventId,
        pub(crate) about_at: Stamp,
        pub(crate) about_type: String,
        pub(crate) cause: Json<Value>,
        pub(crate) issued_on: Date,
        pub(crate) read_on: Option<Date>,
        pub(crate) dead: bool,
    }
}

impl NoticeRow {
    /// Who is told: the family of a person whose death was registered when the event was recorded. What was told to
    /// a living person stays told to them.
    pub(crate) fn recipient(&self) -> Recipient {
        match self.addressee.as_str() {
            "office" => Recipient::Office,
            "person" if !self.dead => Recipient::Person,
            _ => Recipient::Family,
        }
    }
}

/// An addressee as it stands in the database.
pub(crate) const fn word(addressee: Recipient) -> &'static str {
    match addressee {
        Recipient::Person => "person",
        Recipient::Family => "family",
        Recipient::Office => "office",
    }
}

macro_rules! notices {
    ($rest:literal) => {
        concat!(
            "SELECT n.id, n.addressee, n.person, n.division, n.template, n.title, n.body, n.about, n.about_at, \
             n.about_type, n.cause, n.issued_on, n.read_on, \
             EXISTS (SELECT 1 FROM death d WHERE d.person = n.person AND d.registered <= n.about_at \
             AND (d.annulled IS NULL OR d.annulled > n.about_at)) FROM notice n ",
            $rest
        )
    };
}

const NOTICE: &str = notices!("WHERE n.id = $1");
const OF_PERSON: &str = notices!("WHERE n.person = $1 AND n.id < $2 ORDER BY n.id DESC LIMIT $3");
const OF_OFFICE: &str = notices!(
    "WHERE n.addressee = 'office' AND n.division LIKE $1 AND (n.read_on IS NULL OR NOT $2) AND n.id < $3 \
     ORDER BY n.id DESC LIMIT $4"
);
const UNREAD: &str = "SELECT COUNT(*) FROM notice \
    WHERE addressee = 'office' AND division LIKE $1 AND read_on IS NULL";
const NEW_NOTICE: &str = "INSERT INTO notice \
    (id, addressee, person, division, template, title, body, about, about_at, about_type, cause, issued_on, read_on) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
const READ: &str = "UPDATE notice SET read_on = $2 WHERE id = $1 AND read_on IS NULL";
const NEW_DEATH: &str = "INSERT INTO death (id, person, registered) VALUES ($1, $2, $3) \
    ON CONFLICT (id) DO UPDATE SET registered = excluded.registered WHERE excluded.registered < death.registered";
const ANNULLED_DEATH: &str = "INSERT INTO death (id, person, registered, annulled) VALUES ($1, $2, $3, $3) \
    ON CONFLICT (id) DO UPDATE SET annulled = excluded.annulled";
const DEATHS: &str = "SELECT COUNT(*) FROM death \
    WHERE person = $1 AND registered <= $2 AND (annulled IS NULL OR annulled > $2)";
const KEEP_RESIDENT: &str = "INSERT INTO resident (person, division) VALUES ($1, $2) \
    ON CONFLICT (person) DO UPDATE SET division = excluded.division";
const RESIDENT: &str = "SELECT division FROM resident WHERE person = $1";

/// Sorts behind every notice.
const LAST: &str = "ntc_z";

pub(crate) async fn notice(conn: &mut Conn, id: NoticeId) -> Result<Option<NoticeRow>, StoreError> {
    conn.query(NOTICE).bind(id).optional().await
}

/// Up to `limit` notices to or about a person before the notice `before`, the newest first.
pub(crate) async fn of_person(
    conn: &mut Conn,
    person: PersonId,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<NoticeRow>, StoreError> {
    let query = conn.query(OF_PERSON).bind(person);
    query.bind(before.unwrap_or(LAST)).bind(limit).all().await
}

/// Up to `limit` notices to the offices of a division and of those below it, the newest first.
pub(crate) async fn of_office(
    conn: &mut Conn,
    division: &DivisionCode,
    unread: bool,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<NoticeRow>, StoreError> {
    let query = conn.query(OF_OFFICE).bind(within(division)).bind(unread);
    query.bind(before.unwrap_or(LAST)).bind(limit).all().await
}

/// How many notices to the offices of a division and of those below it nobody has read.
pub(crate) async fn unread(conn: &mut Conn, division: &DivisionCode) -> Result<i64, StoreError> {
    conn.query(UNREAD).bind(within(division)).scalar().await
}

/// The code of a division begins with that of the one it lies in.
fn within(division: &DivisionCode) -> String {
    format!("{division}%")
}

pub(crate) async fn insert_notice(conn: &mut Conn, row: &NoticeRow) -> Result<(), StoreError> {
    let query = conn
        .query(NEW_NOTICE)
        .bind(row.id)
        .bind(&row.addressee)
        .bind(row.person)
        .bind(row.division)
        .bind(&row.template)
        .bind(&row.title);
    let query = query
        .bind(&row.body)
        .bind(row.about)
        .bind(row.about_at)
        .bind(&row.about_type)
        .bind(&row.cause)
        .bind(row.issued_on);
    query.bind(row.read_on).execute_one("the notice").await
}

/// Marks a notice as read; one that was read before keeps its day.
pub(crate) async fn read(conn: &mut Conn, id: NoticeId, on: Date) -> Result<(), StoreError> {
    conn.query(READ).bind(id).bind(on).execute().await?;
    Ok(())
}

/// A death that was registered at `by` at the latest: the earliest that is told counts, in whatever order it is told.
pub(crate) async fn keep_death(
    conn: &mut Conn,
    death: &str,
    person: PersonId,
    by: Stamp,
) -> Result<(), StoreError> {
    let query = conn.query(NEW_DEATH).bind(death).bind(person).bind(by);
    query.execute().await?;
    Ok(())
}

/// A death that held until `at`; one that nobody told of was registered before.
pub(crate) async fn annul_death(
    conn: &mut Conn,
    death: &str,
    person: PersonId,
    at: Stamp,
) -> Result<(), StoreError> {
    let query = conn.query(ANNULLED_DEATH).bind(death).bind(person).bind(at);
    query.execute().await?;
    Ok(())
}

/// Whether a death held at an instant, by what was heard so far.
pub(crate) async fn was_dead(conn: &mut Conn, person: PersonId, at: Stamp) -> Result<bool, StoreError> {
    let deaths: i64 = conn.query(DEATHS).bind(person).bind(at).scalar().await?;
    Ok(deaths > 0)
}

pub(crate) async fn keep_resident(
    conn: &mut Conn,
    person: PersonId,
    division: DivisionCode,
) -> Result<(), StoreError> {
    conn.query(KEEP_RESIDENT)
        .bind(person)
        .bind(division)
        .execute()
        .await?;
    Ok(())
}

pub(crate) async fn resident(conn: &mut Conn, person: PersonId) -> Result<Option<DivisionCode>, StoreError> {
    let found = conn
        .query(RESIDENT)
        .bind(person)
        .optional::<(DivisionCode,)>()
        .await?;
    Ok(found.map(|(division,)| division))
}
