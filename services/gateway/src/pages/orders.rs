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
    order("registration", "/persons/lookup".into(), json!({"document": document}))
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
    let body = json!({"agree": field(fields, "agree") == "true", "reasons": field(fields, "reasons")});
    order("disbursement", format!("/batches/{batch}/decision"), body)
}

/// `POST /batches/{batch}/results` with the text of the bank's file.
pub(crate) fn enter_results(batch: &str, file: &str) -> Order {
    order("disbursement", format!("/batches/{batch}/results"), json!({"file": file}))
}

/// `POST /notices/{notice}/read`.
pub(crate) fn read_notice(notice: &str) -> Order {
    order("notification", format!("/notices/{notice}/read"), json!({}))
}

/// What a refusal says to the officer: the problem's detail, and the rows of a file where it names them.
pub(crate) fn refusal(body: &[u8]) -> String {
    let problem: Value = serde_json::from_slice(body).unwrap_or_default();
    let detail = problem["detail"].as_str().or(problem["title"].as_str());
    let mut text = format!("未能办理：{}", detail.unwrap_or("服务暂未应答，请稍后重试。"));
    for error in problem["errors"].as_array().into_iter().flatten().take(20) {
        let row = error["row"].as_u64().map(|row| format!("第 {row} 行 ")).unwrap_or_default();
        let column = error["column"].as_str().or(error["field"].as_str()).unwrap_or_default();
        let reason = error["reason"].as_str().or(error["detail"].as_str()).unwrap_or_default();
        text.push_str(&format!("；{row}{column} {reason}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_the_button_of_agreement_agrees() {
        let decided = |agree: &str| {
            let fields = [("agree".to_owned(), agree.to_owned()), ("reasons".to_owned(), " 无误 ".to_owned())];
            decide_batch("b1", &fields.into()).body
        };
        assert_eq!(decided("true"), json!({"agree": true, "reasons": "无误"}));
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

    #[test]
    fn a_refused_file_tells_its_rows() {
        let body = br#"{"detail":"The file is refused.","errors":[{"row":3,"column":"amount","reason":"wrong amount"}]}"#;
        assert_eq!(refusal(body), "未能办理：The file is refused.；第 3 行 amount wrong amount");
        assert!(refusal(b"").contains("请稍后重试"));
    }
}
