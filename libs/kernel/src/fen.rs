//! Money: integer fen, checked, with one rounding rule.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An amount of money in fen (分, one hundredth of a yuan), signed. Serde as a bare integer of fen.
///
/// Its text is yuan with two decimals (`507.00`); parsing also takes `507` and `507.5`.
///
/// Arithmetic is checked: an amount that does not fit is an error, never a wrapped figure.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct Fen(i64);

/// Why an amount could not be computed or read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FenError {
    /// The result does not fit into 64 bits of fen (about 92 thousand million million yuan).
    #[error("the amount is too large to be held")]
    Overflow,
    /// A share of nothing was asked for.
    #[error("an amount cannot be shared by zero")]
    DivisionByZero,
    /// The text is not an amount in yuan.
    #[error("`{text}` is not an amount in yuan; write it like 507, 507.5 or 507.00")]
    Parse {
        /// What was given.
        text: String,
    },
}

impl Fen {
    /// No money.
    pub const ZERO: Fen = Fen(0);

    /// An amount of so many fen.
    pub const fn new(fen: i64) -> Fen {
        Fen(fen)
    }

    /// The amount in fen.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// An amount of whole yuan.
    pub fn from_yuan(yuan: i64) -> Result<Fen, FenError> {
        Fen(yuan).checked_mul(100)
    }

    /// Whether the amount is nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum.
    pub fn checked_add(self, other: Fen) -> Result<Fen, FenError> {
        self.0.checked_add(other.0).map(Fen).ok_or(FenError::Overflow)
    }

    /// The difference.
    pub fn checked_sub(self, other: Fen) -> Result<Fen, FenError> {
        self.0.checked_sub(other.0).map(Fen).ok_or(FenError::Overflow)
    }

    /// The amount with its sign turned.
    pub fn checked_neg(self) -> Result<Fen, FenError> {
        self.0.checked_neg().map(Fen).ok_or(FenError::Overflow)
    }

    /// So many times the amount: months, persons.
    pub fn checked_mul(self, times: i64) -> Result<Fen, FenError> {
        self.0.checked_mul(times).map(Fen).ok_or(FenError::Overflow)
    }

    /// The sum of many. Only the end has to fit: amounts that cancel each other out never overflow on the way.
    pub fn checked_sum(amounts: impl IntoIterator<Item = Fen>) -> Result<Fen, FenError> {
        let sum: i128 = amounts.into_iter().map(|amount| i128::from(amount.0)).sum();
        Fen::from_i128(sum)
    }

    /// `numerator / denominator` of the amount, rounded to the fen, half away from zero (四舍五入).
    ///
    /// This is the only place where money is rounded to the fen. What is computed from several figures is
    /// multiplied first and divided here once, so that no figure is rounded on the way (a per-head amount
    /// rounded early refuses a family that is owed one fen).
    pub fn share(self, numerator: i64, denominator: i64) -> Result<Fen, FenError> {
        if denominator == 0 {
            return Err(FenError::DivisionByZero);
        }
        let (product, divisor) = (
            i128::from(self.0) * i128::from(numerator),
            i128::from(denominator),
        );
        let (quotient, rest) = (product / divisor, product % divisor);
        let away = if (product < 0) == (divisor < 0) { 1 } else { -1 };
        let half_or_more = 2 * rest.unsigned_abs() >= divisor.unsigned_abs();
        Fen::from_i128(if half_or_more { quotient + away } else { quotient })
    }

    /// The next whole yuan away from zero (见分进元), for benefits whose rules pay no fen.
    pub fn round_up_to_yuan(self) -> Result<Fen, FenError> {
        let rest = self.0 % 100;
        match rest.signum() {
            0 => Ok(self),
            1 => self.checked_add(Fen(100 - rest)),
            _ => self.checked_sub(Fen(100 + rest)),
        }
    }

    fn from_i128(fen: i128) -> Result<Fen, FenError> {
        i64::try_from(fen).map(Fen).map_err(|_| FenError::Overflow)
    }
}

impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, fen) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        f.pad(&format!("{sign}{}.{:02}", fen / 100, fen % 100))
    }
}

impl FromStr for Fen {
    type Err = FenError;

