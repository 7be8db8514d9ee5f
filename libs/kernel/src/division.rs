//! Administrative division codes 行政区划代码.

use std::fmt;
use std::str::FromStr;

/// The code of an administrative division, as short as its level: 2, 4, 6, 9 or 12 digits; text in serde.
///
/// Source: the Measures on Administrative Division Codes (行政区划代码管理办法) and GB/T 2260 for the first
/// six digits, three for the township, three for the village (the last by statistical usage). A code is
/// kept as it was at the event; codes of abolished divisions stay valid as text.
///
/// A division's code begins with that of its parent. `00` as the county part is real: cities without
/// counties (Dongguan 441900) have their townships below it. A prefecture of `00` or a township or village
/// of `000` is a longer spelling of the level above and is refused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DivisionCode {
    /// Filled up with zero bytes, which sort before every digit: the derived order is that of the text.
    digits: [u8; 12],
    level: Level,
}

/// The level of a division, from the whole to the part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Province 省, 2 digits.
    Province,
    /// Prefecture 地级, 4 digits.
    Prefecture,
    /// County 县级, 6 digits.
    County,
    /// Township 乡级, 9 digits.
    Township,
    /// Village or neighbourhood 村级, 12 digits.
    Village,
}

/// Why a text is not a division code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DivisionCodeError {
    /// Not 2, 4, 6, 9 or 12 digits.
    #[error("`{text}` is not a division code; it has 2, 4, 6, 9 or 12 digits and does not begin with 0")]
    Form {
        /// What was given.
        text: String,
    },
    /// Filled up with zeros.
    #[error("`{text}` is filled up with zeros; write `{short}` for the division above")]
    Padded {
        /// What was given.
        text: String,
        /// The code without the empty part.
        short: String,
    },
}

impl Level {
    /// From the whole to the part.
    pub const ALL: [Level; 5] = [
        Level::Province,
        Level::Prefecture,
        Level::County,
        Level::Township,
        Level::Village,
    ];

    /// Digits of a code of this level.
    pub const fn digits(self) -> usize {
        match self {
            Level::Province => 2,
            Level::Prefecture => 4,
            Level::County => 6,
            Level::Township => 9,
            Level::Village => 12,
        }
    }

    /// The level above; none above a province.
    pub fn above(self) -> Option<Level> {
        Level::ALL.into_iter().rev().find(|level| *level < self)
    }
}

impl DivisionCode {
    /// The text.
    pub fn as_str(&self) -> &str {
        // Only ASCII digits are ever stored.
        str::from_utf8(&self.digits[..self.level.digits()]).unwrap_or_default()
    }

    /// The level, which is the length.
    pub const fn level(&self) -> Level {
        self.level
    }

    /// The division above; none above a province.
    pub fn parent(&self) -> Option<DivisionCode> {
        self.level.above().map(|level| self.cut(level))
    }

    /// The division of the given level that this one lies in (or is); none when this one is larger.
    pub fn at(&self, level: Level) -> Option<DivisionCode> {
        (level <= self.level).then(|| self.cut(level))
    }

    /// Whether `other` is this division or lies in it.
    pub fn contains(&self, other: &DivisionCode) -> bool {
        other.at(self.level) == Some(*self)
    }

    /// This division, then each one above it.
    pub fn ancestors(&self) -> impl Iterator<Item = DivisionCode> + use<> {
        std::iter::successors(Some(*self), DivisionCode::parent)
    }

    fn cut(&self, level: Level) -> DivisionCode {
        let mut digits = self.digits;
        digits[level.digits()..].fill(0);
        DivisionCode { digits, level }
    }
}

impl FromStr for DivisionCode {
    type Err = DivisionCodeError;

