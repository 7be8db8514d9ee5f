//! What a refusal says to the officer, in Chinese. The service's own detail stands behind it in small print: it names what
//! no table here can.

use super::frame::{Note, Tone};
use crate::door::PageError;

/// A sentence for each problem code that a page can meet; a test holds it to the codes that there are.
#[rustfmt::skip]
const SENTENCES: &[(&str, &str)] = &[
    ("account.closed", "账号已停用"),
    ("account.own", "不能停用自己的账号，请由其他管理员办理"),
    ("account.password-temporary", "请先改为自己的密码"),
    ("account.password-wrong", "现密码不正确"),
    ("account.too-many-tries", "密码错误次数过多，请稍后再试"),
    ("amount.invalid", "金额请填写为元，最多两位小数，例如 767.00"),
    ("batch.not-open", "批次已封存或作废，不能再改"),
    ("batch.not-sealed", "批次尚未封存"),
    ("batch.nothing-to-pay", "没有可发放的核算行"),
    ("batch.same-officer", "复核人不得为经办人"),
    ("calendar.missing", "缺少该年度的工作日历，请管理员录入"),
    ("caller.division", "不在您的管辖区划内"),
    ("caller.role", "您的岗位不能办理此事项"),
    ("caller.unauthenticated", "登录已失效，请重新登录"),
    ("case.already-decided", "该事项已有决定"),
    ("case.already-open", "该人员已有在办案件或待遇"),
    ("case.already-withdrawn", "该申请已撤回"),
    ("case.not-proposed", "该事项尚未提交复核"),
    ("case.person-deceased", "该人员已登记死亡"),
    ("case.person-unknown", "人员登记中没有该人员"),
    ("case.reason-missing", "请填写理由"),
    ("case.same-officer", "复核人不得为经办人"),
    ("clock.already-paused", "时限已暂停"),
    ("clock.backdated", "日期早于已记录的日期"),
    ("clock.evidence-missing", "请注明暂停时限所依据的文书"),
    ("clock.follows-calendar", "办理日期随日历，不能另行设定"),
    ("clock.not-paused", "时限没有暂停"),
    ("clock.used-up", "时限当时已届满"),
    ("death.already-annulled", "该死亡登记已撤销"),
    ("death.already-registered", "该人员的死亡已经登记"),
    ("death.annulment-pending", "撤销申请尚待复核"),
    ("death.person-unknown", "人员登记中没有该人员"),
    ("entitlement.already-stopped", "该待遇已经终止"),
    ("entitlement.stop-pending", "停发申请尚待复核"),
    ("idempotency.invalid", "表单已失效，请刷新页面后重试"),
    ("idempotency.missing", "表单已失效，请刷新页面后重试"),
    ("idempotency.reused", "此页面已提交过一次，请刷新后再办理"),
    ("identity.correction-pending", "号码更正申请尚待复核"),
    ("identity.number-held", "该号码已登记在其他人员名下"),
    ("parked.still", "仍未能处理该事件"),
    ("password.different", "两次输入的新密码不一致"),
    ("payee.person-unknown", "人员登记中没有该人员"),
    ("policy.missing", "缺少该时段的政策参数，请管理员录入"),
    ("record.changed", "该记录刚被他人更改，请刷新后再办理"),
    ("record.not-found", "没有找到相关记录"),
    ("recovery.agreement-pending", "同类申请尚待复核"),
    ("recovery.too-much", "超过尚欠金额"),
    ("request.incomplete", "提交的内容未能完整收到，请重试"),
    ("request.invalid", "填写有误，请更正"),
    ("request.not-json", "提交的内容未能读取，请重试"),
    ("request.too-large", "文件过大"),
    ("results.refused", "回盘文件整份未接受，错误如下"),
    ("route.method", "没有这项操作"),
    ("route.unknown", "没有这个页面"),
    ("run.other-open", "另一月份的核算尚未完成，请先完成"),
    ("service.internal", "服务内部出错，请联系管理员"),
    ("service.unavailable", "服务暂不可用，未作任何更改，请稍后重试"),
    ("session.csrf", "表单已失效，请返回上一页刷新后重试"),
    ("standard.missing", "缺少供养标准，请先录入"),
];

