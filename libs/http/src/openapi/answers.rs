//! What handlers answer.

use super::Operation;
use crate::{Json, Replayed};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

/// What a handler answers.
pub trait Answers {
    /// Adds the answers.
    fn describe(operation: &mut Operation<'_>);
}

/// 201: a command made something.
#[derive(Debug)]
pub struct Created<T> {
    /// What it answers.
    pub output: T,
    /// Whether that had been answered before.
    pub replayed: bool,
}

/// 200: a command was done.
#[derive(Debug)]
pub struct Done<T> {
    /// What it answers.
    pub output: T,
    /// Whether that had been answered before.
    pub replayed: bool,
}

/// One answer or another.
#[derive(Debug)]
pub enum Either<A, B> {
    /// The one.
    One(A),
    /// The other.
    Other(B),
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, Replayed(self.replayed), Json(self.output)).into_response()
    }
}

impl<T: Serialize> IntoResponse for Done<T> {
    fn into_response(self) -> Response {
        (Replayed(self.replayed), Json(self.output)).into_response()
    }
}

impl<A: IntoResponse, B: IntoResponse> IntoResponse for Either<A, B> {
    fn into_response(self) -> Response {
        match self {
            Self::One(answer) => answer.into_response(),
            Self::Other(answer) => answer.into_response(),
        }
    }
}

fn json<T: JsonSchema>(operation: &mut Operation<'_>, status: StatusCode) {
    let schema = operation.schema::<T>();
    operation.answer(status, &json!({ "application/json": { "schema": schema } }));
}

impl<T: JsonSchema> Answers for Json<T> {
    fn describe(operation: &mut Operation<'_>) {
        json::<T>(operation, StatusCode::OK);
    }
}

impl<T: JsonSchema> Answers for Done<T> {
    fn describe(operation: &mut Operation<'_>) {
        json::<T>(operation, StatusCode::OK);
    }
}

impl<T: JsonSchema> Answers for Created<T> {
    fn describe(operation: &mut Operation<'_>) {
        json::<T>(operation, StatusCode::CREATED);
    }
}

impl<A: Answers, B: Answers> Answers for Either<A, B> {
    fn describe(operation: &mut Operation<'_>) {
        A::describe(operation);
        B::describe(operation);
    }
}

/// The refusals follow from the arguments.
impl<T: Answers, E> Answers for Result<T, E> {
    fn describe(operation: &mut Operation<'_>) {
        T::describe(operation);
    }
}
