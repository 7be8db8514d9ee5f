//! The words of a notice: a template, filled with what its event says.

use mz_kernel::{Date, Fen, Month};
use serde_json::Value;

macro_rules! templates {
    ($($code:literal),+ $(,)?) => {
        const TEMPLATES: &[(&str, &str)] = &[$(($code, include_str!(concat!("../templates/", $code, ".txt")))),+];
    };
}

templates![
    "batch-sealed",
    "burial-relief",
    "case-accepted",
    "case-decided",
    "death-annulled",
    "death-check",
    "entitlement-granted",
    "entitlement-resumed",
    "entitlement-stopped",
    "lines-withdrawn",
    "payment-returned",
    "payments-returned",
    "recovery-office",
    "recovery-raised",
    "standard-adopted",
];

/// Chinese for the codes that events use, a line each: the code, a space, the word.
const WORDS: &str = include_str!("../templates/words.txt");

/// Stands where an event does not say what a template asks for.
const UNTOLD: &str = "（由民政部门另行告知）";

/// A template: its first line is the title.
pub(crate) fn template(code: &str) -> Option<(&'static str, &'static str)> {
    let (_, text) = TEMPLATES.iter().find(|(named, _)| *named == code)?;
    text.split_once('\n')
}

/// Puts the fields of an event's data into the `{places}` of a template.
pub(crate) fn fill(template: &str, data: &Value) -> String {
    let mut pieces = template.split('{');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (field, rest) = piece.split_once('}').unwrap_or((piece, ""));
        text.push_str(&said(field, &data[field]));
        text.push_str(rest);
    }
    text.trim_end().to_owned()
}

fn said(field: &str, value: &Value) -> String {
    match value {
        Value::Number(number) if field == "amount" => serde_json::from_value::<Fen>(value.clone())
            .map_or_else(|_| number.to_string(), |fen| fen.to_string()),
        Value::Number(number) => number.to_string(),
        Value::String(text) => in_chinese(text),
        Value::Array(items) if !items.is_empty() => {
            let items: Vec<String> = items.iter().map(|item| said(field, item)).collect();
            items.join("、")
        }
        _ => UNTOLD.to_owned(),
    }
}

/// A date, a month or a code in Chinese; a code without a word stays as it is.
fn in_chinese(text: &str) -> String {
    let number = |part: &str| part.trim_start_matches('0').to_owned();
    if text.parse::<Date>().is_ok() || text.parse::<Month>().is_ok() {
        let mut parts = text.split('-').zip(["年", "月", "日"]);
        return parts.by_ref().map(|(part, unit)| number(part) + unit).collect();
    }
    let mut words = WORDS.lines().filter_map(|line| line.split_once(' '));
    words
        .find(|(code, _)| *code == text)
        .map_or(text, |(_, word)| word)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use mz_contracts::CATALOGUE;
    use serde_json::json;

    #[test]
    fn a_notice_is_in_official_words() {
        let data = json!({ "programme": "tekun", "months": ["2020-02", "2020-10"], "amount": 140_400, "on": "2020-01-20" });
        let text = fill("{programme}{months}多发{amount}元，{on}去世，{place}", &data);
        assert_eq!(
            text,
            "特困人员救助供养2020年2月、2020年10月多发1404.00元，2020年1月20日去世，（由民政部门另行告知）"
        );
    }

    /// A field that is spelt wrongly would be told by the bureau for ever.
    #[test]
    fn every_sample_fills_the_templates_that_it_calls_for() {
        use crate::calls::{Call, call};
        // What no event says, the policy does: see `witness.rs`.
        let known = ["burial_relief"];
        for entry in CATALOGUE {
            let Some(Call::Notices(notices)) = call(entry.event_type) else {
                continue;
            };
            let mut sample = (entry.sample)().unwrap();
            for field in known {
                sample[field] = json!("800.00元");
            }
            for (code, _) in notices {
                let (_, body) = template(code).unwrap();
                let text = fill(body, &sample);
                assert!(!text.contains(UNTOLD), "{code}: {text}");
                assert!(!text.contains(['{', '}']), "{code}: {text}");
                assert!(
                    !text.contains("tekun"),
                    "a key of the policy is nobody's word: {text}"
                );
            }
        }
    }
}
