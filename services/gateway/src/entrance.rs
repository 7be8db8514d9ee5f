//! The door's own routes: signing in and out, and programs that call the API with the session of a browser.

use crate::door::{Door, SESSION_COOKIE};
use crate::reading::Question;
use crate::sessions::NotSignedIn;
use crate::visit::{Sent, inside};
use crate::{problems, routes, sessions};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, COOKIE, HOST, HeaderValue, ORIGIN, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use mz_contracts::Gateway;
use mz_http::{Json, Problem, TokenSigner, codes};
use mz_kernel::Stamp;
use mz_runtime::{App, Failure};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A write to the API with a session carries the session's `csrf` in this header.
const CSRF_HEADER: &str = "x-csrf-token";

/// The console's routes, and `api` (the services' routes) opened to sessions. A bearer token goes through untouched.
pub fn door(app: App<Gateway>, signer: TokenSigner, api: Router) -> Router {
    let observer = app.observer();
    let door = Door {
        app,
        signer,
        county: Arc::default(),
    };
    let api = api
        .layer(from_fn_with_state(door.clone(), with_session))
        .layer(from_fn_with_state(door.clone(), routes::health));
    let pages = Router::new()
        .route("/sign-in", post(sign_in))
        .route("/sign-out", post(sign_out))
        .route("/sessions", post(begin_session).delete(end_session))
        .route("/sessions/password", post(choose_password))
        .route(mz_http::openapi::OPENAPI_PATH, get(crate::openapi::document))
        .merge(routes::routes())
        .with_state(door.clone());
    let pages = mz_http::watch(pages, observer);
    let shown = from_fn_with_state(door, routes::unknown);
    pages.merge(api).layer(shown).layer(from_fn(from_own_pages))
}

/// What a browser was made to send by another site goes no further, also where no session is needed yet: it says
/// whose page it is from.
async fn from_own_pages(request: Request, next: Next) -> Response {
    let (headers, method) = (request.headers(), request.method());
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let (false, Some(origin), Some(host)) = (method.is_safe(), text(ORIGIN), text(HOST))
        && origin.split_once("://").map(|(_, origin)| origin) != Some(host)
    {
        return problems::foreign().into_response();
    }
    next.run(request).await
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
    headers: HeaderMap,
    axum::Form(sent): axum::Form<Credentials>,
) -> Response {
    let cookie = match sessions::sign_in(&door.app, sent.login, sent.password).await {
        Ok(cookie) => cookie,
        Err(why) => return routes::sign_in_refused(&door, &headers, why, inside(&sent.back)),
    };
    let seconds = sessions::SESSION.as_secs();
    let set = format!("{SESSION_COOKIE}={cookie}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}");
    ([(SET_COOKIE, set)], Redirect::to(inside(&sent.back))).into_response()
}

async fn sign_out(State(door): State<Door>, headers: HeaderMap, _sent: Sent) -> Result<Response, Failure> {
    if let Some(cookie) = crate::door::cookie(&headers, SESSION_COOKIE) {
        sessions::sign_out(&door.app, cookie).await?;
    }
    let gone = format!("{SESSION_COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    Ok(([(SET_COOKIE, gone)], Redirect::to("/sign-in")).into_response())
}

/// A program's way in: `POST /sessions` with login and password as JSON answers a token for `Authorization: Bearer …`,
/// `DELETE /sessions` ends it. Unlike a cookie it is sent by nobody but the program: there is no CSRF token.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Login {
    login: String,
    password: String,
}

#[derive(Serialize)]
struct SignedIn {
    token: String,
    expires: Stamp,
    /// Whether a password must be chosen before anything else.
    temporary: bool,
}

async fn begin_session(
    State(door): State<Door>,
    Json(sent): Json<Login>,
) -> Result<(StatusCode, axum::Json<SignedIn>), Response> {
    let token = match sessions::sign_in(&door.app, sent.login, sent.password).await {
        Ok(token) => token,
        Err(NotSignedIn::Wait(wait)) => return Err(problems::too_many_tries(wait)),
        Err(NotSignedIn::Refused(failure)) => return Err(failure.into_response()),
    };
    let session = sessions::find(&door.app, &token).await;
    let session = session.map_err(Failure::into_response)?;
    let session = session.ok_or_else(|| ended().into_response())?;
    let signed_in = SignedIn {
        token,
        expires: session.expires,
        temporary: session.temporary,
    };
    Ok((StatusCode::CREATED, axum::Json(signed_in)))
}

async fn end_session(State(door): State<Door>, headers: HeaderMap) -> Result<StatusCode, Failure> {
    let (secret, _) = named(&headers).ok_or_else(ended)?;
    sessions::sign_out(&door.app, secret).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnPassword {
    present: String,
    /// At least 12 characters.
    password: String,
}

async fn choose_password(
    State(door): State<Door>,
    headers: HeaderMap,
    Json(sent): Json<OwnPassword>,
) -> Result<StatusCode, Failure> {
    let session = match named(&headers) {
        Some((secret, false)) => door.session_of(secret, &headers).await?,
        _ => None,
    };
    let session = session.ok_or_else(ended)?;
    let (officer, hash) = (session.caller.officer, &session.hash);
    sessions::choose_password(&door.app, officer, hash, sent.present, sent.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn ended() -> Problem {
    Problem::unauthenticated("The session has ended. Sign in again.")
}

/// The session's secret that a request names, and whether a browser sent it by itself, as a cookie. A token of another
/// signer of ours has three parts with dots between them; a secret has none.
fn named(headers: &HeaderMap) -> Option<(&str, bool)> {
    match headers.get(AUTHORIZATION) {
        Some(value) => {
            let token = value.to_str().ok()?.strip_prefix("Bearer ")?;
            (!token.contains('.')).then_some((token, false))
        }
        None => Some((crate::door::cookie(headers, SESSION_COOKIE)?, true)),
    }
}

/// Puts the officer's token in place of the session, and notes who is read about.
async fn with_session(State(door): State<Door>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    if let Some((secret, by_cookie)) = named(&parts.headers) {
        let session = match door.session_of(secret, &parts.headers).await {
            Ok(Some(session)) => session,
            Ok(None) => return ended().into_response(),
            Err(failure) => return failure.into_response(),
        };
        let sent = parts.headers.get(CSRF_HEADER).map(HeaderValue::as_bytes);
        if by_cookie && !parts.method.is_safe() && sent != Some(session.csrf.as_bytes()) {
            return problems::csrf().into_response();
        }
        if session.temporary {
            return problems::temporary().into_response();
        }
        let Ok(bearer) = HeaderValue::try_from(format!("Bearer {}", session.token)) else {
            return Problem::malformed(codes::INVALID, "The session has no token that can be sent.")
                .into_response();
        };
        parts.headers.insert(AUTHORIZATION, bearer);
    }
    parts.headers.remove(COOKIE);
    let question = Question::of(&door, &parts.method, &parts.uri, &parts.headers);
    let answer = next.run(Request::from_parts(parts, body)).await;
    match question {
        Some(question) => question.noted(&door, answer).await,
        None => answer,
    }
}
