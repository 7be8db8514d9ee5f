//! Every event of every other service is kept as it was told, with what it says of each person.

use crate::store;
use mz_bus::{ReactionError, Witness};
use mz_contracts::{Envelope, Insight};
use mz_kernel::PersonId;
use mz_store::{Origin, Tx};
use serde_json::Value;
use std::collections::BTreeMap;

/// The lists of an event whose items each tell about one person.
const LISTS: [&str; 2] = ["lines", "payments"];

/// Keeps every event.
pub(crate) struct Keeper;

impl Witness<Insight> for Keeper {
    async fn witness(
        &self,
        tx: &mut Tx<Insight>,
        envelope: &Envelope,
        _: &Origin,
    ) -> Result<(), ReactionError> {
        let data: Value = serde_json::from_str(&envelope.data)
            .map_err(|error| ReactionError::Refused(format!("its data is not JSON: {error}")))?;
        store::keep_event(tx, envelope).await?;
        store::keep_subjects(tx, envelope.id, subjects(&data)).await?;
        Ok(())
    }
}

/// What an event says of one person.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Subject {
    pub(crate) person: PersonId,
    /// Whether the event is about this person and nobody else.
    pub(crate) whole: bool,
    /// The data, of whose lists only the person's own items are left.
    pub(crate) part: Value,
}

/// The persons that an event's data tells about.
fn subjects(data: &Value) -> Vec<Subject> {
    if let Some(person) = person_of(data) {
        let part = data.clone();
        return vec![Subject {
            person,
            whole: true,
            part,
        }];
    }
    let mut found = Vec::new();
    for list in LISTS {
        let mut own: BTreeMap<PersonId, Vec<Value>> = BTreeMap::new();
        for item in data[list].as_array().into_iter().flatten() {
            if let Some(person) = person_of(item) {
                own.entry(person).or_default().push(item.clone());
            }
        }
        found.extend(own.into_iter().map(|(person, items)| Subject {
            person,
            whole: false,
            part: with_list(data, list, items),
        }));
    }
    found
}

fn person_of(value: &Value) -> Option<PersonId> {
    value["person"].as_str()?.parse().ok()
}

/// The data with other items in a list; the list itself, which may be long, is not copied.
fn with_list(data: &Value, list: &str, items: Vec<Value>) -> Value {
    let fields = data.as_object().into_iter().flatten();
    let mut part: serde_json::Map<String, Value> = fields
        .filter(|(name, _)| *name != list)
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    part.insert(list.to_owned(), Value::Array(items));
    Value::Object(part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ONE: &str = "per_01e5cg0000000000000000p001";
    const OTHER: &str = "per_01e5cg0000000000000000p002";

    #[test]
    fn an_event_about_one_person_is_theirs_as_a_whole() {
        let data = json!({ "person": ONE, "lines": ["line_01e5cg0000000000000000n003"] });
        let expected = Subject {
            person: ONE.parse().unwrap(),
            whole: true,
            part: data.clone(),
        };
        assert_eq!(subjects(&data), [expected]);
    }

    #[test]
    fn of_a_list_each_person_gets_their_own_items() {
        let line = |person: &str, amount| json!({ "person": person, "amount": amount });
        let data = json!({ "run": "r", "lines": [line(OTHER, 1), line(ONE, 2), line(OTHER, 3)] });
        let part = |person: &str, lines| Subject {
            person: person.parse().unwrap(),
            whole: false,
            part: json!({ "run": "r", "lines": lines }),
        };
        let expected = [
            part(ONE, json!([line(ONE, 2)])),
            part(OTHER, json!([line(OTHER, 1), line(OTHER, 3)])),
        ];
        assert_eq!(subjects(&data), expected);
    }

    #[test]
    fn an_event_about_nobody_has_no_subject() {
        assert_eq!(
            subjects(&json!({ "key": "tekun.urban", "lines": [{ "person": "?" }] })),
            []
        );
    }
}
