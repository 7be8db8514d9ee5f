//! Who asks for a page or sends a form, and the page they get: what every handler of the console begins and ends with.

use crate::door::{Door, PageError, Session};
use crate::pages::ask::{self, Ask};
use crate::pages::batch::Reader;
use crate::pages::frame::{Frame, Note, Page, Tone, View};
use crate::pages::orders::{Fields, Order};
use crate::{accounts, door};
use askama::Template;
use axum::extract::multipart::Multipart;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Redirect, Response};
use bytes::Bytes;
use mz_http::{OFFICERS, Problem, Role};
use mz_kernel::{Date, DivisionCode};
use mz_runtime::Failure;
use serde_json::Value;

const POLICY: &str =
    "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";
/// The largest form that is read, a bank's file included.
pub(crate) const FORM_BYTES_MAX: usize = 32 * 1024 * 1024;

/// What an officer can do before choosing a password of their own.
const OPEN_TO_ALL: [&str; 2] = ["/password", "/sign-out"];

/// A page that somebody who is signed in asks for. As a handler's argument it sends everybody else to sign in.
pub(crate) struct Visit {
    pub(crate) door: Door,
    pub(crate) session: Session,
    uri: Uri,
}

/// The services, in the officer's name.
impl Ask for Visit {
    async fn ask(&self, service: &'static str, path: String) -> (u16, Vec<u8>) {
        match self.door.ask(&self.session, service, &path).await {
            Ok(answer) => (answer.status, answer.body.to_vec()),
            Err(Failure(problem)) => (problem.status().as_u16(), Vec::new()),
        }
    }
}

impl Visit {
    /// The division that the officer's pages begin with.
    pub(crate) fn division(&self) -> String {
        let first = self.session.caller.divisions.first();
        first.map(ToString::to_string).unwrap_or_default()
    }

    /// Where the page stands.
    pub(crate) fn path(&self) -> &str {
        self.uri.path()
    }

    /// The legal date.
    pub(crate) fn today(&self) -> Date {
        self.door.app.db.surroundings().legal.today()
    }

    /// Whether the officer has a role.
    pub(crate) fn is(&self, role: Role) -> bool {
        self.session.caller.roles.contains(&role)
    }

    /// Whether the officer works on cases and money.
    pub(crate) fn is_officer(&self) -> bool {
        OFFICERS.into_iter().any(|role| self.is(role))
    }

    /// Who looks at what is proposed and decided.
    pub(crate) fn reader(&self) -> Reader {
        Reader {
            officer: self.session.caller.officer.to_string(),
            checks: self.is(Role::BureauOfficer),
        }
    }

    /// The page around what it shows.
    pub(crate) async fn show(&self, view: View) -> Response {
        self.show_as(StatusCode::OK, view).await
    }

    /// The page with another status than 200.
    pub(crate) async fn show_as(&self, status: StatusCode, view: View) -> Response {
        let unread = if self.is_officer() {
            ask::unread(self, &self.division()).await.here()
        } else {
            None
        };
        let key = match accounts::random_text() {
            Ok(key) => key,
            Err(failure) => return failure.into_response(),
        };
        let frame = Frame {
            office: self.office().await,
            user: Some(self.session.caller.name.clone()),
            csrf: self.session.csrf.clone(),
            key,
            big: self.session.large,
            path: self.uri.path().to_owned(),
            unread,
            officer: self.is_officer(),
            administrator: self.is(Role::Administrator),
        };
        drawn(status, &frame, &view)
    }

    /// What stands in the header; registration is asked for the county's name until it has told it.
    async fn office(&self) -> String {
        let name = || async {
            let county = DivisionCode::from(self.door.app.area).to_string();
            ask::places(self).await.0.remove(&county).ok_or(())
        };
        // Without it the page has the platform's name alone.
        let _ = self.door.county.get_or_try_init(name).await;
        self.door.office()
    }

    /// The page of what the officer may not see: nothing but that, and why. `instead` leads to what the officer may.
    pub(crate) async fn closed(&self, why: &str, instead: Option<(String, String)>) -> Response {
        let view = View {
            title: "无权查看".into(),
            action: instead,
            notes: vec![Note::new(Tone::Bad, why)],
            ..View::default()
        };
        self.show_as(StatusCode::FORBIDDEN, view).await
    }

    /// A page that says why something was not done.
    pub(crate) async fn refuse(&self, error: &PageError) -> Response {
        let view = View {
            title: "未能办理".into(),
            notes: vec![refusal(error)],
            ..View::default()
        };
        self.show_as(status_of(error), view).await
    }
}

/// Why a form was refused, as its page says it.
pub(crate) use crate::pages::refusals::note as refusal;

