//! What the services answer, as far as pages show it. A field that a service does not tell is empty, not an error:
//! pages of one version stand before services of the next.

#![expect(
    clippy::struct_field_names,
    reason = "fields have the names that the services give them"
)]

use mz_kernel::{Date, Fen, Month};
use serde::Deserialize;
use std::collections::BTreeMap;

/// One page of a list.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct List<T> {
    #[serde(default = "Vec::new")]
    pub(crate) items: Vec<T>,
    #[serde(default)]
    pub(crate) next: Option<String>,
}

/// `registration GET /persons/{person}`: masked by the service.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Person {
    pub(crate) person: String,
    pub(crate) name: String,
    pub(crate) number: Option<String>,
    pub(crate) sex: String,
    pub(crate) birth_date: Option<Date>,
    pub(crate) division: String,
    pub(crate) deceased_on: Option<Date>,
}

/// `registration GET /divisions`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Division {
    pub(crate) code: String,
    pub(crate) name: String,
}

/// `social-assistance GET /cases`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Case {
    pub(crate) case: String,
    pub(crate) person: String,
    pub(crate) programme: String,
    pub(crate) class: String,
    pub(crate) division: String,
    pub(crate) stage: String,
    pub(crate) accepted_on: Option<Date>,
    pub(crate) due: Option<Date>,
    pub(crate) clock: Option<Clock>,
}

/// What the clock of a case shows: counted in the term's own days by the service.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Clock {
    pub(crate) state: String,
    pub(crate) left: Option<u64>,
    pub(crate) by: Option<u64>,
}

/// `social-assistance GET /entitlements?person=`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Entitlement {
    pub(crate) entitlement: String,
    pub(crate) programme: String,
    pub(crate) class: String,
    pub(crate) mode: String,
    pub(crate) from: Option<Month>,
    /// The first month not owed.
    pub(crate) until: Option<Month>,
    pub(crate) stops: Vec<Stop>,
}

/// A stop of an entitlement, or the proposal of one.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Stop {
    pub(crate) from: Option<Month>,
    pub(crate) reason: String,
    pub(crate) state: String,
}

/// `social-assistance GET /lines?person=`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Line {
    pub(crate) line: String,
    pub(crate) month: Option<Month>,
    pub(crate) amount: Fen,
    pub(crate) kind: String,
    pub(crate) corrects: Vec<String>,
    pub(crate) causes: Vec<Cause>,
}

/// A payment of a batch, `disbursement GET /batches/{batch}/payments` and `GET /payments?person=`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Payment {
    pub(crate) payment: String,
    pub(crate) batch: String,
    pub(crate) person: String,
    pub(crate) month: Option<Month>,
    pub(crate) amount: Fen,
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

/// The fact that something rests on.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Cause {
    pub(crate) event: Option<String>,
    pub(crate) fact: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) on: Option<Date>,
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

/// `notification GET /notices`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Notice {
    pub(crate) notice: String,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) issued_on: Option<Date>,
    pub(crate) person: Option<String>,
    pub(crate) read_on: Option<Date>,
}

/// `insight GET /persons/{person}/timeline`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Happening {
    pub(crate) event: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) service: String,
    pub(crate) on: Option<Date>,
    pub(crate) recorded: String,
    pub(crate) title: String,
    pub(crate) details: Vec<Detail>,
    pub(crate) cause: Option<Cause>,
}

/// One line under a step of the timeline.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Detail {
    pub(crate) label: String,
    pub(crate) value: String,
}

/// `insight GET /overview`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Overview {
    pub(crate) accepted: u64,
    pub(crate) person_times: u64,
    pub(crate) paid: Fen,
    pub(crate) open: Vec<OpenCases>,
    pub(crate) series: Vec<MonthOfCases>,
    pub(crate) money: Vec<Money>,
    pub(crate) near_due: Vec<Case>,
}

/// Open cases of one township.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct OpenCases {
    pub(crate) division: String,
    pub(crate) cases: u64,
}

/// Cases of one month.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct MonthOfCases {
    pub(crate) month: String,
    pub(crate) accepted: u64,
    pub(crate) finished: u64,
}

/// Money of one programme.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Money {
    pub(crate) programme: String,
    pub(crate) amount: Fen,
}

/// `insight GET /figures`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Figure {
    pub(crate) indicator: String,
    pub(crate) title: String,
    pub(crate) unit: String,
    pub(crate) value: i64,
}

/// The suite's `GET /health`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Health {
    pub(crate) state: String,
    pub(crate) services: Vec<ServiceHealth>,
}

/// One service in it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ServiceHealth {
    pub(crate) service: String,
    /// Its stream's last message.
    pub(crate) relayed: u64,
    pub(crate) unsealed: u64,
    pub(crate) relay_waits: Option<String>,
    /// Up to which message of each service that it hears everything is settled.
    pub(crate) settled: BTreeMap<String, u64>,
    pub(crate) consumer_waits: BTreeMap<String, String>,
    pub(crate) parked: u64,
}

/// `gateway GET /users`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct User {
    pub(crate) user: String,
    pub(crate) login: String,
    pub(crate) name: String,
    pub(crate) roles: Vec<String>,
    pub(crate) divisions: Vec<String>,
    pub(crate) active: bool,
    pub(crate) temporary: bool,
}

/// `gateway GET /audit`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Read {
    pub(crate) at: String,
    pub(crate) officer: String,
    pub(crate) officer_name: Option<String>,
    pub(crate) person: String,
    pub(crate) purpose: Option<String>,
    pub(crate) what: String,
}
