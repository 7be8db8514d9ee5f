//! The walk of the README: a person, a case, three months, and a death that is reported late. Every request carries
//! a fixed key, so that the walk can be walked again after any death of the process, and does each thing once.

use crate::program::{Gone, Program};
use serde_json::{Value, json};

/// Where the suite starts.
pub(crate) const FIRST_DAY: &str = "2026-01-05";

pub(crate) struct Officers {
    pub(crate) maker: String,
    pub(crate) checker: String,
    pub(crate) administrator: String,
}

impl Officers {
    pub(crate) fn of(program: &Program) -> Self {
        Self {
            maker: program.token("maker", "township-officer"),
            checker: program.token("checker", "bureau-officer"),
            administrator: program.token("administrator", "administrator"),
        }
    }
}

/// What the walk saw.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Seen {
    pub(crate) person: String,
    pub(crate) entitlement: String,
    pub(crate) death: String,
}

/// Walks all of it.
pub(crate) async fn walk(program: &Program, officers: &Officers) -> Result<Seen, Gone> {
    let (maker, checker) = (&officers.maker, &officers.checker);
    let person = json!({ "name": "试甲", "sex": "male", "birth_date": "1950-03-07", "division": "513335" });
    let person = program
        .post(maker, "/api/registration/persons", "walk-person", person)
        .await?;
    let person = text(&person, "person");
    let case = json!({ "programme": "tekun", "person": person, "class": "urban", "mode": "dispersed", "division": "513335" });
    let case = program
        .post(maker, "/api/social-assistance/cases", "walk-case", case)
        .await?;
    let case = text(&case, "case");
    let path = format!("/api/social-assistance/cases/{case}");
    let grant = json!({ "outcome": "grant", "reasons": ["meets-the-conditions"] });
    program
        .post(maker, &format!("{path}/proposal"), "walk-proposal", grant.clone())
        .await?;
    let decided = program
        .post(checker, &format!("{path}/decision"), "walk-decision", grant)
        .await?;
    let entitlement = text(&decided, "entitlement");
    for (day, month) in [
        ("2026-01-30", "2026-01"),
        ("2026-02-27", "2026-02"),
        ("2026-03-31", "2026-03"),
    ] {
        date(program, officers, day).await?;
        run(program, checker, month, "first").await?;
    }
    date(program, officers, "2026-04-10").await?;
    let death = json!({ "person": person, "died_on": "2026-01-20" });
    let death = program
        .post(maker, "/api/funeral-reform/deaths", "walk-death", death)
        .await?;
    assert_eq!(death["late"], true, "{death}");
    let death = text(&death, "death");
    program.settled().await?;
    run(program, checker, "2026-04", "after").await?;
    program.settled().await?;
    Ok(Seen {
        person,
        entitlement,
        death,
    })
}

/// Runs the months again: no line may be written.
pub(crate) async fn again(program: &Program, officers: &Officers) -> Result<(), Gone> {
    for month in ["2026-01", "2026-02", "2026-03", "2026-04"] {
        let run = run(program, &officers.checker, month, "again").await?;
        assert_eq!(run["lines"], 0, "{run}");
    }
    program.settled().await
}

/// The person's lines, as month, amount in fen and kind, in the order in which they were written.
pub(crate) async fn lines(program: &Program, officers: &Officers, seen: &Seen) -> Result<Vec<Value>, Gone> {
    let path = format!("/api/social-assistance/lines?person={}", seen.person);
    let page = program.get(&officers.checker, &path).await?;
    Ok(page["items"].as_array().cloned().unwrap_or_default())
}

async fn date(program: &Program, officers: &Officers, day: &str) -> Result<(), Gone> {
    let (status, answer) = program
        .send(
            &officers.administrator,
            "/suite/clock",
            day,
            json!({ "date": day }),
        )
        .await?;
    // A process that was started anew stands at a later date already.
    assert!(status == 200 || status == 422, "{status}: {answer}");
    Ok(())
}

async fn run(program: &Program, checker: &str, month: &str, name: &str) -> Result<Value, Gone> {
    let key = format!("walk-run-{month}-{name}");
    program
        .post(
            checker,
            "/api/social-assistance/runs",
            &key,
            json!({ "month": month }),
        )
        .await
}

fn text(value: &Value, field: &str) -> String {
    value[field]
        .as_str()
        .unwrap_or_else(|| panic!("no {field} in {value}"))
        .to_owned()
}
