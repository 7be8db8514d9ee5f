//! What a step rests on.

use super::{CauseView, Told, words};
use mz_kernel::Date;
use serde_json::Value;

/// The cause of a step, if it is known. `before` are the steps before it, `all` those and the later ones.
pub(super) fn cause(step: &Told, before: &[Told], all: &[Told], others: &[Told]) -> Option<CauseView> {
    let caused_by = step.row.causation.map(|event| {
        let known = all.iter().chain(others).find(|told| told.row.event == event);
        known.map_or_else(
            || CauseView {
                event: Some(event),
                ..CauseView::default()
            },
            told,
        )
    });
    let found = caused_by
        .or_else(|| of_lines(step, before, others).map(told))
        .or_else(|| of_recovery(step, before).map(told));
    let fact = &step.data()["cause"];
    let found = found.or_else(|| of_fact(fact, all).map(told));
    if !fact.is_object() {
        return found;
    }
    let text = |field: &str| fact[field].as_str().map(str::to_owned);
    let on: Option<Date> = fact["on"].as_str().and_then(|day| day.parse().ok());
    let found = found.unwrap_or_default();
    Some(CauseView {
        fact: text("fact"),
        id: text("id"),
        on: on.or(found.on),
        ..found
    })
}

fn told(step: &Told) -> CauseView {
    CauseView {
        event: Some(step.row.event),
        title: Some(words::title(step)),
        on: Some(step.on()),
        ..CauseView::default()
    }
}

/// What lines for earlier months rest on: the latest turn of their entitlement or the latest standard, if it explains
/// them.
fn of_lines<'s>(step: &Told, before: &'s [Told], others: &'s [Told]) -> Option<&'s Told> {
    step.items("lines").find_map(|line| {
        let turn = turn(line, before);
        let standard = standard(step, line, before, others);
        turn.into_iter()
            .chain(standard)
            .max_by_key(|told| told.row.recorded)
    })
}

/// The latest turn of a line's entitlement, if it is of the kind that makes such a line.
fn turn<'s>(line: &Value, before: &'s [Told]) -> Option<&'s Told> {
    let wanted = match (line["kind"].as_str()?, line["corrects"].as_array()) {
        ("take-back", _) => "entitlement.stopped",
        ("back-pay", None) => "entitlement.granted",
        ("back-pay", Some(_)) => "entitlement.resumed",
        _ => return None,
    };
    let entitlement = line["entitlement"].as_str()?;
    let mut turns = before
        .iter()
        .rev()
        .filter(|told| told.kind.starts_with("entitlement.") && told.text("entitlement") == entitlement);
    turns
        .next()
        .filter(|told| told.kind == wanted && begins_by(told, line))
}

/// The latest standard of a line's month that was adopted after what the line corrects had been lined.
fn standard<'s>(step: &Told, line: &Value, before: &[Told], others: &'s [Told]) -> Option<&'s Told> {
    let entitlement = line["entitlement"].as_str()?;
    let corrected = line["corrects"].as_array()?;
    let lined = before
        .iter()
        .filter(|told| told.items("lines").any(|line| corrected.contains(&line["line"])))
        .map(|told| told.row.recorded)
        .max()?;
    let grant = before
        .iter()
        .find(|told| told.kind == "entitlement.granted" && told.text("entitlement") == entitlement)?;
    let key = format!("{}.standard.{}", grant.text("programme"), grant.text("class"));
    let recorded = |told: &Told| lined < told.row.recorded && told.row.recorded <= step.row.recorded;
    others
        .iter()
        .filter(|told| told.kind == "standard.adopted" && told.text("key") == key && recorded(told))
        .filter(|told| begins_by(told, line) && told.row.division.contains(&grant.row.division))
        .max_by_key(|told| told.row.recorded)
}

/// Whether something begins by a line's month. Months as text are in their order: 2020-02 comes before 2020-10.
fn begins_by(told: &Told, line: &Value) -> bool {
    told.text("from") <= line["month"].as_str().unwrap_or_default()
}

/// The person's step that told a fact.
fn of_fact<'s>(fact: &Value, all: &'s [Told]) -> Option<&'s Told> {
    let id = fact["id"].as_str()?;
    let (kind, field) = match fact["fact"].as_str()? {
        "take-back" => {
            return all
                .iter()
                .find(|told| told.items("lines").any(|line| line["line"] == id));
        }
        "death" => ("death.registered", "death"),
        "death-annulled" => ("death.annulled", "death"),
        "decision" => ("case.decided", "case"),
        _ => return None,
    };
    all.iter()
        .find(|told| told.kind == kind && told.text(field) == id)
}

/// A recovery rests on the run whose lines it is about.
fn of_recovery<'s>(step: &Told, before: &'s [Told]) -> Option<&'s Told> {
    if !matches!(step.kind.as_str(), "recovery.raised" | "recovery.increased") {
        return None;
    }
    before.iter().rev().find(|told| {
        told.kind == "lines.computed"
            && told
                .items("lines")
                .any(|line| step.items("lines").any(|own| own == &line["line"]))
    })
}
