//! What the services answer, as far as pages show it. A field that a service does not tell is empty, not an error:
//! pages of one version stand before services of the next.

#![expect(
    clippy::struct_field_names,
    reason = "fields have the names that the services give them"
)]

mod money;
mod office;

pub(crate) use money::*;
pub(crate) use office::*;

use mz_kernel::{Date, Fen, Month};
use serde::{Deserialize, Deserializer};

/// One page of a list.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct List<T> {
    #[serde(default = "Vec::new")]
    pub(crate) items: Vec<T>,
    #[serde(default)]
    pub(crate) next: Option<String>,
}

/// A masked name with one `*` for all that is hidden: services tell it with one for each character, or with one.
fn masked<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let name = String::deserialize(from)?;
    Ok(match name.split_once('*') {
        Some((shown, _)) => format!("{shown}*"),
        None => name,
    })
}

/// `registration GET /persons/{person}`: masked by the service.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Person {
    pub(crate) person: String,
    #[serde(deserialize_with = "masked")]
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

/// The fact that something rests on.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Cause {
    pub(crate) event: Option<String>,
    pub(crate) fact: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) on: Option<Date>,
}

/// `notification GET /notices`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Notice {
    pub(crate) notice: String,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) issued_on: Option<Date>,
    /// `person`, `family` or `office`.
    pub(crate) recipient: String,
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_name_is_masked_one_way_whoever_tells_it() {
        for (told, shown) in [("试**", "试*"), ("试*", "试*"), ("*", "*"), ("", "")] {
            let person: Person = serde_json::from_value(json!({ "name": told })).unwrap();
            let payee: Payee = serde_json::from_value(json!({ "holder": told })).unwrap();
            assert_eq!((&*person.name, &*payee.holder), (shown, shown));
        }
    }
}
