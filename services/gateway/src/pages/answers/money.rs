//! Batches, payments and recoveries.

use super::Cause;
use mz_kernel::{Date, Fen, Month};
use serde::Deserialize;

/// A payment of a batch, `disbursement GET /batches/{batch}/payments` and `GET /payments?person=`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Payment {
    pub(crate) payment: String,
    pub(crate) batch: String,
    pub(crate) person: String,
    pub(crate) division: String,
    pub(crate) month: Option<Month>,
    pub(crate) amount: Fen,
    pub(crate) bank: Option<String>,
    pub(crate) state: String,
    pub(crate) reason: Option<String>,
    pub(crate) account: Option<String>,
}

/// `disbursement GET /batches/{batch}`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Batch {
    pub(crate) batch: String,
    pub(crate) number: String,
    pub(crate) month: Option<Month>,
    pub(crate) programme: String,
    pub(crate) division: String,
    pub(crate) state: String,
    pub(crate) maker: Option<String>,
    pub(crate) maker_name: Option<String>,
    pub(crate) checker: Option<String>,
    pub(crate) checker_name: Option<String>,
    pub(crate) payments: u64,
    pub(crate) persons: u64,
    pub(crate) amount: Fen,
    pub(crate) amount_words: String,
    pub(crate) reason: Option<String>,
    pub(crate) township: Vec<Township>,
    pub(crate) withdrawn: Vec<Withdrawn>,
    pub(crate) three_way: Option<ThreeWay>,
    pub(crate) hash: Option<String>,
    pub(crate) paid: Fen,
    pub(crate) returned: Fen,
    pub(crate) pending: Fen,
}

/// What of an entitlement is held for one reason, `disbursement GET /held`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Held {
    pub(crate) person: String,
    pub(crate) division: String,
    pub(crate) programme: String,
    pub(crate) months: Vec<Month>,
    pub(crate) amount: Fen,
    pub(crate) reason: String,
    pub(crate) cause: Option<Cause>,
    pub(crate) since: Option<Month>,
}

/// A township's part of a batch.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Township {
    pub(crate) division: String,
    pub(crate) persons: u64,
    pub(crate) payments: u64,
    pub(crate) amount: Fen,
    pub(crate) previous_amount: Fen,
    pub(crate) difference: Fen,
    pub(crate) held: Fen,
}

/// What left a batch, and why.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Withdrawn {
    pub(crate) person: String,
    pub(crate) amount: Fen,
    pub(crate) reason: String,
    pub(crate) cause: Option<Cause>,
}

/// The same money, counted three ways.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ThreeWay {
    pub(crate) roster: Option<Fen>,
    pub(crate) townships: Option<Fen>,
    pub(crate) bank_file: Option<Fen>,
}

/// `disbursement GET /recoveries`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Recovery {
    pub(crate) recovery: String,
    pub(crate) person: String,
    pub(crate) division: String,
    pub(crate) state: String,
    pub(crate) reason: String,
    pub(crate) raised_on: Option<Date>,
    pub(crate) amount: Fen,
    pub(crate) outstanding: Fen,
    pub(crate) months: Vec<Month>,
    pub(crate) per_month: Option<Fen>,
    pub(crate) ledger: Vec<Entry>,
    pub(crate) agreements: Vec<Agreement>,
}

/// What made a recovery smaller.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Entry {
    pub(crate) kind: String,
    pub(crate) amount: Fen,
    pub(crate) entered_on: Option<Date>,
    pub(crate) note: Option<String>,
}

/// An offset or a waiver, proposed or decided.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Agreement {
    pub(crate) agreement: String,
    pub(crate) kind: String,
    pub(crate) amount: Fen,
    pub(crate) ground: String,
    pub(crate) pending: bool,
}

/// An account of a person, masked by the service, `disbursement GET /payees?person=`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Payee {
    #[serde(deserialize_with = "super::masked")]
    pub(crate) holder: String,
    pub(crate) bank: String,
    pub(crate) account: String,
    pub(crate) relation: String,
    pub(crate) set_on: Option<Date>,
    pub(crate) current: bool,
}
