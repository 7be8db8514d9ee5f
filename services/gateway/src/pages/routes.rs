//! The console's routes: who looks, in whose name it is asked, and the page around the answer. A form is answered with a
//! redirect to the page that shows its outcome; a refused one with its page and the reason.

use super::ask::{self, Ask};
use super::frame::{Frame, Note, Page, Tone, View};
use super::known::Known;
use super::orders::{self, Fields, Order};
use super::{batches, persons, sign_in, words};
use crate::door::{Door, Form, LARGE_COOKIE, PageError, Session};
use crate::{accounts, assets};
use askama::Template;
use axum::Router;
use axum::extract::{FromRequestParts, OriginalUri, Path, Query, Request, State};
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, SET_COOKIE,
};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use mz_http::Problem;
use mz_runtime::Failure;
use serde_json::Value;

const POLICY: &str =
    "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

/// Every page, for the door to mount.
pub(crate) fn routes() -> Router<Door> {
    Router::new()
        .route("/", get(overview))
        .route("/sign-in", get(show_sign_in))
        .route("/display", post(display))
        .route("/persons", get(search).post(look_up))
        .route("/persons/{person}", get(person))
        .route("/cases", get(cases))
        .route("/batches", get(list_batches).post(build_batch))
        .route("/batches/new", get(new_batch))
        .route("/batches/{batch}", get(batch))
        .route("/batches/{batch}/proposal", post(propose))
        .route("/batches/{batch}/decision", post(decide))
        .route("/batches/{batch}/results", post(enter_results))
        .route("/batches/{batch}/bank-file", get(bank_file))
        .route("/notices", get(notices))
        .route("/notices/{notice}", get(notice))
        .route("/notices/{notice}/read", post(read_notice))
        .route("/recoveries", get(recoveries))
        .route("/reports", get(reports))
        .route("/assets/{hash}/{name}", get(assets::serve))
}

/// The door in one officer's name.
struct InTheName<'a> {
    door: &'a Door,
    session: &'a Session,
}

impl Ask for InTheName<'_> {
    async fn ask(&self, service: &'static str, path: String) -> (u16, Vec<u8>) {
        match self
            .door
            .raw(self.session, service, "GET", &path, Vec::new(), Bytes::new())
            .await
        {
            Ok(answer) => (answer.status, answer.body.to_vec()),
            Err(error) => (error.status, Vec::new()),
        }
    }
}

/// The division that an officer's pages begin with.
fn division(session: &Session) -> String {
    session
        .caller
        .divisions
        .first()
        .map(ToString::to_string)
        .unwrap_or_default()
}

/// Draws a page around what it shows.
fn drawn(status: StatusCode, frame: &Frame, view: &View) -> Response {
    match (Page { frame, view }).render() {
        Ok(html) => {
            let headers = [(CONTENT_SECURITY_POLICY, POLICY), (CACHE_CONTROL, "no-store")];
            (status, headers, Html(html)).into_response()
        }
        Err(error) => Failure(Problem::internal(error)).into_response(),
    }
}

/// A page of somebody who is signed in.
async fn shown(door: &Door, session: &Session, uri: &Uri, status: StatusCode, view: View) -> Response {
    let asked = InTheName { door, session };
    let unread = match ask::unread(&asked, &division(session)).await {
        Known::Here(unread) => Some(unread),
        Known::Missing | Known::Refused => None,
    };
    let key = match accounts::random_text() {
        Ok(key) => key,
        Err(failure) => return failure.into_response(),
    };
    let frame = Frame {
        office: OFFICE.to_owned(),
        user: Some(session.caller.name.clone()),
        csrf: session.csrf.clone(),
        key,
        big: session.large,
        path: uri.path().to_owned(),
        unread,
    };
    drawn(status, &frame, &view)
}

/// The name in the header until the county's own is configured.
const OFFICE: &str = "民政综合平台";

/// Sends an order of a form in the officer's name.
async fn ordered(door: &Door, session: &Session, fields: &Fields, order: Order) -> Result<Value, PageError> {
    let key = fields.get("key").map_or("", String::as_str);
    door.post(session, order.service, &order.path, &order.body, key)
        .await
}

fn said(error: &PageError) -> String {
    words::refusal(&error.code, &error.detail)
}

fn status_of(error: &PageError) -> StatusCode {
    StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// A path of this console; anything else, such as another host's, is the first page.
fn inside(path: &str) -> &str {
    let own = path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n']);
    if own { path } else { "/" }
}

fn one<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).map_or("", String::as_str)
}

async fn overview(State(door): State<Door>, session: Session, OriginalUri(uri): OriginalUri) -> Response {
    let today = door.app.db.surroundings().legal.today();
    let view = ask::overview(
        &InTheName {
            door: &door,
            session: &session,
        },
        &division(&session),
        today,
    )
    .await;
    shown(&door, &session, &uri, StatusCode::OK, view).await
}

