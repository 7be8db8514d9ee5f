//! The OpenAPI document of a service, derived from its routes: what a handler takes and answers is read off its type,
//! so the document says what the code does, and adding an endpoint touches only its service (D9).
//!
//! `aide` does the same; its release for schemars 1 is a preview, and its own extractors would stand beside ours.

mod answers;
mod arguments;
mod faults;
mod handlers;
#[cfg(test)]
mod tests;

pub use answers::{Answers, Created, Done, Either};
pub use arguments::Reads;
pub use faults::faults;
pub use handlers::Described;

use crate::{Json, PROBLEMS, ProblemBody, ProblemCode};
use axum::Router;
use axum::handler::Handler;
use axum::http::StatusCode;
use axum::routing::{MethodFilter, get, on};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// Where every service serves its document. Open to anybody: it holds no record.
pub const OPENAPI_PATH: &str = "/openapi.json";

/// The routes of a service and what they say of themselves. `S` is the state of the router.
pub struct Api<S> {
    router: Router<S>,
    schemas: SchemaGenerator,
    paths: Map<String, Value>,
    problems: Vec<ProblemCode>,
}

/// One operation while it is being described.
#[derive(Debug)]
pub struct Operation<'a> {
    schemas: &'a mut SchemaGenerator,
    path: &'a str,
    parameters: Vec<Value>,
    body: Option<Value>,
    caller: bool,
    answers: Map<String, Value>,
}

impl<S: Clone + Send + Sync + 'static> Api<S> {
    /// No routes yet. `problems` are the service's own codes; those of the skeleton are added.
    pub fn new(problems: &[ProblemCode]) -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        });
        Self {
            router: Router::new(),
            schemas: settings.into_generator(),
            paths: Map::new(),
            problems: PROBLEMS.iter().chain(problems).copied().collect(),
        }
    }

    /// Also these problem codes: those of rules that several services share.
    #[must_use]
    pub fn knows(mut self, problems: &[ProblemCode]) -> Self {
        self.problems.extend(problems);
        self
    }

    /// `GET path`, in one line of words.
    #[must_use]
    pub fn get<H, T>(self, path: &str, handler: H, summary: &str) -> Self
    where
        H: Handler<T, S> + Described<T>,
        T: 'static,
    {
        self.route(MethodFilter::GET, "get", path, handler, summary)
    }

    /// `POST path`, in one line of words.
    #[must_use]
    pub fn post<H, T>(self, path: &str, handler: H, summary: &str) -> Self
    where
        H: Handler<T, S> + Described<T>,
        T: 'static,
    {
        self.route(MethodFilter::POST, "post", path, handler, summary)
    }

    fn route<H, T>(
        mut self,
        filter: MethodFilter,
        method: &str,
        path: &str,
        handler: H,
        summary: &str,
    ) -> Self
    where
        H: Handler<T, S> + Described<T>,
        T: 'static,
    {
        let mut operation = Operation {
            schemas: &mut self.schemas,
            path,
            parameters: Vec::new(),
            body: None,
            caller: false,
            answers: Map::new(),
        };
        H::describe(&mut operation);
        operation.refuses(StatusCode::SERVICE_UNAVAILABLE);
        let described = operation.finish(H::name(), summary);
        let methods = self.paths.entry(path).or_insert_with(|| json!({}));
        methods[method] = described;
        self.router = self.router.route(path, on(filter, handler));
        self
    }

    /// The document (OpenAPI 3.1).
    pub fn document(&self, title: &str, version: &str) -> Value {
        let mut schemas = self.schemas.clone();
        schemas.subschema_for::<ProblemBody>();
        let mut components = schemas.take_definitions(true);
        let codes: Vec<_> = self.problems.iter().map(|problem| problem.code()).collect();
        if let Some(code) = components
            .get_mut(&*ProblemBody::schema_name())
            .and_then(|schema| schema.pointer_mut("/properties/code"))
        {
            code["enum"] = json!(codes);
        }
        json!({
            "openapi": "3.1.0",
            "info": { "title": title, "version": version },
            "paths": self.paths,
            "components": {
                "schemas": components,
                "securitySchemes": { "caller": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" } },
            },
        })
    }

    /// The routes, with those that serve the document and the pages of the problem codes.
    pub fn into_router(self, title: &str, version: &str) -> Router<S> {
        let document = self.document(title, version);
        self.router
            .route(OPENAPI_PATH, get(async move || Json(document.clone())))
            .merge(crate::pages(self.problems))
    }
}

impl<S> std::fmt::Debug for Api<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Api")
            .field("paths", &self.paths.keys())
            .finish_non_exhaustive()
    }
}

impl Operation<'_> {
    fn schema<T: JsonSchema>(&mut self) -> Schema {
        self.schemas.subschema_for::<T>()
    }

    fn parameter(&mut self, place: &str, name: &str, required: bool, schema: &Value) {
        let parameter = json!({ "name": name, "in": place, "required": required, "schema": schema });
        self.parameters.push(parameter);
    }

    pub(crate) fn json_body<T: JsonSchema>(&mut self) {
        let schema = self.schema::<T>();
        self.body =
            Some(json!({ "required": true, "content": { "application/json": { "schema": schema } } }));
        self.refuses(StatusCode::BAD_REQUEST);
        self.refuses(StatusCode::PAYLOAD_TOO_LARGE);
        self.refuses(StatusCode::UNPROCESSABLE_ENTITY);
    }

    /// Another media type that the body may have.
    pub(crate) fn also_taken(&mut self, media_type: &str, schema: &Value) {
        if let Some(body) = &mut self.body {
            body["content"][media_type] = json!({ "schema": schema });
        }
    }

    fn answer(&mut self, status: StatusCode, content: &Value) {
        let description = status.canonical_reason().unwrap_or_default();
        let answer = json!({ "description": description, "content": content });
        self.answers.insert(status.as_str().to_owned(), answer);
    }

    pub(crate) fn refuses(&mut self, status: StatusCode) {
        let schema = self.schema::<ProblemBody>();
        self.answer(
            status,
            &json!({ "application/problem+json": { "schema": schema } }),
        );
    }

    fn finish(self, name: &str, summary: &str) -> Value {
        let mut operation = json!({
            "operationId": name, "summary": summary, "parameters": self.parameters, "responses": self.answers,
        });
        if let Some(body) = self.body {
            operation["requestBody"] = body;
        }
        if self.caller {
            operation["security"] = json!([{ "caller": [] }]);
        }
        operation
    }
}
