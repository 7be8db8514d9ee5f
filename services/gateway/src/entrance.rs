//! The door's own routes: signing in and out, and programs that call the API with the session of a browser.

use crate::door::{Door, SESSION_COOKIE};
use crate::visit::{Sent, inside};
use crate::{routes, sessions};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, COOKIE, HeaderValue, SET_COOKIE};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use mz_contracts::Gateway;
use mz_http::{Problem, TokenSigner, codes};
use mz_runtime::{App, Failure};
use serde::Deserialize;

/// A write to the API with a session carries the session's `csrf` in this header.
const CSRF_HEADER: &str = "x-csrf-token";

/// The console's routes, and `api` (the services' routes) opened to sessions. A bearer token goes through untouched.
pub fn door(app: App<Gateway>, signer: TokenSigner, api: Router) -> Router {
    let door = Door { app, signer };
    let api = api
        .layer(from_fn_with_state(door.clone(), with_session))
        .layer(from_fn_with_state(door.clone(), routes::health));
    Router::new()
        .route("/sign-in", post(sign_in))
        .route("/sign-out", post(sign_out))
        .route(mz_http::openapi::OPENAPI_PATH, get(crate::openapi::document))
        .merge(routes::routes())
        .with_state(door)
        .merge(api)
}

#[derive(Deserialize)]
struct Credentials {
    login: String,
    password: String,
    #[serde(default)]
    back: String,
}

async fn sign_in(
    State(door): State<Door>,
    headers: axum::http::HeaderMap,
    axum::Form(sent): axum::Form<Credentials>,
) -> Response {
    let cookie = match sessions::sign_in(&door.app, sent.login, sent.password).await {
        Ok(cookie) => cookie,
        Err(failure) => return routes::sign_in_refused(&headers, failure, inside(&sent.back)),
    };
    let seconds = sessions::SESSION.as_secs();
    let set = format!("{SESSION_COOKIE}={cookie}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}");
    ([(SET_COOKIE, set)], Redirect::to(inside(&sent.back))).into_response()
}

async fn sign_out(
    State(door): State<Door>,
    headers: axum::http::HeaderMap,
    _sent: Sent,
) -> Result<Response, Failure> {
    if let Some(cookie) = crate::door::cookie(&headers, SESSION_COOKIE) {
        sessions::sign_out(&door.app, cookie).await?;
    }
    let gone = format!("{SESSION_COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    Ok(([(SET_COOKIE, gone)], Redirect::to("/sign-in")).into_response())
}

async fn with_session(State(door): State<Door>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let has_cookie = crate::door::cookie(&parts.headers, SESSION_COOKIE).is_some();
    if !parts.headers.contains_key(AUTHORIZATION) && has_cookie {
        let session = match door.session(&parts.headers).await {
            Ok(Some(session)) => session,
            Ok(None) => {
                return Problem::unauthenticated("The session has ended. Sign in again.").into_response();
            }
            Err(failure) => return failure.into_response(),
        };
        let sent = parts.headers.get(CSRF_HEADER).map(HeaderValue::as_bytes);
        if !parts.method.is_safe() && sent != Some(session.csrf.as_bytes()) {
            let detail = "Send the session's CSRF token in the header `X-CSRF-Token`.";
            return Problem::unauthenticated(detail).into_response();
        }
        let Ok(bearer) = HeaderValue::try_from(format!("Bearer {}", session.token)) else {
            return Problem::malformed(codes::INVALID, "The session has no token that can be sent.")
                .into_response();
        };
        parts.headers.insert(AUTHORIZATION, bearer);
    }
    parts.headers.remove(COOKIE);
    next.run(Request::from_parts(parts, body)).await
}
