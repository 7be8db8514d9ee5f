//! What must hold between the figures of a report before it is released (S0-08, S0-14: every published breakdown is
//! checked against its total, every sum of money against the standards). What does not hold is printed with it.

use crate::figures::FigureView;
use crate::flags::{Check, Flag};
use crate::indicators::{Band, Breakdown, Indicator, Unit};
use crate::store::SharedRow;
use mz_kernel::{Fen, FenError};
use std::collections::BTreeMap;

/// A figure with what is checked beside it.
#[derive(Debug)]
pub(crate) struct Checked<'r> {
    pub(crate) indicator: &'r Indicator,
    pub(crate) figure: &'r FigureView,
    /// The lowest and the highest standard in the months of the report, where the indicator has a band and there was a
    /// standard.
    pub(crate) standards: Option<(Fen, Fen)>,
    /// Persons counted in several townships in one month, where persons are counted.
    pub(crate) shared: &'r [SharedRow],
}

/// Persons named in a flag; the figure opens to the others.
const NAMED_MAX: usize = 5;

/// Every check that does not hold, in the order of the figures.
pub(crate) fn flags(all: &[Checked<'_>]) -> Result<Vec<Flag>, FenError> {
    let values: BTreeMap<&str, i64> = all
        .iter()
        .filter_map(|checked| Some((checked.figure.indicator.as_str(), checked.figure.value?)))
        .collect();
    let mut flags = Vec::new();
    for checked in all {
        flags.extend(cross_footing(checked)?);
        flags.extend(parts(checked, &values)?);
        if let Some(band) = &checked.indicator.band {
            flags.extend(in_band(checked, band, &values)?);
        }
        flags.extend(counted_twice(checked));
    }
    Ok(flags)
}

fn cross_footing(checked: &Checked<'_>) -> Result<Vec<Flag>, FenError> {
    let mut flags = Vec::new();
    for breakdown in &checked.figure.breakdowns {
        let parts = sum(breakdown.parts.iter().map(|part| part.value))?;
        let by = match breakdown.by {
            Breakdown::Township => "各乡镇",
            Breakdown::Class => "城乡",
            Breakdown::Mode => "各供养方式",
            Breakdown::Month => "各月",
        };
        flags.extend(unequal(checked, Check::CrossFooting, by, parts)?);
    }
    Ok(flags)
}

fn parts(checked: &Checked<'_>, values: &BTreeMap<&str, i64>) -> Result<Option<Flag>, FenError> {
    let parts = &checked.indicator.parts;
    if parts.is_empty() {
        return Ok(None);
    }
    let of = |part: &String| values.get(part.as_str()).copied().unwrap_or(0);
    let added = sum(parts.iter().map(of))?;
    unequal(checked, Check::Parts, "各构成指标", added)
}

/// A flag where what should add up to the figure comes to something else.
fn unequal(checked: &Checked<'_>, check: Check, of: &str, added: i64) -> Result<Option<Flag>, FenError> {
    let (unit, value) = (checked.indicator.unit, checked.figure.value.unwrap_or(0));
    let difference = sub(added, value)?;
    if difference == 0 {
        return Ok(None);
    }
    let text = format!(
        "{}：{of}合计 {}，总数 {}，相差 {}。",
        checked.indicator.title,
        amount(unit, added),
        amount(unit, value),
        amount(unit, difference),
    );
    Ok(Some(flag(checked, check, text, difference)))
}

fn in_band(
    checked: &Checked<'_>,
    band: &Band,
    values: &BTreeMap<&str, i64>,
) -> Result<Option<Flag>, FenError> {
    let times = values.get(band.person_times.as_str()).copied().unwrap_or(0);
    let money = checked.figure.value.unwrap_or(0);
    let Some((lowest, highest)) = checked.standards else {
        let text = format!(
            "{}：期内没有执行的标准，无法核对金额区间。",
            checked.indicator.title
        );
        let is_empty = times == 0 && money == 0;
        return Ok((!is_empty).then(|| flag(checked, Check::Band, text, 0)));
    };
    let (least, most) = (lowest.checked_mul(times)?, highest.checked_mul(times)?);
    let difference = if money < least.get() {
        sub(money, least.get())?
    } else if money > most.get() {
        sub(money, most.get())?
    } else {
        return Ok(None);
    };
    let (title, unit) = (&checked.indicator.title, checked.indicator.unit);
    let side = if difference < 0 {
        "低于下限"
    } else {
        "高于上限"
    };
    let text = format!(
        "{title} {}，{times} 人次按最低标准 {lowest} 元应不少于 {least} 元，按最高标准 {highest} 元应不超过 {most} 元；{side} {}。",
        amount(unit, money),
        amount(unit, difference.checked_abs().ok_or(FenError::Overflow)?),
    );
    Ok(Some(flag(checked, Check::Band, text, difference)))
}

fn counted_twice(checked: &Checked<'_>) -> Option<Flag> {
    let shared = checked.shared;
    let beyond: i64 = shared.iter().map(|row| row.townships - 1).sum();
    let named = shared.iter().take(NAMED_MAX);
    let named: Vec<String> = named
        .map(|row| format!("{} {}（{} 个乡镇）", row.person, row.month, row.townships))
        .collect();
    let more = if shared.len() > NAMED_MAX { "等" } else { "" };
    (!shared.is_empty()).then(|| {
        let text = format!(
            "{}：同一人同一月计入多个乡镇，共 {} 人月：{}{more}。",
            checked.indicator.title,
            shared.len(),
            named.join("、"),
        );
        flag(checked, Check::CountedTwice, text, beyond)
    })
}

fn flag(checked: &Checked<'_>, check: Check, text: String, difference: i64) -> Flag {
    Flag {
        check,
        indicator: checked.indicator.name.clone(),
        text,
        difference,
        explanation: None,
    }
}

/// A number with its unit, as a report prints it.
fn amount(unit: Unit, value: i64) -> String {
    match unit {
        Unit::Fen => format!("{} 元", Fen::new(value)),
        Unit::Persons => format!("{value} 人"),
        Unit::PersonTimes => format!("{value} 人次"),
        Unit::Cases => format!("{value} 件"),
        Unit::Payments => format!("{value} 笔"),
    }
}

fn sum(mut values: impl Iterator<Item = i64>) -> Result<i64, FenError> {
    values.try_fold(0_i64, i64::checked_add).ok_or(FenError::Overflow)
}

fn sub(one: i64, other: i64) -> Result<i64, FenError> {
    one.checked_sub(other).ok_or(FenError::Overflow)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::{BreakdownView, PartView};
    use crate::indicators::Indicators;

    fn figure(name: &str, value: i64, townships: &[i64]) -> FigureView {
        let indicator = Indicators::shipped().unwrap().get(name).unwrap();
        let parts = townships.iter().zip(100..).map(|(value, number)| PartView {
            of: format!("513335{number}"),
            value: *value,
        });
        FigureView {
            indicator: name.to_owned(),
            title: indicator.title.clone(),
            unit: indicator.unit,
            kind: indicator.kind,
            value: Some(value),
            breakdowns: vec![BreakdownView {
                by: Breakdown::Township,
                parts: parts.collect(),
            }],
        }
    }

    fn found(figures: &[FigureView], standards: Option<(i64, i64)>, shared: &[SharedRow]) -> Vec<Flag> {
        let indicators = Indicators::shipped().unwrap();
        let all: Vec<_> = figures
            .iter()
            .map(|figure| Checked {
                indicator: indicators.get(&figure.indicator).unwrap(),
                figure,
                standards: standards.map(|(low, high)| (Fen::new(low), Fen::new(high))),
                shared: if figure.unit == Unit::PersonTimes {
                    shared
                } else {
                    &[]
                },
            })
            .collect();
        flags(&all).unwrap()
    }

    fn told(flags: &[Flag]) -> Vec<(Check, &str, i64)> {
        let told = flags
            .iter()
            .map(|flag| (flag.check, flag.indicator.as_str(), flag.difference));
        told.collect()
    }

    #[test]
    fn the_printed_urban_money_lies_in_its_band_and_the_rural_money_below() {
        let urban = [
            figure("tekun_urban_person_times", 2_269, &[2_269]),
            figure("tekun_urban_paid", 165_861_800, &[165_861_800]),
        ];
        assert_eq!(found(&urban, Some((70_200, 76_700)), &[]), []);
        let rural = [
            figure("tekun_rural_person_times", 3_581, &[3_581]),
            figure("tekun_rural_paid", 169_762_900, &[169_762_900]),
        ];
        let flags = found(&rural, Some((50_000, 50_700)), &[]);
        assert_eq!(
            told(&flags),
            [(Check::Band, "tekun_rural_paid", 169_762_900 - 3_581 * 50_000)]
        );
        let text = "农村特困人员救助供养资金发放额 1697629.00 元，3581 人次按最低标准 500.00 元应不少于 1790500.00 元，\
            按最高标准 507.00 元应不超过 1815567.00 元；低于下限 92871.00 元。";
        assert_eq!(flags[0].text, text);
    }

    #[test]
    fn money_without_a_standard_is_flagged_and_nothing_is_not() {
        let paid = |amount| [figure("tekun_urban_paid", amount, &[amount])];
        assert_eq!(
            told(&found(&paid(70_200), None, &[])),
            [(Check::Band, "tekun_urban_paid", 0)]
        );
        assert_eq!(found(&paid(0), None, &[]), []);
    }

    #[test]
    fn a_breakdown_that_does_not_add_up_says_by_how_much() {
        let flags = found(&[figure("cases_accepted", 2_088, &[117, 348, 22, 1])], None, &[]);
        assert_eq!(
            told(&flags),
            [(Check::CrossFooting, "cases_accepted", 488 - 2_088)]
        );
        assert_eq!(
            flags[0].text,
            "受理件数：各乡镇合计 488 件，总数 2088 件，相差 -1600 件。"
        );
    }

    #[test]
    fn indicators_that_do_not_add_up_to_their_whole_are_flagged() {
        let of = |whole| {
            [
                figure("tekun_person_times", whole, &[whole]),
                figure("tekun_rural_person_times", 3, &[3]),
                figure("tekun_urban_person_times", 2, &[2]),
            ]
        };
        assert_eq!(found(&of(5), None, &[]), []);
        assert_eq!(
            told(&found(&of(6), None, &[])),
            [(Check::Parts, "tekun_person_times", -1)]
        );
    }

    #[test]
    fn somebody_in_two_townships_is_named_with_the_month() {
        let person: mz_kernel::PersonId = "per_01e5cg0000000000000000p001".parse().unwrap();
        let shared = [SharedRow {
            month: "2020-03".parse().unwrap(),
            person,
            townships: 2,
        }];
        let flags = found(&[figure("tekun_urban_person_times", 4, &[2, 3])], None, &shared);
        assert_eq!(
            told(&flags),
            [
                (Check::CrossFooting, "tekun_urban_person_times", 1),
                (Check::CountedTwice, "tekun_urban_person_times", 1),
            ]
        );
        assert!(
            flags[1]
                .text
                .contains("per_01e5cg0000000000000000p001 2020-03（2 个乡镇）"),
            "{}",
            flags[1].text
        );
    }
}
