//! What a step rests on.

use super::{CauseView, Told, words};
use mz_kernel::Date;

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
        .or_else(|| of_lines(step, before).map(told))
        .or_else(|| of_recovery(step, before).map(told));
    let fact = &step.data()["cause"];
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

/// What lines for earlier months rest on: the latest turn of their entitlement, if it explains them.
fn of_lines<'s>(step: &Told, before: &'s [Told]) -> Option<&'s Told> {
    step.items("lines").find_map(|line| {
        let wanted = match (line["kind"].as_str()?, line["corrects"].as_array()) {
            ("take-back", _) => "entitlement.stopped",
            ("back-pay", None) => "entitlement.granted",
            ("back-pay", Some(_)) => "entitlement.resumed",
            _ => return None,
        };
        let entitlement = line["entitlement"].as_str()?;
        let turns = before
            .iter()
            .rev()
            .filter(|told| told.kind.starts_with("entitlement.") && told.text("entitlement") == entitlement);
        // Months as text are in their order: 2020-02 comes before 2020-10.
        let mut turns = turns
            .take(1)
            .filter(|told| told.text("from") <= line["month"].as_str().unwrap_or_default());
        turns.next().filter(|told| told.kind == wanted)
    })
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
