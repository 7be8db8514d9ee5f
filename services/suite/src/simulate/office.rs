//! The officers' side: steps as requests to the public API, and what their answers tell.

use std::collections::BTreeMap;
use std::time::Duration;

use mz_kernel::{DivisionCode, Fen, Month};
use reqwest::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Officer, SimulateError, Stage};
use crate::scenario::{Action, End, Person, Plan, Step};

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

/// The ids that the services gave out, by what they are of and whom they are for.
#[derive(Default)]
pub(super) struct Known(BTreeMap<(Thing, usize), String>);

/// What an id is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Thing {
    Person,
    Case,
    Entitlement,
    Stop,
    Standard,
}

/// What a step tells once it was answered.
pub(super) enum Told {
    Nothing,
    Id(Thing, usize, String),
    Run(RunAnswer),
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

/// The figures of social-assistance.
#[derive(Debug, Deserialize)]
pub(super) struct FiguresAnswer {
    pub(super) rows: Vec<FiguresRow>,
}

/// One class and mode of them.
#[derive(Debug, Deserialize)]
pub(super) struct FiguresRow {
    pub(super) class: crate::scenario::Class,
    pub(super) person_times: i64,
    pub(super) amount: Fen,
}

#[derive(Deserialize)]
struct ProblemBody {
    code: String,
    #[serde(default)]
    detail: String,
}

/// A command of the API, and the id that its answer holds.
struct Command {
    by: Officer,
    path: String,
    body: Value,
    gives: Option<(Thing, usize, &'static str)>,
}

impl Known {
    pub(super) fn note(&mut self, thing: Thing, at: usize, id: String) {
        self.0.insert((thing, at), id);
    }

    fn id(&self, thing: Thing, at: usize) -> Result<&str, SimulateError> {
        let id = self.0.get(&(thing, at)).map(String::as_str);
        id.ok_or_else(|| SimulateError::Unanswered {
            what: format!("{thing:?} {at}"),
        })
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
        let Command {
            by,
            path,
            body,
            gives,
        } = command(plan, county, known, step.action)?;
        let request = || {
            let request = self
                .http
                .post(format!("{}{path}", self.base))
                .header("idempotency-key", &step.key);
            request.json(&body)
        };
        let answer: Value = self.ask(by, &step.key, request).await?;
        match (gives, step.action) {
            (Some((thing, at, field)), _) => match answer.get(field).and_then(Value::as_str) {
                Some(id) => Ok(Told::Id(thing, at, id.to_owned())),
                None => Err(SimulateError::NoId {
                    step: step.key.clone(),
                    field,
                }),
            },
            (None, Action::Run(_) | Action::RunAgain(_)) => match serde_json::from_value(answer) {
                Ok(run) => Ok(Told::Run(run)),
                Err(source) => Err(SimulateError::Answer {
                    what: step.key.clone(),
                    source,
                }),
            },
            (None, _) => Ok(Told::Nothing),
        }
    }

    /// The figures of the months, by class and mode.
    pub(super) async fn figures(&self, from: Month, to: Month) -> Result<FiguresAnswer, SimulateError> {
        let url = format!("{}/api/social-assistance/figures?from={from}&to={to}", self.base);
        self.ask(Officer::Checker, "the figures", || self.http.get(&url))
            .await
    }

    /// Sends a request until it is answered. One that timed out or met a busy service may or may not have been done:
    /// it is sent again with the same idempotency key, and so is done once.
    async fn ask<T: DeserializeOwned>(
        &self,
        by: Officer,
        what: &str,
        request: impl Fn() -> reqwest::RequestBuilder,
    ) -> Result<T, SimulateError> {
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
                    return read(what, status, &body);
                }
            }
            tokio::time::sleep(Duration::from_millis(100 * u64::from(attempt.min(10)))).await;
        }
        Err(SimulateError::Unanswered {
            what: what.to_owned(),
        })
    }
}

fn read<T: DeserializeOwned>(what: &str, status: StatusCode, body: &[u8]) -> Result<T, SimulateError> {
    if status.is_success() {
        return serde_json::from_slice(body).map_err(|source| SimulateError::Answer {
            what: what.to_owned(),
            source,
        });
    }
    let problem = serde_json::from_slice(body).unwrap_or_else(|_| ProblemBody {
        code: "none".to_owned(),
        detail: "The answer is no problem document.".to_owned(),
    });
    let ProblemBody { code, detail } = problem;
    Err(SimulateError::Refused {
        what: what.to_owned(),
        status: status.as_u16(),
        code,
        detail,
    })
}

const PERSONS: &str = "/api/registration/persons";
const DEATHS: &str = "/api/funeral-reform/deaths";
const ASSISTANCE: &str = "/api/social-assistance";

