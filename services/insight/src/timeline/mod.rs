//! What happened to a person and why: the steps of their file in the order in which they became known.
//!
//! A step rests on what its event names: the event that caused it, and the fact in its `cause`. A run names neither;
//! what it takes back rests on the latest stop of the entitlement, and what it pays back on its resumption or grant.

mod causes;
mod words;

use crate::store::StepRow;
use mz_contracts::CATALOGUE;
use mz_kernel::{Date, DateSchema, EventId, Stamp};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// One thing that happened to a person.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct StepView {
    /// The event that told it.
    pub(crate) event: EventId,
    /// Its kind, such as `entitlement.stopped`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// The service that told it.
    pub(crate) service: String,
    /// The day on which it happened, which may lie long before it was recorded.
    #[schemars(with = "DateSchema")]
    pub(crate) on: Date,
    /// When it was recorded.
    pub(crate) recorded: Stamp,
    /// What happened, in Chinese.
    pub(crate) title: String,
    /// What else there is to say.
    pub(crate) details: Vec<Detail>,
    /// What it rests on, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cause: Option<CauseView>,
}

/// A labelled value, both in Chinese.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Detail {
    pub(crate) label: String,
    pub(crate) value: String,
}

/// What a step rests on.
#[derive(Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct CauseView {
    /// The event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) event: Option<EventId>,
    /// Its title; none as long as the event has not come, or where the caller may not see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    /// The kind of fact, such as `death`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fact: Option<String>,
    /// The fact's id with its owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    /// The day on which it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<DateSchema>")]
    pub(crate) on: Option<Date>,
}

/// An event as the timeline reads it.
#[derive(Debug)]
struct Told {
    row: StepRow,
    kind: String,
}

impl Told {
    fn new(row: StepRow) -> Self {
        let kind = kind(&row.event_type);
        Self { row, kind }
    }

    fn data(&self) -> &Value {
        &self.row.part.0
    }

    fn text(&self, field: &str) -> &str {
        self.data()[field].as_str().unwrap_or_default()
    }

    /// The items of a list that belong to the person.
    fn items(&self, list: &str) -> impl Iterator<Item = &Value> {
        self.data()[list].as_array().into_iter().flatten()
    }

    /// The day on which it happened; where the event names none, the day on which it was recorded.
    fn on(&self) -> Date {
        const DAYS: [&str; 11] = [
            "died_on",
            "accepted_on",
            "decided_on",
            "set_on",
            "sealed_on",
            "settled_on",
            "raised_on",
            "reduced_on",
            "issued_on",
            "annulled_on",
            "corrected_on",
        ];
        let named = DAYS.iter().find_map(|field| self.data()[*field].as_str());
        named
            .and_then(|day| day.parse().ok())
            .unwrap_or(self.row.legal_date)
    }
}

/// `aggregate.name` of a type in the catalogue; another type stays as it is.
fn kind(event_type: &str) -> String {
    let known = CATALOGUE.iter().find(|entry| entry.event_type == event_type);
    known.map_or_else(
        || event_type.to_owned(),
        |entry| format!("{}.{}", entry.aggregate, entry.name),
    )
}

/// The steps of a person, oldest first. `others` are the events about somebody or something else that caused one.
pub(crate) fn timeline(rows: Vec<StepRow>, others: &[StepRow]) -> Vec<StepView> {
    let mut steps: Vec<Told> = rows.into_iter().map(Told::new).collect();
    in_order(&mut steps);
    let others: Vec<Told> = others.iter().cloned().map(Told::new).collect();
    let views = steps.iter().enumerate().map(|(at, step)| StepView {
        event: step.row.event,
        kind: step.kind.clone(),
        service: step.row.service.clone(),
        on: step.on(),
        recorded: step.row.recorded,
        title: words::title(step),
        details: words::details(step, &steps),
        cause: causes::cause(step, &steps[..at], &steps, &others),
    });
    views.collect()
}

/// The order in which they were recorded. Of what was recorded at the same instant, the cause comes first.
fn in_order(steps: &mut [Told]) {
    let causes: BTreeMap<EventId, Option<EventId>> = steps
        .iter()
        .map(|step| (step.row.event, step.row.causation))
        .collect();
    let depth = |event: EventId| {
        let chain = std::iter::successors(Some(event), |event| causes.get(event).copied().flatten());
        chain.take(causes.len() + 1).count()
    };
    steps.sort_by_cached_key(|step| (step.row.recorded, depth(step.row.event), step.row.event));
}
