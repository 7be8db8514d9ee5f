//! The HTTP door, whoever opened it, and the questions that a test asks there.

use mz_testkit::eventually;
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use std::time::Duration;

/// A door at an address such as `http://127.0.0.1:8080`.
pub(crate) struct Door {
    pub(crate) address: String,
    http: reqwest::Client,
}

/// The process is gone, or does not answer any more.
#[derive(Debug)]
pub(crate) struct Gone;

impl Door {
    pub(crate) fn at(address: String) -> Self {
        let http = reqwest::Client::builder()
            .timeout(Duration::from_secs(20))
            .redirect(Policy::none());
        Self {
            address,
            http: http.build().expect("a client"),
        }
    }

    /// Sends a command; a refusal is a failed test, a process that died is `Gone`.
    pub(crate) async fn post(&self, token: &str, path: &str, key: &str, body: Value) -> Result<Value, Gone> {
        let (status, answer) = self.send(token, path, key, body).await?;
        assert!((200..300).contains(&status), "POST {path}: {status} {answer}");
        Ok(answer)
    }

    /// Sends a command; answers status and body.
    pub(crate) async fn send(
        &self,
        token: &str,
        path: &str,
        key: &str,
        body: Value,
    ) -> Result<(u16, Value), Gone> {
        loop {
            let request = self
                .http
                .post(format!("{}{path}", self.address))
                .bearer_auth(token)
                .header("idempotency-key", key)
                .json(&body);
            let answer = request.send().await.map_err(|_| Gone)?;
            let status = answer.status().as_u16();
            let text = answer.text().await.map_err(|_| Gone)?;
            // What a service asks to be repeated is repeated, with the same key.
            if status == 503 {
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
            return Ok((status, serde_json::from_str(&text).unwrap_or(json!(text))));
        }
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> Result<Value, Gone> {
        let request = self
            .http
            .get(format!("{}{path}", self.address))
            .bearer_auth(token);
        let answer = request.send().await.map_err(|_| Gone)?;
        answer.json().await.map_err(|_| Gone)
    }

    /// The session of somebody who fills in the sign-in form, if it is right: what a cookie says.
    pub(crate) async fn sign_in(&self, login: &str, password: &str) -> Option<String> {
        let form = format!("login={login}&password={password}");
        let request = self.http.post(format!("{}/sign-in", self.address)).body(form);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = request.send().await.expect("an answer");
        let cookie = answer.headers().get("set-cookie")?.to_str().expect("ASCII");
        Some(cookie.split(';').next()?.to_owned())
    }

    /// A page: status and text.
    pub(crate) async fn page(&self, path: &str) -> (u16, String) {
        let request = self.http.get(format!("{}{path}", self.address));
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("a text"))
    }

    /// Waits until nothing is unsealed, unrelayed, unsettled or parked; `Gone` when the process dies meanwhile.
    pub(crate) async fn settled(&self) -> Result<(), Gone> {
        eventually("the suite settles", Duration::from_secs(90), async || {
            let health = match self.get("", "/health").await {
                Err(Gone) => return Ok(Err(Gone)),
                Ok(health) => health,
            };
            let services = health["services"].as_array().cloned().unwrap_or_default();
            let sealed = |name: &str| {
                services
                    .iter()
                    .find(|s| s["service"] == name)
                    .and_then(|s| s["sealed"].as_u64())
            };
            let away = health["away"].as_array().is_some_and(|away| !away.is_empty());
            let settled = !services.is_empty()
                && !away
                && services.iter().all(|service| {
                    service["unsealed"] == 0
                        && service["relayed"] == service["sealed"]
                        && service["parked"] == 0
                        && service["settled"]
                            .as_object()
                            .is_some_and(|read| read.iter().all(|(from, at)| at.as_u64() == sealed(from)))
                });
            if settled {
                Ok(Ok(()))
            } else {
                Err(health.to_string())
            }
        })
        .await
    }
}
