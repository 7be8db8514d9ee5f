//! The steps of a scenario as commands of the public API.

use mz_kernel::{DivisionCode, Month};
use serde_json::{Value, json};

use super::office::{Known, Thing};
use super::{Officer, SimulateError, bank};
use crate::scenario::{Action, End, Person, Plan};

/// What an officer asks of the API in a step, and what of the answer later steps need.
pub(super) enum Request {
    /// A command.
    Post(Command),
    /// A question.
    Get { path: String, reads: Reads },
    /// There is nothing to be done.
    Nothing,
}

/// A command of the API.
pub(super) struct Command {
    pub(super) by: Officer,
    pub(super) path: String,
    pub(super) body: Value,
    pub(super) gives: Gives,
}

/// What later steps need of the answer to a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gives {
    Nothing,
    /// An id, in the field of this name.
    Id(Thing, usize, &'static str),
    /// What a run wrote.
    Run,
}

/// What later steps need of the answer to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reads {
    /// The recovery of a person, if there is one.
    Recovery(usize),
    /// The bank file of a month.
    BankFile(Month),
}

const PERSONS: &str = "/api/registration/persons";
const DEATHS: &str = "/api/funeral-reform/deaths";
const ASSISTANCE: &str = "/api/social-assistance";
const DISBURSEMENT: &str = "/api/disbursement";
const PROGRAMME: &str = "tekun";
/// The bank of every account.
const BANK: &str = "农村信用社";

/// What is asked for an action.
pub(super) fn request(
    plan: &Plan,
    county: DivisionCode,
    known: &Known,
    action: Action,
) -> Result<Request, SimulateError> {
    match action {
        Action::FindRecovery(at) => Ok(Request::Get {
            path: format!(
                "{DISBURSEMENT}/recoveries?person={}",
                known.id(Thing::Person, at)?
            ),
            reads: Reads::Recovery(at),
        }),
        Action::FetchBankFile(month) => Ok(Request::Get {
            path: format!("{}/bank-file", batch(known, month)?),
            reads: Reads::BankFile(month),
        }),
        // Whoever was not overpaid has no recovery.
        Action::Repay(at) | Action::ProposeWaiver(at) | Action::DecideWaiver(at)
            if known.recovery(at).is_none() =>
        {
            Ok(Request::Nothing)
        }
        Action::Register(_)
        | Action::Apply(_)
        | Action::Propose(_)
        | Action::Decide(_)
        | Action::EnterStandard(_)
        | Action::AdoptStandard(_)
        | Action::RegisterDeath(_)
        | Action::ProposeStop(_)
        | Action::DecideStop(_)
        | Action::Run(_)
        | Action::RunAgain(_) => Asking { plan, county, known }
            .entitling(action)
            .map(Request::Post),
        _ => Asking { plan, county, known }.paying(action).map(Request::Post),
    }
}

/// What commands are made of.
struct Asking<'a> {
    plan: &'a Plan,
    county: DivisionCode,
    known: &'a Known,
}

