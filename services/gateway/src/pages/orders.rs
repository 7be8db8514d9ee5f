//! What each form orders: the service, the path and the body that its fields become. The idempotency key of the form
//! travels beside it, so that a form that is sent twice is one order.

use super::deaths::Entry;
use bytes::Bytes;
use mz_contracts::OWNERS;
use mz_kernel::Fen;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Fields of a form that was sent; one that is not there is empty.
pub(crate) type Fields = BTreeMap<String, String>;

/// One command for a service.
#[derive(Debug, PartialEq)]
pub(crate) struct Order {
    pub(crate) service: &'static str,
    pub(crate) path: String,
    pub(crate) body: Value,
    /// A CSV file, sent as it is in place of `body`.
    pub(crate) file: Option<Bytes>,
}

fn order(service: &'static str, path: String, body: Value) -> Order {
    Order {
        service,
        path,
        body,
        file: None,
    }
}

fn field<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).map_or("", |value| value.trim())
}

/// `POST /persons`: a person by number; the number stands in the body, never in a path. A small x is the check digit X.
pub(crate) fn look_up_person(fields: &Fields) -> Order {
    let number = field(fields, "number").to_uppercase();
    let document = json!({"type": "resident-id", "number": number});
    order(
        "registration",
        "/persons/lookup".into(),
        json!({"document": document}),
    )
}

/// `POST /batches`.
pub(crate) fn build_batch(fields: &Fields) -> Order {
    let body = json!({
        "month": field(fields, "month"), "division": field(fields, "division"), "programme": field(fields, "programme"),
    });
    order("disbursement", "/batches".into(), body)
}

/// `POST /batches/{batch}/proposal`.
pub(crate) fn propose_batch(batch: &str) -> Order {
    order("disbursement", format!("/batches/{batch}/proposal"), json!({}))
}

/// `POST /batches/{batch}/decision`: agreed only where the button of agreement was pressed.
pub(crate) fn decide_batch(batch: &str, fields: &Fields) -> Order {
    let body = json!({"agree": field(fields, "agree") == "true", "reasons": [field(fields, "reasons")]});
    order("disbursement", format!("/batches/{batch}/decision"), body)
}

/// `POST /batches/{batch}/cancellation`.
pub(crate) fn cancel_batch(batch: &str, fields: &Fields) -> Order {
    let body = json!({"reasons": [field(fields, "reasons")]});
    order("disbursement", format!("/batches/{batch}/cancellation"), body)
}

/// `POST /batches/{batch}/results` with the bank's file, byte for byte: what it means is for the service to find out.
pub(crate) fn enter_results(batch: &str, file: Bytes) -> Order {
    Order {
        file: Some(file),
        ..order("disbursement", format!("/batches/{batch}/results"), Value::Null)
    }
}

/// `POST /runs`.
pub(crate) fn run_month(fields: &Fields) -> Order {
    order(
        "social-assistance",
        "/runs".into(),
        json!({"month": field(fields, "month")}),
    )
}

/// `POST /deaths`.
pub(crate) fn register_death(person: &str, entry: &Entry) -> Order {
    let mut body = json!({"person": person, "died_on": entry.died_on});
    for (name, text) in [("place", &entry.place), ("source", &entry.source)] {
        if !text.is_empty() {
            body[name] = json!(text);
        }
    }
    order("funeral-reform", "/deaths".into(), body)
}

/// `POST /payees`; the number stands in the body, never in a path.
pub(crate) fn set_account(person: &str, fields: &Fields) -> Order {
    let mut body = json!({"person": person});
    for name in ["division", "holder", "bank", "account", "relation"] {
        body[name] = json!(field(fields, name));
    }
    order("disbursement", "/payees".into(), body)
}

/// A field that should hold an amount in yuan holds something else.
#[derive(Debug, PartialEq)]
pub(crate) struct NotMoney;

/// The amount of a field, in fen: `767`, `767.5` and `767.00` are amounts, and so is `1,534.00`.
fn amount(fields: &Fields, name: &str) -> Result<Fen, NotMoney> {
    let text = field(fields, name).replace([',', '，'], "");
    text.parse().map_err(|_| NotMoney)
}

/// `POST /recoveries/{recovery}/repayments`.
pub(crate) fn repay(recovery: &str, fields: &Fields) -> Result<Order, NotMoney> {
    let body = json!({
        "amount": amount(fields, "amount")?, "received_on": field(fields, "received_on"), "receipt": field(fields, "receipt"),
    });
    Ok(order(
        "disbursement",
        format!("/recoveries/{recovery}/repayments"),
        body,
    ))
}

