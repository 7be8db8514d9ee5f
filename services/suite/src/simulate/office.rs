//! The officers' side: sending steps until they are answered, and what the answers tell.

use std::collections::BTreeMap;
use std::time::Duration;

use mz_kernel::{Date, DivisionCode, Fen, Level, Month};
use reqwest::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::commands::{Command, Gives, Reads, Request, request};
use super::{Officer, Proof, SimulateError, Stage};
use crate::scenario::{Plan, Step};

/// How often a request is sent before the simulation gives up.
const TRIES: u32 = 60;
/// How long an answer may take before the request is sent again.
const PATIENCE: Duration = Duration::from_secs(30);

/// The officers of the simulation, in front of a suite.
pub(super) struct Office {
    http: reqwest::Client,
    base: String,
    maker: String,
    checker: String,
}

/// What the services gave out, for the steps that rest on it.
#[derive(Default)]
pub(super) struct Known {
    /// Ids, by what they are of and whom they are for.
    ids: BTreeMap<(Thing, usize), String>,
    recoveries: BTreeMap<usize, (String, Fen)>,
    bank_files: BTreeMap<Month, String>,
}

/// What an id is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Thing {
    Person,
    Case,
    Entitlement,
    Stop,
    Standard,
    Waiver,
    Batch,
}

/// What a step tells once it was answered.
pub(super) enum Told {
    Nothing,
    Id(Thing, usize, String),
    Run(RunAnswer),
    Recovery(usize, String, Fen),
    BankFile(Month, String),
}

/// What a run wrote.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct RunAnswer {
    pub(super) lines: u64,
    pub(super) amount: Fen,
    pub(super) current: Fen,
    pub(super) back_pay: Fen,
    pub(super) take_back: Fen,
}

#[derive(Deserialize)]
struct FiguresAnswer {
    items: Vec<IndicatorRow>,
}

/// An indicator as insight gives it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct IndicatorRow {
    /// `fen`, or what is counted.
    pub(super) unit: String,
    /// `parameter` where it was entered.
    pub(super) kind: String,
    pub(super) value: Option<i64>,
}

#[derive(Deserialize)]
struct RecoveriesAnswer {
    items: Vec<RecoveryRow>,
}

#[derive(Deserialize)]
struct RecoveryRow {
    recovery: String,
    amount: Fen,
}

#[derive(Deserialize)]
struct DivisionsAnswer {
    items: Vec<DivisionRow>,
}

/// A division that is live on a day.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct DivisionRow {
    pub(super) code: DivisionCode,
    pub(super) kind: Option<String>,
}

/// What is left behind when everything is done: nothing, in a suite that is well.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Left {
    /// Events that could not be applied.
    pub(super) parked: u64,
    /// Events that no other service was told of.
    pub(super) unrelayed: u64,
}

#[derive(Deserialize)]
struct HealthAnswer {
    services: Vec<ServiceHealth>,
}

#[derive(Deserialize)]
struct ServiceHealth {
    sealed: u64,
    unsealed: u64,
    relayed: u64,
    parked: u64,
}

#[derive(Deserialize)]
struct ProblemBody {
    code: String,
    #[serde(default)]
    detail: String,
}

impl Known {
    pub(super) fn note(&mut self, thing: Thing, at: usize, id: String) {
        self.ids.insert((thing, at), id);
    }

    pub(super) fn note_recovery(&mut self, at: usize, id: String, amount: Fen) {
        self.recoveries.insert(at, (id, amount));
    }

    pub(super) fn note_bank_file(&mut self, month: Month, file: String) {
        self.bank_files.insert(month, file);
    }

    pub(super) fn id(&self, thing: Thing, at: usize) -> Result<&str, SimulateError> {
        let id = self.ids.get(&(thing, at)).map(String::as_str);
        id.ok_or_else(|| SimulateError::Unanswered {
            what: format!("{thing:?} {at}"),
        })
    }

    /// The recovery of a person and its amount, if there is one.
    pub(super) fn recovery(&self, at: usize) -> Option<&(String, Fen)> {
        self.recoveries.get(&at)
    }

    pub(super) fn bank_file(&self, month: Month) -> Option<&str> {
        self.bank_files.get(&month).map(String::as_str)
    }
}

impl Office {
    pub(super) fn new(stage: &impl Stage) -> Result<Self, SimulateError> {
        // The suite is on this machine: a proxy for the world outside is not asked.
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build();
        Ok(Self {
            http: http.map_err(|source| SimulateError::Http {
                what: "the client".to_owned(),
                source,
            })?,
            base: stage.base_url(),
            maker: stage.token(Officer::Maker),
            checker: stage.token(Officer::Checker),
        })
    }

    /// Sends a step and reads what it tells.
    pub(super) async fn send(
        &self,
        plan: &Plan,
        county: DivisionCode,
        known: &Known,
        step: &Step,
    ) -> Result<Told, SimulateError> {
        match request(plan, county, known, step.action)? {
            Request::Nothing => Ok(Told::Nothing),
            Request::Get { path, reads } => self.read(&path, reads).await,
            Request::Post(command) => self.order(command, &step.key).await,
        }
    }

    async fn order(&self, command: Command, key: &str) -> Result<Told, SimulateError> {
        let Command {
            by,
            path,
            body,
            gives,
        } = command;
        let what = format!("POST {path} ({key})");
        let request = || {
            let request = self
                .http
                .post(format!("{}{path}", self.base))
                .header("idempotency-key", key);
            request.json(&body)
        };
        let answer = self.ask(by, &what, request).await?;
        match gives {
            Gives::Nothing => Ok(Told::Nothing),
            Gives::Id(thing, at, field) => {
                let answer: Value = read(&what, &answer)?;
                match answer.get(field).and_then(Value::as_str) {
                    Some(id) => Ok(Told::Id(thing, at, id.to_owned())),
                    None => Err(SimulateError::NoId { what, field }),
                }
            }
            Gives::Run => Ok(Told::Run(read(&what, &answer)?)),
        }
    }

