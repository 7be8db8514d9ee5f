//! Figures, services, accounts and readings.

use super::{here, places};
use crate::pages::frame::View;
use crate::pages::{accounts, audit, health, persons, reports, roster};
use serde_json::{Value, json};

fn found(name: &'static str, settled: &Value, parked: u64) -> health::Found {
    let instance = json!({"name": name, "id": "inst01", "version": "0.1.0"});
    let health = json!({"service": name, "sealed": 20, "relayed": 20, "settled": settled, "parked": parked});
    let event = json!({"source": "disbursement", "aggregate": "batch_1", "sequence": 2, "reason": "failed", "detail": "no such person", "attempts": 3});
    health::Found {
        name,
        instances: vec![serde_json::from_value(instance).unwrap()],
        health: Some(serde_json::from_value(health).unwrap()),
        parked: (0..parked)
            .map(|_| serde_json::from_value(event.clone()).unwrap())
            .collect(),
    }
}

pub(crate) fn county() -> Vec<health::Found> {
    let mut away = found("funeral-reform", &json!({}), 0);
    (away.health, away.instances) = (None, Vec::new());
    vec![
        found("registration", &json!({"funeral-reform": 20}), 0),
        away,
        found(
            "social-assistance",
            &json!({"registration": 20, "funeral-reform": 0}),
            0,
        ),
        found("disbursement", &json!({"social-assistance": 17}), 0),
        found("notification", &json!({"disbursement": 20}), 1),
    ]
}

pub(crate) fn health_page() -> View {
    health::view(&county(), true)
}

fn period() -> reports::Period {
    reports::Period {
        from: "2020-01".into(),
        to: "2020-12".into(),
    }
}

fn reports_page() -> View {
    let figures = json!([
        {"indicator": "tekun_rural_paid", "title": "农村特困资金", "unit": "fen", "kind": "flow", "value": 31_338_900},
        {"indicator": "tekun_rural_persons", "title": "农村特困人次", "unit": "person-times", "kind": "flow", "value": 5_850},
        {"indicator": "tekun_rural_standard_monthly", "title": "农村特困标准", "unit": "fen", "kind": "parameter"},
    ]);
    let proof = json!({
        "owed_fen": 100, "lined_fen": 100, "batched_fen": 90, "held_fen": 10, "paid_fen": 80, "returned_fen": 0, "pending_fen": 10,
        "recovery_raised_fen": 0, "offset_fen": 0, "repaid_fen": 0, "waived_fen": 0, "outstanding_fen": 0, "holds": true
    });
    reports::view(&period(), here(figures), here(proof))
}

fn figure_rows_page() -> View {
    let rows = json!([{"person": "per_01e5cg0000000000000000p001", "division": "513335100", "month": "2020-04", "class": "rural", "amount": 70_200}]);
    reports::rows("tekun_rural_paid", &period(), here(rows), &places(), None)
}

fn roster_page() -> View {
    let batch = here(
        json!({"number": "PB-202004-TK-01", "month": "2020-04", "programme": "tekun", "payments": 2, "amount": 140_400}),
    );
    let payment = |state: &str| json!({"person": "per_01e5cg0000000000000000p001", "division": "513335100", "account": "****0921", "state": state, "amount": 70_200});
    let payments = here(json!([payment("paid"), payment("sent")]));
    roster::view("b1", batch, payments, &places(), None)
}

fn users_page() -> View {
    let user = |login: &str, active: bool, temporary: bool| {
        json!({"user": format!("off_{login}"), "login": login, "name": "扎西", "roles": ["township-officer"],
               "divisions": ["513335100"], "active": active, "temporary": temporary})
    };
    let users = here(json!([
        user("zhaxi", true, false),
        user("dawa", true, true),
        user("gone", false, false)
    ]));
    accounts::list(users, &places(), vec![("513335".into(), "巴塘县".into())], None)
}

fn user_page() -> View {
    let user = here(json!({
        "user": "off_1", "login": "zhaxi", "name": "扎西", "roles": ["bureau-officer"], "divisions": ["513335"], "active": true
    }));
    accounts::one(user, &places(), vec![("513335".into(), "巴塘县".into())])
}

fn audit_page() -> View {
    let read = json!({"at": "2020-03-17T01:30:00.000000Z", "officer": "off_1", "officer_name": "扎西",
                      "person": "per_01e5cg0000000000000000p001", "purpose": "handling", "what": "console"});
    audit::view(
        here(json!([read])),
        &[("person".to_owned(), "per_1".to_owned())].into(),
        None,
    )
}

pub(super) fn of_the_office() -> Vec<(&'static str, View)> {
    let changed = Some(accounts::typed_differently());
    let person = "per_01e5cg0000000000000000p001".parse().unwrap();
    vec![
        ("reports", reports_page()),
        ("figure-rows", figure_rows_page()),
        ("roster", roster_page()),
        ("health", health_page()),
        ("users", users_page()),
        ("user", user_page()),
        ("audit", audit_page()),
        ("password", accounts::own_password(true, changed)),
        ("purpose", persons::purpose(person, "/persons/per_1")),
    ]
}
