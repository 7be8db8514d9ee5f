//! Pages of the office: signing in, the overview, cases, notices, reports, health.

use super::persons::noted;
use crate::door::{Door, LARGE_COOKIE, PageError};
use crate::pages::frame::{Note, Tone, View};
use crate::pages::known::Known;
use crate::pages::orders::{self, Fields};
use crate::pages::reports::Period;
use crate::pages::{ask, notices, sign_in, words};
use crate::sessions::NotSignedIn;
use crate::visit::{Sent, Visit, inside, refusal, status_of, unsigned};
use crate::{format, problems};
use axum::extract::{FromRequestParts, Path, Query, Request, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER, SET_COOKIE};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use mz_http::Role;
use mz_kernel::{Month, PersonId};

/// A year, in seconds.
const YEAR: u32 = 31_536_000;

fn one<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).map_or("", String::as_str)
}

pub(super) async fn show_sign_in(
    State(door): State<Door>,
    headers: HeaderMap,
    Query(query): Query<Fields>,
) -> Response {
    let view = sign_in::view(None, inside(one(&query, "next")));
    unsigned(&door, StatusCode::OK, &view, &headers)
}

/// The sign-in page once more, with why the door stayed shut; it never says which of login and password was wrong.
pub(crate) fn sign_in_refused(door: &Door, headers: &HeaderMap, why: NotSignedIn, back: &str) -> Response {
    let shown = |status, note| unsigned(door, status, &sign_in::view(Some(note), inside(back)), headers);
    match why {
        NotSignedIn::Wait(wait) => {
            let wait = problems::seconds(wait);
            let text = format!("密码错误次数过多，请 {}后再试。", format::wait(wait));
            let mut answer = shown(StatusCode::TOO_MANY_REQUESTS, Note::new(Tone::Bad, text));
            answer.headers_mut().insert(RETRY_AFTER, wait.into());
            answer
        }
        NotSignedIn::Refused(failure) => {
            let error = PageError::from(failure);
            let note = match error.status {
                401 => Note::new(Tone::Bad, "用户名或密码不正确。"),
                _ => refusal(&error),
            };
            shown(status_of(&error), note)
        }
    }
}

/// Large letters are a matter of the eyes and no secret: no session is needed.
pub(super) async fn display(axum::Form(fields): axum::Form<Fields>) -> Response {
    let age = if one(&fields, "size") == "big" { YEAR } else { 0 };
    let cookie = format!("{LARGE_COOKIE}=1; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}");
    ([(SET_COOKIE, cookie)], Redirect::to(inside(one(&fields, "back")))).into_response()
}

pub(super) async fn overview(visit: Visit, Query(query): Query<Fields>) -> Response {
    if !visit.is_officer() {
        // An administrator has no cases: the services are what is looked after.
        let done = query
            .get("done")
            .map_or(String::new(), |done| format!("?done={done}"));
        return Redirect::to(&format!("/health{done}")).into_response();
    }
    let mut view = ask::overview(&visit, &visit.division(), visit.today()).await;
    view.say_done(query.get("done"));
    visit.show(view).await
}

pub(super) async fn cases(visit: Visit, Query(query): Query<Fields>) -> Response {
    let (stage, after) = (one(&query, "stage"), one(&query, "after"));
    let view = ask::cases(&visit, &visit.division(), stage, after).await;
    visit.show(view).await
}

pub(super) async fn notices(visit: Visit, Query(query): Query<Fields>) -> Response {
    let view = ask::notices(&visit, &visit.division(), one(&query, "after")).await;
    visit.show(view).await
}

/// A notice to a person or a family names whom it is to: that is a reading about the person.
pub(super) async fn notice(visit: Visit, Path(id): Path<String>) -> Response {
    let found = ask::notice(&visit, &id).await;
    let addressed = match &found {
        Known::Here(notice) if notice.recipient != "office" => notice.person.as_deref(),
        _ => None,
    };
    let name = match addressed.map(str::parse::<PersonId>) {
        Some(Ok(person)) => {
            if let Err(instead) = noted(&visit, person).await {
                return instead;
            }
            ask::name(&visit, person).await
        }
        _ => None,
    };
    visit.show(notices::one(found, name.as_deref())).await
}

