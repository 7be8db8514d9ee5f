//! `GET /openapi.json`: one document out of those of the services that answer now (OpenAPI 3.1). A service adds an
//! endpoint, and it is here; a service that has no document yet is left out.

use crate::door::Door;
use axum::Json;
use axum::extract::State;
use bytes::Bytes;
use futures::future::join_all;
use mz_bus::bridge::Request;
use mz_http::Problem;
use mz_runtime::Failure;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The handler.
pub(crate) async fn document(State(door): State<Door>) -> Result<Json<Value>, Failure> {
    let found = door.app.bridge.instances().await.map_err(Problem::internal)?;
    let names: BTreeSet<String> = found.into_iter().map(|instance| instance.name).collect();
    let documents = join_all(names.into_iter().map(|name| async {
        let document = own_document(&door, &name).await;
        (name, document)
    }));
    let documents = documents.await.into_iter();
    Ok(Json(merged(
        documents.filter_map(|(name, document)| Some((name, document?))),
    )))
}

async fn own_document(door: &Door, service: &str) -> Option<Value> {
    let request = Request {
        method: "GET".to_owned(),
        path: mz_http::openapi::OPENAPI_PATH.to_owned(),
        headers: Vec::new(),
        body: Bytes::new(),
    };
    let answer = door.app.bridge.call(service, request).await.ok()?;
    (answer.status == 200)
        .then(|| serde_json::from_slice(&answer.body).ok())
        .flatten()
}

/// How a program signs in, and what it says when it reads about a person.
const DESCRIPTION: &str = "Sign in with `POST /sessions` and `{\"login\": …, \"password\": …}`: the answer's `token` goes into \
    `Authorization: Bearer …` of every request until it `expires` or `DELETE /sessions` ends it. `POST /sessions/password` \
    with `{\"present\": …, \"password\": …}` chooses another password. A command carries an `Idempotency-Key`. Whoever reads \
    about a person is noted; the header `X-Purpose` says why: `handling`, `checking`, `enquiry`, `complaint` or `audit`.";

/// One document: paths as the door has them, names of types and operations led by their service's.
fn merged(documents: impl Iterator<Item = (String, Value)>) -> Value {
    let (mut paths, mut schemas, mut tags) = (Map::new(), Map::new(), Vec::new());
    for (service, mut document) in documents {
        lead_references(&mut document, &service);
        tags.push(json!({ "name": service }));
        for (path, mut item) in taken(&mut document, "/paths") {
            for operation in item.as_object_mut().into_iter().flat_map(Map::values_mut) {
                if let Some(id) = operation["operationId"].as_str() {
                    operation["operationId"] = json!(format!("{}_{id}", service.replace('-', "_")));
                }
                operation["tags"] = json!([service]);
            }
            paths.insert(format!("/api/{service}{path}"), item);
        }
        for (name, schema) in taken(&mut document, "/components/schemas") {
            schemas.insert(format!("{service}.{name}"), schema);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Minzheng 民政", "version": env!("CARGO_PKG_VERSION"), "description": DESCRIPTION },
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": { "caller": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" } },
        },
    })
}

fn taken(document: &mut Value, pointer: &str) -> Map<String, Value> {
    match document.pointer_mut(pointer).map(Value::take) {
        Some(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

/// Two services may each have a type of one name.
fn lead_references(value: &mut Value, service: &str) {
    const SCHEMAS: &str = "#/components/schemas/";
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field.as_str().and_then(|text| text.strip_prefix(SCHEMAS)) {
                    Some(target) if name == "$ref" => *field = json!(format!("{SCHEMAS}{service}.{target}")),
                    _ => lead_references(field, service),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| lead_references(item, service)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_one_name_stay_apart_and_every_reference_leads_somewhere() {
        let of = |field: &str| {
            json!({
                "paths": { "/things": { "get": {
                    "operationId": "list",
                    "responses": { "200": { "content": { "application/json": {
                        "schema": { "$ref": "#/components/schemas/Thing" } } } } },
                } } },
                "components": { "schemas": { "Thing": { "type": "object", "properties": { field: {} } } } },
            })
        };
        let documents = [("one".to_owned(), of("a")), ("two".to_owned(), of("b"))];
        let document = merged(documents.into_iter());
        assert_eq!(mz_http::openapi::faults(&document), Vec::<String>::new());
        let operation = &document["paths"]["/api/two/things"]["get"];
        assert_eq!(operation["operationId"], "two_list");
        assert_eq!(operation["tags"], json!(["two"]));
        assert!(document["components"]["schemas"]["two.Thing"]["properties"]["b"].is_object());
    }
}
