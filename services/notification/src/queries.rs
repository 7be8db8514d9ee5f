//! What can be read.

use crate::problems;
use crate::store::{self, NoticeRow, Which};
use crate::template::{Contact, template};
use crate::values::day;
use mz_contracts::events::{Cause, Recipient};
use mz_contracts::{Code, Notification};
use mz_http::{Caller, Page, Paged};
use mz_kernel::{Date, DateSchema, DivisionCode, EventId, Level, NoticeId, PersonId};
use mz_runtime::Failure;
use mz_store::{Conn, StoreError, Tx, Work};
use schemars::JsonSchema;
use serde::{Deserialize as _, Serialize};

/// A notice of an inbox. It names nobody: whoever shows it asks the register for the masked name.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct NoticeItem {
    notice: NoticeId,
    recipient: Recipient,
    /// Whom it is to or about.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonId>,
    /// The division of the inbox.
    division: DivisionCode,
    template: Code,
    title: String,
    #[schemars(with = "DateSchema")]
    issued_on: Date,
    about: About,
    /// The fact that the event rests on, where it names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<Cause>,
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
    /// Its legal date.
    #[schemars(with = "DateSchema")]
    on: Date,
}

impl From<NoticeRow> for NoticeItem {
    fn from(row: NoticeRow) -> Self {
        Self {
            notice: row.id,
            recipient: row.recipient.0,
            person: row.person,
            division: row.division,
            template: row.template,
            title: row.title,
            issued_on: row.issued_on,
            about: About {
                event: row.event,
                event_type: row.event_type,
                on: row.event_on,
            },
            cause: Cause::deserialize(&row.data.0["cause"]).ok(),
            read_on: row.read_on,
        }
    }
}

/// A notice with its words.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct NoticeView {
    #[serde(flatten)]
    item: NoticeItem,
    /// The whole text, a paragraph a line: what is told, the legal basis, whom to ask, who tells it and when.
    body: String,
}

/// A notice by id.
pub(crate) struct ShowNotice {
    pub(crate) caller: Caller,
    pub(crate) county: DivisionCode,
    pub(crate) notice: NoticeId,
}

impl Work<Notification> for ShowNotice {
    type Output = NoticeView;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Notification>) -> Result<NoticeView, Failure> {
        let row = store::notice(tx, self.notice)
            .await?
            .ok_or_else(problems::no_notice)?;
        self.caller.may_see(&row.division)?;
        let bureau = bureau(tx, self.county).await?;
        // A template that is no longer there leaves the bureau to ask.
        let asked = match template(row.template.as_str()).map(|template| template.contact) {
            Ok(Contact::Township) => township(tx, row.division).await?,
            _ => bureau.clone(),
        };
        let (words, issued_on) = (&row.words, day(row.issued_on));
        let body = format!("{words}\n咨询：{asked}。\n{bureau}\n{issued_on}");
        Ok(NoticeView {
            item: row.into(),
            body,
        })
    }
}

/// What the bureau of a county is called.
async fn bureau(conn: &mut Conn, county: DivisionCode) -> Result<String, StoreError> {
    let name = store::place(conn, county).await?;
    Ok(name.map_or_else(
        || "县级人民政府民政部门".to_owned(),
        |name| format!("{name}民政局"),
    ))
}

/// What the office of a township is called; a street 街道 is run by an office, not by a government.
async fn township(conn: &mut Conn, division: DivisionCode) -> Result<String, StoreError> {
    let name = match division.at(Level::Township) {
        Some(code) => store::place(conn, code).await?,
        None => None,
    };
    Ok(match name {
        Some(name) if name.ends_with("街道") => format!("{name}办事处"),
        Some(name) => format!("{name}人民政府"),
        None => "户籍所在地乡镇人民政府（街道办事处）".to_owned(),
    })
}

/// The notices of an inbox, the newest first. Of a person's, those in other divisions than the caller's are left out.
pub(crate) struct ListNotices {
    pub(crate) caller: Caller,
    pub(crate) which: Which,
    pub(crate) unread: bool,
    pub(crate) page: Page,
}

impl Work<Notification> for ListNotices {
    type Output = Paged<NoticeItem>;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Notification>) -> Result<Paged<NoticeItem>, Failure> {
        // One more than the page, to see whether there is a next one.
        let limit = i64::from(self.page.limit) + 1;
        let rows = store::notices(tx, self.which, self.page.after.clone(), self.unread, limit).await?;
        let Paged { items, next } = Paged::new(&self.page, rows, |row| row.id.to_string());
        let seen = items
            .into_iter()
            .filter(|row| self.caller.may_see(&row.division).is_ok());
        Ok(Paged {
            items: seen.map(NoticeItem::from).collect(),
            next,
        })
    }
}

/// What waits in the inbox of an office.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Counts {
    /// Notices that nobody has read.
    unread: i64,
}

/// Counts what waits in the inbox of an office.
pub(crate) struct CountNotices {
    pub(crate) division: DivisionCode,
}

impl Work<Notification> for CountNotices {
    type Output = Counts;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Notification>) -> Result<Counts, Failure> {
        Ok(Counts {
            unread: store::unread(tx, self.division).await?,
        })
    }
}