/// The command that does an action.
fn command(
    plan: &Plan,
    county: DivisionCode,
    known: &Known,
    action: Action,
) -> Result<Command, SimulateError> {
    use Officer::{Checker, Maker};
    let post = |by, path: String, body| Command {
        by,
        path,
        body,
        gives: None,
    };
    let case = |at, verb| {
        Ok::<_, SimulateError>(format!(
            "{ASSISTANCE}/cases/{}/{verb}",
            known.id(Thing::Case, at)?
        ))
    };
    let stops = |at| {
        Ok::<_, SimulateError>(format!(
            "{ASSISTANCE}/entitlements/{}/stops",
            known.id(Thing::Entitlement, at)?
        ))
    };
    let person = |at: usize| plan.persons.get(at).ok_or_else(|| unknown(action));
    let standard = |at: usize| plan.standards.get(at).ok_or_else(|| unknown(action));
    let agreed = json!({ "agree": true, "reasons": ["checked against the file"] });
    let granted = json!({ "outcome": "grant", "reasons": ["meets-the-conditions"] });
    Ok(match action {
        Action::Register(at) => {
            post(Maker, PERSONS.to_owned(), registration(person(at)?)).giving(Thing::Person, at, "person")
        }
        Action::Apply(at) => {
            let Person {
                class,
                mode,
                division,
                ..
            } = person(at)?;
            let person = known.id(Thing::Person, at)?;
            let body = json!({
                "programme": "tekun", "person": person, "class": class, "mode": mode, "division": division,
            });
            post(Maker, format!("{ASSISTANCE}/cases"), body).giving(Thing::Case, at, "case")
        }
        Action::Propose(at) => post(Maker, case(at, "proposal")?, granted),
        Action::Decide(at) => {
            post(Checker, case(at, "decision")?, granted).giving(Thing::Entitlement, at, "entitlement")
        }
        Action::EnterStandard(at) => {
            let row = standard(at)?;
            let body = json!({
                "key": row.key, "division": county, "from": row.from, "amount": row.amount, "document": row.document,
            });
            post(Maker, format!("{ASSISTANCE}/standards"), body).giving(Thing::Standard, at, "standard")
        }
        Action::AdoptStandard(at) => {
            let id = known.id(Thing::Standard, at)?;
            post(Checker, format!("{ASSISTANCE}/standards/{id}/decision"), agreed)
        }
        Action::RegisterDeath(at) => {
            let Some(End::Death { died_on, .. }) = &person(at)?.end else {
                return Err(unknown(action));
            };
            let body = json!({ "person": known.id(Thing::Person, at)?, "died_on": died_on });
            post(Maker, DEATHS.to_owned(), body)
        }
        Action::ProposeStop(at) => {
            let Some(End::Stop { from, reason, .. }) = &person(at)?.end else {
                return Err(unknown(action));
            };
            post(Maker, stops(at)?, json!({ "from": from, "reason": reason })).giving(Thing::Stop, at, "stop")
        }
        Action::DecideStop(at) => {
            let path = format!("{}/{}/decision", stops(at)?, known.id(Thing::Stop, at)?);
            post(Checker, path, agreed)
        }
        Action::Run(month) | Action::RunAgain(month) => {
            post(Checker, format!("{ASSISTANCE}/runs"), json!({ "month": month }))
        }
    })
}

impl Command {
    fn giving(self, thing: Thing, at: usize, field: &'static str) -> Self {
        Self {
            gives: Some((thing, at, field)),
            ..self
        }
    }
}

fn registration(person: &Person) -> Value {
    json!({
        "name": person.name,
        "document": { "type": "resident-id", "number": person.number.reveal() },
        "division": person.division,
    })
}

fn unknown(action: Action) -> SimulateError {
    SimulateError::Unanswered {
        what: format!("{action:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::county::County;
    use crate::scenario::Scenario;
    use mz_kernel::Calendar;

    fn plan() -> Plan {
        let (county, scenario) = (
            County::find("batang").unwrap(),
            Scenario::find("batang-2020").unwrap(),
        );
        Plan::new(&scenario, &county, &Calendar::china().unwrap()).unwrap()
    }

    #[test]
    fn a_stop_names_the_ids_that_were_given_out() {
        let (plan, county, mut known) = (plan(), "513335".parse().unwrap(), Known::default());
        let at = plan
            .persons
            .iter()
            .position(|person| matches!(person.end, Some(End::Stop { .. })))
            .unwrap();
        assert!(matches!(
            command(&plan, county, &known, Action::ProposeStop(at)),
            Err(SimulateError::Unanswered { .. })
        ));
        known.note(Thing::Entitlement, at, "ent_1".to_owned());
        let propose = command(&plan, county, &known, Action::ProposeStop(at)).unwrap();
        assert_eq!(propose.path, "/api/social-assistance/entitlements/ent_1/stops");
        assert_eq!(
            (propose.by, propose.gives),
            (Officer::Maker, Some((Thing::Stop, at, "stop")))
        );
        known.note(Thing::Stop, at, "stp_1".to_owned());
        let decide = command(&plan, county, &known, Action::DecideStop(at)).unwrap();
        assert_eq!(
            decide.path,
            "/api/social-assistance/entitlements/ent_1/stops/stp_1/decision"
        );
        assert_eq!(decide.by, Officer::Checker);
    }

    #[test]
    fn a_number_stands_in_the_body_of_its_registration_only() {
        let (plan, county, mut known) = (plan(), "513335".parse().unwrap(), Known::default());
        known.note(Thing::Person, 0, "per_1".to_owned());
        let number = plan.persons[0].number.reveal();
        let register = command(&plan, county, &known, Action::Register(0)).unwrap();
        assert_eq!(register.body["document"]["number"], number);
        let apply = command(&plan, county, &known, Action::Apply(0)).unwrap();
        assert!(!apply.body.to_string().contains(number) && !register.path.contains(number));
        assert_eq!(apply.body["class"], "rural");
    }

    #[test]
    fn a_refusal_is_told_with_its_code() {
        let body = br#"{"code":"case.already-open","detail":"There is one."}"#;
        let refused = read::<Value>("a step", StatusCode::UNPROCESSABLE_ENTITY, body).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "a step was refused: 422 case.already-open: There is one."
        );
    }
}