fn signing_in(status: StatusCode, refused: Option<&str>, next: &str, big: bool) -> Response {
    let frame = Frame {
        office: OFFICE.to_owned(),
        big,
        path: "/sign-in".into(),
        ..Frame::default()
    };
    drawn(status, &frame, &sign_in::view(refused, inside(next)))
}

fn is_large(headers: &HeaderMap) -> bool {
    crate::door::cookie(headers, LARGE_COOKIE).is_some()
}

async fn show_sign_in(headers: HeaderMap, Query(query): Query<Fields>) -> Response {
    signing_in(StatusCode::OK, None, one(&query, "next"), is_large(&headers))
}

/// The sign-in page once more, with why the door stayed shut; it never says which of login and password was wrong.
pub(crate) fn sign_in_refused(headers: &HeaderMap, failure: Failure, back: &str) -> Response {
    let error = PageError::from(failure);
    let why = match error.status {
        401 => "用户名或密码不正确。".to_owned(),
        429 => "尝试次数过多，请稍后再试。".to_owned(),
        _ => said(&error),
    };
    signing_in(status_of(&error), Some(&why), back, is_large(headers))
}

/// Large letters are a matter of the eyes and no secret: no session is needed.
async fn display(axum::Form(fields): axum::Form<Fields>) -> Response {
    let age = if one(&fields, "size") == "big" {
        31_536_000
    } else {
        0
    };
    let cookie = format!("{LARGE_COOKIE}=1; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}");
    ([(SET_COOKIE, cookie)], Redirect::to(inside(one(&fields, "back")))).into_response()
}

/// `GET /health` in a browser: the page of what everybody else gets as JSON.
pub(crate) async fn health(State(door): State<Door>, request: Request, next: Next) -> Response {
    let html = |headers: &HeaderMap| {
        let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
        accept.is_some_and(|accept| accept.contains("text/html"))
    };
    if request.uri().path() != "/health" || request.method() != Method::GET || !html(request.headers()) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let session = match Session::from_request_parts(&mut parts, &door).await {
        Ok(session) => session,
        Err(elsewhere) => return elsewhere,
    };
    let uri = parts.uri.clone();
    let answer = next.run(Request::from_parts(parts, body)).await;
    let status = answer.status().as_u16();
    let body = axum::body::to_bytes(answer.into_body(), HEALTH_BYTES_MAX)
        .await
        .unwrap_or_default();
    shown(&door, &session, &uri, StatusCode::OK, ask::health(status, &body)).await
}

/// The suite's own answer is a few kilobytes.
const HEALTH_BYTES_MAX: usize = 1024 * 1024;

async fn search(State(door): State<Door>, session: Session, OriginalUri(uri): OriginalUri) -> Response {
    shown(&door, &session, &uri, StatusCode::OK, persons::search(None)).await
}

async fn look_up(State(door): State<Door>, OriginalUri(uri): OriginalUri, form: Form<Fields>) -> Response {
    match ordered(
        &door,
        &form.session,
        &form.fields,
        orders::look_up_person(&form.fields),
    )
    .await
    {
        Ok(found) => Redirect::to(&format!(
            "/persons/{}",
            found["person"].as_str().unwrap_or_default()
        ))
        .into_response(),
        Err(error) => {
            let why = if error.status == 404 {
                "没有找到该号码对应的人员。".to_owned()
            } else {
                said(&error)
            };
            shown(
                &door,
                &form.session,
                &uri,
                status_of(&error),
                persons::search(Some(&why)),
            )
            .await
        }
    }
}

async fn person(
    State(door): State<Door>,
    session: Session,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<String>,
) -> Response {
    let asked = InTheName {
        door: &door,
        session: &session,
    };
    let view = Box::pin(ask::person(&asked, &id)).await;
    shown(&door, &session, &uri, StatusCode::OK, view).await
}

/// A list of the officer's own division: what `view` shows of it.
macro_rules! list {
    ($name:ident, |$door:ident, $division:ident, $query:ident| $view:expr) => {
        async fn $name(
            State(door): State<Door>,
            session: Session,
            OriginalUri(uri): OriginalUri,
            Query($query): Query<Fields>,
        ) -> Response {
            let $division = &division(&session);
            let $door = &InTheName {
                door: &door,
                session: &session,
            };
            let view = $view.await;
            shown(&door, &session, &uri, StatusCode::OK, view).await
        }
    };
}

list!(cases, |door, division, query| ask::cases(
    door,
    division,
    one(&query, "stage"),
    one(&query, "after")
));
list!(list_batches, |door, division, query| ask::batches(
    door,
    division,
    one(&query, "after")
));
list!(notices, |door, division, query| ask::notices(
    door,
    division,
    one(&query, "after")
));
list!(recoveries, |door, division, query| ask::recoveries(
    door,
    division,
    one(&query, "after")
));

