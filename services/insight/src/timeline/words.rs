//! Titles and details in Chinese.

use super::codes::{class_name, mode, programme, reason, recipient, reduction};
use super::{Detail, Told};
use mz_kernel::Fen;
use serde_json::Value;

/// What happened, in one line.
pub(super) fn title(step: &Told) -> String {
    let field = |name: &str| step.text(name);
    match step.kind.as_str() {
        "person.registered" => "登记人员信息".to_owned(),
        "person.number-corrected" => "更正身份证件号码".to_owned(),
        "death.registered" if step.data()["late"] == true => "补登死亡".to_owned(),
        "death.registered" => "登记死亡".to_owned(),
        "death.annulled" => "撤销死亡登记".to_owned(),
        "case.accepted" => format!("受理{}申请", programme(field("programme"))),
        "case.decided" if field("outcome") == "granted" => {
            format!("予以确认{}", programme(field("programme")))
        }
        "case.decided" => format!("不予确认{}", programme(field("programme"))),
        "case.withdrawn" => format!("撤回{}申请", programme(field("programme"))),
        "entitlement.granted" => format!("待遇自{}起享受", month(field("from"))),
        "entitlement.stopped" => format!("待遇自{}起停止", month(field("from"))),
        "entitlement.resumed" => format!("待遇自{}起恢复", month(field("from"))),
        "standard.adopted" => standard(step),
        "lines.computed" => format!("{}核算{}", month(field("month")), computed(step)),
        "payee.account-set" if step.data()["corrected"] == true => "更正发放账户".to_owned(),
        "payee.account-set" => "登记发放账户".to_owned(),
        "batch.sealed" => format!("{}发放批次封存", month(field("month"))),
        "batch.lines-withdrawn" => format!("从发放批次中拦截 {}", yuan(&step.data()["amount"])),
        "batch.settled" => format!("{}{}", month(field("month")), settled(step)),
        "recovery.raised" => format!("发起追回 {}", yuan(&step.data()["amount"])),
        "recovery.increased" => format!("追加追回 {}", yuan(&step.data()["amount"])),
        "recovery.reduced" => format!("{} {}", reduction(field("by")), yuan(&step.data()["amount"])),
        "notice.issued" => "发出告知书".to_owned(),
        "division.established" => format!("设立行政区划{}", field("name")),
        "division.ended" => "撤销行政区划代码".to_owned(),
        "user.registered" => "登记工作人员账户".to_owned(),
        other => other.to_owned(),
    }
}

/// What else there is to say. `all` are all steps of the person, among which the corrected lines are found.
pub(super) fn details(step: &Told, all: &[Told]) -> Vec<Detail> {
    let mut details = Vec::new();
    let data = step.data();
    let mut say = |label: &str, value: String| {
        details.push(Detail {
            label: label.to_owned(),
            value,
        });
    };
    if let Some(day) = data["died_on"].as_str() {
        say("死亡日期", day.to_owned());
    }
    if let Some(day) = data["registered_on"].as_str() {
        say("登记日期", day.to_owned());
    }
    if let Some(day) = data["due"].as_str() {
        say("办理期限", day.to_owned());
    }
    if let Some(class) = data["class"].as_str() {
        say("类别", class_name(class).to_owned());
    }
    if let Some(way) = data["mode"].as_str() {
        say("供养方式", mode(way).to_owned());
    }
    if let Some(why) = data["reason"].as_str() {
        say("原因", reason(why).to_owned());
    }
    let reasons: Vec<&str> = step
        .items("reasons")
        .filter_map(Value::as_str)
        .map(reason)
        .collect();
    if !reasons.is_empty() {
        say("理由", reasons.join("、"));
    }
    if let Some(to) = data["recipient"].as_str() {
        say("送达", recipient(to).to_owned());
    }
    let months: Vec<String> = step
        .items("months")
        .filter_map(Value::as_str)
        .map(month)
        .collect();
    if !months.is_empty() {
        say("涉及月份", months.join("、"));
    }
    if step.kind == "lines.computed" {
        for line in step.items("lines") {
            say(&line_label(line), line_value(line, all));
        }
    }
    for payment in step.items("payments") {
        let outcome = if payment["outcome"] == "paid" {
            "已发放"
        } else {
            "被退回"
        };
        let why = payment["reason"].as_str().map(reason);
        let why = why.map_or_else(String::new, |why| format!("（{why}）"));
        say(outcome, yuan(&payment["amount"]) + &why);
    }
    if data["outstanding"].is_i64() {
        say("尚待追回", yuan(&data["outstanding"]));
    }
    details
}

