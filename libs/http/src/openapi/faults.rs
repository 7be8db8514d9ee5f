//! What a document may get wrong although it is derived: for the test of each service.

use serde_json::Value;
use std::collections::BTreeSet;

/// References that lead nowhere, types that share a name (schemars numbers them, in the order of the routes), operation ids that are used twice or are no names, parameters that the path does
/// not have and places in the path that no parameter describes. None in a good document.
pub fn faults(document: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    dangling(document, document, &mut faults);
    for name in document["components"]["schemas"]
        .as_object()
        .into_iter()
        .flat_map(|schemas| schemas.keys())
    {
        if name.ends_with(|last: char| last.is_ascii_digit()) {
            faults.push(format!(
                "{name}: another type has the name; give one `#[schemars(rename)]`"
            ));
        }
    }
    let mut ids = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let id = operation["operationId"].as_str().unwrap_or_default();
            let is_name = !id.is_empty()
                && id
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if !is_name || !ids.insert(id) {
                faults.push(format!(
                    "{method} {path}: operation id `{id}` is no name or used before"
                ));
            }
            let described: BTreeSet<_> = operation["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|parameter| parameter["in"] == "path")
                .filter_map(|parameter| parameter["name"].as_str())
                .collect();
            let places: BTreeSet<_> = path.split('/').filter_map(place).collect();
            if described != places {
                faults.push(format!("{method} {path}: describes the parameters {described:?}"));
            }
        }
    }
    faults
}

fn place(part: &str) -> Option<&str> {
    part.strip_prefix('{')?.strip_suffix('}')
}

fn dangling(document: &Value, part: &Value, faults: &mut Vec<String>) {
    match part {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                let target = reference
                    .strip_prefix('#')
                    .and_then(|path| document.pointer(path));
                if target.is_none() {
                    faults.push(format!("{reference} leads nowhere"));
                }
            }
            fields
                .values()
                .for_each(|value| dangling(document, value, faults));
        }
        Value::Array(items) => items.iter().for_each(|item| dangling(document, item, faults)),
        _ => {}
    }
}
