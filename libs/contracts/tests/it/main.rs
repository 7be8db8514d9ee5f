//! The catalogue as a whole: released schemas, samples, and what readers of other versions see.

#![cfg(test)]

mod schemas;
mod wire;

use mz_contracts::events::{BatchSettled, LinesComputed};
use mz_contracts::{CATALOGUE, Entry, Event, catalogue_markdown};
use serde_json::Value;
use std::collections::BTreeSet;

fn sample(entry: &Entry) -> Value {
    (entry.sample)().unwrap()
}

/// Names of the properties that a schema lists, and of those that it requires.
fn fields(entry: &Entry) -> (BTreeSet<String>, BTreeSet<String>) {
    let schema = (entry.schema)().to_value();
    let all = schema["properties"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    let required = schema["required"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap().to_owned());
    (all, required.collect())
}

#[test]
fn types_are_distinct_and_say_owner_aggregate_name_and_version() {
    let types: BTreeSet<_> = CATALOGUE.iter().map(|entry| entry.event_type).collect();
    assert_eq!(types.len(), CATALOGUE.len());
    for Entry {
        event_type,
        service,
        aggregate,
        name,
        version,
        ..
    } in CATALOGUE
    {
        assert_eq!(
            *event_type,
            format!("cn.civil.{service}.{aggregate}.{name}.v{version}")
        );
    }
}

#[test]
fn a_sample_fills_every_field_and_survives_its_own_type() {
    for entry in CATALOGUE {
        let sample = sample(entry);
        let filled: BTreeSet<_> = sample.as_object().unwrap().keys().cloned().collect();
        assert_eq!(filled, fields(entry).0, "{}", entry.event_type);
        assert_eq!((entry.read)(&sample).unwrap(), sample, "{}", entry.event_type);
    }
}

#[test]
fn a_required_field_is_required_and_an_optional_one_is_left_out_when_it_is_missing() {
    for entry in CATALOGUE {
        let (all, required) = fields(entry);
        for field in all {
            let mut data = sample(entry);
            data.as_object_mut().unwrap().remove(&field);
            match (entry.read)(&data) {
                Ok(read) => {
                    assert!(
                        !required.contains(&field),
                        "{} without {field} was read",
                        entry.event_type
                    );
                    assert_eq!(read, data, "{} writes null for {field}", entry.event_type);
                }
                Err(error) => assert!(required.contains(&field), "{}: {error}", entry.event_type),
            }
        }
    }
}

#[test]
fn a_reader_ignores_fields_of_a_later_edition() {
    for entry in CATALOGUE {
        let mut data = sample(entry);
        data["added_in_a_later_edition"] = Value::Bool(true);
        assert_eq!(
            (entry.read)(&data).unwrap(),
            sample(entry),
            "{}",
            entry.event_type
        );
    }
}

#[test]
fn a_full_part_of_a_run_fits_into_one_message() {
    let mut part = LinesComputed::sample();
    part.lines = part
        .lines
        .iter()
        .cycle()
        .take(LinesComputed::LINES_MAX)
        .cloned()
        .collect();
    let bytes = serde_json::to_vec(&part).unwrap().len();
    assert!(bytes < 256 * 1024, "{bytes} bytes");
}

#[test]
fn a_full_part_of_a_batch_fits_into_one_message() {
    let mut part = BatchSettled::sample();
    let mut payment = part.payments.remove(0);
    let lines = BatchSettled::LINES_MAX / BatchSettled::PAYMENTS_MAX;
    payment.lines = vec![payment.lines[0]; lines];
    part.payments = vec![payment; BatchSettled::PAYMENTS_MAX];
    let bytes = serde_json::to_vec(&part).unwrap().len();
    assert!(bytes < 256 * 1024, "{bytes} bytes");
}

#[test]
fn the_table_names_every_event() {
    let table = catalogue_markdown();
    for Entry {
        aggregate,
        name,
        version,
        about,
        ..
    } in CATALOGUE
    {
        let row = table
            .lines()
            .find(|row| row.starts_with(&format!("| `{aggregate}.{name}` | {version} |")));
        assert!(
            row.is_some_and(|row| row.ends_with(&format!("| {about} |"))),
            "{aggregate}.{name}: {row:?}"
        );
    }
}
