//! Register a person, or find them by their number.

use crate::identity::Identity;
use crate::problems;
use crate::sealed::{name_hash, number_hash, seal_name, seal_number, surname_hash};
use crate::store::{self, PersonRow};
use mz_contracts::Registration;
use mz_contracts::events::PersonRegistered;
use mz_kernel::{DivisionCode, PersonId, ResidentId};
use mz_runtime::Failure;
use mz_store::{Keyring, Origin, Tx, Work};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub(crate) struct RegisterPerson {
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) identity: Identity,
    pub(crate) division: DivisionCode,
    pub(crate) origin: Origin,
}

/// The person, and whether the register knew them.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Registered {
    person: PersonId,
    pub(crate) matched: bool,
}

impl Work<Registration> for RegisterPerson {
    type Output = Registered;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Registration>) -> Result<Registered, Failure> {
        let today = tx.today();
        let division = store::division(tx, self.division).await?;
        if !division.is_some_and(|unit| unit.is_live(today)) {
            return Err(problems::division_unknown(self.division).into());
        }
        if let Some(number) = &self.identity.number
            && let Some(person) = self.known(tx, number).await?
        {
            return Ok(Registered {
                person,
                matched: true,
            });
        }
        let person = self.enter(tx).await?;
        Ok(Registered {
            person,
            matched: false,
        })
    }
}

impl RegisterPerson {
    /// The number's holder; refused when that is somebody of another name.
    async fn known(
        &self,
        tx: &mut Tx<Registration>,
        number: &ResidentId,
    ) -> Result<Option<PersonId>, Failure> {
        let hash = number_hash(&self.keyring, number);
        let Some(holder) = store::holder(tx, &hash).await? else {
            return Ok(None);
        };
        let name = name_hash(&self.keyring, &self.identity.name);
        match store::person(tx, holder).await? {
            Some(person) if person.name_hash == name => Ok(Some(holder)),
            _ => Err(problems::number_held().in_field("document.number").into()),
        }
    }

    async fn enter(&self, tx: &mut Tx<Registration>) -> Result<PersonId, Failure> {
        let (id, keyring) = (tx.new_id(), &*self.keyring);
        let Identity {
            name,
            number,
            sex,
            birth_date,
        } = &self.identity;
        let person = PersonRow {
            id,
            name: seal_name(keyring, id, name)?,
            name_hash: name_hash(keyring, name),
            surname_hash: surname_hash(keyring, name),
            sex: *sex,
            birth_date: *birth_date,
            division: self.division,
            deceased_on: None,
            version: 1,
        };
        store::insert_person(tx, &person).await?;
        if let Some(number) = number {
            let (sealed, now) = (seal_number(keyring, id, number)?, tx.now());
            store::insert_number(tx, id, &sealed, now).await?;
        }
        let event = PersonRegistered {
            person: id,
            division: self.division,
            birth_date: Some(*birth_date),
            sex: Some(*sex),
            has_number: number.is_some(),
        };
        tx.emit(&self.origin, &event)?;
        Ok(id)
    }
}
