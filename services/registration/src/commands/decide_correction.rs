//! Decide on a correction that another officer proposed. Agreed, the wrong number ends and the right one begins; the
//! person stays the same person, and so do their cases.

use crate::ids::CorrectionId;
use crate::problems;
use crate::store::{self, CorrectionRow, PersonRow};
use mz_casework::{Command, Outcome};
use mz_contracts::Registration;
use mz_contracts::events::PersonNumberCorrected;
use mz_http::Caller;
use mz_kernel::PersonId;
use mz_runtime::Failure;
use mz_store::{Origin, Tx, Work};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct DecideCorrection {
    pub(crate) checker: Caller,
    pub(crate) person: PersonId,
    pub(crate) correction: CorrectionId,
    pub(crate) agree: bool,
    pub(crate) reasons: Vec<String>,
    pub(crate) origin: Origin,
}

/// The correction, and what was decided.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Decided {
    correction: CorrectionId,
    agreed: bool,
}

impl Work<Registration> for DecideCorrection {
    type Output = Decided;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Registration>) -> Result<Decided, Failure> {
        let person = store::person(tx, self.person)
            .await?
            .ok_or_else(problems::no_person)?;
        self.checker.may_see(&person.division)?;
        let correction = store::correction(tx, person.id, self.correction).await?;
        let correction = correction.ok_or_else(problems::no_correction)?;
        let decision = Command::Decide {
            by: self.checker.officer,
            on: tx.today(),
            outcome: if self.agree {
                Outcome::Granted
            } else {
                Outcome::Refused
            },
            reasons: self.reasons.clone(),
        };
        let stage = mz_casework::decide(&correction.stage.0, decision)?;
        store::decide_correction(tx, &correction, stage).await?;
        if self.agree {
            self.correct(tx, &person, &correction).await?;
        }
        Ok(Decided {
            correction: correction.id,
            agreed: self.agree,
        })
    }
}

impl DecideCorrection {
    async fn correct(
        &self,
        tx: &mut Tx<Registration>,
        person: &PersonRow,
        correction: &CorrectionRow,
    ) -> Result<(), Failure> {
        let now = tx.now();
        store::end_number(tx, person.id, now).await?;
        if let Some(number) = correction.number() {
            // Somebody may have been registered with it since it was proposed.
            if store::holder(tx, &number.hash).await?.is_some() {
                return Err(problems::number_held().into());
            }
            store::insert_number(tx, person.id, &number, now).await?;
        }
        let sex = correction.sex.unwrap_or(person.sex);
        let birth_date = correction.birth_date.unwrap_or(person.birth_date);
        store::correct_person(tx, person, sex, birth_date).await?;
        let event = PersonNumberCorrected {
            person: person.id,
            corrected_on: tx.today(),
            reason: correction.reason.clone(),
            division: person.division,
        };
        tx.emit(&self.origin, &event)?;
        Ok(())
    }
}
