//! Enter units of the division tree, and the ends of others: all of a list, or nothing.

use crate::divisions::{self, Unit};
use crate::{problems, store};
use mz_contracts::Registration;
use mz_contracts::events::{DivisionEnded, DivisionEstablished};
use mz_contracts::subject::Area;
use mz_runtime::Failure;
use mz_store::{Origin, Tx, Work};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct EnterDivisions {
    pub(crate) area: Area,
    pub(crate) rows: Vec<Unit>,
    pub(crate) origin: Origin,
}

/// What the list changed.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Entered {
    established: usize,
    ended: usize,
}

impl Work<Registration> for EnterDivisions {
    type Output = Entered;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Registration>) -> Result<Entered, Failure> {
        let tree = store::tree(tx).await?;
        let changes = match divisions::enter(self.area.into(), &tree, self.rows.clone()) {
            Ok(changes) => changes,
            Err(wrong) => return Err(problems::wrong_rows(&wrong).into()),
        };
        store::insert_divisions(tx, &changes.established).await?;
        for unit in &changes.ended {
            if tree.contains_key(&unit.code) {
                store::end_division(tx, unit).await?;
            }
        }
        for unit in &changes.established {
            let (code, name, level) = (unit.code, unit.name.clone(), unit.code.level().into());
            let event = DivisionEstablished {
                code,
                name,
                level,
                parent: code.parent(),
                from: unit.from,
            };
            tx.emit(&self.origin, &event)?;
        }
        for unit in &changes.ended {
            if let Some(until) = unit.until {
                let event = DivisionEnded {
                    code: unit.code,
                    until,
                    successors: unit.successors.clone(),
                };
                tx.emit(&self.origin, &event)?;
            }
        }
        Ok(Entered {
            established: changes.established.len(),
            ended: changes.ended.len(),
        })
    }
}
