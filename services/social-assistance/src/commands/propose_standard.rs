//! Enter a standard with its document 录入标准; it counts when another officer has agreed.

use crate::ids::StandardId;
use crate::store::{self, StandardRow};
use crate::tekun::StandardKey;
use mz_casework::{Command, Outcome, Stage};
use mz_contracts::SocialAssistance;
use mz_http::{Caller, Problem};
use mz_kernel::{DivisionCode, Fen, Month};
use mz_runtime::Failure;
use mz_store::{Json, Tx, Work};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct ProposeStandard {
    pub(crate) maker: Caller,
    pub(crate) key: StandardKey,
    pub(crate) division: DivisionCode,
    pub(crate) from: Month,
    pub(crate) amount: Fen,
    /// The document that says so, by its number.
    pub(crate) document: String,
}

/// The entry.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "StandardProposed")]
pub(crate) struct Proposed {
    standard: StandardId,
}

impl Work<SocialAssistance> for ProposeStandard {
    type Output = Proposed;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<SocialAssistance>) -> Result<Proposed, Failure> {
        if self.amount <= Fen::ZERO {
            return Err(Problem::invalid("amount", "A standard is above zero.").into());
        }
        let document = self.document.trim();
        if document.is_empty() {
            return Err(Problem::invalid("document", "Name the document that sets the standard.").into());
        }
        let command = Command::Propose {
            by: self.maker.officer,
            on: tx.today(),
            outcome: Outcome::Granted,
            reasons: vec![document.to_owned()],
        };
        let row = StandardRow {
            id: tx.new_id(),
            key: self.key,
            division: self.division,
            from: self.from,
            amount: self.amount,
            document: document.to_owned(),
            stage: Some(Json(mz_casework::decide(&Stage::Accepted, command)?)),
            pending: true,
            adopted_at: None,
            version: 1,
        };
        store::insert_standard(tx, &row).await?;
        Ok(Proposed { standard: row.id })
    }
}