async fn reports(
    State(door): State<Door>,
    session: Session,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<Fields>,
) -> Response {
    let year = door.app.db.surroundings().legal.today().year();
    let (first, last) = (format!("{year:04}-01"), format!("{year:04}-12"));
    let or = |name: &str, otherwise: String| {
        query
            .get(name)
            .cloned()
            .filter(|text| !text.is_empty())
            .unwrap_or(otherwise)
    };
    let (from, to) = (or("from", first), or("to", last));
    let view = ask::reports(
        &InTheName {
            door: &door,
            session: &session,
        },
        &division(&session),
        &from,
        &to,
    )
    .await;
    shown(&door, &session, &uri, StatusCode::OK, view).await
}

async fn new_batch(State(door): State<Door>, session: Session, OriginalUri(uri): OriginalUri) -> Response {
    let month = mz_kernel::Month::of(door.app.db.surroundings().legal.today()).to_string();
    shown(
        &door,
        &session,
        &uri,
        StatusCode::OK,
        batches::new(&month, &division(&session), None),
    )
    .await
}

async fn build_batch(
    State(door): State<Door>,
    OriginalUri(uri): OriginalUri,
    form: Form<Fields>,
) -> Response {
    match ordered(
        &door,
        &form.session,
        &form.fields,
        orders::build_batch(&form.fields),
    )
    .await
    {
        Ok(built) => Redirect::to(&format!(
            "/batches/{}",
            built["batch"].as_str().unwrap_or_default()
        ))
        .into_response(),
        Err(error) => {
            let view = batches::new(
                one(&form.fields, "month"),
                one(&form.fields, "division"),
                Some(&said(&error)),
            );
            shown(&door, &form.session, &uri, status_of(&error), view).await
        }
    }
}

async fn batch(
    State(door): State<Door>,
    session: Session,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<String>,
) -> Response {
    let view = ask::batch(
        &InTheName {
            door: &door,
            session: &session,
        },
        &id,
        None,
    )
    .await;
    shown(&door, &session, &uri, StatusCode::OK, view).await
}

/// Carries out an order about a batch, and shows the batch.
async fn about_batch(door: Door, uri: Uri, id: String, form: Form<Fields>, order: Order) -> Response {
    match ordered(&door, &form.session, &form.fields, order).await {
        Ok(_) => Redirect::to(&format!("/batches/{id}")).into_response(),
        Err(error) => {
            let note = Note::new(Tone::Bad, said(&error));
            let asked = InTheName {
                door: &door,
                session: &form.session,
            };
            let view = ask::batch(&asked, &id, Some(note)).await;
            shown(&door, &form.session, &uri, status_of(&error), view).await
        }
    }
}

async fn propose(
    State(door): State<Door>,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<String>,
    form: Form<Fields>,
) -> Response {
    let order = orders::propose_batch(&id);
    about_batch(door, uri, id, form, order).await
}

async fn decide(
    State(door): State<Door>,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<String>,
    form: Form<Fields>,
) -> Response {
    let order = orders::decide_batch(&id, &form.fields);
    about_batch(door, uri, id, form, order).await
}

async fn enter_results(
    State(door): State<Door>,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<String>,
    form: Form<Fields>,
) -> Response {
    let order = orders::enter_results(&id, one(&form.fields, "file"));
    about_batch(door, uri, id, form, order).await
}

async fn bank_file(State(door): State<Door>, session: Session, Path(id): Path<String>) -> Response {
    let path = format!("/batches/{id}/bank-file");
    match door
        .raw(&session, "disbursement", "GET", &path, Vec::new(), Bytes::new())
        .await
    {
        Ok(file) => {
            let headers = [
                (CONTENT_TYPE, "text/csv; charset=utf-8"),
                (CONTENT_DISPOSITION, "attachment; filename=\"bank-file.csv\""),
                (CACHE_CONTROL, "no-store"),
            ];
            (headers, file.body).into_response()
        }
        Err(error) => error.into_response(),
    }
}

async fn notice(
    State(door): State<Door>,
    session: Session,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<String>,
) -> Response {
    let view = ask::notice(
        &InTheName {
            door: &door,
            session: &session,
        },
        &id,
    )
    .await;
    shown(&door, &session, &uri, StatusCode::OK, view).await
}

async fn read_notice(State(door): State<Door>, Path(id): Path<String>, form: Form<Fields>) -> Response {
    match ordered(&door, &form.session, &form.fields, orders::read_notice(&id)).await {
        Ok(_) => Redirect::to("/notices").into_response(),
        Err(error) => error.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::inside;

    #[test]
    fn a_page_leads_to_no_other_host() {
        for path in ["//evil", "https://evil", "/\\evil", "", "/a\r\nb"] {
            assert_eq!(inside(path), "/", "{path:?}");
        }
        assert_eq!(inside("/batches?after=b"), "/batches?after=b");
    }
}
