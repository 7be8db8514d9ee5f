//! Agree on an offset 抵扣 or a waiver 核销 of a recovery: one officer proposes, another decides.

use crate::ids::AgreementId;
use crate::moves::{Entry, reduce};
use crate::problems;
use crate::store::{self, AgreementRow, RecoveryRow};
use crate::words::{AgreementKind, EntryKind};
use mz_casework::{Command, Outcome, Proposal, Stage};
use mz_contracts::Disbursement;
use mz_http::{Caller, Problem};
use mz_kernel::{Fen, RecoveryId};
use mz_runtime::Failure;
use mz_store::{Json, Origin, Tx, Work};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) struct ProposeAgreement {
    pub(crate) maker: Caller,
    pub(crate) recovery: RecoveryId,
    pub(crate) kind: AgreementKind,
    /// So much a month, or so much in all.
    pub(crate) amount: Fen,
    /// The consent, or the reasons.
    pub(crate) ground: String,
}

/// The agreement that waits for its decision.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct AgreementProposed {
    pub(crate) agreement: AgreementId,
}

/// What was decided.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct AgreementDecided {
    agreement: AgreementId,
    agreed: bool,
    outstanding: Fen,
}

async fn recovery(
    tx: &mut Tx<Disbursement>,
    caller: &Caller,
    id: RecoveryId,
) -> Result<RecoveryRow, Failure> {
    let row = store::recovery(tx, id).await?.ok_or_else(problems::no_recovery)?;
    caller.may_see(&row.division)?;
    Ok(row)
}

impl Work<Disbursement> for ProposeAgreement {
    type Output = AgreementProposed;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Disbursement>) -> Result<AgreementProposed, Failure> {
        let of = recovery(tx, &self.maker, self.recovery).await?;
        if self.amount <= Fen::ZERO {
            return Err(Problem::invalid("amount", "An amount is above zero.").into());
        }
        if self.amount > of.outstanding {
            return Err(problems::too_much(of.outstanding).into());
        }
        let agreements = store::agreements(tx, of.id).await?;
        if agreements.iter().any(|row| row.pending && row.kind == self.kind) {
            return Err(problems::agreement_pending().into());
        }
        let row = AgreementRow {
            id: tx.new_id(),
            recovery: of.id,
            kind: self.kind,
            amount: self.amount,
            ground: self.ground.clone(),
            stage: Json(Stage::Proposed(Proposal {
                maker: self.maker.officer,
                on: tx.today(),
                outcome: Outcome::Granted,
                reasons: vec![self.ground.clone()].try_into()?,
            })),
            pending: true,
            version: 1,
        };
        store::insert_agreement(tx, &row).await?;
        Ok(AgreementProposed { agreement: row.id })
    }
}

pub(crate) struct DecideAgreement {
    pub(crate) checker: Caller,
    pub(crate) recovery: RecoveryId,
    pub(crate) kind: AgreementKind,
    pub(crate) agreement: AgreementId,
    pub(crate) agree: bool,
    pub(crate) reasons: Vec<String>,
    pub(crate) origin: Origin,
}

impl Work<Disbursement> for DecideAgreement {
    type Output = AgreementDecided;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Disbursement>) -> Result<AgreementDecided, Failure> {
        let mut of = recovery(tx, &self.checker, self.recovery).await?;
        let row = store::agreement(tx, of.id, self.kind, self.agreement).await?;
        let row = row.ok_or_else(problems::no_agreement)?;
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
        let stage = mz_casework::decide(&row.stage.0, decision)?;
        store::decide_agreement(tx, &row, stage).await?;
        if self.agree {
            store::check_recovery(tx, &of).await?;
            match self.kind {
                AgreementKind::Offset => of.per_month = Some(row.amount),
                AgreementKind::Waiver => self.waive(tx, &mut of, row.amount).await?,
            }
            store::save_recoveries(tx, [&of]).await?;
        }
        Ok(AgreementDecided {
            agreement: row.id,
            agreed: self.agree,
            outstanding: of.outstanding,
        })
    }
}

impl DecideAgreement {
    async fn waive(
        &self,
        tx: &mut Tx<Disbursement>,
        of: &mut RecoveryRow,
        amount: Fen,
    ) -> Result<(), Failure> {
        if amount > of.outstanding {
            return Err(problems::too_much(of.outstanding).into());
        }
        let entry = Entry {
            kind: EntryKind::Waiver,
            amount,
            on: tx.today(),
            payment: None,
            note: None,
        };
        let entry = reduce(tx, &self.origin, of, entry)?;
        store::insert_entries(tx, &[entry]).await?;
        Ok(())
    }
}