/// `POST /recoveries/{recovery}/offsets`.
pub(crate) fn propose_offset(recovery: &str, fields: &Fields) -> Result<Order, NotMoney> {
    let body = json!({"amount_per_month": amount(fields, "amount")?, "consent": field(fields, "consent")});
    Ok(order(
        "disbursement",
        format!("/recoveries/{recovery}/offsets"),
        body,
    ))
}

/// `POST /recoveries/{recovery}/waivers`.
pub(crate) fn propose_waiver(recovery: &str, fields: &Fields) -> Result<Order, NotMoney> {
    let body = json!({"amount": amount(fields, "amount")?, "reasons": [field(fields, "reasons")]});
    Ok(order(
        "disbursement",
        format!("/recoveries/{recovery}/waivers"),
        body,
    ))
}

/// `POST /recoveries/{recovery}/offsets/{agreement}/decision`, and the same of waivers.
pub(crate) fn decide_agreement(recovery: &str, kind: &str, agreement: &str, fields: &Fields) -> Order {
    let body = json!({"agree": field(fields, "agree") == "true", "reasons": [field(fields, "reasons")]});
    let path = format!("/recoveries/{recovery}/{kind}/{agreement}/decision");
    order("disbursement", path, body)
}

/// `POST /parked/retry` of a service; none where the form names no service of ours.
pub(crate) fn retry(fields: &Fields) -> Option<Order> {
    let (service, _) = OWNERS
        .iter()
        .find(|(name, _)| *name == field(fields, "service"))?;
    let body = json!({"source": field(fields, "source"), "aggregate": field(fields, "aggregate")});
    Some(order(service, "/parked/retry".into(), body))
}

/// `POST /users`: a password that somebody else chose is for one sign-in.
pub(crate) fn open_account(fields: &Fields) -> Order {
    let body = json!({
        "login": field(fields, "login"), "name": field(fields, "name"), "roles": [field(fields, "role")],
        "divisions": [field(fields, "division")], "password": fields.get("password"), "temporary": true,
    });
    order("gateway", "/users".into(), body)
}

/// `POST /users/{user}/changes`.
pub(crate) fn change_account(user: &str, fields: &Fields) -> Order {
    let body = json!({
        "name": field(fields, "name"), "roles": [field(fields, "role")], "divisions": [field(fields, "division")],
    });
    order("gateway", format!("/users/{user}/changes"), body)
}

/// `POST /users/{user}/password`.
pub(crate) fn set_password(user: &str, fields: &Fields) -> Order {
    let body = json!({"password": fields.get("password"), "temporary": true});
    order("gateway", format!("/users/{user}/password"), body)
}

/// `POST /users/{user}/closure`.
pub(crate) fn close_account(user: &str) -> Order {
    order("gateway", format!("/users/{user}/closure"), json!({}))
}

/// `POST /notices/{notice}/read`.
pub(crate) fn read_notice(notice: &str) -> Order {
    order("notification", format!("/notices/{notice}/read"), json!({}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_the_button_of_agreement_agrees() {
        let decided = |agree: &str| {
            let fields = [
                ("agree".to_owned(), agree.to_owned()),
                ("reasons".to_owned(), " 无误 ".to_owned()),
            ];
            decide_batch("b1", &fields.into()).body
        };
        assert_eq!(decided("true"), json!({"agree": true, "reasons": ["无误"]}));
        for other in ["false", "", "TRUE", "on"] {
            assert_eq!(decided(other)["agree"], json!(false), "{other}");
        }
    }

    #[test]
    fn money_is_read_as_yuan_and_sent_as_fen() {
        let sent = |text: &str| repay("r1", &[("amount".to_owned(), text.to_owned())].into());
        for (text, fen) in [("767", 76_700), ("1,534.5", 153_450), (" 0.01 ", 1)] {
            assert_eq!(sent(text).unwrap().body["amount"], json!(fen), "{text}");
        }
        for text in ["", "七百", "7.671"] {
            assert_eq!(sent(text), Err(NotMoney), "{text}");
        }
    }

    #[test]
    fn a_number_stands_in_the_body_and_not_in_the_path() {
        let order = look_up_person(&[("number".to_owned(), " 99010119410503001x".to_owned())].into());
        assert_eq!(order.path, "/persons/lookup");
        assert_eq!(order.body["document"]["number"], "99010119410503001X");
    }
}