    async fn read(&self, path: &str, reads: Reads) -> Result<Told, SimulateError> {
        let url = format!("{}{path}", self.base);
        let what = format!("GET {path}");
        let answer = self.ask(Officer::Checker, &what, || self.http.get(&url)).await?;
        match reads {
            Reads::Recovery(at) => {
                let RecoveriesAnswer { items } = read(&what, &answer)?;
                let found = items.into_iter().next();
                Ok(found.map_or(Told::Nothing, |row| Told::Recovery(at, row.recovery, row.amount)))
            }
            Reads::BankFile(month) => Ok(Told::BankFile(
                month,
                String::from_utf8_lossy(&answer).into_owned(),
            )),
        }
    }

    /// Asks a question of the API as the checker.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, SimulateError> {
        let url = format!("{}{path}", self.base);
        let what = format!("GET {path}");
        let answer = self.ask(Officer::Checker, &what, || self.http.get(&url)).await?;
        read(&what, &answer)
    }

    /// An indicator of the county over months, if insight has one of this name.
    pub(super) async fn indicator(
        &self,
        county: DivisionCode,
        name: &str,
        (from, to): (Month, Month),
    ) -> Result<Option<IndicatorRow>, SimulateError> {
        let path = format!("/api/insight/figures?indicator={name}&from={from}&to={to}&division={county}");
        let FiguresAnswer { items } = self.get(&path).await?;
        Ok(items.into_iter().next())
    }

    /// The proof of the money through a month, for the county and for each township.
    pub(super) async fn proof(&self, county: DivisionCode, through: Month) -> Result<Proof, SimulateError> {
        let path = format!("/api/insight/proof?through={through}&division={county}&by=township");
        self.get(&path).await
    }

    /// The divisions of township level that are live on a day.
    pub(super) async fn townships(
        &self,
        county: DivisionCode,
        on: Date,
    ) -> Result<Vec<DivisionRow>, SimulateError> {
        let path = format!("/api/registration/divisions?under={county}&on={on}&limit=100");
        let DivisionsAnswer { items } = self.get(&path).await?;
        let townships = items
            .into_iter()
            .filter(|row| row.code.level() == Level::Township);
        Ok(townships.collect())
    }

    /// What the services have put aside because they could not apply it, and what they have not told yet.
    pub(super) async fn left(&self) -> Result<Left, SimulateError> {
        let what = || "GET /health".to_owned();
        let failed = |source| SimulateError::Http { what: what(), source };
        let answer = self.http.get(format!("{}/health", self.base)).send();
        // A suite in which something is parked is not well and says 503, with the same page.
        let page = answer.await.map_err(failed)?.bytes().await.map_err(failed)?;
        let HealthAnswer { services } =
            serde_json::from_slice(&page).map_err(|source| SimulateError::Answer { what: what(), source })?;
        let unrelayed = |row: &ServiceHealth| row.unsealed + row.sealed.saturating_sub(row.relayed);
        Ok(Left {
            parked: services.iter().map(|row| row.parked).sum(),
            unrelayed: services.iter().map(unrelayed).sum(),
        })
    }

    /// Sends a request until it is answered. One that timed out or met a busy service may or may not have been done:
    /// it is sent again with the same idempotency key, and so is done once.
    async fn ask(
        &self,
        by: Officer,
        what: &str,
        request: impl Fn() -> reqwest::RequestBuilder,
    ) -> Result<Vec<u8>, SimulateError> {
        let token = match by {
            Officer::Maker => &self.maker,
            Officer::Checker => &self.checker,
        };
        let failed = |source| SimulateError::Http {
            what: what.to_owned(),
            source,
        };
        for attempt in 1..=TRIES {
            match request().bearer_auth(token).send().await {
                Ok(answer) if answer.status() == StatusCode::SERVICE_UNAVAILABLE && attempt < TRIES => {}
                Err(error) if (error.is_timeout() || error.is_connect()) && attempt < TRIES => {}
                Err(error) => return Err(failed(error)),
                Ok(answer) => {
                    let status = answer.status();
                    let body = answer.bytes().await.map_err(failed)?;
                    return if status.is_success() {
                        Ok(body.into())
                    } else {
                        Err(refused(what, status, &body))
                    };
                }
            }
            tokio::time::sleep(Duration::from_millis(100 * u64::from(attempt.min(10)))).await;
        }
        Err(SimulateError::Unanswered {
            what: what.to_owned(),
        })
    }
}

fn read<T: DeserializeOwned>(what: &str, body: &[u8]) -> Result<T, SimulateError> {
    serde_json::from_slice(body).map_err(|source| SimulateError::Answer {
        what: what.to_owned(),
        source,
    })
}

fn refused(what: &str, status: StatusCode, body: &[u8]) -> SimulateError {
    let problem = serde_json::from_slice(body).unwrap_or_else(|_| ProblemBody {
        code: "none".to_owned(),
        detail: "The answer is no problem document.".to_owned(),
    });
    let ProblemBody { code, detail } = problem;
    SimulateError::Refused {
        what: what.to_owned(),
        status: status.as_u16(),
        code,
        detail,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_with_its_code() {
        let body = br#"{"code":"case.already-open","detail":"There is one."}"#;
        let refused = refused("POST /cases", StatusCode::UNPROCESSABLE_ENTITY, body);
        assert_eq!(
            refused.to_string(),
            "POST /cases was refused: 422 case.already-open: There is one."
        );
    }
}
