//! Codes of events in Chinese. A list that is open may hold others: they are shown as they are.

/// How a recovery became smaller.
pub(super) fn reduction(by: &str) -> &'static str {
    match by {
        "offset" => "从后续待遇中抵扣",
        "waiver" => "免予追回",
        _ => "退还",
    }
}

/// To whom a notice goes.
pub(super) fn recipient(code: &str) -> &str {
    match code {
        "person" => "本人",
        "family" => "家属",
        "office" => "单位",
        other => other,
    }
}

pub(super) fn programme(code: &str) -> &str {
    match code {
        "tekun" => "特困人员救助供养",
        other => other,
    }
}

pub(super) fn class_name(code: &str) -> &str {
    match code {
        "urban" => "城市",
        "rural" => "农村",
        other => other,
    }
}

/// How tekun is given.
pub(super) fn mode(code: &str) -> &str {
    match code {
        "centralised" => "集中供养",
        "dispersed" => "分散供养",
        other => other,
    }
}

/// Why a case was decided so, an entitlement ended, a line was held or a payment came back.
pub(super) fn reason(code: &str) -> &str {
    match code {
        // Of a decision, and of a stop (民发〔2021〕43号).
        "meets-the-conditions" => "符合条件",
        "does-not-meet-the-conditions" => "不符合条件",
        "no-labour-capacity" => "无劳动能力",
        "no-income" => "无生活来源",
        "no-supporter" => "无法定义务人或法定义务人无履行能力",
        "labour-capacity" => "有劳动能力",
        "income-above-limit" => "收入或财产超过规定",
        "supporter-able" => "法定义务人有履行能力",
        "declared-dead" => "被宣告死亡或失踪",
        "in-prison" => "服刑",
        "voluntary" => "自愿放弃",
        "death" => "死亡",
        // Of lines that are not paid.
        "entitlement-stopped" => "待遇停止",
        "entitlement-unknown" => "待遇尚未告知",
        "no-account" => "未登记账户",
        "taken-back" => "被后续核算扣回",
        // Of the bank.
        "account-closed" => "账户已销户",
        "name-mismatch" => "户名不符",
        "account-unknown" => "账号不存在",
        "account-frozen" => "账户冻结",
        "account-dormant" => "长期不动户",
        "other" => "其他",
        // Of corrections in registers.
        "mistaken-identity" | "wrong-person" => "误登他人",
        "typing-error" => "录入错误",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a code stays a code, as one that nobody wrote down here would.
    fn is_said(code: &str) -> bool {
        reason(code) != code
    }

    #[test]
    fn what_is_no_known_reason_is_shown_as_it_is() {
        assert!(is_said("account-frozen"));
        assert_eq!(reason("of-a-later-version"), "of-a-later-version");
    }
}
