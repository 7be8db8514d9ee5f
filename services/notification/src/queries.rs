//! What can be read, and that it was.

use crate::store::{self, NoticeRow};
use mz_contracts::Notification;
use mz_contracts::events::Recipient;
use mz_http::{Caller, Page, Paged, Problem};
use mz_kernel::{Date, DateSchema, DivisionCode, EventId, NoticeId, PersonId};
use mz_runtime::Failure;
use mz_store::{Tx, Work};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A notice. It holds neither name nor number: who prints it asks the register of persons.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct NoticeView {
    notice: NoticeId,
    /// Who is told: the family where a death was registered when the event was recorded, and what was told before
    /// stays the person's.
    recipient: Recipient,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    division: DivisionCode,
    template: String,
    title: String,
    body: String,
    #[schemars(with = "DateSchema")]
    issued_on: Date,
    about: About,
    /// The fact that the event rests on: `fact`, `id`, `on`.
    #[serde(skip_serializing_if = "Value::is_null")]
    cause: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<DateSchema>")]
    read_on: Option<Date>,
}

/// The event that called for a notice.
#[derive(Debug, Serialize, JsonSchema)]
struct About {
    event: EventId,
    #[serde(rename = "type")]
    event_type: String,
}

impl From<NoticeRow> for NoticeView {
    fn from(row: NoticeRow) -> Self {
        Self {
            recipient: row.recipient(),
            notice: row.id,
            person: row.person,
            division: row.division,
            template: row.template,
            title: row.title,
            body: row.body,
            issued_on: row.issued_on,
            about: About {
                event: row.about,
                event_type: row.about_type,
            },
            cause: row.cause.0,
            read_on: row.read_on,
        }
    }
}

async fn seen(tx: &mut Tx<Notification>, caller: &Caller, notice: NoticeId) -> Result<NoticeRow, Failure> {
    let row = store::notice(tx, notice)
        .await?
        .ok_or_else(|| Problem::not_found("There is no notice with this id."))?;
    caller.may_see(&row.division)?;
    Ok(row)
}

/// A notice by id.
pub(crate) struct ShowNotice {
    pub(crate) caller: Caller,
    pub(crate) notice: NoticeId,
}

impl Work<Notification> for ShowNotice {
    type Output = NoticeView;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Notification>) -> Result<NoticeView, Failure> {
        Ok(seen(tx, &self.caller, self.notice).await?.into())
    }
}

/// Whose notices are listed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Inbox {
    /// All that are to or about a person.
    Person(PersonId),
    /// Those to the offices of a division and of the ones below it.
    Office { division: DivisionCode, unread: bool },
}

/// Notices, the newest first; those of other divisions than the caller's are left out.
pub(crate) struct ListNotices {
    pub(crate) caller: Caller,
    pub(crate) inbox: Inbox,
    pub(crate) page: Page,
}

impl Work<Notification> for ListNotices {
    type Output = Paged<NoticeView>;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Notification>) -> Result<Paged<NoticeView>, Failure> {
        let before = self.page.after.as_deref();
        // One more than the page, to see whether there is a next one.
        let limit = i64::from(self.page.limit) + 1;
        let rows = match self.inbox {
            Inbox::Person(person) => store::of_person(tx, person, before, limit).await?,
            Inbox::Office { division, unread } => {
                self.caller.may_see(&division)?;
                store::of_office(tx, &division, unread, before, limit).await?
            }
        };
        let Paged { items, next } = Paged::new(&self.page, rows, |row| row.id.to_string());
        let seen = items
            .into_iter()
            .filter(|row| self.caller.may_see(&row.division).is_ok());
        Ok(Paged {
            items: seen.map(NoticeView::from).collect(),
            next,
        })
    }
}

/// How many notices nobody has read.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Counts {
    unread: i64,
}

/// Counts the notices to the offices of a division and of the ones below it.
pub(crate) struct CountNotices {
    pub(crate) caller: Caller,
    pub(crate) division: DivisionCode,
}

impl Work<Notification> for CountNotices {
    type Output = Counts;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Notification>) -> Result<Counts, Failure> {
        self.caller.may_see(&self.division)?;
        let unread = store::unread(tx, &self.division).await?;
        Ok(Counts { unread })
    }
}

/// Marks a notice as read.
pub(crate) struct ReadNotice {
    pub(crate) caller: Caller,
    pub(crate) notice: NoticeId,
}

/// The day on which a notice was read first.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct WasRead {
    notice: NoticeId,
    #[schemars(with = "DateSchema")]
    read_on: Date,
}

impl Work<Notification> for ReadNotice {
    type Output = WasRead;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Notification>) -> Result<WasRead, Failure> {
        let row = seen(tx, &self.caller, self.notice).await?;
        let today = tx.today();
        store::read(tx, row.id, today).await?;
        Ok(WasRead {
            notice: row.id,
            read_on: row.read_on.unwrap_or(today),
        })
    }
}
