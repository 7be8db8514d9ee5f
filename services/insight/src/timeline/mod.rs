//! What happened to a person and why: the steps of their file in the order in which they became known.
//!
//! A step rests on what its event names: the event that caused it, and the fact in its `cause`. A run names neither; what
//! it takes back or pays back rests on the latest of what explains it: a stop, a resumption or the grant of the
//! entitlement, or a standard that was adopted after what is corrected had been lined.

mod causes;
mod codes;
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

/// The steps of a person, oldest first. `others` are the events about somebody or something else that caused one, and
/// the standards that were adopted.
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

#[cfg(test)]
mod tests {
    use super::*;
    use mz_contracts::Event;
    use mz_contracts::events::{
        DeathRegistered, EntitlementGranted, EntitlementStopped, LinesComputed, RecoveryRaised,
        StandardAdopted,
    };
    use mz_store::Json;
    use serde_json::json;

    const DEATH: &str = "evt_01e5cg0000000000000000e009";
    const STOP: &str = "evt_01e5cg0000000000000000e001";
    const RUN: &str = "evt_01e5cg0000000000000000e002";
    const RECOVERY: &str = "evt_01e5cg0000000000000000e003";

    /// The sample of a type in the catalogue as an event, recorded when all others were.
    pub(super) fn sample(event_type: &str, id: &str) -> Told {
        let entry = CATALOGUE
            .iter()
            .find(|entry| entry.event_type == event_type)
            .unwrap();
        Told::new(StepRow {
            event: id.parse().unwrap(),
            event_type: event_type.to_owned(),
            service: entry.service.to_owned(),
            division: "513335100".parse().unwrap(),
            legal_date: "2020-04-10".parse().unwrap(),
            recorded: Stamp::from_micros(0),
            causation: None,
            whole: true,
            part: Json((entry.sample)().unwrap()),
        })
    }

    fn row(event_type: &str, id: &str, cause: Option<&str>) -> StepRow {
        let causation = cause.map(|cause| cause.parse().unwrap());
        StepRow {
            causation,
            ..sample(event_type, id).row
        }
    }

    /// What each step rests on.
    fn causes(steps: &[StepView]) -> Vec<(&str, Option<&str>)> {
        let cause = |step: &'_ StepView| step.cause.as_ref().and_then(|cause| cause.event);
        let kind_of = |event: EventId| {
            steps
                .iter()
                .find(|step| step.event == event)
                .map(|step| step.kind.as_str())
        };
        steps
            .iter()
            .map(|step| (step.kind.as_str(), cause(step).and_then(kind_of)))
            .collect()
    }

    #[test]
    fn at_one_instant_the_cause_comes_first_and_a_recovery_rests_on_the_run_that_took_back() {
        let rows = vec![
            row(RecoveryRaised::TYPE, RECOVERY, Some(RUN)),
            row(LinesComputed::TYPE, RUN, Some(STOP)),
            row(EntitlementStopped::TYPE, STOP, Some(DEATH)),
            row(DeathRegistered::TYPE, DEATH, None),
        ];
        let expected = [
            ("death.registered", None),
            ("entitlement.stopped", Some("death.registered")),
            ("lines.computed", Some("entitlement.stopped")),
            ("recovery.raised", Some("lines.computed")),
        ];
        assert_eq!(causes(&timeline(rows, &[])), expected);
        // A run names no cause, and a recovery need not: they are found.
        let rows = vec![
            row(EntitlementStopped::TYPE, STOP, None),
            row(LinesComputed::TYPE, RUN, None),
            row(RecoveryRaised::TYPE, RECOVERY, None),
        ];
        assert_eq!(causes(&timeline(rows, &[]))[1..], expected[2..]);
    }

    #[test]
    fn a_cause_that_has_not_come_is_named_by_its_id_and_its_fact() {
        let steps = timeline(vec![row(EntitlementStopped::TYPE, STOP, Some(DEATH))], &[]);
        let expected = CauseView {
            event: Some(DEATH.parse().unwrap()),
            title: None,
            fact: Some("death".to_owned()),
            id: Some("death_01e5cg0000000000000000d001".to_owned()),
            on: Some("2020-01-20".parse().unwrap()),
        };
        assert_eq!(steps[0].cause, Some(expected));
    }

    #[test]
    fn a_circle_of_causes_ends() {
        let rows = vec![
            row(DeathRegistered::TYPE, DEATH, Some(STOP)),
            row(EntitlementStopped::TYPE, STOP, Some(DEATH)),
        ];
        assert_eq!(timeline(rows, &[]).len(), 2);
    }
    /// A row that was recorded so many microseconds after the others, with some fields of its own.
    fn later(event_type: &str, id: &str, micros: i64, fields: &serde_json::Value) -> StepRow {
        let mut row = row(event_type, id, None);
        row.recorded = Stamp::from_micros(micros);
        for (field, value) in fields.as_object().unwrap() {
            row.part.0[field] = value.clone();
        }
        row
    }

    #[test]
    fn back_pay_rests_on_the_standard_that_was_adopted_after_the_month_was_lined() {
        let line = |line: &str, corrects: &[&str], kind: &str| {
            json!({ "line": line, "entitlement": "ent_01e5cg0000000000000000e001", "kind": kind, "month": "2020-07",
                "amount": 6_500, "corrects": corrects })
        };
        let run = |id: &str, micros, lines: Value| {
            later(LinesComputed::TYPE, id, micros, &json!({ "lines": [lines] }))
        };
        let standard = |id: &str, micros, from: &str| {
            let fields = json!({ "key": "tekun.standard.urban", "from": from });
            later(StandardAdopted::TYPE, id, micros, &fields)
        };
        let rows = || {
            vec![
                later(EntitlementGranted::TYPE, STOP, 1, &json!({})),
                run(RUN, 3, line("line_1", &[], "current")),
                run(RECOVERY, 6, line("line_2", &["line_1"], "back-pay")),
            ]
        };
        let cause = |others: &[StepRow]| {
            let steps = timeline(rows(), others);
            let cause = steps[2].cause.as_ref();
            cause.and_then(|cause| cause.title.clone())
        };
        let (early, adopted) = (
            standard("evt_01e5cg0000000000000000e021", 2, "2020-01"),
            "evt_01e5cg0000000000000000e022",
        );
        let expected = "城市特困人员救助供养标准自2020年7月起为 767.00 元（示例〔2020〕1号）";
        let found = cause(&[early.clone(), standard(adopted, 5, "2020-07")]);
        assert_eq!(found.as_deref(), Some(expected));
        // Known before the month was lined, about later months, or known only afterwards: it explains nothing.
        assert_eq!(cause(&[early]), None);
        assert_eq!(cause(&[standard(adopted, 5, "2020-08")]), None);
        assert_eq!(cause(&[standard(adopted, 7, "2020-07")]), None);
        let mut elsewhere = standard(adopted, 5, "2020-07");
        elsewhere.division = "513336".parse().unwrap();
        assert_eq!(cause(&[elsewhere]), None);
    }

    #[test]
    fn a_fact_that_is_named_is_found_among_the_steps() {
        let steps = timeline(
            vec![
                row(DeathRegistered::TYPE, DEATH, None),
                row(EntitlementStopped::TYPE, STOP, None),
            ],
            &[],
        );
        assert!(causes(&steps).contains(&("entitlement.stopped", Some("death.registered"))));
    }
}
