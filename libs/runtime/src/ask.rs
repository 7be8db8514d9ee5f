//! Asking another service in the caller's name (D9): with their own token, so that nobody learns through one service
//! what another would not tell them.

use crate::{App, Failure};
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use mz_bus::bridge::{Request, Response};
use mz_contracts::Owner;
use mz_http::{Correlation, Problem, codes};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// How long a caller should wait when the other service cannot answer.
const REPEAT_AFTER: Duration = Duration::from_secs(2);

/// The caller's token and the request's correlation, as they go on to another service. A handler's argument, beside
/// [`mz_http::Caller`], which checks the token.
pub struct InTheirName {
    authorization: String,
    correlation: Correlation,
}

impl mz_http::openapi::Reads for InTheirName {}

impl<S: Send + Sync> FromRequestParts<S> for InTheirName {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let correlation = Correlation::from_request_parts(parts, state).await?;
        let given = parts
            .headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        Ok(Self {
            authorization: given.unwrap_or_default().to_owned(),
            correlation,
        })
    }
}

/// A service answered what it never should.
#[derive(Debug, thiserror::Error)]
enum Odd {
    #[error("service {service} answered {status} to a query")]
    Status { service: &'static str, status: u16 },
    #[error("the answer of service {service} does not have the expected fields")]
    Body {
        service: &'static str,
        #[source]
        source: serde_json::Error,
    },
}

impl<S: Owner> App<S> {
    /// Asks service `O` for what stands at `path`, such as `/persons/per_…`; none where nothing does. What the other
    /// service refuses to this caller is refused here, too. Never within a unit of work.
    pub async fn ask<O: Owner, T: DeserializeOwned>(
        &self,
        caller: &InTheirName,
        path: String,
    ) -> Result<Option<T>, Failure> {
        let headers = vec![
            ("authorization".to_owned(), caller.authorization.clone()),
            (
                "correlation-id".to_owned(),
                caller.correlation.as_str().to_owned(),
            ),
        ];
        let request = Request {
            method: "GET".to_owned(),
            path,
            headers,
            body: bytes::Bytes::new(),
        };
        let answer = self.bridge.call(O::NAME, request).await?;
        Ok(read(O::NAME, &answer)?)
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Said {
    code: String,
    detail: String,
}

fn read<T: DeserializeOwned>(service: &'static str, answer: &Response) -> Result<Option<T>, Problem> {
    let said = || serde_json::from_slice::<Said>(&answer.body).unwrap_or_default();
    match StatusCode::from_u16(answer.status).unwrap_or_default() {
        StatusCode::OK => {
            let read = serde_json::from_slice(&answer.body).map(Some);
            read.map_err(|source| Problem::internal(Odd::Body { service, source }))
        }
        StatusCode::NOT_FOUND => Ok(None),
        StatusCode::UNAUTHORIZED => Err(Problem::unauthenticated(said().detail)),
        StatusCode::FORBIDDEN => {
            let Said { code, detail } = said();
            let code = if code == codes::ROLE.code() {
                codes::ROLE
            } else {
                codes::DIVISION
            };
            Err(Problem::forbidden(code, detail))
        }
        status if status.is_server_error() => {
            Err(Problem::unavailable(REPEAT_AFTER).caused_by(Odd::Status {
                service,
                status: answer.status,
            }))
        }
        _ => Err(Problem::internal(Odd::Status {
            service,
            status: answer.status,
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Result<Option<u32>, (u16, &'static str)> {
        let response = Response {
            status,
            headers: Vec::new(),
            body: body.to_owned().into(),
        };
        read("registration", &response).map_err(|problem| (problem.status().as_u16(), problem.body().code))
    }

    #[test]
    fn what_the_other_service_says_is_said_on() {
        assert_eq!(answer(200, "7"), Ok(Some(7)));
        assert_eq!(answer(404, "{}"), Ok(None));
        assert_eq!(
            answer(403, r#"{"code":"caller.role"}"#),
            Err((403, "caller.role"))
        );
        assert_eq!(
            answer(403, r#"{"code":"caller.division"}"#),
            Err((403, "caller.division"))
        );
        assert_eq!(answer(401, "{}"), Err((401, "caller.unauthenticated")));
        assert_eq!(answer(503, ""), Err((503, "service.unavailable")));
        assert_eq!(answer(200, "{}"), Err((500, "service.internal")));
        assert_eq!(answer(422, "{}"), Err((500, "service.internal")));
    }
}