/// The status of the page that says it.
pub(crate) fn status_of(error: &PageError) -> StatusCode {
    StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Draws a page.
fn drawn(status: StatusCode, frame: &Frame, view: &View) -> Response {
    match (Page { frame, view }).render() {
        Ok(html) => {
            let headers = [(CONTENT_SECURITY_POLICY, POLICY), (CACHE_CONTROL, "no-store")];
            (status, headers, Html(html)).into_response()
        }
        Err(error) => Failure(Problem::internal(error)).into_response(),
    }
}

/// A page for somebody who is not signed in.
pub(crate) fn unsigned(door: &Door, status: StatusCode, view: &View, headers: &HeaderMap) -> Response {
    let frame = Frame {
        office: door.office(),
        big: is_large(headers),
        path: "/sign-in".into(),
        ..Frame::default()
    };
    drawn(status, &frame, view)
}

impl FromRequestParts<Door> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, door: &Door) -> Result<Self, Response> {
        match door.session(&parts.headers).await {
            Ok(Some(session)) if session.temporary && !OPEN_TO_ALL.contains(&parts.uri.path()) => {
                Err(Redirect::to("/password").into_response())
            }
            Ok(Some(session)) => Ok(Visit {
                door: door.clone(),
                session,
                uri: parts.uri.clone(),
            }),
            // What was to be done is not done by signing in; what was to be seen is shown after it.
            Ok(None) if !parts.method.is_safe() => Err(Redirect::to("/sign-in").into_response()),
            Ok(None) => {
                let back = parts.uri.path_and_query().map(ToString::to_string);
                let query = form_urlencoded::Serializer::new(String::new())
                    .append_pair("next", &back.unwrap_or_default())
                    .finish();
                Err(Redirect::to(&format!("/sign-in?{query}")).into_response())
            }
            Err(failure) => Err(PageError::from(failure).into_response()),
        }
    }
}

/// A form that was sent from a page of the sender's own session; anything else is refused with 403.
pub(crate) struct Sent {
    pub(crate) visit: Visit,
    pub(crate) fields: Fields,
    /// The file that came with it.
    pub(crate) file: Option<Bytes>,
}

impl Sent {
    /// What a field holds; nothing is an empty text.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", |value| value.trim())
    }

    /// Sends the order that the form became, under the key that the form was served with.
    pub(crate) async fn order(&self, order: Order) -> Result<Value, PageError> {
        let visit = &self.visit;
        visit.door.order(&visit.session, order, self.field("key")).await
    }
}

impl FromRequest<Door> for Sent {
    type Rejection = Response;

    async fn from_request(request: Request, door: &Door) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let visit = Visit::from_request_parts(&mut parts, door).await?;
        let (fields, file) = match read(Request::from_parts(parts, body)).await {
            Ok(form) => form,
            Err(error) => return Err(visit.refuse(&error).await),
        };
        if fields.get("csrf") != Some(&visit.session.csrf) {
            let error = PageError::new(403, "session.csrf", "");
            return Err(visit.refuse(&error).await);
        }
        Ok(Sent { visit, fields, file })
    }
}

/// The fields of a form, and its file where it has one.
async fn read(request: Request) -> Result<(Fields, Option<Bytes>), PageError> {
    let kind = request.headers().get(CONTENT_TYPE);
    let in_parts = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/form-data"));
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, FORM_BYTES_MAX).await;
    let body = body.map_err(|_| PageError::new(413, "request.too-large", ""))?;
    if !in_parts {
        let fields = serde_urlencoded::from_bytes(&body);
        return Ok((fields.map_err(|_| incomplete())?, None));
    }
    let request = Request::from_parts(parts, body.into());
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|_| incomplete())?;
    let (mut fields, mut file) = (Fields::new(), None);
    while let Some(part) = form.next_field().await.map_err(|_| incomplete())? {
        let name = part.name().unwrap_or_default().to_owned();
        if part.file_name().is_some() {
            file = Some(part.bytes().await.map_err(|_| incomplete())?);
        } else {
            fields.insert(name, part.text().await.map_err(|_| incomplete())?);
        }
    }
    Ok((fields, file))
}

fn incomplete() -> PageError {
    PageError::new(422, "request.invalid", "")
}

/// A path of this console; anything else, such as another host's, is the first page: `//elsewhere` and `/\elsewhere`
/// are other hosts to a browser.
pub(crate) fn inside(path: &str) -> &str {
    let own = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
    let plain = path.bytes().all(|byte| byte.is_ascii_graphic());
    if own && plain { path } else { "/" }
}

/// Whether letters are large (大字).
fn is_large(headers: &HeaderMap) -> bool {
    door::cookie(headers, door::LARGE_COOKIE).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_leads_to_no_other_host() {
        for path in ["//evil", "https://evil", "/\\evil", "", "/a\r\nb"] {
            assert_eq!(inside(path), "/", "{path:?}");
        }
        assert_eq!(inside("/batches?after=b"), "/batches?after=b");
    }
}
