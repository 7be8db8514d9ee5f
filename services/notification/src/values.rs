//! What a template can say of an event: its fields as Chinese texts, and its circumstances.

use crate::law::Words;
use mz_kernel::{Date, Fen, Month};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// How a field becomes a text.
enum Form {
    Day,
    Month,
    Months,
    Money,
    /// A code of a list in `words.toml`.
    Word(&'static str),
    /// Several of them.
    Words(&'static str),
    /// How many there are in a list.
    Length,
    Plain,
}

use Form::{Day, Length, Money, Months, Plain, Word};

/// Field of an event, the name that templates know it by, and its form. A field means the same in every event.
const FIELDS: &[(&str, &str, Form)] = &[
    ("accepted_on", "受理日期", Day),
    ("amount", "金额", Money),
    ("annulled_on", "撤销日期", Day),
    ("class", "类别", Word("class")),
    ("corrected_on", "更正日期", Day),
    ("decided_on", "决定日期", Day),
    ("died_on", "死亡日期", Day),
    ("document", "文号", Plain),
    ("due", "办结期限", Day),
    ("figures", "指标数", Plain),
    ("flags", "未通过数", Plain),
    ("from", "起始月", Form::Month),
    ("hash", "校验值", Plain),
    ("key", "标准名称", Word("standard")),
    ("lines", "条数", Length),
    ("mode", "供养方式", Word("mode")),
    ("month", "月份", Form::Month),
    ("months", "月份", Months),
    ("outstanding", "未收金额", Money),
    ("payments", "笔数", Plain),
    ("programme", "项目", Word("programme")),
    ("raised_on", "立项日期", Day),
    ("reason", "原因", Word("reason")),
    ("reasons", "理由", Form::Words("reason")),
    ("reduced_on", "入账日期", Day),
    ("registered_on", "登记日期", Day),
    ("released_on", "发布日期", Day),
    ("sealed_on", "封存日期", Day),
    ("set_on", "生效日期", Day),
    ("settled_on", "回盘日期", Day),
    ("to", "截止月", Form::Month),
    ("unit", "单位", Word("unit")),
];

/// Field, its value, and the circumstance that it makes.
const CIRCUMSTANCES: &[(&str, &str, &str)] = &[
    ("by", "\"offset\"", "抵扣"),
    ("by", "\"repayment\"", "退缴"),
    ("by", "\"waiver\"", "核销"),
    ("corrected", "false", "新设账户"),
    ("corrected", "true", "更正账户"),
    ("late", "true", "逾期登记"),
    ("outcome", "\"granted\"", "确认"),
    ("outcome", "\"refused\"", "不予确认"),
];

/// Texts and circumstances.
#[derive(Debug, Default)]
pub(crate) struct Values {
    texts: BTreeMap<&'static str, String>,
    circumstances: BTreeSet<&'static str>,
}

/// A field does not hold what its contract says.
#[derive(Debug, thiserror::Error)]
#[error("the event's field `{field}` does not hold what its contract says")]
pub(crate) struct Unsuitable {
    field: &'static str,
}

impl Values {
    /// What the event itself says.
    pub(crate) fn of(data: &Value, words: &Words) -> Result<Self, Unsuitable> {
        let mut values = Self::default();
        for (field, name, form) in FIELDS {
            if let Some(value) = data.get(*field) {
                let text = text(value, form, words).ok_or(Unsuitable { field })?;
                values.say(name, text);
            }
        }
        if let Some(cause) = data.get("cause") {
            let field = "cause";
            let fact = text(&cause["fact"], &Word("fact"), words).ok_or(Unsuitable { field })?;
            let on = text(&cause["on"], &Day, words).ok_or(Unsuitable { field })?;
            values.say("事实", fact);
            values.say("事实日期", on);
        }
        let makes = |(field, value, _): &&(&str, &str, &str)| {
            data.get(*field).is_some_and(|found| found.to_string() == *value)
        };
        values.circumstances = CIRCUMSTANCES.iter().filter(makes).map(|(_, _, name)| *name).collect();
        if let Some(outstanding) = data.get("outstanding") {
            values.turn(if outstanding == 0 { "已结清" } else { "未结清" });
        }
        Ok(values)
    }

    /// Adds a text.
    pub(crate) fn say(&mut self, name: &'static str, text: String) {
        self.texts.insert(name, text);
    }

    /// Adds a circumstance.
    pub(crate) fn turn(&mut self, circumstance: &'static str) {
        self.circumstances.insert(circumstance);
    }

    /// A text by its name.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }

    /// Whether a circumstance is there.
    pub(crate) fn is(&self, circumstance: &str) -> bool {
        self.circumstances.contains(circumstance)
    }
}

fn text(value: &Value, form: &Form, words: &Words) -> Option<String> {
    let word = |list, value: &Value| value.as_str().map(|code| words.word(list, code).to_owned());
    Some(match form {
        Day => day(read(value)?),
        Form::Month => month(read(value)?),
        Months => months(read(value)?),
        Money => money(read(value)?),
        Word(list) => word(list, value)?,
        Form::Words(list) => {
            let all: Option<Vec<String>> = value.as_array()?.iter().map(|one| word(list, one)).collect();
            all?.join("、")
        }
        Length => value.as_array()?.len().to_string(),
        Plain => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
    })
}

fn read<T: DeserializeOwned>(value: &Value) -> Option<T> {
    T::deserialize(value).ok()
}

/// A day as official documents write it (GB/T 9704—2012, 7.3.5.4): `2020年4月8日`.
pub(crate) fn day(day: Date) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

fn month(month: Month) -> String {
    format!("{}年{}月", month.year(), month.number())
}

/// Months, those that follow one another as a range: `2020年2月至2020年4月、2020年6月`.
fn months(mut months: Vec<Month>) -> String {
    months.sort_unstable();
    months.dedup();
    let mut text = String::new();
    for run in months.chunk_by(|one, next| one.next() == *next) {
        let joint = if text.is_empty() { "" } else { "、" };
        // Writing to a String cannot fail.
        let _ = match run {
            [first, .., last] => write!(text, "{joint}{}至{}", month(*first), month(*last)),
            [only] => write!(text, "{joint}{}", month(*only)),
            [] => Ok(()),
        };
    }
    text
}

/// An amount, always with its fen: `1404.00元`.
pub(crate) fn money(amount: Fen) -> String {
    format!("{amount}元")
}

#[cfg(test)]
mod tests {
    use super::*;
    use mz_contracts::CATALOGUE;
    use serde_json::json;

    #[test]
    fn every_event_can_be_put_into_words() {
        let words = Words::embedded().unwrap();
        for entry in CATALOGUE {
            let sample = (entry.sample)().unwrap();
            // Told of each payment, not of the whole; lines and divisions are not told at all.
            let told = ["settled", "computed", "established"].iter().all(|name| *name != entry.name);
            if told {
                Values::of(&sample, &words).unwrap_or_else(|error| panic!("{}: {error}", entry.event_type));
            }
        }
    }

    #[test]
    fn fields_become_words() {
        let words = Words::embedded().unwrap();
        let data = json!({
            "amount": 140_400, "months": ["2020-03", "2020-06", "2020-02"], "reasons": ["no-income", "other"],
            "outstanding": 0, "by": "waiver", "lines": ["a", "b"],
            "cause": { "fact": "death", "id": "death_1", "on": "2020-01-20" },
        });
        let values = Values::of(&data, &words).unwrap();
        let said = [
            ("金额", "1404.00元"),
            ("月份", "2020年2月至2020年3月、2020年6月"),
            ("理由", "无生活来源、other"),
            ("条数", "2"),
            ("事实", "死亡登记"),
            ("事实日期", "2020年1月20日"),
        ];
        for (name, text) in said {
            assert_eq!(values.text(name), Some(text), "{name}");
        }
        assert!(values.is("核销") && values.is("已结清") && !values.is("未结清"));
    }

    #[test]
    fn a_field_that_breaks_its_contract_is_named() {
        let words = Words::embedded().unwrap();
        let refused = Values::of(&json!({ "amount": "140400" }), &words).unwrap_err();
        assert_eq!(refused.field, "amount");
    }
}
