//! What the officers were answered: each of it is a promise.

use crate::Done;
use mz_http::Role;
use serde_json::Value;
use std::sync::{Mutex, PoisonError};

/// An acknowledged command.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) by: By,
    pub(crate) path: String,
    pub(crate) key: String,
    pub(crate) body: Value,
    pub(crate) answer: Value,
}

/// Which of the officers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// 经办.
    Maker,
    /// 审核.
    Checker,
    /// Moves the legal date.
    Administrator,
}

impl By {
    pub(crate) const ALL: [By; 3] = [By::Maker, By::Checker, By::Administrator];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            By::Maker => "maker",
            By::Checker => "checker",
            By::Administrator => "administrator",
        }
    }

    pub(crate) const fn role(self) -> Role {
        match self {
            By::Maker => Role::TownshipOfficer,
            By::Checker => Role::BureauOfficer,
            By::Administrator => Role::Administrator,
        }
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<Vec<Entry>>);

impl Ledger {
    pub(crate) fn note(&self, entry: Entry) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    }

    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A text field of an answer.
pub(crate) fn text(answer: &Value, field: &str) -> Done<String> {
    let text = answer.get(field).and_then(Value::as_str);
    Ok(text.ok_or_else(|| format!("no {field} in {answer}"))?.to_owned())
}