    fn from_str(text: &str) -> Result<DivisionCode, DivisionCodeError> {
        let malformed = || DivisionCodeError::Form {
            text: text.to_owned(),
        };
        let level = Level::ALL
            .into_iter()
            .find(|level| level.digits() == text.len())
            .ok_or_else(malformed)?;
        if text.starts_with('0') || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(malformed());
        }
        let mut digits = [0; 12];
        digits[..text.len()].copy_from_slice(text.as_bytes());
        let code = DivisionCode { digits, level };
        let padded = code.ancestors().filter(DivisionCode::is_padded).last();
        match padded.and_then(|part| part.parent()) {
            Some(short) => Err(DivisionCodeError::Padded {
                text: text.to_owned(),
                short: short.as_str().to_owned(),
            }),
            None => Ok(code),
        }
    }
}

impl DivisionCode {
    fn is_padded(&self) -> bool {
        match self.level {
            Level::Prefecture => self.as_str().ends_with("00"),
            Level::Township | Level::Village => self.as_str().ends_with("000"),
            Level::Province | Level::County => false,
        }
    }
}

impl fmt::Display for DivisionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for DivisionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

crate::text_form!(DivisionCode, {
    "type": "string",
    "pattern": "^[1-9][0-9]([0-9]{2}([0-9]{2}([0-9]{3}([0-9]{3})?)?)?)?$"
});

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code(text: &str) -> DivisionCode {
        text.parse().unwrap()
    }

    #[test]
    fn the_length_is_the_level() {
        for (text, level) in [
            ("51", Level::Province),
            ("5133", Level::Prefecture),
            ("513335", Level::County),
            ("513335100", Level::Township),
            ("513335100201", Level::Village),
        ] {
            assert_eq!(code(text).level(), level);
            assert_eq!(code(text).as_str(), text);
        }
    }

    #[test]
    fn ancestors_begin_with_itself() {
        let codes: Vec<_> = code("513335100201")
            .ancestors()
            .map(|code| code.to_string())
            .collect();
        assert_eq!(codes, ["513335100201", "513335100", "513335", "5133", "51"]);
        assert_eq!(code("513335100").at(Level::County), Some(code("513335")));
        assert_eq!(code("51").at(Level::County), None);
    }

    #[test]
    fn contains_itself_and_what_lies_in_it() {
        assert!(code("5133").contains(&code("5133")));
        assert!(code("5133").contains(&code("513335100201")));
        assert!(!code("513335").contains(&code("5133")));
        assert!(!code("513335").contains(&code("513336100")));
    }

    #[test]
    fn refuses_other_texts() {
        for text in [
            "",
            "5",
            "513",
            "51333",
            "5133351",
            "51333510020",
            "5133351002011",
            "0133",
            "51a3",
            "五一",
        ] {
            assert_eq!(
                text.parse::<DivisionCode>(),
                Err(DivisionCodeError::Form { text: text.into() })
            );
        }
        for (text, short) in [
            ("510000", "51"),
            ("513335000", "513335"),
            ("513335100000", "513335100"),
            ("513335000000", "513335"),
        ] {
            let padded = DivisionCodeError::Padded {
                text: text.into(),
                short: short.into(),
            };
            assert_eq!(text.parse::<DivisionCode>(), Err(padded));
        }
        assert_eq!(
            code("441900003").parent(),
            Some(code("441900")),
            "a city without counties"
        );
    }

    proptest! {
        #[test]
        fn round_trips_and_sorts_as_text(
            a in "[1-9][0-9]([0-9][1-9]([0-9]{2}([0-9]{2}[1-9]([0-9]{2}[1-9])?)?)?)?",
            b in "[1-9][0-9]([0-9][1-9]([0-9]{2}([0-9]{2}[1-9]([0-9]{2}[1-9])?)?)?)?",
        ) {
            let (one, other) = (code(&a), code(&b));
            prop_assert_eq!(one.as_str(), &a);
            let json = serde_json::to_string(&one).unwrap();
            prop_assert_eq!(serde_json::from_str::<DivisionCode>(&json).unwrap(), one);
            prop_assert_eq!(one.cmp(&other), a.cmp(&b));
            prop_assert_eq!(one.contains(&other), b.starts_with(&a));
        }
    }
}
