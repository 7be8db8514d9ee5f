//! Take over the standards of the county's policy that were known by the legal date and have not been taken over or
//! adopted before. Later ones are entered and agreed by officers.

use crate::store::{self, StandardRow};
use crate::tekun::StandardKey;
use mz_contracts::{Actor, SocialAssistance};
use mz_kernel::DivisionCode;
use mz_policy::Policy;
use mz_runtime::Failure;
use mz_store::{Origin, Tx, Work};
use std::sync::Arc;

pub(crate) struct AdoptPolicy {
    pub(crate) policy: Arc<Policy>,
    pub(crate) area: DivisionCode,
}

impl Work<SocialAssistance> for AdoptPolicy {
    type Output = ();
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<SocialAssistance>) -> Result<(), Failure> {
        let known = store::standard_rows(tx, None).await?;
        let (today, recorded_at) = (tx.today(), store::recording(tx).await?);
        let origin = Origin {
            actor: Actor::System,
            correlation: "policy".to_owned(),
            causation: None,
            trace: None,
        };
        for key in StandardKey::ALL {
            for parameter in self.policy.rows(key.text(), &self.area) {
                let (division, from) = (parameter.division, parameter.from);
                let is_adopted = |row: &StandardRow| {
                    (row.key, row.division, row.from) == (key, division, from) && row.adopted_at.is_some()
                };
                let is_known_yet = parameter.entered.is_none_or(|on| on <= today);
                if !is_known_yet || known.iter().any(is_adopted) {
                    continue;
                }
                let row = StandardRow {
                    id: tx.new_id(),
                    key,
                    division,
                    from,
                    amount: self.policy.money(key.text(), &division, from)?,
                    document: parameter.document.clone(),
                    stage: None,
                    pending: false,
                    adopted_at: Some(recorded_at),
                    version: 1,
                };
                store::insert_standard(tx, &row).await?;
                tx.emit(&origin, &row.event())?;
            }
        }
        Ok(())
    }
}
