//! The only SQL of the service.

use crate::draft::{Draft, Occasion};
use crate::facts::{Death, Entitlement, Facts};
use mz_contracts::Code;
use mz_contracts::events::{DeathAnnulled, DeathRegistered, EntitlementGranted, Recipient};
use mz_kernel::{Date, DivisionCode, EntitlementId, EventId, Month, NoticeId, OfficerId, PersonId};
use mz_store::{Conn, Json, Migration, StoreError, record};
use serde_json::Value;

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    name: "0001_notification",
    sql: include_str!("../migrations/0001_notification.sql"),
}];

/// Whose inbox, as a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Inbox(pub(crate) Recipient);

impl std::fmt::Display for Inbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            Recipient::Person => "person",
            Recipient::Family => "family",
            Recipient::Office => "office",
        })
    }
}

/// The text names no inbox.
#[derive(Debug)]
pub(crate) struct NoInbox;

impl std::str::FromStr for Inbox {
    type Err = NoInbox;
    fn from_str(text: &str) -> Result<Self, NoInbox> {
        match text {
            "person" => Ok(Self(Recipient::Person)),
            "family" => Ok(Self(Recipient::Family)),
            "office" => Ok(Self(Recipient::Office)),
            _ => Err(NoInbox),
        }
    }
}
mz_store::text_column!(Inbox, "an inbox");

record! {
    /// A notice.
    pub(crate) struct NoticeRow {
        pub(crate) id: NoticeId,
        pub(crate) event: EventId,
        pub(crate) event_type: String,
        pub(crate) event_on: Date,
        pub(crate) event_division: DivisionCode,
        pub(crate) part: i64,
        pub(crate) person: Option<PersonId>,
        pub(crate) data: Json<Value>,
        pub(crate) recipient: Inbox,
        pub(crate) division: DivisionCode,
        pub(crate) template: Code,
        pub(crate) title: String,
        pub(crate) words: String,
        pub(crate) issued_on: Date,
        pub(crate) read_on: Option<Date>,
        pub(crate) version: i64,
    }
}

impl NoticeRow {
    /// What called for it.
    pub(crate) fn occasion(&self) -> Occasion {
        Occasion {
            event_type: self.event_type.clone(),
            on: self.event_on,
            division: self.event_division,
            data: self.data.0.clone(),
        }
    }
}

macro_rules! select_notices {
    ($which:literal) => {
        concat!(
            "SELECT id, event, event_type, event_on, event_division, part, person, data, recipient, division, \
             template, title, words, issued_on, read_on, version FROM notice WHERE ",
            $which
        )
    };
}

const NOTICE: &str = select_notices!("id = $1");
const ABOUT_PERSON: &str = select_notices!("person = $1 ORDER BY id");
const OF_PERSON: &str = select_notices!(
    "person = $1 AND recipient <> 'office' AND (CAST($2 AS TEXT) IS NULL OR id < $2) \
     AND (NOT $3 OR read_on IS NULL) ORDER BY id DESC LIMIT $4"
);
const OF_OFFICE: &str = select_notices!(
    "division = $1 AND recipient = 'office' AND (CAST($2 AS TEXT) IS NULL OR id < $2) \
     AND (NOT $3 OR read_on IS NULL) ORDER BY id DESC LIMIT $4"
);
const UNREAD: &str =
    "SELECT COUNT(*) FROM notice WHERE division = $1 AND recipient = 'office' AND read_on IS NULL";
const NEW_NOTICE: &str = "INSERT INTO notice (id, event, event_type, event_on, event_division, part, person, data, \
    recipient, division, template, title, words, issued_on, version) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1)";
const CHANGE_NOTICE: &str = "UPDATE notice SET recipient = $3, division = $4, template = $5, title = $6, words = $7, \
    read_on = NULL, read_by = NULL, version = version + 1 WHERE id = $1 AND version = $2";
const READ_NOTICE: &str =
    "UPDATE notice SET read_on = $3, read_by = $4, version = version + 1 WHERE id = $1 AND version = $2";

pub(crate) async fn notice(conn: &mut Conn, id: NoticeId) -> Result<Option<NoticeRow>, StoreError> {
    conn.query(NOTICE).bind(id).optional().await
}

/// Every notice that is to or about a person.
pub(crate) async fn notices_about(conn: &mut Conn, person: PersonId) -> Result<Vec<NoticeRow>, StoreError> {
    conn.query(ABOUT_PERSON).bind(person).all().await
}

/// Which notices are asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Which {
    /// Those to a person or the family.
    Of(PersonId),
    /// Those to the office of a division.
    At(DivisionCode),
}

/// Up to `limit` notices older than the notice `before`, the newest first.
pub(crate) async fn notices(
    conn: &mut Conn,
    which: Which,
    before: Option<String>,
    unread: bool,
    limit: i64,
) -> Result<Vec<NoticeRow>, StoreError> {
    let query = match which {
        Which::Of(person) => conn.query(OF_PERSON).bind(person),
        Which::At(division) => conn.query(OF_OFFICE).bind(division),
    };
    query.bind(before).bind(unread).bind(limit).all().await
}

pub(crate) async fn unread(conn: &mut Conn, division: DivisionCode) -> Result<i64, StoreError> {
    conn.query(UNREAD).bind(division).scalar().await
}

/// A notice that is put into an inbox.
pub(crate) struct NewNotice<'n> {
    pub(crate) id: NoticeId,
    pub(crate) event: EventId,
    pub(crate) part: i64,
    pub(crate) person: Option<PersonId>,
    pub(crate) occasion: &'n Occasion,
    pub(crate) draft: &'n Draft,
    pub(crate) issued_on: Date,
}

