//! The skeleton around a small service: problems, callers, commands, pages and the log, by their wire.

#![cfg(test)]

mod callers;
mod commands;
mod log;
mod problems;

use axum::body::{Body, to_bytes};
use axum::extract::FromRef;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Router, extract::State};
use mz_http::{
    Access, Caller, Correlation, Json, Keyed, Observer, Page, Paged, Path, Problem, Query, Replayed, Role,
    TokenSigner, TokenVerifier, codes,
};
use mz_kernel::{CaseId, DivisionCode, IdSource, ManualSystemClock, Month, Stamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tower::ServiceExt as _;

const CASE: &str = "case_01e5cg0000000000000000c001";
const OFFICER: &str = "off_01e5cg0000000000000000f001";

fn start() -> Stamp {
    "2026-11-24T02:00:00.000000Z".parse().unwrap()
}

fn division(code: &str) -> DivisionCode {
    code.parse().unwrap()
}

/// A township officer of Xiaqiong for an hour.
fn caller() -> Caller {
    Caller {
        officer: OFFICER.parse().unwrap(),
        name: "扎西".to_owned(),
        roles: vec![Role::TownshipOfficer],
        divisions: vec![division("513335100")],
        expires: start().plus(Duration::from_hours(1)),
        purpose: None,
    }
}

/// The gateway's key, its clock, and a service that believes it.
struct Suite {
    signer: TokenSigner,
    clock: Arc<ManualSystemClock>,
    routes: Router,
}

#[derive(Clone)]
struct Service {
    access: Access,
}

impl FromRef<Service> for Access {
    fn from_ref(service: &Service) -> Self {
        service.access.clone()
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    granted: bool,
    from: Month,
}

#[derive(Deserialize)]
struct Filter {
    month: Month,
}

impl Suite {
    fn new() -> Self {
        // Before the first request of any test; see there.
        log::start();
        let signer = TokenSigner::new(&[7; 32]);
        let clock = Arc::new(ManualSystemClock::new(start()));
        let verifier = TokenVerifier::new(&[signer.public_key()]).unwrap();
        let service = Service {
            access: Access {
                verifier,
                clock: clock.clone(),
            },
        };
        let routes = Router::new()
            .route("/cases/{case}", get(show))
            .route("/cases/{case}/decision", post(decide))
            .route("/cases", get(list))
            .route(
                "/lines",
                get(async |Query(filter): Query<Filter>| filter.month.to_string()),
            )
            .route("/broken", get(async || Problem::internal(Broken)))
            .route(
                "/away",
                get(async || Problem::unavailable(Duration::from_millis(1500))),
            )
            .with_state(service)
            .merge(mz_http::pages(codes::PROBLEMS.iter().copied()));
        let routes = mz_http::router(
            routes,
            Observer::new("desk", Arc::new(IdSource::seeded(1)), clock.clone()),
        );
        Self {
            signer,
            clock,
            routes,
        }
    }

    fn token(&self, caller: &Caller) -> String {
        self.signer.sign(caller).unwrap()
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.routes.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text,
        }
    }

    async fn get(&self, path: &str, token: &str) -> Answer {
        let request = Request::get(path).header("authorization", format!("Bearer {token}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Checks that this is a problem of the given status and code, and gives its body.
    #[track_caller]
    fn problem(&self, status: u16, code: &str) -> Value {
        let body = self.json();
        assert_eq!(
            (self.status.as_u16(), &body["code"]),
            (status, &json!(code)),
            "{body:#}"
        );
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        assert_eq!(body["status"], status);
        assert_eq!(body["type"], format!("/problems/{code}"));
        assert_eq!(body["trace"], self.header("correlation-id").unwrap());
        body
    }
}

#[derive(Debug)]
struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the outer cause")
    }
}

impl std::error::Error for Broken {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&std::fmt::Error)
    }
}

/// Cases of township 513335100 have ids; all others lie in 513335101.
async fn show(caller: Caller, Path(case): Path<CaseId>) -> Result<Json<Value>, Problem> {
    let home = if case.as_str() == CASE {
        "513335100"
    } else {
        "513335101"
    };
    caller.may_see(&division(home))?;
    Ok(Json(
        json!({ "case": case, "actor": caller.actor().to_string(), "purpose": caller.purpose }),
    ))
}

async fn decide(
    State(_): State<Service>,
    caller: Caller,
    correlation: Correlation,
    Path(case): Path<CaseId>,
    command: Keyed<Decision>,
) -> Result<impl IntoResponse, Problem> {
    caller.require_any(&[Role::TownshipOfficer, Role::BureauOfficer])?;
    let answer = json!({
        "case": case,
        "key": command.key.as_str(),
        "fingerprint": command.fingerprint,
        "decision": command.body,
        "correlation": correlation.as_str(),
        "trace": mz_trace::current().map(|here| here.to_string()),
    });
    Ok((
        StatusCode::CREATED,
        Replayed(command.key.as_str() == "again"),
        Json(answer),
    ))
}

async fn list(caller: Caller, page: Page) -> Result<Json<Paged<u32>>, Problem> {
    caller.require(Role::BureauOfficer)?;
    let after: u32 = page
        .after
        .as_deref()
        .unwrap_or("0")
        .parse()
        .map_err(|_| Problem::invalid("after", "?"))?;
    let rows = (after + 1..=7).take(usize::from(page.limit) + 1).collect();
    Ok(Json(Paged::new(&page, rows, ToString::to_string)))
}
