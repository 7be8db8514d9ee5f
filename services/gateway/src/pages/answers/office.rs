//! The office: its overview and figures, the services, accounts and readings.

use super::Case;
use mz_kernel::{Fen, Month};
use serde::Deserialize;
use std::collections::BTreeMap;

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
    pub(crate) kind: String,
    pub(crate) value: Option<i64>,
}

/// `insight GET /figures/rows`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct FigureRow {
    pub(crate) person: Option<String>,
    pub(crate) division: String,
    pub(crate) class: String,
    pub(crate) mode: String,
    pub(crate) month: Option<Month>,
    pub(crate) amount: Fen,
    pub(crate) word: String,
}

/// `insight GET /proof`.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Proof {
    pub(crate) owed_fen: Fen,
    pub(crate) lined_fen: Fen,
    pub(crate) batched_fen: Fen,
    pub(crate) held_fen: Fen,
    pub(crate) paid_fen: Fen,
    pub(crate) returned_fen: Fen,
    pub(crate) pending_fen: Fen,
    pub(crate) recovery_raised_fen: Fen,
    pub(crate) offset_fen: Fen,
    pub(crate) repaid_fen: Fen,
    pub(crate) waived_fen: Fen,
    pub(crate) outstanding_fen: Fen,
    pub(crate) holds: bool,
}

/// `GET /health` of a service.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ServiceHealth {
    pub(crate) service: String,
    /// Its chain's last position.
    pub(crate) sealed: u64,
    pub(crate) unsealed: u64,
    /// Its stream's last message.
    pub(crate) relayed: u64,
    pub(crate) relay_waits: Option<String>,
    /// Up to which message of each service that it hears everything is settled.
    pub(crate) settled: BTreeMap<String, u64>,
    pub(crate) consumer_waits: BTreeMap<String, String>,
    pub(crate) parked: u64,
}

impl ServiceHealth {
    /// What is in its journal and not in its stream.
    pub(crate) fn unrelayed(&self) -> u64 {
        self.unsealed + self.sealed.saturating_sub(self.relayed)
    }

    /// Whether it waits for a connection.
    pub(crate) fn waits(&self) -> bool {
        self.relay_waits.is_some() || !self.consumer_waits.is_empty()
    }
}

/// `GET /parked` of a service.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Parked {
    pub(crate) source: String,
    pub(crate) aggregate: String,
    pub(crate) sequence: u64,
    pub(crate) reason: String,
    pub(crate) detail: String,
    pub(crate) attempts: u64,
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