pub(crate) async fn insert_notice(conn: &mut Conn, new: NewNotice<'_>) -> Result<(), StoreError> {
    let NewNotice {
        id,
        event,
        part,
        person,
        occasion,
        draft,
        issued_on,
    } = new;
    let query = conn
        .query(NEW_NOTICE)
        .bind(id)
        .bind(event)
        .bind(&occasion.event_type);
    let query = query
        .bind(occasion.on)
        .bind(occasion.division)
        .bind(part)
        .bind(person);
    let query = query
        .bind(Json(occasion.data.clone()))
        .bind(Inbox(draft.recipient))
        .bind(draft.division);
    let query = query
        .bind(draft.template.to_owned())
        .bind(&draft.worded.title)
        .bind(&draft.worded.words);
    query.bind(issued_on).execute_one("the notice").await
}

/// Puts other words or another address on a notice, which nobody has read then.
pub(crate) async fn change_notice(conn: &mut Conn, row: &NoticeRow, draft: &Draft) -> Result<(), StoreError> {
    let query = conn.query(CHANGE_NOTICE).bind(row.id).bind(row.version);
    let query = query
        .bind(Inbox(draft.recipient))
        .bind(draft.division)
        .bind(draft.template.to_owned());
    query
        .bind(&draft.worded.title)
        .bind(&draft.worded.words)
        .execute_one("the notice")
        .await
}

pub(crate) async fn read_notice(
    conn: &mut Conn,
    row: &NoticeRow,
    on: Date,
    by: OfficerId,
) -> Result<(), StoreError> {
    let query = conn.query(READ_NOTICE).bind(row.id).bind(row.version);
    query.bind(on).bind(by).execute_one("the notice").await
}

// Facts.

const HOME: &str = "SELECT division FROM home WHERE person = $1";
const DEATHS: &str = "SELECT died_on, registered_on, annulled_on FROM death WHERE person = $1 ORDER BY id";
const ENTITLEMENTS: &str =
    "SELECT programme, mode, first_month, ended FROM entitlement WHERE person = $1 ORDER BY id";
const NEW_HOME: &str = "INSERT INTO home (person, division) VALUES ($1, $2) \
    ON CONFLICT (person) DO UPDATE SET division = EXCLUDED.division";
const NEW_PLACE: &str =
    "INSERT INTO place (code, name) VALUES ($1, $2) ON CONFLICT (code) DO UPDATE SET name = EXCLUDED.name";
const PLACE: &str = "SELECT name FROM place WHERE code = $1";
const NEW_DEATH: &str = "INSERT INTO death (id, person, died_on, registered_on) VALUES ($1, $2, $3, $4)";
const ANNUL_DEATH: &str = "UPDATE death SET annulled_on = $2 WHERE id = $1";
const NEW_ENTITLEMENT: &str =
    "INSERT INTO entitlement (id, person, programme, mode, first_month) VALUES ($1, $2, $3, $4, $5)";
const END_ENTITLEMENT: &str = "UPDATE entitlement SET ended = $2 WHERE id = $1";

/// What is known of a person.
pub(crate) async fn facts(conn: &mut Conn, person: PersonId) -> Result<Facts, StoreError> {
    let home = conn
        .query(HOME)
        .bind(person)
        .optional::<(DivisionCode,)>()
        .await?;
    Ok(Facts {
        home: home.map(|(division,)| division),
        deaths: conn.query(DEATHS).bind(person).all::<Death>().await?,
        entitlements: conn.query(ENTITLEMENTS).bind(person).all::<Entitlement>().await?,
    })
}

pub(crate) async fn record_home(
    conn: &mut Conn,
    person: PersonId,
    division: DivisionCode,
) -> Result<(), StoreError> {
    conn.query(NEW_HOME)
        .bind(person)
        .bind(division)
        .execute_one("the home")
        .await
}

pub(crate) async fn record_place(conn: &mut Conn, code: DivisionCode, name: &str) -> Result<(), StoreError> {
    conn.query(NEW_PLACE)
        .bind(code)
        .bind(name.to_owned())
        .execute_one("the place")
        .await
}

/// The name of a division, if it has been told.
pub(crate) async fn place(conn: &mut Conn, code: DivisionCode) -> Result<Option<String>, StoreError> {
    Ok(conn
        .query(PLACE)
        .bind(code)
        .optional::<(String,)>()
        .await?
        .map(|(name,)| name))
}

pub(crate) async fn record_death(conn: &mut Conn, event: &DeathRegistered) -> Result<(), StoreError> {
    let query = conn.query(NEW_DEATH).bind(event.death).bind(event.person);
    query
        .bind(event.died_on)
        .bind(event.registered_on)
        .execute_one("the death")
        .await
}

/// Answers whether the death was known.
pub(crate) async fn annul_death(conn: &mut Conn, event: &DeathAnnulled) -> Result<bool, StoreError> {
    let query = conn.query(ANNUL_DEATH).bind(event.death).bind(event.annulled_on);
    Ok(query.execute().await? == 1)
}

pub(crate) async fn record_entitlement(
    conn: &mut Conn,
    event: &EntitlementGranted,
) -> Result<(), StoreError> {
    let query = conn
        .query(NEW_ENTITLEMENT)
        .bind(event.entitlement)
        .bind(event.person);
    let query = query.bind(&event.programme).bind(&event.mode).bind(event.from);
    query.execute_one("the entitlement").await
}

/// Sets the first month not owed, or that there is none. Answers whether the entitlement was known.
pub(crate) async fn end_entitlement(
    conn: &mut Conn,
    id: EntitlementId,
    ended: Option<Month>,
) -> Result<bool, StoreError> {
    Ok(conn.query(END_ENTITLEMENT).bind(id).bind(ended).execute().await? == 1)
}
