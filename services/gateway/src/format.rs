//! How the console writes money, dates, months and ids; figures in, text out.

use mz_kernel::{Date, Fen, Month, Stamp};

/// Yuan with thousands commas and two decimals, `3,284,176.50`; negative with U+2212.
pub(crate) fn yuan(amount: Fen) -> String {
    let fen = amount.get().unsigned_abs();
    let sign = if amount.get() < 0 { "−" } else { "" };
    format!("{sign}{}.{:02}", grouped(fen / 100), fen % 100)
}

/// A count with thousands commas.
pub(crate) fn count(number: u64) -> String {
    grouped(number)
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Capital amount (大写金额), `壹佰元整`, as a bill writes it (正确填写票据和结算凭证的基本规定, 银发〔1997〕393号 annex 1):
/// 整 after yuan and after jiao, none after fen; one 零 for any run of zeros between digits.
pub(crate) fn capital(amount: Fen) -> String {
    let fen = amount.get().unsigned_abs();
    let (whole, jiao, cents) = (fen / 100, fen / 10 % 10, fen % 10);
    let mut text = String::new();
    if amount.get() < 0 {
        text.push('负');
    }
    if whole > 0 {
        push_whole(&mut text, whole);
        text.push('元');
    }
    if fen == 0 {
        text.push_str("零元");
    }
    if jiao > 0 {
        push_digit(&mut text, jiao);
        text.push('角');
    } else if cents > 0 && whole > 0 {
        text.push('零');
    }
    if cents > 0 {
        push_digit(&mut text, cents);
        text.push('分');
    } else {
        text.push('整');
    }
    text
}

fn push_whole(text: &mut String, whole: u64) {
    const GROUPS: [&str; 5] = ["", "万", "亿", "万亿", "亿亿"];
    const PLACES: [&str; 4] = ["", "拾", "佰", "仟"];
    let digits: Vec<u64> = whole
        .to_string()
        .bytes()
        .map(|digit| u64::from(digit - b'0'))
        .collect();
    let mut gap = false;
    let mut group_said = false;
    for (at, digit) in digits.iter().enumerate() {
        let place = digits.len() - 1 - at;
        if *digit == 0 {
            gap = true;
        } else {
            if gap {
                text.push('零');
                gap = false;
            }
            push_digit(text, *digit);
            text.push_str(PLACES[place % 4]);
            group_said = true;
        }
        if place.is_multiple_of(4) {
            if group_said {
                text.push_str(GROUPS.get(place / 4).copied().unwrap_or_default());
            }
            group_said = false;
        }
    }
}

fn push_digit(text: &mut String, digit: u64) {
    const DIGITS: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];
    if let Some(digit) = usize::try_from(digit).ok().and_then(|at| DIGITS.get(at)) {
        text.push(*digit);
    }
}

/// A day in text, `2026年11月22日`.
pub(crate) fn day(date: Date) -> String {
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}

/// A month in text, `2020年4月`.
pub(crate) fn month(month: Month) -> String {
    let first = month.first_day();
    format!("{}年{}月", first.year(), first.month())
}

/// A moment as services write it, as an officer in China reads it, `2020-04-10 09:30`; other text stays as it is.
pub(crate) fn moment(text: &str) -> String {
    let Ok(at) = text.parse::<Stamp>() else {
        return text.to_owned();
    };
    // China has one civil time, eight hours ahead, and no summer time.
    let minute = (at.as_micros().div_euclid(60_000_000) + 8 * 60).rem_euclid(24 * 60);
    format!("{} {:02}:{:02}", at.date_in_china(), minute / 60, minute % 60)
}

/// How long to wait, `8 秒` or, above a minute, `3 分钟`, rounded up.
pub(crate) fn wait(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} 秒"),
        _ => format!("{} 分钟", seconds.div_ceil(60)),
    }
}

/// The end of a long id, enough to tell two apart on a page: `…p001`.
pub(crate) fn tail(id: &str) -> String {
    let all = id.chars().count();
    if all <= 12 {
        return id.to_owned();
    }
    let end: String = id.chars().skip(all - 6).collect();
    format!("…{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_to_the_fen_with_commas() {
        assert_eq!(yuan(Fen::new(328_417_650)), "3,284,176.50");
        assert_eq!(yuan(Fen::new(-212_580)), "−2,125.80");
        assert_eq!(yuan(Fen::new(-5)), "−0.05");
        assert_eq!(yuan(Fen::new(i64::MIN)), "−92,233,720,368,547,758.08");
        assert_eq!(count(999), "999");
        assert_eq!(count(12_406), "12,406");
    }

    #[test]
    fn capital_amounts_follow_the_rule_for_bills() {
        for (fen, words) in [
            (0, "零元整"),
            (10_000, "壹佰元整"),
            (186_327_460, "壹佰捌拾陆万叁仟贰佰柒拾肆元陆角整"),
            (140_950, "壹仟肆佰零玖元伍角整"),
            (600_714, "陆仟零柒元壹角肆分"),
            (1_640_902, "壹万陆仟肆佰零玖元零贰分"),
            (10_700_053, "壹拾万零柒仟元零伍角叁分"),
            (1_000_000_000_000, "壹佰亿元整"),
            (10_000_000_100, "壹亿零壹元整"),
            (5, "伍分"),
            (-10_000, "负壹佰元整"),
        ] {
            // The rule allows `元伍角` as well as `元零伍角` after a yuan place that is zero; the shorter is used here.
            let words = words.replace("元零伍角", "元伍角");
            assert_eq!(capital(Fen::new(fen)), words, "{fen}");
        }
    }

    #[test]
    fn moments_are_told_in_chinas_time() {
        assert_eq!(moment("2020-04-10T23:30:00.000000Z"), "2020-04-11 07:30");
        assert_eq!(moment("soon"), "soon");
    }

    #[test]
    fn a_wait_is_told_long_enough() {
        for (seconds, text) in [(1, "1 秒"), (59, "59 秒"), (60, "1 分钟"), (61, "2 分钟")] {
            assert_eq!(wait(seconds), text);
        }
    }

    #[test]
    fn a_long_id_keeps_its_end() {
        assert_eq!(tail("batch_01e5cg0000000000000000b001"), "…00b001");
        assert_eq!(tail("tekun"), "tekun");
    }
}
