//! The suite as a process, and the way to it.

use crate::ledger::{By, Entry, Ledger};
use crate::{Done, SUITE};
use minzheng::suite::{token, where_file};
use mz_kernel::{Date, DivisionCode};
use mz_runtime::Secrets;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::Value;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// How long a start may take beside what goes wrong.
const START_MAX: Duration = Duration::from_mins(1);
/// How long a command may go unanswered.
const ANSWER_MAX: Duration = Duration::from_mins(2);

/// How the suite is started.
#[derive(Clone, Debug)]
pub(crate) struct Start {
    pub(crate) data: PathBuf,
    pub(crate) database: Option<String>,
    pub(crate) county: DivisionCode,
}

/// A running suite; killed when the value is dropped.
pub(crate) struct Suite {
    child: Child,
}

impl Suite {
    /// Starts it at a legal date, and tells everybody where it is; none where it died before it was up.
    pub(crate) async fn start(way: &Way, legal_date: Date, crash_at: Option<&str>) -> Done<Option<Self>> {
        let note = where_file(&way.start.data);
        let _ = std::fs::remove_file(&note);
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(SUITE).arg("--data").arg(&way.start.data).arg("up");
        command.args(["--listen", "127.0.0.1:0", "--log", "warn", "--legal-date"]);
        command.arg(legal_date.to_string());
        if let Some(database) = &way.start.database {
            command.arg("--database").arg(database);
        }
        if let Some(step) = crash_at {
            command.arg("--crash-at").arg(step);
        }
        let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let mut suite = Self { child };
        let deadline = Instant::now() + START_MAX;
        loop {
            if let Ok(bytes) = std::fs::read(&note)
                && let Ok(note) = serde_json::from_slice::<Value>(&bytes)
                && let Some(address) = note["address"].as_str()
            {
                way.address.send_replace(address.to_owned());
                return Ok(Some(suite));
            }
            if suite.is_dead()? {
                return Ok(None);
            }
            if Instant::now() > deadline {
                return Err("the suite did not start within a minute".into());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(crate) fn is_dead(&mut self) -> Done<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) -> Done<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    pub(crate) fn signal(&self, signal: Signal) -> Done<()> {
        Ok(kill(Pid::from_raw(i32::try_from(self.child.id())?), signal)?)
    }

    /// Ctrl-C, and waits for its end.
    pub(crate) fn stop(mut self) -> Done<()> {
        self.signal(Signal::SIGINT)?;
        let status = self.child.wait()?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("the suite did not stop well: {status}").into())
        }
    }
}

impl Drop for Suite {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The way of the officers to the suite, wherever it is just now.
pub(crate) struct Way {
    pub(crate) start: Start,
    address: watch::Sender<String>,
    http: reqwest::Client,
    tokens: HashMap<&'static str, String>,
    pub(crate) ledger: Ledger,
    /// Requests that were sent again.
    pub(crate) again: AtomicU64,
}

/// A refusal with its code.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) code: String,
}

/// An answer, and whether it was given before.
pub(crate) struct Answer {
    pub(crate) body: Value,
    pub(crate) replayed: bool,
}

impl Way {
    pub(crate) fn new(start: Start) -> Done<Arc<Self>> {
        let secrets = start.data.join("secrets");
        std::fs::create_dir_all(&secrets)?;
        let signer = Secrets::open(&secrets)?.signer();
        let token = |by: By| (by.name(), token(&signer, by.name(), by.role(), &[start.county]));
        Ok(Arc::new(Self {
            tokens: By::ALL.into_iter().map(token).collect(),
            http: reqwest::Client::builder()
                .no_proxy()
                .timeout(Duration::from_secs(10))
                .build()?,
            address: watch::Sender::new(String::new()),
            ledger: Ledger::default(),
            again: AtomicU64::new(0),
            start,
        }))
    }

    pub(crate) fn data(&self) -> &Path {
        &self.start.data
    }

    /// Sends a command until it is answered, and notes the answer.
    pub(crate) async fn post(
        &self,
        by: By,
        path: &str,
        key: &str,
        body: Value,
    ) -> Done<Result<Value, Refused>> {
        let answer = self.send(by, path, key, &body).await?;
        Ok(answer.map(|Answer { body: answer, .. }| {
            self.ledger.note(Entry {
                by,
                path: path.to_owned(),
                key: key.to_owned(),
                body,
                answer: answer.clone(),
            });
            answer
        }))
    }

    /// The same without a note.
    pub(crate) async fn send(
        &self,
        by: By,
        path: &str,
        key: &str,
        body: &Value,
    ) -> Done<Result<Answer, Refused>> {
        let request = |address: &str| {
            let request = self.http.post(format!("{address}{path}"));
            request.header("idempotency-key", key).json(body)
        };
        self.ask(by, path, request).await
    }

    /// Reads; a text that is no JSON comes as one string.
    pub(crate) async fn get(&self, by: By, path: &str) -> Done<Value> {
        let answer = self
            .ask(by, path, |address| self.http.get(format!("{address}{path}")))
            .await?;
        let answer = answer.map_err(|refused| format!("GET {path} was refused: {}", refused.code))?;
        Ok(answer.body)
    }

    async fn ask(
        &self,
        by: By,
        path: &str,
        request: impl Fn(&str) -> RequestBuilder,
    ) -> Done<Result<Answer, Refused>> {
        let deadline = Instant::now() + ANSWER_MAX;
        let token = self.tokens.get(by.name()).map(String::as_str).unwrap_or_default();
        let mut pause = Duration::from_millis(20);
        while Instant::now() < deadline {
            let address = self.address.borrow().clone();
            // Whatever breaks on the way may or may not have been done: the key makes asking again harmless.
            if let Ok(answer) = request(&address).bearer_auth(token).send().await {
                let status = answer.status();
                let replayed = answer.headers().contains_key("idempotent-replayed");
                if !is_passing(status)
                    && let Ok(text) = answer.text().await
                {
                    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
                    if status.is_success() {
                        return Ok(Ok(Answer { body, replayed }));
                    }
                    let code = body["code"].as_str().unwrap_or_default().to_owned();
                    return Ok(Err(Refused {
                        code: format!("{} {code}", status.as_u16()),
                    }));
                }
            }
            self.again.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(1));
        }
        Err(format!("{path} got no answer for {} s", ANSWER_MAX.as_secs()).into())
    }
}

/// What a service asks to be repeated.
fn is_passing(status: StatusCode) -> bool {
    status == StatusCode::SERVICE_UNAVAILABLE || status == StatusCode::GATEWAY_TIMEOUT
}
