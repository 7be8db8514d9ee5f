//! What happened to a person as a timeline, each step with the chain of what it came from.

use super::answers::{Cause, Happening};
use super::frame::{Step, Tone, Why};
use super::words;
use crate::format;
use std::collections::{BTreeMap, BTreeSet};

/// The latest first; each says what it came from, with a link where that stands on the page. A notice is told with what
/// it was issued for: it is no step of its own.
pub(crate) fn steps(timeline: &[Happening]) -> Vec<Step> {
    let here: BTreeSet<&str> = timeline.iter().map(|step| step.event.as_str()).collect();
    let titles: BTreeMap<&str, &Happening> =
        timeline.iter().map(|step| (step.event.as_str(), step)).collect();
    let mut told: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for step in timeline {
        if let Some(event) = notice_for(step, &here) {
            let whom = step.details.iter().map(|detail| detail.value.as_str());
            told.entry(event).or_default().extend(whom);
        }
    }
    let shown = timeline
        .iter()
        .rev()
        .filter(|step| notice_for(step, &here).is_none());
    shown
        .map(|step| {
            let own = step
                .details
                .iter()
                .map(|detail| (detail.label.clone(), detail.value.clone()));
            let notices = told.get(step.event.as_str()).map(|whom| {
                (
                    "发出告知".to_owned(),
                    whom.iter().copied().collect::<Vec<_>>().join("、"),
                )
            });
            Step {
                anchor: format!("e-{}", step.event),
                on: step
                    .on
                    .map_or_else(|| format::moment(&step.recorded), format::day),
                title: step.title.clone(),
                event: format!("{} · {}", words::service(&step.service), step.kind),
                details: own.chain(notices).collect(),
                causes: chain(step, &titles, &here),
                tone: tone(&step.kind),
            }
        })
        .collect()
}

/// The event on the same page that a notice was issued for.
fn notice_for<'a>(step: &'a Happening, here: &BTreeSet<&str>) -> Option<&'a str> {
    let event = step.cause.as_ref()?.event.as_deref()?;
    (step.kind == "notice.issued" && here.contains(event)).then_some(event)
}

/// The causes of a step, nearest first, as far as the page knows them; a circle ends where it closes.
fn chain(step: &Happening, titles: &BTreeMap<&str, &Happening>, here: &BTreeSet<&str>) -> Vec<Why> {
    let mut causes = Vec::new();
    let mut seen = BTreeSet::from([step.event.as_str()]);
    let mut next = step.cause.as_ref();
    while let Some(cause) = next {
        let event = cause.event.as_deref().unwrap_or_default();
        let known = titles.get(event).copied();
        causes.push(Why {
            text: known.map_or_else(|| said(cause), |step| step.title.clone()),
            anchor: here.contains(event).then(|| format!("e-{event}")),
        });
        next = known
            .filter(|step| seen.insert(&step.event))
            .and_then(|step| step.cause.as_ref());
    }
    causes
}

/// A cause that stands on no page of this person, in words.
pub(crate) fn said(cause: &Cause) -> String {
    let fact = cause.fact.as_deref().map_or("先前的事实", words::fact);
    match cause.on {
        Some(day) => format!("{fact}（{}）", format::day(day)),
        None => fact.to_owned(),
    }
}

fn tone(kind: &str) -> Tone {
    if kind.contains("death") || kind.contains("stopped") || kind.contains("recovery.raised") {
        Tone::Bad
    } else if kind.contains("withdrawn") || kind.contains("corrected") {
        Tone::Warn
    } else {
        Tone::Good
    }
}