    fn from_str(text: &str) -> Result<Fen, FenError> {
        let malformed = || FenError::Parse {
            text: text.to_owned(),
        };
        let (negative, figure) = match text.strip_prefix('-') {
            Some(figure) => (true, figure),
            None => (false, text),
        };
        let (yuan, decimals) = figure
            .split_once('.')
            .map_or((figure, "00"), |(yuan, fen)| (yuan, fen));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if yuan.is_empty() || !digits(yuan) || !digits(decimals) || !matches!(decimals.len(), 1 | 2) {
            return Err(malformed());
        }
        // Read as one signed integer of fen, so that the smallest amount can be read as well.
        let sign = if negative { "-" } else { "" };
        let fen = format!("{sign}{yuan}{decimals:0<2}");
        fen.parse().map(Fen).map_err(|_| FenError::Overflow)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_and_prints_yuan() {
        for (text, fen, printed) in [
            ("507", 50_700, "507.00"),
            ("507.5", 50_750, "507.50"),
            ("507.05", 50_705, "507.05"),
            ("-0.01", -1, "-0.01"),
            ("0", 0, "0.00"),
        ] {
            let amount: Fen = text.parse().unwrap();
            assert_eq!(amount, Fen::new(fen));
            assert_eq!(amount.to_string(), printed);
        }
    }

    #[test]
    fn refuses_what_is_not_yuan() {
        for text in ["", "-", ".5", "5.", "5.005", "+5", "5,000", "1e3", "5 ", "五"] {
            assert_eq!(
                text.parse::<Fen>(),
                Err(FenError::Parse { text: text.into() }),
                "{text}"
            );
        }
        assert_eq!("92233720368547758.08".parse::<Fen>(), Err(FenError::Overflow));
    }

    #[test]
    fn shares_round_half_away_from_zero() {
        for (fen, numerator, denominator, share) in [
            (1_000_000, 1, 12, 83_333), // V3: 10,000 a year
            (200_000, 1, 6, 33_333),    // V8: a sixth of the minimum wage
            (200_000, 1, 3, 66_667),    // V8: a third
            (79_000, 13, 10, 102_700),  // V8: 790 × 1.3
            (1, 1, 2, 1),
            (-1, 1, 2, -1),
            (1, -1, 2, -1),
            (1, 1, -2, -1),
            (-1, 1, 3, 0),
            (3, 1, 2, 2),
        ] {
            assert_eq!(
                Fen::new(fen).share(numerator, denominator),
                Ok(Fen::new(share)),
                "{fen}·{numerator}/{denominator}"
            );
        }
        assert_eq!(Fen::new(1).share(1, 0), Err(FenError::DivisionByZero));
        assert_eq!(Fen::new(i64::MAX).share(2, 1), Err(FenError::Overflow));
    }

    #[test]
    fn rounds_up_to_whole_yuan() {
        for (fen, rounded) in [
            (36_667, 36_700),
            (36_700, 36_700),
            (1, 100),
            (0, 0),
            (-1, -100),
            (-100, -100),
        ] {
            assert_eq!(Fen::new(fen).round_up_to_yuan(), Ok(Fen::new(rounded)));
        }
        assert_eq!(Fen::new(i64::MAX).round_up_to_yuan(), Err(FenError::Overflow));
        assert_eq!(Fen::new(i64::MIN).round_up_to_yuan(), Err(FenError::Overflow));
    }

    #[test]
    fn its_schema_is_a_bare_integer() {
        let schema = schemars::schema_for!(Fen);
        assert_eq!(schema.get("type").unwrap(), "integer");
    }

    #[test]
    fn overflow_is_an_error() {
        let (most, least, one) = (Fen::new(i64::MAX), Fen::new(i64::MIN), Fen::new(1));
        assert_eq!(most.checked_add(one), Err(FenError::Overflow));
        assert_eq!(least.checked_sub(one), Err(FenError::Overflow));
        assert_eq!(least.checked_neg(), Err(FenError::Overflow));
        assert_eq!(most.checked_mul(2), Err(FenError::Overflow));
        assert_eq!(Fen::from_yuan(i64::MAX), Err(FenError::Overflow));
        assert_eq!(Fen::checked_sum([most, one]), Err(FenError::Overflow));
        assert_eq!(Fen::checked_sum([most, one, Fen::new(-1)]), Ok(most));
    }

    proptest! {
        #[test]
        fn text_and_json_round_trip(fen: i64) {
            let amount = Fen::new(fen);
            prop_assert_eq!(amount.to_string().parse(), Ok(amount));
            prop_assert_eq!(serde_json::to_string(&amount).unwrap(), fen.to_string());
        }

        #[test]
        fn a_share_is_off_by_half_a_fen_at_most(fen in -1_000_000_000_i64..1_000_000_000, n in -1000_i64..1000, d in 1_i64..1000) {
            let share = Fen::new(fen).share(n, d).unwrap();
            prop_assert!((2 * (share.get() * d - fen * n)).abs() <= d);
            prop_assert_eq!(Fen::new(-fen).share(n, d).unwrap(), share.checked_neg().unwrap());
        }
    }
}
