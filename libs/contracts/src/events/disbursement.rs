//! Published by disbursement 一卡通发放: accounts, batches, their results, and recoveries.

use crate::Code;
use crate::events::Cause;
use mz_kernel::{
    BatchId, Date, DateSchema, DivisionCode, EntitlementId, Fen, LineId, Month, PaymentId, PersonId,
    RecoveryId,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

event! {
    /// An account to be paid on was set for a person, or corrected. The account itself is not told.
    pub struct PayeeAccountSet v1 of Disbursement at payee.account-set keyed by person in division {
        /// Whose benefits are paid there.
        person: PersonId,
        /// The person's division.
        division: DivisionCode,
        /// The day from which it is paid on.
        #[schemars(with = "DateSchema")]
        set_on: Date,
        /// Whether it takes the place of another account.
        corrected: bool,
    }
    sample {
        "person": "per_01e5cg0000000000000000p001",
        "division": "513335100",
        "set_on": "2020-01-06",
        "corrected": false
    }
}

event! {
    /// A batch was approved by a checker and sealed (封存): its content does not change any more.
    pub struct BatchSealed v1 of Disbursement at batch.sealed keyed by batch in division {
        /// The batch.
        batch: BatchId,
        /// The month in which it is paid.
        month: Month,
        /// The programme that it pays.
        programme: Code,
        /// The division that pays.
        division: DivisionCode,
        /// How many payments.
        payments: u32,
        /// Their sum.
        amount: Fen,
        /// SHA-256 over the bank file, in lower-case hexadecimal.
        hash: String,
        /// The day.
        #[schemars(with = "DateSchema")]
        sealed_on: Date,
    }
    sample {
        "batch": "batch_01e5cg0000000000000000b001",
        "month": "2020-04",
        "programme": "tekun",
        "division": "513335",
        "payments": 542,
        "amount": 31_338_900,
        "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "sealed_on": "2020-04-10"
    }
}

event! {
    /// Lines were drawn out of an open batch (拦截): what they rest on no longer holds.
    pub struct LinesWithdrawn v1 of Disbursement at batch.lines-withdrawn keyed by batch in division {
        /// The batch that they left.
        batch: BatchId,
        /// Whose they are.
        person: PersonId,
        /// The entitlement that they were owed under.
        entitlement: EntitlementId,
        /// The person's division.
        division: DivisionCode,
        /// The lines.
        lines: Vec<LineId>,
        /// Their sum.
        amount: Fen,
        /// Why, such as `entitlement-stopped` or `death`.
        reason: Code,
        /// The fact that it rests on.
        cause: Cause,
    }
    sample {
        "batch": "batch_01e5cg0000000000000000b001",
        "person": "per_01e5cg0000000000000000p001",
        "entitlement": "ent_01e5cg0000000000000000e001",
        "division": "513335100",
        "lines": ["line_01e5cg0000000000000000n003"],
        "amount": 70_200,
        "reason": "entitlement-stopped",
        "cause": { "fact": "death", "id": "death_01e5cg0000000000000000d001", "on": "2020-01-20" }
    }
}

event! {
    /// The bank answered for a part of a batch (回盘): what was paid, what came back; told in several events.
    pub struct BatchSettled v1 of Disbursement at batch.settled keyed by batch in division {
        /// The batch.
        batch: BatchId,
        /// The number of this part among all of the batch, from 1.
        chunk: u32,
        /// The month in which it is paid.
        month: Month,
        /// The programme that it pays.
        programme: Code,
        /// The division that pays.
        division: DivisionCode,
        /// The day of the bank's answer.
        #[schemars(with = "DateSchema")]
        settled_on: Date,
        /// The results of this part.
        #[schemars(length(max = Self::PAYMENTS_MAX))]
        payments: Vec<PaymentResult>,
    }
    sample {
        "batch": "batch_01e5cg0000000000000000b001",
        "chunk": 1,
        "month": "2020-04",
        "programme": "tekun",
        "division": "513335",
        "settled_on": "2020-04-15",
        "payments": [
            {
                "payment": "pay_01e5cg0000000000000000y001",
                "person": "per_01e5cg0000000000000000p001",
                "amount": 70_200,
                "outcome": "returned",
                "reason": "account-closed",
                "lines": ["line_01e5cg0000000000000000n004"]
            }
        ]
    }
}

impl BatchSettled {
    /// The most results in one event: with all fields filled, and with [`Self::LINES_MAX`] lines, it stays below the
    /// 256 KiB of a stream's message.
    pub const PAYMENTS_MAX: usize = 250;
    /// The most lines of all results in one event.
    pub const LINES_MAX: usize = 4_000;
}

/// What the bank answered for one payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PaymentResult {
    /// The payment; a re-issued one keeps its id.
    pub payment: PaymentId,
    /// Whose it is.
    pub person: PersonId,
    /// How much.
    pub amount: Fen,
    /// What became of it.
    pub outcome: PaymentOutcome,
    /// Why it came back, such as `account-closed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Code>,
    /// The lines that it pays.
    pub lines: Vec<LineId>,
}

