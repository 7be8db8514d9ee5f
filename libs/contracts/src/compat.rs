//! May the schema of a released event change like this?
//!
//! Subscribers outside were told: a released version may gain optional fields and nothing else. So everything but
//! a new optional field is a [`Breach`], loosening included: a field that becomes optional, or a list of words that
//! grows, surprises a reader as much as one that disappears.

use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt;

/// One way in which a schema broke the promise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Breach {
    /// Where: `lines[].amount`; empty for the event itself.
    pub field: String,
    /// What happened there.
    pub kind: BreachKind,
}

/// What happened to a field of a released version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BreachKind {
    /// It is gone, or it has another name now.
    Removed,
    /// It is new and must be there: events already published do not have it.
    NewlyRequired,
    /// It was always there and may be missing now.
    NoLongerRequired,
    /// Its type, its format, its limits or its list of words differ.
    TypeChanged,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = if self.field.is_empty() {
            "the event"
        } else {
            &self.field
        };
        match self.kind {
            BreachKind::Removed => write!(f, "{field} was removed or renamed"),
            BreachKind::NewlyRequired => write!(f, "{field} became required"),
            BreachKind::NoLongerRequired => write!(f, "{field} may be missing now"),
            BreachKind::TypeChanged => write!(f, "{field} has another type"),
        }
    }
}

/// Lists what `current` breaks of the promise that `released` made; an empty list means that it may replace it.
///
/// Both are JSON Schemas (2020-12) as this crate writes them: objects, arrays, `$ref` into `$defs`, scalars.
/// Documentation (`title`, `description`, `examples`, `$id`) may change freely.
pub fn breaches(released: &Value, current: &Value) -> Vec<Breach> {
    let mut comparison = Comparison {
        released,
        current,
        compared: BTreeSet::new(),
        breaches: Vec::new(),
    };
    comparison.compare(released, current, "");
    comparison.breaches.sort();
    comparison.breaches
}

/// Keywords that say nothing about which values are valid.
const PROSE: [&str; 6] = ["$schema", "$id", "$defs", "title", "description", "examples"];
/// Keywords that are compared part by part.
const PARTS: [&str; 6] = ["properties", "required", "items", "anyOf", "oneOf", "allOf"];

struct Comparison<'a> {
    released: &'a Value,
    current: &'a Value,
    /// Pairs of references seen, so that a type that contains itself comes to an end.
    compared: BTreeSet<(String, String)>,
    breaches: Vec<Breach>,
}

impl<'a> Comparison<'a> {
    fn compare(&mut self, old: &'a Value, new: &'a Value, field: &str) {
        if let (Some(old), Some(new)) = (reference(old), reference(new))
            && !self.compared.insert((old.to_owned(), new.to_owned()))
        {
            return;
        }
        let (old, new) = (resolve(self.released, old), resolve(self.current, new));
        if limits(old) != limits(new) {
            self.add(field, BreachKind::TypeChanged);
            return;
        }
        self.compare_properties(old, new, field);
        match (old.get("items"), new.get("items")) {
            (Some(old), Some(new)) => self.compare(old, new, &format!("{field}[]")),
            (None, None) => {}
            _ => self.add(field, BreachKind::TypeChanged),
        }
        for list in ["anyOf", "oneOf", "allOf"] {
            let (old, new) = (alternatives(old, list), alternatives(new, list));
            if old.len() == new.len() {
                old.iter()
                    .zip(new)
                    .for_each(|(old, new)| self.compare(old, new, field));
            } else {
                self.add(field, BreachKind::TypeChanged);
            }
        }
    }

    fn compare_properties(&mut self, old: &'a Value, new: &'a Value, field: &str) {
        let (was, is) = (required(old), required(new));
        let (had, has) = (properties(old), properties(new));
        let path = |name: &str| {
            if field.is_empty() {
                name.to_owned()
            } else {
                format!("{field}.{name}")
            }
        };
        for (name, old) in had.into_iter().flatten() {
            let Some(new) = has.and_then(|has| has.get(name)) else {
                self.add(&path(name), BreachKind::Removed);
                continue;
            };
            match (was.contains(name.as_str()), is.contains(name.as_str())) {
                (false, true) => self.add(&path(name), BreachKind::NewlyRequired),
                (true, false) => self.add(&path(name), BreachKind::NoLongerRequired),
                _ => {}
            }
            self.compare(old, new, &path(name));
        }
        for name in has.into_iter().flatten().map(|(name, _)| name) {
            if is.contains(name.as_str()) && !had.is_some_and(|had| had.contains_key(name)) {
                self.add(&path(name), BreachKind::NewlyRequired);
            }
        }
    }

    fn add(&mut self, field: &str, kind: BreachKind) {
        self.breaches.push(Breach {
            field: field.to_owned(),
            kind,
        });
    }
}

fn reference(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()
}

/// Follows `$ref`s of the form `#/$defs/Name`. One that leads nowhere is left as it stands.
fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let mut schema = schema;
    // A chain longer than the list of definitions would be a circle.
    for _ in 0..=document
        .get("$defs")
        .and_then(Value::as_object)
        .map_or(0, Map::len)
    {
        let target = reference(schema).and_then(|path| document.pointer(path.strip_prefix('#')?));
        match target {
            Some(target) => schema = target,
            None => break,
        }
    }
    schema
}

