//! The steps of a scenario as commands of the public API.

use mz_kernel::DivisionCode;
use serde_json::{Value, json};

use super::office::{Known, Thing};
use super::{Officer, SimulateError};
use crate::scenario::{Action, End, Person, Plan};

/// A command of the API, and the id that its answer holds.
pub(super) struct Command {
    pub(super) by: Officer,
    pub(super) path: String,
    pub(super) body: Value,
    pub(super) gives: Option<(Thing, usize, &'static str)>,
}

const PERSONS: &str = "/api/registration/persons";
const DEATHS: &str = "/api/funeral-reform/deaths";
const ASSISTANCE: &str = "/api/social-assistance";

/// The command that does an action.
pub(super) fn command(
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
}
