//! Note that somebody read about a person.

use crate::purpose::Purpose;
use crate::store::{self, ReadRow};
use mz_contracts::Gateway;
use mz_kernel::{OfficerId, PersonId};
use mz_runtime::Failure;
use mz_store::{Tx, Work};

/// A reading, noted before its answer is given.
pub(crate) struct NoteRead {
    pub(crate) officer: OfficerId,
    pub(crate) person: PersonId,
    pub(crate) purpose: Option<Purpose>,
    /// The service that answered, or `console` for a page out of many.
    pub(crate) what: String,
}

impl Work<Gateway> for NoteRead {
    type Output = ();
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Gateway>) -> Result<(), Failure> {
        let row = ReadRow {
            id: tx.new_id(),
            read_at: tx.now(),
            read_on: tx.now().date_in_china(),
            officer: self.officer,
            officer_name: None,
            person: self.person,
            purpose: self.purpose,
            what: self.what.clone(),
        };
        Ok(store::insert_read(tx, &row).await?)
    }
}
