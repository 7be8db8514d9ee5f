//! One small service that uses all that can be described.

use super::{Api, Created, faults};
use crate::{Caller, Json, Keyed, Page, Paged, Path, Problem, Query, codes};
use mz_kernel::{CaseId, PersonId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Deserialize, schemars::JsonSchema)]
struct Filter {
    person: PersonId,
    open: Option<bool>,
}

#[derive(Serialize, Deserialize, schemars::JsonSchema)]
struct Case {
    case: CaseId,
}

async fn list(_: Caller, Query(filter): Query<Filter>, page: Page) -> Result<Json<Paged<Case>>, Problem> {
    let Filter { person, open } = filter;
    Err(Problem::not_found(format!("{person} {open:?} {page:?}")))
}

async fn join(
    _: Caller,
    Path((case, person)): Path<(CaseId, PersonId)>,
    command: Keyed<Case>,
) -> Result<Created<Case>, Problem> {
    Err(Problem::not_found(format!("{case} {person} {:?}", command.key)))
}

fn document() -> Value {
    let api = Api::<crate::Access>::new(&[codes::CHANGED]);
    api.get("/cases", list, "Cases")
        .post("/cases/{case}/members/{person}", join, "Joins a case")
        .document("cases", "1.0.0")
}

#[test]
fn a_document_says_what_the_handlers_take_and_answer() {
    let document = document();
    assert_eq!(faults(&document), Vec::<String>::new());

    let list = &document["paths"]["/cases"]["get"];
    assert_eq!(list["operationId"], "list");
    assert_eq!(list["security"], json!([{ "caller": [] }]));
    let parameters: Vec<_> = list["parameters"].as_array().unwrap().iter().collect();
    let named: Vec<_> = parameters
        .iter()
        .map(|parameter| (parameter["name"].as_str().unwrap(), parameter["required"] == true))
        .collect();
    assert_eq!(
        named,
        [
            ("open", false),
            ("person", true),
            ("after", false),
            ("limit", false)
        ]
    );
    assert_eq!(parameters[0]["schema"], json!({ "type": "boolean" }));

    let join = &document["paths"]["/cases/{case}/members/{person}"]["post"];
    let places: Vec<_> = join["parameters"].as_array().unwrap().iter().collect();
    assert_eq!(places[0]["schema"]["$ref"], "#/components/schemas/CaseId");
    assert_eq!(places[1]["schema"]["$ref"], "#/components/schemas/PersonId");
    assert_eq!(
        (&places[2]["in"], &places[2]["name"]),
        (&json!("header"), &json!("Idempotency-Key"))
    );
    let body = &join["requestBody"]["content"]["application/json"]["schema"]["$ref"];
    assert_eq!(body, "#/components/schemas/Case");
    let answers: Vec<_> = join["responses"].as_object().unwrap().keys().collect();
    assert_eq!(
        answers,
        ["201", "400", "401", "403", "404", "409", "413", "422", "503"]
    );
    let codes = &document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"];
    assert!(codes.as_array().unwrap().contains(&json!("record.changed")));
}

#[test]
fn a_faulty_document_is_found_out() {
    let mut document = document();
    document["paths"]["/cases/{case}/members/{person}"]["post"]["operationId"] = json!("list");
    document["paths"]["/cases"]["get"]["parameters"] = json!([{ "in": "path", "name": "case" }]);
    document["components"]["schemas"]["CaseId"] = json!({ "$ref": "#/components/schemas/None" });
    document["components"]["schemas"]["Case2"] = json!({});
    assert_eq!(faults(&document).len(), 4);
}
