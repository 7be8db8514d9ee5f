//! Take the standards of the county's policy over, once: those that were known by the legal date of the start. Later
//! ones are entered and agreed by officers.

use crate::commands::decide_standard::adopted;
use crate::store::{self, StandardRow};
use crate::tekun::{Class, STANDARD_PREFIX};
use mz_contracts::{Actor, SocialAssistance};
use mz_kernel::DivisionCode;
use mz_policy::{Policy, Value};
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
        let known = store::standard_rows(tx, "").await?;
        let (today, now) = (tx.today(), tx.now());
        let origin = Origin {
            actor: Actor::System,
            correlation: "policy".to_owned(),
            causation: None,
        };
        for class in [Class::Rural, Class::Urban] {
            let key = class.standard_key();
            debug_assert!(key.starts_with(STANDARD_PREFIX));
            for parameter in self.policy.rows(key, &self.area) {
                let Value::Money(amount) = parameter.value else {
                    continue;
                };
                let entered = parameter.entered.is_none_or(|on| on <= today);
                let is_known = known.iter().any(|row| {
                    row.key == key && row.division == parameter.division && row.from == parameter.from
                });
                if !entered || is_known {
                    continue;
                }
                let row = StandardRow {
                    id: tx.new_id(),
                    key: key.to_owned(),
                    division: parameter.division,
                    from: parameter.from,
                    amount,
                    document: parameter.document.clone(),
                    stage: None,
                    pending: false,
                    adopted_at: Some(now),
                    version: 1,
                };
                store::insert_standard(tx, &row).await?;
                tx.emit(&origin, &adopted(&row)?)?;
            }
        }
        Ok(())
    }
}
