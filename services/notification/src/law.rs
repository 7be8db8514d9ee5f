//! Law as dated data: what a notice of a day may cite. Beside it the Chinese words for the codes that events carry.

use mz_kernel::Date;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What notices may cite, see `templates/laws.toml`.
#[derive(Debug, Clone)]
pub(crate) struct Laws(BTreeMap<String, BTreeMap<Date, String>>);

/// The words for codes, see `templates/words.toml`: list → code → Chinese.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub(crate) struct Words(BTreeMap<String, BTreeMap<String, String>>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LawFile {
    law: Vec<LawRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LawRow {
    code: String,
    from: Date,
    text: String,
}

impl Laws {
    /// Those that the program was built with.
    pub(crate) fn embedded() -> Result<Self, toml::de::Error> {
        let file: LawFile = toml::from_str(include_str!("../templates/laws.toml"))?;
        let mut laws = BTreeMap::<String, BTreeMap<Date, String>>::new();
        for LawRow { code, from, text } in file.law {
            laws.entry(code).or_default().insert(from, text);
        }
        Ok(Self(laws))
    }

    /// What stands in law on a day; none before its first row.
    pub(crate) fn text(&self, code: &str, on: Date) -> Option<&str> {
        let (_, text) = self.0.get(code)?.range(..=on).next_back()?;
        Some(text)
    }
}

impl Words {
    /// Those that the program was built with.
    pub(crate) fn embedded() -> Result<Self, toml::de::Error> {
        toml::from_str(include_str!("../templates/words.toml"))
    }

    /// The word for a code. A code without a word stands as it is: nothing is hidden.
    pub(crate) fn word<'a>(&'a self, list: &str, code: &'a str) -> &'a str {
        let word = self.0.get(list).and_then(|list| list.get(code));
        word.map_or(code, String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_cites_the_law_of_that_day() {
        let laws = Laws::embedded().unwrap();
        let cited = |on: &str| laws.text("return-of-overpayment", on.parse().unwrap()).map(str::to_owned);
        assert_eq!(cited("2017-09-30"), None);
        assert_eq!(cited("2020-12-31").unwrap(), "《中华人民共和国民法总则》第一百二十二条");
        assert_eq!(cited("2021-01-01").unwrap(), "《中华人民共和国民法典》第一百二十二条、第九百八十五条");
    }

    #[test]
    fn a_code_without_a_word_stands_as_it_is() {
        let words = Words::embedded().unwrap();
        assert_eq!(words.word("programme", "tekun"), "特困人员救助供养");
        assert_eq!(words.word("programme", "later"), "later");
    }
}
