//! How names and numbers are hidden in the database (D8): sealed for their row, found by keyed hashes.

use crate::identity::Name;
use mz_kernel::{PersonId, ResidentId};
use mz_store::{Keyring, StoreError};

/// The only kind of document so far: 居民身份证.
pub(crate) const RESIDENT_ID: &str = "resident-id";

/// A number as it is stored.
#[derive(Clone)]
pub(crate) struct SealedNumber {
    /// Keyed, over the kind of document and the number.
    pub(crate) hash: String,
    pub(crate) sealed: Vec<u8>,
}

/// What a number is found by.
pub(crate) fn number_hash(keyring: &Keyring, number: &ResidentId) -> String {
    keyring.search_hash(&format!("number.{RESIDENT_ID}"), number.reveal())
}

/// A number for the row of a person.
pub(crate) fn seal_number(
    keyring: &Keyring,
    person: PersonId,
    number: &ResidentId,
) -> Result<SealedNumber, StoreError> {
    let hash = number_hash(keyring, number);
    let sealed = keyring.seal(&number_place(person, &hash), number.reveal())?;
    Ok(SealedNumber { hash, sealed })
}

/// The number of a person's row, in the clear.
pub(crate) fn open_number(
    keyring: &Keyring,
    person: PersonId,
    number: &SealedNumber,
) -> Result<String, StoreError> {
    keyring.open(&number_place(person, &number.hash), &number.sealed)
}

/// The hash belongs to the place, so that no number can be put behind another number's hash.
fn number_place(person: PersonId, hash: &str) -> String {
    format!("number.sealed:{person}/{hash}")
}

/// What a whole name is found by.
pub(crate) fn name_hash(keyring: &Keyring, name: &Name) -> String {
    keyring.search_hash("name", name.reveal())
}

/// What a surname is found by.
pub(crate) fn surname_hash(keyring: &Keyring, name: &Name) -> String {
    keyring.search_hash("surname", name.surname())
}

/// A name for the row of a person.
pub(crate) fn seal_name(keyring: &Keyring, person: PersonId, name: &Name) -> Result<Vec<u8>, StoreError> {
    keyring.seal(&name_place(person), name.reveal())
}

/// The name of a person's row, in the clear.
pub(crate) fn open_name(keyring: &Keyring, person: PersonId, sealed: &[u8]) -> Result<String, StoreError> {
    keyring.open(&name_place(person), sealed)
}

fn name_place(person: PersonId) -> String {
    format!("person.name:{person}")
}