/// What is wrong where a field of a request is at fault, by its name.
#[rustfmt::skip]
const FIELDS: &[(&str, &str)] = &[
    ("account", "账号应为 8 至 32 位数字，不含空格"),
    ("amount", "金额应大于零，且不超过可办理的金额"),
    ("amount_per_month", "每月抵扣金额应大于零"),
    ("bank", "请填写开户行"),
    ("consent", "请填写同意书或处理决定"),
    ("died_on", "死亡日期有误"),
    ("division", "没有这个地区，或者它已经撤销"),
    ("divisions", "请选择地区"),
    ("document", "公民身份号码有误，请核对"),
    ("from", "起始月份或日期有误"),
    ("holder", "请填写户名"),
    ("login", "用户名未填写，或已被使用"),
    ("month", "月份有误"),
    ("name", "请填写姓名"),
    ("password", "密码至少 12 个字符"),
    ("person", "人员编号有误"),
    ("place", "死亡地点有误或过长"),
    ("programme", "没有这个事项"),
    ("reasons", "请填写意见或理由"),
    ("receipt", "票据号未填写，或已入账"),
    ("received_on", "到账日期有误，不得早于追回立案之日，也不得晚于今天"),
    ("relation", "请选择账户归属"),
    ("roles", "请选择岗位"),
    ("source", "请选择证明材料"),
    ("to", "截止月份或日期有误，不得早于起始"),
];

fn found(table: &[(&'static str, &'static str)], name: &str) -> Option<&'static str> {
    table
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| *text)
}

/// The field of a body by its own name: `document` of `document.number`, `divisions` of `divisions[0]`.
fn outermost(field: &str) -> &str {
    field.split(['.', '[']).next().unwrap_or_default()
}

/// Why something was not done, as its page says it.
pub(crate) fn note(error: &PageError) -> Note {
    let at_fault = error.field.as_deref().filter(|_| error.code == "request.invalid");
    let why = at_fault
        .and_then(|field| found(FIELDS, outermost(field)))
        .or_else(|| found(SENTENCES, &error.code));
    let text = match why {
        Some(why) => format!("未能办理：{why}。"),
        None => format!("未能办理（{}）。", error.code),
    };
    let detail = error.detail.clone();
    Note {
        detail,
        ..Note::new(Tone::Bad, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn told(code: &str, field: Option<&str>) -> String {
        let error = PageError {
            field: field.map(str::to_owned),
            ..PageError::new(422, code, "Some detail.")
        };
        note(&error).text
    }

    /// Each code has its page in a folder `problems` of the crate that refuses with it.
    #[test]
    fn every_problem_code_of_the_suite_has_a_sentence() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut codes = Vec::new();
        for crates in ["services", "libs"] {
            for one in std::fs::read_dir(root.join(crates)).unwrap() {
                let pages = std::fs::read_dir(one.unwrap().path().join("problems"));
                for page in pages.into_iter().flatten() {
                    let name = page.unwrap().file_name().into_string().unwrap();
                    codes.push(name.strip_suffix(".md").unwrap().to_owned());
                }
            }
        }
        assert!(codes.len() > 40, "{codes:?}");
        codes.retain(|code| found(SENTENCES, code).is_none());
        assert_eq!(codes, Vec::<String>::new());
    }

    #[test]
    fn a_wrong_field_is_named_in_chinese() {
        assert_eq!(
            told("request.invalid", Some("account")),
            "未能办理：账号应为 8 至 32 位数字，不含空格。"
        );
        assert_eq!(
            told("request.invalid", Some("divisions[1]")),
            "未能办理：请选择地区。"
        );
        assert_eq!(
            told("request.invalid", Some("odd")),
            "未能办理：填写有误，请更正。"
        );
        assert_eq!(told("request.invalid", None), "未能办理：填写有误，请更正。");
        assert_eq!(
            told("recovery.too-much", Some("amount")),
            "未能办理：超过尚欠金额。"
        );
        assert_eq!(told("some.new", None), "未能办理（some.new）。");
    }
}
