//! What can be read.

use crate::problems;
use crate::store::{self, DeathRow};
use mz_contracts::{Code, FuneralReform};
use mz_http::{Caller, Page, Paged};
use mz_kernel::{Date, DateSchema, DeathId, DivisionCode, PersonId};
use mz_runtime::Failure;
use mz_store::{Tx, Work};
use schemars::JsonSchema;
use serde::Serialize;

/// An entry in the register of deaths.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DeathView {
    death: DeathId,
    person: PersonId,
    division: DivisionCode,
    #[schemars(with = "DateSchema")]
    died_on: Date,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Code>,
    #[schemars(with = "DateSchema")]
    registered_on: Date,
    late: bool,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<DateSchema>")]
    annulled_on: Option<Date>,
}

/// Whether an entry holds.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Status {
    Registered,
    Annulled,
}

impl From<DeathRow> for DeathView {
    fn from(row: DeathRow) -> Self {
        let DeathRow {
            id,
            person,
            division,
            died_on,
            place,
            source,
            registered_on,
            late,
            annulled_on,
            ..
        } = row;
        let status = if annulled_on.is_some() {
            Status::Annulled
        } else {
            Status::Registered
        };
        Self {
            death: id,
            person,
            division,
            died_on,
            place,
            source,
            registered_on,
            late,
            status,
            annulled_on,
        }
    }
}

/// An entry by id.
pub(crate) struct ShowDeath {
    pub(crate) caller: Caller,
    pub(crate) death: DeathId,
}

impl Work<FuneralReform> for ShowDeath {
    type Output = DeathView;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<FuneralReform>) -> Result<DeathView, Failure> {
        let death = store::death(tx, self.death)
            .await?
            .ok_or_else(problems::no_death)?;
        self.caller.may_see(&death.division)?;
        Ok(death.into())
    }
}

/// The entries about a person, annulled ones included; those of other divisions than the caller's are left out.
pub(crate) struct ListDeaths {
    pub(crate) caller: Caller,
    pub(crate) person: PersonId,
    pub(crate) page: Page,
}

impl Work<FuneralReform> for ListDeaths {
    type Output = Paged<DeathView>;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<FuneralReform>) -> Result<Paged<DeathView>, Failure> {
        let after = self.page.after.as_deref().unwrap_or_default();
        // One more than the page, to see whether there is a next one.
        let limit = i64::from(self.page.limit) + 1;
        let rows = store::deaths(tx, self.person, after, limit).await?;
        let Paged { items, next } = Paged::new(&self.page, rows, |row| row.id.to_string());
        let seen = items
            .into_iter()
            .filter(|row| self.caller.may_see(&row.division).is_ok());
        Ok(Paged {
            items: seen.map(DeathView::from).collect(),
            next,
        })
    }
}