/// The keywords that limit a value by themselves.
fn limits(schema: &Value) -> Option<Vec<(&String, &Value)>> {
    let keywords = schema.as_object()?.iter();
    Some(
        keywords
            .filter(|(key, _)| !PROSE.contains(&key.as_str()) && !PARTS.contains(&key.as_str()))
            .collect(),
    )
}

fn alternatives<'a>(schema: &'a Value, list: &str) -> &'a [Value] {
    schema
        .get(list)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn properties(schema: &Value) -> Option<&Map<String, Value>> {
    schema.get("properties")?.as_object()
}

fn required(schema: &Value) -> BTreeSet<&str> {
    schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn released() -> Value {
        json!({
            "type": "object",
            "properties": {
                "death": { "type": "string" },
                "note": { "type": ["string", "null"] },
                "sex": { "$ref": "#/$defs/Sex" },
                "cause": { "anyOf": [{ "$ref": "#/$defs/Cause" }, { "type": "null" }] },
                "lines": { "type": "array", "items": { "$ref": "#/$defs/Line" } },
            },
            "required": ["death", "lines", "sex"],
            "$defs": {
                "Sex": { "oneOf": [{ "const": "male", "description": "man" }, { "const": "female" }] },
                "Cause": { "type": "object", "properties": { "fact": { "type": "string" } } },
                "Line": {
                    "type": "object",
                    "properties": { "amount": { "type": "integer" } },
                    "required": ["amount"],
                },
            },
        })
    }

    /// The breaches that one edit of the released schema makes.
    fn after(edit: impl FnOnce(&mut Value)) -> Vec<String> {
        let mut current = released();
        edit(&mut current);
        breaches(&released(), &current)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn a_new_optional_field_and_better_prose_are_welcome() {
        assert_eq!(after(|_| {}), [""; 0]);
        let grown = after(|s| {
            s["properties"]["place"] = json!({ "type": "string" });
            s["$defs"]["Line"]["properties"]["note"] = json!({ "type": "string" });
            s["properties"]["death"]["description"] = json!("the death");
            s["$defs"]["Sex"]["oneOf"][0]["description"] = json!("male");
        });
        assert_eq!(grown, [""; 0]);
    }

    #[test]
    fn a_renamed_definition_is_the_same_type() {
        let renamed = after(|s| {
            let line = s["$defs"]["Line"].clone();
            s["$defs"] = json!({ "Item": line, "Sex": s["$defs"]["Sex"], "Cause": s["$defs"]["Cause"] });
            s["properties"]["lines"]["items"]["$ref"] = json!("#/$defs/Item");
        });
        assert_eq!(renamed, [""; 0]);
    }

    #[test]
    fn a_removed_field_is_named() {
        let removed = after(|s| drop(s["properties"].as_object_mut().unwrap().remove("note")));
        assert_eq!(removed, ["note was removed or renamed"]);
    }

    #[test]
    fn a_renamed_required_field_is_a_loss_and_a_demand() {
        let renamed = after(|s| {
            let properties = s["properties"].as_object_mut().unwrap();
            let death = properties.remove("death").unwrap();
            properties.insert("decease".into(), death);
            s["required"][0] = json!("decease");
        });
        assert_eq!(
            renamed,
            ["death was removed or renamed", "decease became required"]
        );
    }

    #[test]
    fn a_field_may_not_become_required() {
        assert_eq!(
            after(|s| s["required"].as_array_mut().unwrap().push(json!("note"))),
            ["note became required"]
        );
    }

    #[test]
    fn a_required_field_may_not_become_optional() {
        assert_eq!(
            after(|s| s["required"] = json!(["lines", "sex"])),
            ["death may be missing now"]
        );
    }

    #[test]
    fn a_type_may_not_change_however_deep_it_lies() {
        assert_eq!(
            after(|s| s["properties"]["death"]["maxLength"] = json!(9)),
            ["death has another type"]
        );
        assert_eq!(
            after(|s| s["$defs"]["Line"]["properties"]["amount"]["type"] = json!("number")),
            ["lines[].amount has another type"]
        );
        assert_eq!(
            after(|s| s["$defs"]["Cause"]["required"] = json!(["fact"])),
            ["cause.fact became required"]
        );
        assert_eq!(
            after(|s| s["properties"]["lines"] = json!(true)),
            ["lines has another type"]
        );
        assert_eq!(
            after(|s| s["additionalProperties"] = json!(false)),
            ["the event has another type"]
        );
    }

    #[test]
    fn a_closed_list_of_words_may_not_grow() {
        let grown = after(|s| {
            s["$defs"]["Sex"]["oneOf"]
                .as_array_mut()
                .unwrap()
                .push(json!({ "const": "x" }));
        });
        assert_eq!(grown, ["sex has another type"]);
    }

    #[test]
    fn a_type_that_contains_itself_comes_to_an_end() {
        let tree = json!({ "$ref": "#/$defs/Node", "$defs": { "Node": {
            "type": "object", "properties": { "child": { "$ref": "#/$defs/Node" } },
        } } });
        assert_eq!(breaches(&tree, &tree), []);
        let circle = json!({ "$ref": "#/$defs/A", "$defs": { "A": { "$ref": "#/$defs/A" } } });
        assert_eq!(breaches(&circle, &circle), []);
    }
}
