//! The bureau's words for the codes that services answer. A code without a word stands as it is: nothing is hidden.

use super::frame::Tone;
use super::tables::Cell;
use crate::purpose::Purpose;

/// A programme, in full.
pub(crate) fn programme(code: &str) -> &str {
    match code {
        "tekun" => "特困人员救助供养",
        "dibao" => "最低生活保障",
        other => other,
    }
}

/// A class of a programme.
pub(crate) fn class(code: &str) -> &str {
    match code {
        "rural" => "农村",
        "urban" => "城市",
        other => other,
    }
}

/// How a person is cared for.
pub(crate) fn mode(code: &str) -> &str {
    match code {
        "centralised" => "集中供养",
        "dispersed" => "分散供养",
        other => other,
    }
}

/// Why something stopped, left a batch or came back.
pub(crate) fn reason(code: &str) -> &str {
    match code {
        "death" => "死亡",
        "entitlement-stopped" => "待遇已终止",
        "no-account" => "未登记账户",
        "entitlement-unknown" => "待遇尚未确认",
        "taken-back" => "已追回",
        "account-closed" => "账户已销户",
        "account-unknown" => "账号不存在",
        "name-mismatch" => "户名不符",
        "drawn-out" => "人工拦截",
        other => other,
    }
}

/// A fact that something rests on.
pub(crate) fn fact(code: &str) -> &str {
    match code {
        "death" => "死亡登记",
        "entitlement" => "待遇",
        "standard" => "标准调整",
        "stop" => "停发决定",
        "batch" => "发放批次",
        other => other,
    }
}

/// Where something stands, with its colour.
pub(crate) fn state(code: &str) -> Cell {
    let (tone, text) = match code {
        "draft" => (Tone::Plain, "拟制中"),
        "proposed" => (Tone::Warn, "待复核"),
        "sealed" => (Tone::Plain, "已封存"),
        "settled" => (Tone::Good, "已回盘"),
        "cancelled" => (Tone::Quiet, "已作废"),
        "sent" => (Tone::Plain, "银行代发中"),
        "paid" => (Tone::Good, "已到账"),
        "returned" => (Tone::Bad, "退回"),
        "pending" => (Tone::Quiet, "待回盘"),
        "open" | "raised" => (Tone::Warn, "追回中"),
        "closed" | "recovered" => (Tone::Good, "已结清"),
        "waived" => (Tone::Quiet, "已核销"),
        "accepted" => (Tone::Plain, "已受理"),
        "decided" => (Tone::Good, "已办结"),
        "paused" => (Tone::Quiet, "暂停计时"),
        "granted" => (Tone::Good, "予以确认"),
        "refused" => (Tone::Bad, "不予确认"),
        "withdrawn" => (Tone::Quiet, "已撤回"),
        "agreed" => (Tone::Bad, "已终止"),
        "rejected" => (Tone::Quiet, "未同意"),
        other => return Cell::tag(Tone::Quiet, other),
    };
    Cell::tag(tone, text)
}

/// Where a payment stands.
pub(crate) fn payment(code: &str) -> Cell {
    match code {
        "open" => Cell::tag(Tone::Quiet, "批次未封存"),
        other => state(other),
    }
}

/// A service of the suite.
pub(crate) fn service(name: &str) -> &str {
    match name {
        "registration" => "人员登记",
        "funeral-reform" => "殡葬管理",
        "social-assistance" => "社会救助",
        "disbursement" => "资金发放",
        "notification" => "通知告知",
        "insight" => "统计分析",
        "gateway" => "统一门户",
        other => other,
    }
}

/// What a form did, by the code in the address of the page that it led to.
pub(crate) fn done(code: &str) -> Option<&'static str> {
    Some(match code {
        "death" => "已登记死亡。各服务正在据此停发待遇、拦截批次，数秒后刷新可见。",
        "payee" => "收款账户已保存。退回的款项可在新批次中重新发放。",
        "run" => "本月核算已完成，可以生成批次。",
        "built" => "名册已生成。",
        "proposed" => "已提交，待复核人决定。",
        "decided" => "复核意见已记录。",
        "cancelled" => "批次已作废，其中的款项可编入新批次。",
        "results" => "回盘已接受。",
        "account" => "账号已更新。",
        "password" => "密码已修改，其他地方的登录已失效。",
        "retried" => "已重新处理。",
        "repaid" => "退缴已入账。",
        _ => return None,
    })
}

/// What a figure counts in.
pub(crate) fn unit(code: &str) -> &str {
    match code {
        "persons" => "人",
        "person-times" => "人次",
        "cases" => "件",
        "payments" => "笔",
        "fen" => "元",
        other => other,
    }
}

/// Why an event could not be applied.
pub(crate) fn parked(code: &str) -> &str {
    match code {
        "refused" => "处理被拒绝",
        "failed" => "处理失败",
        "behind" => "等待前一事件",
        "gap" => "前一事件未到",
        "unreadable" => "无法读取",
        other => other,
    }
}

/// Why somebody read about a person.
pub(crate) fn purpose(code: &str) -> &str {
    let known = Purpose::NAMED.iter().find(|(purpose, _)| *purpose == code);
    known.map_or(code, |(_, name)| name)
}

/// How it was read: on a page, or of a service by a program.
pub(crate) fn way(what: &str) -> String {
    match what {
        "console" => "人员页面".into(),
        other => format!("接口 · {}", service(other)),
    }
}

/// How a recovery became smaller, or is agreed to become.
pub(crate) fn settled_by(code: &str) -> &str {
    match code {
        "offset" => "抵扣",
        "repayment" => "退缴",
        "return" => "退票冲抵",
        "waiver" => "核销",
        other => other,
    }
}

/// What is wrong with a row of the bank's file, and what it should be.
pub(crate) fn fault(code: &str) -> (&str, &'static str) {
    match code {
        "not-utf8" => ("编码不符", "文件须为 UTF-8 编码"),
        "wrong-control" => ("首行不符", "首行须写明本批次号、笔数和总金额"),
        "wrong-header" => ("表头不符", "第二行须为：序号,支付编号,金额,结果,原因"),
        "wrong-fields" => ("栏目数不符", "本行栏目多了、少了，或引号未闭合"),
        "no-rows" => ("没有明细", "银行至少须答复一笔支付"),
        "wrong-count" => ("笔数不符", "首行笔数与明细行数不一致"),
        "wrong-total" => ("总金额不符", "首行总金额与明细合计不一致"),
        "wrong-sequence" => ("序号不连续", "序号须从 1 起连续"),
        "payment-unknown" => ("支付编号不符", "本批次没有这笔支付"),
        "payment-twice" => ("支付重复", "同一支付在文件中出现两次"),
        "payment-settled" => ("已有结果", "此前的回盘已给出这笔支付的结果"),
        "wrong-amount" => ("金额不符", "须与本批次该支付的金额完全一致"),
        "unknown-result" => ("结果无法识别", "只能填：成功、退回"),
        "unknown-reason" => ("原因无法识别", "退回须填规定的原因，成功不填"),
        other => (other, ""),
    }
}

/// What shows a death.
pub(crate) const SOURCES: [(&str, &str); 4] = [
    ("medical-certificate", "居民死亡医学证明（推断）书"),
    ("police-document", "公安机关证明"),
    ("cremation-certificate", "火化证明"),
    ("village-report", "村（居）委会报告"),
];
