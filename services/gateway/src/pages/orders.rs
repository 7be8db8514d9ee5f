//! What each form orders: the service, the path and the body that its fields become. The idempotency key of the form
//! travels beside it, so that a form that is sent twice is one order.

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
}

fn order(service: &'static str, path: String, body: Value) -> Order {
    Order { service, path, body }
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

/// `POST /batches/{batch}/results` with the text of the bank's file.
pub(crate) fn enter_results(batch: &str, file: &str) -> Order {
    order(
        "disbursement",
        format!("/batches/{batch}/results"),
        json!({"file": file}),
    )
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
    fn a_number_stands_in_the_body_and_not_in_the_path() {
        let order = look_up_person(&[("number".to_owned(), " 99010119410503001x".to_owned())].into());
        assert_eq!(order.path, "/persons/lookup");
        assert_eq!(order.body["document"]["number"], "99010119410503001X");
    }
}
