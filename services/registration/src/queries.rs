//! What can be read.

use crate::divisions::Unit;
use crate::identity::Name;
use crate::sealed::{number_hash, open_name, open_number};
use crate::store::PersonRow;
use crate::{problems, store};
use mz_contracts::Registration;
use mz_http::{Caller, Page};
use mz_kernel::{Date, DateSchema, DivisionCode, PersonId, ResidentId, Sex};
use mz_runtime::Failure;
use mz_store::{Keyring, StoreError, Tx, Work};
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// A person as an officer sees them: name and number masked.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PersonView {
    person: PersonId,
    name: String,
    number: Option<String>,
    sex: Sex,
    #[schemars(with = "DateSchema")]
    birth_date: Date,
    division: DivisionCode,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<DateSchema>")]
    deceased_on: Option<Date>,
}

/// A person by id.
pub(crate) struct ShowPerson {
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) caller: Caller,
    pub(crate) person: PersonId,
}

impl Work<Registration> for ShowPerson {
    type Output = PersonView;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Registration>) -> Result<PersonView, Failure> {
        let person = store::person(tx, self.person)
            .await?
            .ok_or_else(problems::no_person)?;
        self.caller.may_see(&person.division)?;
        masked(tx, &self.keyring, person).await
    }
}

/// The person who has a number now. Somebody who lives elsewhere is nobody to the caller.
pub(crate) struct FindPerson {
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) caller: Caller,
    pub(crate) number: ResidentId,
}

impl Work<Registration> for FindPerson {
    type Output = PersonView;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Registration>) -> Result<PersonView, Failure> {
        let nobody = problems::no_holder;
        let hash = number_hash(&self.keyring, &self.number);
        let holder = store::holder(tx, &hash).await?.ok_or_else(nobody)?;
        let person = store::person(tx, holder).await?.ok_or_else(nobody)?;
        self.caller.may_see(&person.division).map_err(|_| nobody())?;
        masked(tx, &self.keyring, person).await
    }
}

async fn masked(
    tx: &mut Tx<Registration>,
    keyring: &Keyring,
    person: PersonRow,
) -> Result<PersonView, Failure> {
    let unreadable = |what| StoreError::Unsealable { what };
    let name = Name::parse(&open_name(keyring, person.id, &person.name)?);
    let name = name
        .map_err(|_| unreadable("what was sealed is no name"))?
        .to_string();
    let number = match store::number(tx, person.id).await? {
        None => None,
        Some(number) => {
            let number = ResidentId::parse(&open_number(keyring, person.id, &number)?, tx.today());
            Some(
                number
                    .map_err(|_| unreadable("what was sealed is no number"))?
                    .to_string(),
            )
        }
    };
    let PersonRow {
        id,
        sex,
        birth_date,
        division,
        deceased_on,
        ..
    } = person;
    Ok(PersonView {
        person: id,
        name,
        number,
        sex,
        birth_date,
        division,
        deceased_on,
    })
}

/// A page of the units that are live on a day.
pub(crate) struct ListDivisions {
    /// None for the legal date.
    pub(crate) on: Option<Date>,
    /// This unit and all that lies in it; none for all.
    pub(crate) under: Option<DivisionCode>,
    pub(crate) page: Page,
}

impl Work<Registration> for ListDivisions {
    type Output = Vec<Unit>;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Registration>) -> Result<Vec<Unit>, Failure> {
        let on = self.on.unwrap_or(tx.today());
        let under = self.under.as_ref().map_or("", DivisionCode::as_str);
        let after = self.page.after.as_deref().unwrap_or_default();
        // One more than the page, to see whether there is a next one.
        let limit = i64::from(self.page.limit) + 1;
        Ok(store::divisions(tx, on, under, after, limit).await?)
    }
}
