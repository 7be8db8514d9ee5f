//! What the console's pages work with: who is signed in, and the services behind the bridge, asked in their name.

use crate::pages::orders::Order;
use crate::sessions;
use axum::http::header::{CONTENT_TYPE, COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use mz_bus::bridge;
use mz_contracts::Gateway;
use mz_http::{Caller, Problem, TokenSigner};
use mz_runtime::{App, Failure};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;

/// The cookie of a session. The prefix `__Host-` would need TLS, which a bureau's proxy adds or not.
pub(crate) const SESSION_COOKIE: &str = "mz_session";
/// The cookie of large letters (大字); anybody's, and no secret.
pub(crate) const LARGE_COOKIE: &str = "mz_large";
/// A page asks its services at once: a token needs to hold for no longer.
const TOKEN: Duration = Duration::from_mins(2);

/// The state of every page's route. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) app: App<Gateway>,
    pub(crate) signer: TokenSigner,
    /// The county's name, once registration has told it.
    pub(crate) county: Arc<OnceCell<String>>,
}

/// An officer who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    /// Who, with the roles and divisions that the account has now.
    pub(crate) caller: Caller,
    /// A short token of the caller for the services.
    pub(crate) token: String,
    /// What the table knows it by.
    pub(crate) hash: String,
    /// What every form of this session must carry as its field `csrf`.
    pub(crate) csrf: String,
    /// Whether the officer has to choose a password before anything else.
    pub(crate) temporary: bool,
    /// Whether letters are large (大字).
    pub(crate) large: bool,
}

/// Why a page cannot be shown: what a service refused, or that it did not answer.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct PageError {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The stable code, such as `batch.nothing-to-pay`.
    pub(crate) code: String,
    /// What is wrong, in English.
    pub(crate) detail: String,
    /// The field that is at fault, such as `account` or `document.number`.
    #[serde(default)]
    pub(crate) field: Option<String>,
    /// The faults of a file that was refused.
    #[serde(default)]
    pub(crate) errors: Vec<RowFault>,
}

/// One fault of a file.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct RowFault {
    /// The row as a spreadsheet numbers it.
    pub(crate) row: u64,
    #[serde(default)]
    pub(crate) column: String,
    /// A stable word.
    pub(crate) reason: String,
    pub(crate) detail: String,
}

impl PageError {
    pub(crate) fn new(status: u16, code: &str, detail: &str) -> Self {
        let (code, detail) = (code.to_owned(), detail.to_owned());
        Self {
            status,
            code,
            detail,
            field: None,
            errors: Vec::new(),
        }
    }
}

impl From<Failure> for PageError {
    fn from(Failure(problem): Failure) -> Self {
        let body = problem.body();
        Self {
            status: body.status,
            code: body.code.to_owned(),
            detail: body.detail.clone(),
            field: body.field.clone(),
            errors: Vec::new(),
        }
    }
}

impl IntoResponse for PageError {
    /// Without the page's frame, which a handler puts around it where it can.
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let text = format!("无法完成操作（{} {}）\n{}\n", self.status, self.code, self.detail);
        (status, [(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
    }
}

#[derive(Debug, thiserror::Error)]
#[error("service {service} answered {status} without a problem document")]
struct OddStatus {
    service: String,
    status: u16,
}

impl Door {
    /// Commands in the officer's name; `key` is the idempotency key that the form was served with.
    pub(crate) async fn order(&self, session: &Session, order: Order, key: &str) -> Result<Value, PageError> {
        let (kind, body) = match order.file {
            Some(file) => ("text/csv", file),
            None => ("application/json", order.body.to_string().into()),
        };
        let headers = vec![
            ("content-type".to_owned(), kind.to_owned()),
            ("idempotency-key".to_owned(), key.to_owned()),
        ];
        let answer = self
            .raw(session, order.service, "POST", &order.path, headers, body)
            .await?;
        // A command that has nothing to tell has an empty answer.
        Ok(serde_json::from_slice(&answer.body).unwrap_or(Value::Null))
    }

    /// Asks in the officer's name; answers whatever came.
    pub(crate) async fn ask(
        &self,
        session: &Session,
        service: &str,
        path: &str,
    ) -> Result<bridge::Response, Failure> {
        let request = bridge::Request {
            method: "GET".to_owned(),
            path: path.to_owned(),
            headers: vec![("authorization".to_owned(), format!("Bearer {}", session.token))],
            body: Bytes::new(),
        };
        Ok(self.app.bridge.call(service, request).await?)
    }

    /// Asks in the officer's name; answers a success as it came, such as a file.
    pub(crate) async fn raw(
        &self,
        session: &Session,
        service: &str,
        method: &str,
        path: &str,
        mut headers: Vec<(String, String)>,
        body: Bytes,
    ) -> Result<bridge::Response, PageError> {
        headers.push(("authorization".to_owned(), format!("Bearer {}", session.token)));
        let request = bridge::Request {
            method: method.to_owned(),
            path: path.to_owned(),
            headers,
            body,
        };
        let answer = self
            .app
            .bridge
            .call(service, request)
            .await
            .map_err(Failure::from)?;
        if (200..300).contains(&answer.status) {
            return Ok(answer);
        }
        Err(serde_json::from_slice(&answer.body).unwrap_or_else(|_| {
            let odd = OddStatus {
                service: service.to_owned(),
                status: answer.status,
            };
            Failure(Problem::internal(odd)).into()
        }))
    }

    /// What stands in the header: the county's name and the platform's.
    pub(crate) fn office(&self) -> String {
        format!("{}民政综合平台", self.county.get().map_or("", String::as_str))
    }

    /// Who is signed in, if anybody is.
    pub(crate) async fn session(&self, headers: &HeaderMap) -> Result<Option<Session>, Failure> {
        match cookie(headers, SESSION_COOKIE) {
            Some(secret) => self.session_of(secret, headers).await,
            None => Ok(None),
        }
    }

    /// The session of a secret, which a cookie holds, or a program sends as its token.
    pub(crate) async fn session_of(
        &self,
        secret: &str,
        headers: &HeaderMap,
    ) -> Result<Option<Session>, Failure> {
        let Some(found) = sessions::find(&self.app, secret).await? else {
            return Ok(None);
        };
        let now = self.app.db.surroundings().system.now();
        let caller = Caller {
            officer: found.account,
            name: found.name,
            roles: found.roles.0,
            divisions: found.divisions.0,
            expires: found.expires.min(now.plus(TOKEN)),
            purpose: None,
        };
        Ok(Some(Session {
            token: self.signer.sign(&caller).map_err(Problem::internal)?,
            caller,
            hash: found.hash,
            csrf: sessions::csrf_of(secret),
            temporary: found.temporary,
            large: cookie(headers, LARGE_COOKIE).is_some(),
        }))
    }
}

/// The value of a cookie (RFC 6265 §5.4).
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok());
    let mut pairs = lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.insert(
            COOKIE,
            HeaderValue::from_static("x_mz_session=1; mz_session=2;mz_large=1"),
        );
        assert_eq!(cookie(&headers, SESSION_COOKIE), Some("2"));
        assert_eq!(cookie(&headers, LARGE_COOKIE), Some("1"));
        assert_eq!(cookie(&headers, "session"), None);
    }
}