impl Asking<'_> {
    /// The commands up to what is owed.
    fn entitling(&self, action: Action) -> Result<Command, SimulateError> {
        use Officer::{Checker, Maker};
        let known = self.known;
        let case = |at, verb| {
            Ok::<_, SimulateError>(format!(
                "{ASSISTANCE}/cases/{}/{verb}",
                known.id(Thing::Case, at)?
            ))
        };
        let stops = |at| {
            let entitlement = known.id(Thing::Entitlement, at)?;
            Ok::<_, SimulateError>(format!("{ASSISTANCE}/entitlements/{entitlement}/stops"))
        };
        Ok(match action {
            Action::Register(at) => {
                Maker
                    .post(PERSONS, registration(self.person(at)?))
                    .giving(Thing::Person, at, "person")
            }
            Action::Apply(at) => {
                let (person, of) = (known.id(Thing::Person, at)?, self.person(at)?);
                let body = json!({
                    "programme": PROGRAMME, "person": person, "class": of.class, "mode": of.mode,
                    "division": of.division,
                });
                Maker
                    .post(format!("{ASSISTANCE}/cases"), body)
                    .giving(Thing::Case, at, "case")
            }
            Action::Propose(at) => {
                let mut body = granted();
                if let Some(from) = self.person(at)?.from {
                    body["from"] = json!(from);
                }
                Maker.post(case(at, "proposal")?, body)
            }
            Action::Decide(at) => {
                Checker
                    .post(case(at, "decision")?, granted())
                    .giving(Thing::Entitlement, at, "entitlement")
            }
            Action::EnterStandard(at) => {
                let row = self.plan.standards.get(at).ok_or_else(|| unknown(action))?;
                let body = json!({
                    "key": row.key, "division": self.county, "from": row.from, "amount": row.amount,
                    "document": row.document,
                });
                Maker
                    .post(format!("{ASSISTANCE}/standards"), body)
                    .giving(Thing::Standard, at, "standard")
            }
            Action::AdoptStandard(at) => {
                let id = known.id(Thing::Standard, at)?;
                Checker.post(format!("{ASSISTANCE}/standards/{id}/decision"), agreed())
            }
            Action::RegisterDeath(at) => {
                let Some(End::Death { died_on, .. }) = &self.person(at)?.end else {
                    return Err(unknown(action));
                };
                let body = json!({ "person": known.id(Thing::Person, at)?, "died_on": died_on });
                Maker.post(DEATHS, body)
            }
            Action::ProposeStop(at) => {
                let Some(End::Stop { from, reason, .. }) = &self.person(at)?.end else {
                    return Err(unknown(action));
                };
                let body = json!({ "from": from, "reason": reason });
                Maker.post(stops(at)?, body).giving(Thing::Stop, at, "stop")
            }
            Action::DecideStop(at) => {
                let path = format!("{}/{}/decision", stops(at)?, known.id(Thing::Stop, at)?);
                Checker.post(path, agreed())
            }
            Action::Run(month) | Action::RunAgain(month) => Command {
                gives: Gives::Run,
                ..Checker.post(format!("{ASSISTANCE}/runs"), json!({ "month": month }))
            },
            _ => return Err(unknown(action)),
        })
    }

    /// The commands from what is owed to what is paid.
    fn paying(&self, action: Action) -> Result<Command, SimulateError> {
        use Officer::{Checker, Maker};
        let known = self.known;
        let recovery = |at, verb| {
            let (id, amount) = known.recovery(at).ok_or_else(|| unknown(action))?;
            Ok::<_, SimulateError>((format!("{DISBURSEMENT}/recoveries/{id}/{verb}"), *amount))
        };
        Ok(match action {
            Action::SetAccount(at) => Maker.post(format!("{DISBURSEMENT}/payees"), self.account(at, None)?),
            Action::CorrectAccount(at) => {
                let returned = self
                    .person(at)?
                    .returned
                    .as_ref()
                    .ok_or_else(|| unknown(action))?;
                let body = self.account(at, Some(&returned.account))?;
                Maker.post(format!("{DISBURSEMENT}/payees"), body)
            }
            Action::Repay(at) => {
                let (path, amount) = recovery(at, "repayments")?;
                let found = self
                    .plan
                    .days
                    .iter()
                    .find(|day| day.has(action))
                    .map(|day| day.date);
                let body =
                    json!({ "amount": amount, "received_on": found, "receipt": format!("TJ-{at:04}") });
                Checker.post(path, body)
            }
            Action::ProposeWaiver(at) => {
                let (path, amount) = recovery(at, "waivers")?;
                let body = json!({ "amount": amount, "reasons": ["无遗产可供追缴"] });
                Maker.post(path, body).giving(Thing::Waiver, at, "agreement")
            }
            Action::DecideWaiver(at) => {
                let (path, _) = recovery(at, "waivers")?;
                let path = format!("{path}/{}/decision", known.id(Thing::Waiver, at)?);
                Checker.post(path, agreed())
            }
            Action::BuildBatch(month) => {
                let body = json!({ "month": month, "division": self.county, "programme": PROGRAMME });
                let command = Maker.post(format!("{DISBURSEMENT}/batches"), body);
                command.giving(Thing::Batch, place(month), "batch")
            }
            Action::ProposeBatch(month) => {
                Maker.post(format!("{}/proposal", batch(known, month)?), json!({}))
            }
            Action::DecideBatch(month) => {
                Checker.post(format!("{}/decision", batch(known, month)?), agreed())
            }
            Action::EnterResults(month) => {
                let file = known.bank_file(month).ok_or_else(|| unknown(action))?;
                let body = json!({ "file": bank::answer(file, month, &self.plan.persons) });
                Checker.post(format!("{}/results", batch(known, month)?), body)
            }
            _ => return Err(unknown(action)),
        })
    }

    fn person(&self, at: usize) -> Result<&Person, SimulateError> {
        let found = self.plan.persons.get(at);
        found.ok_or_else(|| SimulateError::Unanswered {
            what: format!("person {at}"),
        })
    }

    /// The account of a person, or the one that takes its place.
    fn account(&self, at: usize, corrected: Option<&str>) -> Result<Value, SimulateError> {
        let of = self.person(at)?;
        Ok(json!({
            "person": self.known.id(Thing::Person, at)?, "division": of.division, "holder": of.name, "bank": BANK,
            "account": corrected.unwrap_or(&of.account),
        }))
    }
}

