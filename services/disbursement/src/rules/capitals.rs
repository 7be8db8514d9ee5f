//! Amounts in capital numerals 大写金额, as they stand on vouchers (支付结算办法 annex 1).

use mz_kernel::Fen;

const DIGITS: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];
const WITHIN: [&str; 4] = ["仟", "佰", "拾", ""];

/// An amount such as `壹仟零贰元伍角整`; below zero it begins with `负`.
pub(crate) fn capitals(amount: Fen) -> String {
    let fen = amount.get().unsigned_abs();
    let (yuan, jiao, cents) = (fen / 100, digit(fen / 10), digit(fen));
    let mut text = String::from(if amount < Fen::ZERO { "负" } else { "" });
    if yuan > 0 || fen == 0 {
        text.push_str(&integer(yuan));
        text.push('元');
    }
    match (jiao, cents) {
        (0, 0) => text.push('整'),
        (0, cents) => {
            if yuan > 0 {
                text.push('零');
            }
            text.extend([DIGITS[cents], '分']);
        }
        (jiao, 0) => text.extend([DIGITS[jiao], '角', '整']),
        (jiao, cents) => text.extend([DIGITS[jiao], '角', DIGITS[cents], '分']),
    }
    text
}

fn digit(number: u64) -> usize {
    usize::try_from(number % 10).unwrap_or_default()
}

/// Four digits at a time: 亿 and 万 stand behind a group that is not zero, one 零 stands for any zeros within.
fn integer(number: u64) -> String {
    let groups = [
        (1_000_000_000_000, "万"),
        (100_000_000, "亿"),
        (10_000, "万"),
        (1, ""),
    ];
    let mut text = String::new();
    let mut gap = false;
    for (size, unit) in groups {
        let group = number / size % 10_000;
        let behind_wan_yi = size == 100_000_000 && number / 1_000_000_000_000 > 0;
        if group == 0 {
            gap |= !text.is_empty();
            if behind_wan_yi {
                text.push_str(unit);
            }
            continue;
        }
        if !text.is_empty() && (gap || group < 1_000) {
            text.push('零');
        }
        text.push_str(&four(group));
        text.push_str(unit);
        gap = false;
    }
    if text.is_empty() { "零".to_owned() } else { text }
}

fn four(group: u64) -> String {
    let mut text = String::new();
    let mut gap = false;
    for (place, unit) in [1_000, 100, 10, 1].into_iter().zip(WITHIN) {
        match digit(group / place) {
            0 => gap = !text.is_empty(),
            digit => {
                if gap {
                    text.push('零');
                }
                text.push(DIGITS[digit]);
                text.push_str(unit);
                gap = false;
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_on_vouchers() {
        for (fen, words) in [
            (0, "零元整"),
            (5, "伍分"),
            (50, "伍角整"),
            (10_000, "壹佰元整"),
            (70_200, "柒佰零贰元整"),
            (140_950, "壹仟肆佰零玖元伍角整"),
            (680_032, "陆仟捌佰元叁角贰分"),
            (10_700_053, "壹拾万柒仟元伍角叁分"),
            (1_640_902, "壹万陆仟肆佰零玖元零贰分"),
            (31_338_900, "叁拾壹万叁仟叁佰捌拾玖元整"),
            (10_000_100, "壹拾万零壹元整"),
            (1_000_000_000_000, "壹佰亿元整"),
            (1_000_005_000_000, "壹佰亿零伍万元整"),
            (-100, "负壹元整"),
        ] {
            assert_eq!(capitals(Fen::new(fen)), words, "{fen}");
        }
    }
}