/// What became of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PaymentOutcome {
    /// 已发放.
    Paid,
    /// 退票: the money is back, the payment can be issued again on a corrected account.
    Returned,
}

event! {
    /// Money that was paid and is not owed is to be recovered (追缴).
    pub struct RecoveryRaised v1 of Disbursement at recovery.raised keyed by recovery in division {
        /// The recovery.
        recovery: RecoveryId,
        /// Who was overpaid.
        person: PersonId,
        /// The entitlement that was overpaid.
        entitlement: EntitlementId,
        /// The programme.
        programme: Code,
        /// The person's division.
        division: DivisionCode,
        /// How much, above zero.
        amount: Fen,
        /// The months that were overpaid.
        months: Vec<Month>,
        /// The take-back lines that raised it.
        lines: Vec<LineId>,
        /// The day.
        #[schemars(with = "DateSchema")]
        raised_on: Date,
    }
    sample {
        "recovery": "rec_01e5cg0000000000000000v001",
        "person": "per_01e5cg0000000000000000p001",
        "entitlement": "ent_01e5cg0000000000000000e001",
        "programme": "tekun",
        "division": "513335100",
        "amount": 140_400,
        "months": ["2020-02", "2020-03"],
        "lines": ["line_01e5cg0000000000000000n004", "line_01e5cg0000000000000000n005"],
        "raised_on": "2020-04-10"
    }
}

event! {
    /// Lines that came later raised a recovery further: one run's take-backs are told in several events.
    pub struct RecoveryIncreased v1 of Disbursement at recovery.increased keyed by recovery in division {
        /// The recovery.
        recovery: RecoveryId,
        /// Who was overpaid.
        person: PersonId,
        /// The entitlement that was overpaid.
        entitlement: EntitlementId,
        /// The programme.
        programme: Code,
        /// The person's division.
        division: DivisionCode,
        /// By how much, above zero.
        amount: Fen,
        /// How much it is in all now.
        total: Fen,
        /// What is left of it.
        outstanding: Fen,
        /// The months that were overpaid and not told of before.
        months: Vec<Month>,
        /// The take-back lines that raise it further.
        lines: Vec<LineId>,
        /// The day.
        #[schemars(with = "DateSchema")]
        raised_on: Date,
    }
    sample {
        "recovery": "rec_01e5cg0000000000000000v001",
        "person": "per_01e5cg0000000000000000p001",
        "entitlement": "ent_01e5cg0000000000000000e001",
        "programme": "tekun",
        "division": "513335100",
        "amount": 70_200,
        "total": 210_600,
        "outstanding": 210_600,
        "months": ["2020-04"],
        "lines": ["line_01e5cg0000000000000000n006"],
        "raised_on": "2020-04-10"
    }
}

event! {
    /// A recovery became smaller: by offset, repayment, waiver, or a payment that came back.
    pub struct RecoveryReduced v1 of Disbursement at recovery.reduced keyed by recovery in division {
        /// The recovery.
        recovery: RecoveryId,
        /// Who was overpaid.
        person: PersonId,
        /// The programme.
        programme: Code,
        /// The person's division.
        division: DivisionCode,
        /// How.
        by: Reduction,
        /// By how much; below zero where an offset is undone because its payment left an open batch.
        amount: Fen,
        /// What is left.
        outstanding: Fen,
        /// The day.
        #[schemars(with = "DateSchema")]
        reduced_on: Date,
    }
    sample {
        "recovery": "rec_01e5cg0000000000000000v001",
        "person": "per_01e5cg0000000000000000p001",
        "programme": "tekun",
        "division": "513335100",
        "by": "repayment",
        "amount": 140_400,
        "outstanding": 0,
        "reduced_on": "2020-05-06"
    }
}

/// How a recovery becomes smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reduction {
    /// 抵扣: kept back from a later payment.
    Offset,
    /// 退缴: paid back, or come back from the bank.
    Repayment,
    /// 核销: given up by decision.
    Waiver,
}