/// Where the batch of a month is.
fn batch(known: &Known, month: Month) -> Result<String, SimulateError> {
    Ok(format!(
        "{DISBURSEMENT}/batches/{}",
        known.id(Thing::Batch, place(month))?
    ))
}

/// The place of a month among things that are counted: `202004`.
fn place(month: Month) -> usize {
    usize::from(month.year().unsigned_abs()) * 100 + usize::from(month.number().unsigned_abs())
}

fn agreed() -> Value {
    json!({ "agree": true, "reasons": ["checked against the file"] })
}

fn granted() -> Value {
    json!({ "outcome": "grant", "reasons": ["meets-the-conditions"] })
}

impl Officer {
    fn post(self, path: impl Into<String>, body: Value) -> Command {
        Command {
            by: self,
            path: path.into(),
            body,
            gives: Gives::Nothing,
        }
    }
}

impl Command {
    fn giving(self, thing: Thing, at: usize, field: &'static str) -> Self {
        Self {
            gives: Gives::Id(thing, at, field),
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

    fn command(plan: &Plan, county: DivisionCode, known: &Known, action: Action) -> Command {
        match request(plan, county, known, action).unwrap() {
            Request::Post(command) => command,
            _ => panic!("{action:?} is no command"),
        }
    }

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
            request(&plan, county, &known, Action::ProposeStop(at)),
            Err(SimulateError::Unanswered { .. })
        ));
        known.note(Thing::Entitlement, at, "ent_1".to_owned());
        let propose = command(&plan, county, &known, Action::ProposeStop(at));
        assert_eq!(propose.path, "/api/social-assistance/entitlements/ent_1/stops");
        assert_eq!(
            (propose.by, propose.gives),
            (Officer::Maker, Gives::Id(Thing::Stop, at, "stop"))
        );
        known.note(Thing::Stop, at, "stp_1".to_owned());
        let decide = command(&plan, county, &known, Action::DecideStop(at));
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
        let register = command(&plan, county, &known, Action::Register(0));
        assert_eq!(register.body["document"]["number"], number);
        let apply = command(&plan, county, &known, Action::Apply(0));
        assert!(!apply.body.to_string().contains(number) && !register.path.contains(number));
        assert_eq!(apply.body["class"], "rural");
    }

    #[test]
    fn a_recovery_that_is_not_there_is_not_paid_back() {
        let (plan, county, mut known) = (plan(), "513335".parse().unwrap(), Known::default());
        let found = plan.days.iter().flat_map(|day| day.rounds.iter().flatten());
        let repay = found
            .map(|step| step.action)
            .find(|action| matches!(action, Action::Repay(_)));
        let Some(Action::Repay(at)) = repay else {
            panic!("nothing is paid back");
        };
        assert!(matches!(
            request(&plan, county, &known, Action::Repay(at)),
            Ok(Request::Nothing)
        ));
        known.note_recovery(at, "rec_1".to_owned(), mz_kernel::Fen::new(76_700));
        let command = command(&plan, county, &known, Action::Repay(at));
        assert_eq!(
            (command.by, &command.body["amount"]),
            (Officer::Checker, &json!(76_700))
        );
        assert!(command.body["received_on"].is_string());
    }
}
