//! What the arguments of a handler read of a request.

use super::Operation;
use crate::{Caller, Correlation, IdempotencyKey, Json, Keyed, Page, Path, Query};
use axum::extract::State;
use axum::http::StatusCode;
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

/// An argument of a handler, and what it reads of a request. Nothing, unless it says so.
pub trait Reads {
    /// Adds what it reads, and how it refuses.
    fn describe(_: &mut Operation<'_>) {}
}

impl<S> Reads for State<S> {}
impl Reads for Correlation {}

impl Reads for Caller {
    fn describe(operation: &mut Operation<'_>) {
        operation.caller = true;
        operation.refuses(StatusCode::UNAUTHORIZED);
        operation.refuses(StatusCode::FORBIDDEN);
    }
}

impl Reads for IdempotencyKey {
    fn describe(operation: &mut Operation<'_>) {
        let schema = json!({ "type": "string", "minLength": 1, "maxLength": IdempotencyKey::LENGTH_MAX });
        operation.parameter("header", "Idempotency-Key", true, &schema);
        operation.refuses(StatusCode::BAD_REQUEST);
        operation.refuses(StatusCode::CONFLICT);
    }
}

impl<T: JsonSchema> Reads for Keyed<T> {
    fn describe(operation: &mut Operation<'_>) {
        IdempotencyKey::describe(operation);
        operation.json_body::<T>();
    }
}

impl<T: JsonSchema> Reads for Json<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.json_body::<T>();
    }
}

/// One parameter, a tuple of them in the order of the path, or a struct that names them.
impl<T: JsonSchema> Reads for Path<T> {
    fn describe(operation: &mut Operation<'_>) {
        let schema = operation.schema::<T>();
        let names = operation
            .path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let names: Vec<_> = names.map(str::to_owned).collect();
        for (position, name) in names.iter().enumerate() {
            let one = schema
                .pointer(&format!("/prefixItems/{position}"))
                .or_else(|| schema.pointer(&format!("/properties/{name}")));
            let one = one.unwrap_or_else(|| schema.as_value()).clone();
            operation.parameter("path", name, true, &one);
        }
        operation.refuses(StatusCode::NOT_FOUND);
    }
}

impl<T: JsonSchema> Reads for Query<T> {
    fn describe(operation: &mut Operation<'_>) {
        let schema = T::json_schema(operation.schemas);
        let required = schema.get("required").and_then(Value::as_array);
        for (name, one) in properties(&schema) {
            let needed = required.is_some_and(|names| names.iter().any(|needed| needed == name.as_str()));
            operation.parameter("query", name, needed, &not_null(one.clone()));
        }
        operation.refuses(StatusCode::UNPROCESSABLE_ENTITY);
    }
}

impl Reads for Page {
    fn describe(operation: &mut Operation<'_>) {
        let limit = json!({
            "type": "integer", "minimum": 1, "maximum": Self::LIMIT_MAX, "default": Self::LIMIT_DEFAULT,
        });
        operation.parameter("query", "after", false, &json!({ "type": "string" }));
        operation.parameter("query", "limit", false, &limit);
        operation.refuses(StatusCode::UNPROCESSABLE_ENTITY);
    }
}

fn properties(schema: &Schema) -> impl Iterator<Item = (&String, &Value)> {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.into_iter().flatten()
}

/// A parameter that is absent is left out: a query has no null.
fn not_null(mut schema: Value) -> Value {
    if let Some(either) = schema.get("anyOf").and_then(Value::as_array)
        && let [one, null] = either.as_slice()
        && null["type"] == "null"
    {
        return one.clone();
    }
    if let Some(types) = schema.get("type").and_then(Value::as_array)
        && let [one, null] = types.as_slice()
        && null == "null"
    {
        schema["type"] = one.clone();
    }
    schema
}