pub(super) async fn read_notice(Path(id): Path<String>, sent: Sent) -> Response {
    match sent.order(orders::read_notice(&id)).await {
        Ok(_) => Redirect::to("/notices").into_response(),
        Err(error) => sent.visit.refuse(&error).await,
    }
}

/// The months of an address; the year so far, where it names none.
fn period(visit: &Visit, query: &Fields) -> Period {
    let today = visit.today();
    let given = |name: &str, otherwise: String| match one(query, name) {
        "" => otherwise,
        text => text.to_owned(),
    };
    Period {
        from: given("from", format!("{:04}-01", today.year())),
        to: given("to", Month::of(today).to_string()),
    }
}

pub(super) async fn reports(visit: Visit, Query(query): Query<Fields>) -> Response {
    let period = period(&visit, &query);
    let view = ask::reports(&visit, &visit.division(), &period).await;
    visit.show(view).await
}

pub(super) async fn figure_rows(visit: Visit, Query(query): Query<Fields>) -> Response {
    let period = period(&visit, &query);
    let (indicator, after) = (one(&query, "indicator"), one(&query, "after"));
    let view = ask::figure_rows(&visit, &visit.division(), indicator, &period, after).await;
    visit.show(view).await
}

/// Whether a browser asks for a page.
fn by_browser(request: &Request) -> bool {
    let accept = request
        .headers()
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok());
    request.method() == Method::GET && accept.is_some_and(|accept| accept.contains("text/html"))
}

/// An address that no page has, in a browser: a page that says so. Programs are answered the problem.
pub(crate) async fn unknown(State(door): State<Door>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let program = ["/api/", "/problems/"]
        .iter()
        .any(|start| path.starts_with(start));
    if program || !by_browser(&request) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let asked = Request::from_parts(parts.clone(), body);
    let answer = next.run(asked).await;
    // An address of a page that holds no id (400), or that only takes a form (405), is none to a reader either.
    let none = [
        StatusCode::BAD_REQUEST,
        StatusCode::NOT_FOUND,
        StatusCode::METHOD_NOT_ALLOWED,
    ];
    let drawn = answer.headers().get(CONTENT_TYPE);
    let drawn = drawn.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if drawn || !none.contains(&answer.status()) {
        return answer;
    }
    let view = View {
        title: "没有这个页面".into(),
        notes: vec![Note::new(
            Tone::Warn,
            "地址有误，或页面已不存在。请核对地址，或从首页进入。",
        )],
        ..View::default()
    };
    match Visit::from_request_parts(&mut parts, &door).await {
        Ok(visit) => visit.show_as(StatusCode::NOT_FOUND, view).await,
        Err(_) => unsigned(&door, StatusCode::NOT_FOUND, &view, &parts.headers),
    }
}

/// `GET /health` in a browser: the page of what everybody else gets as JSON.
pub(crate) async fn health(State(door): State<Door>, request: Request, next: Next) -> Response {
    if request.uri().path() != "/health" || !by_browser(&request) {
        return next.run(request).await;
    }
    let (mut parts, _) = request.into_parts();
    match Visit::from_request_parts(&mut parts, &door).await {
        Ok(visit) => {
            let query = parts.uri.query().and_then(|query| query.strip_prefix("done="));
            let done = query.and_then(words::done);
            show_health(
                &visit,
                StatusCode::OK,
                done.map(|text| Note::new(Tone::Good, text)),
            )
            .await
        }
        Err(elsewhere) => elsewhere,
    }
}

async fn show_health(visit: &Visit, status: StatusCode, note: Option<Note>) -> Response {
    // Without NATS nobody is found: the page says so of each service.
    let instances = visit.door.app.bridge.instances().await.unwrap_or_default();
    let mut view = ask::health(visit, &instances, visit.is(Role::Administrator)).await;
    view.notes.extend(note);
    visit.show_as(status, view).await
}

/// Has a service try again what it could not apply.
pub(super) async fn retry(sent: Sent) -> Response {
    let ordered = match orders::retry(&sent.fields) {
        Some(order) => sent.order(order).await,
        None => Err(PageError::new(422, "request.invalid", "")),
    };
    match ordered {
        Ok(_) => Redirect::to("/health?done=retried").into_response(),
        Err(error) => show_health(&sent.visit, status_of(&error), Some(refusal(&error))).await,
    }
}