/// `城市特困人员救助供养标准自2020年7月起为 767.00 元（示例〔2020〕1号）`.
fn standard(step: &Told) -> String {
    let what = match step.text("key").split_once(".standard.") {
        Some((of, class)) => format!("{}{}标准", class_name(class), programme(of)),
        None => "保障标准".to_owned(),
    };
    let from = month(step.text("from"));
    format!(
        "{what}自{from}起为 {}（{}）",
        yuan(&step.data()["amount"]),
        step.text("document")
    )
}

fn line_label(line: &Value) -> String {
    let kind = match line["kind"].as_str() {
        Some("take-back") => "扣回",
        Some("back-pay") => "补发",
        _ => "当月",
    };
    format!("{kind}{}", month(line["month"].as_str().unwrap_or_default()))
}

/// The amount, and which run lined before what this line corrects.
fn line_value(line: &Value, all: &[Told]) -> String {
    let amount = yuan(&line["amount"]);
    let corrects = line["corrects"].as_array().into_iter().flatten();
    let runs: Vec<String> = corrects.filter_map(|corrected| run_of(corrected, all)).collect();
    if runs.is_empty() {
        amount
    } else {
        format!("{amount}，更正{}", runs.join("、"))
    }
}

/// The month of the run that wrote a line, with the line's amount.
fn run_of(line: &Value, all: &[Told]) -> Option<String> {
    all.iter()
        .filter(|told| told.kind == "lines.computed")
        .find_map(|told| {
            let written = told.items("lines").find(|written| &written["line"] == line)?;
            Some(format!(
                "{}的核算（{}）",
                month(told.text("month")),
                yuan(&written["amount"])
            ))
        })
}

/// What a run came to for the person.
fn computed(step: &Told) -> String {
    let amounts: Vec<Fen> = step
        .items("lines")
        .filter_map(|line| line["amount"].as_i64())
        .map(Fen::new)
        .collect();
    match Fen::checked_sum(amounts) {
        Ok(sum) if sum < Fen::new(0) => format!(
            "：应扣回 {}",
            sum.checked_neg().map_or_else(|_| String::new(), in_yuan)
        ),
        Ok(sum) => format!("：应发 {}", in_yuan(sum)),
        Err(_) => String::new(),
    }
}

fn settled(step: &Told) -> &'static str {
    if step
        .items("payments")
        .any(|payment| payment["outcome"] == "returned")
    {
        "发放被退回"
    } else {
        "发放到账"
    }
}

fn yuan(fen: &Value) -> String {
    fen.as_i64().map(Fen::new).map_or_else(String::new, in_yuan)
}

fn in_yuan(amount: Fen) -> String {
    format!("{amount} 元")
}

/// `2020-04` as 2020年4月.
fn month(text: &str) -> String {
    match text.split_once('-') {
        Some((year, month)) => format!("{year}年{}月", month.trim_start_matches('0')),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::sample;
    use super::*;
    use mz_contracts::{CATALOGUE, Insight, Owner as _};

    #[test]
    fn months_and_amounts_are_written_as_the_bureau_writes_them() {
        assert_eq!(month("2020-04"), "2020年4月");
        assert_eq!(month("2020-10"), "2020年10月");
        assert_eq!(yuan(&Value::from(-70_200)), "-702.00 元");
    }

    #[test]
    fn every_event_of_the_other_services_has_a_title() {
        let others = CATALOGUE.iter().filter(|entry| entry.service != Insight::NAME);
        let untitled: Vec<_> = others
            .map(|entry| sample(entry.event_type, "evt_01e5cg0000000000000000e001"))
            .filter(|told| title(told) == told.kind)
            .map(|told| told.kind)
            .collect();
        assert_eq!(untitled, Vec::<String>::new());
    }
}
