//! What is printed with a report because it does not hold.

use mz_kernel::words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

words! {
    /// What did not hold.
    Check {
        /// 分项合计: the parts of a breakdown do not add up to the figure.
        CrossFooting = "cross-footing",
        /// 构成合计: other indicators do not add up to the figure.
        Parts = "parts",
        /// 金额区间: money lies outside of what the standards allow for the person-times.
        Band = "band",
        /// 重复计数: somebody is counted in several townships in one month.
        CountedTwice = "counted-twice",
    }
}

/// A check that did not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Flag {
    pub(crate) check: Check,
    /// The indicator's name.
    pub(crate) indicator: String,
    /// What it found in Chinese, with the numbers, as it is printed.
    pub(crate) text: String,
    /// By how much, in the unit of the indicator; of money outside its band how much it lies below (less than zero) or
    /// above.
    pub(crate) difference: i64,
    /// Why it is so, in the words of the officer who released the report (S0-14).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) explanation: Option<String>,
}

/// An explanation of a figure for which every check holds.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("Every check of `{0}` holds: there is nothing to explain. Leave it out.")]
pub(crate) struct NothingToExplain(String);

/// Prints explanations, each by the name of its indicator, with the flags of that indicator.
pub(crate) fn explain(
    flags: &mut [Flag],
    explanations: &BTreeMap<String, String>,
) -> Result<(), NothingToExplain> {
    for (indicator, text) in explanations {
        let mut own = flags
            .iter_mut()
            .filter(|flag| flag.indicator == *indicator)
            .peekable();
        if own.peek().is_none() {
            return Err(NothingToExplain(indicator.clone()));
        }
        own.for_each(|flag| flag.explanation = Some(text.clone()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flag(check: Check, indicator: &str) -> Flag {
        Flag {
            check,
            indicator: indicator.to_owned(),
            text: String::new(),
            difference: 1,
            explanation: None,
        }
    }

    #[test]
    fn an_explanation_stands_with_the_flags_of_its_figure_and_nowhere_else() {
        let mut flags = [
            flag(Check::CrossFooting, "tekun_urban_paid"),
            flag(Check::Band, "tekun_urban_paid"),
            flag(Check::CrossFooting, "cases_accepted"),
        ];
        let of = |name: &str| BTreeMap::from([(name.to_owned(), "11月尚未回盘".to_owned())]);
        assert_eq!(explain(&mut flags, &of("tekun_urban_paid")), Ok(()));
        let explained = flags.each_ref().map(|flag| flag.explanation.is_some());
        assert_eq!(explained, [true, true, false]);
        let nothing = explain(&mut flags, &of("tekun_deaths")).unwrap_err();
        assert!(nothing.to_string().contains("`tekun_deaths`"), "{nothing}");
    }
}
