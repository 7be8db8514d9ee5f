//! A value of the policy that is replaced for one simulation.

use std::fmt;
use std::str::FromStr;

use mz_kernel::{Fen, FenError, Month, MonthError};

/// The amount of the policy row of a key that begins in a month. As text `tekun.standard.urban@2020-07=768`, in yuan;
/// `tekun.urban` is short for `tekun.standard.urban`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// The key in full.
    pub key: String,
    /// The month in which the row begins.
    pub month: Month,
    /// The amount instead of the one in the policy.
    pub amount: Fen,
}

/// The text is not an override.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OverrideError {
    /// A part is missing.
    #[error("`{text}` sets nothing; write KEY@MONTH=YUAN, such as tekun.urban@2020-07=768")]
    Form {
        /// What was given.
        text: String,
    },
    /// The month.
    #[error("the month of `{text}` cannot be read")]
    Month {
        /// What was given.
        text: String,
        /// Why not.
        #[source]
        source: MonthError,
    },
    /// The amount.
    #[error("the amount of `{text}` cannot be read")]
    Amount {
        /// What was given.
        text: String,
        /// Why not.
        #[source]
        source: FenError,
    },
}

impl FromStr for Override {
    type Err = OverrideError;

    fn from_str(text: &str) -> Result<Override, OverrideError> {
        let text = text.trim();
        let form = || OverrideError::Form {
            text: text.to_owned(),
        };
        let (key, value) = text.split_once('@').ok_or_else(form)?;
        let (month, amount) = value.split_once('=').ok_or_else(form)?;
        let key = match key.split('.').collect::<Vec<_>>()[..] {
            ["", ..] | [.., ""] => return Err(form()),
            [programme, class] => format!("{programme}.standard.{class}"),
            _ => key.to_owned(),
        };
        let month = month.parse().map_err(|source| OverrideError::Month {
            text: text.to_owned(),
            source,
        })?;
        let amount = amount.parse().map_err(|source| OverrideError::Amount {
            text: text.to_owned(),
            source,
        })?;
        Ok(Override { key, month, amount })
    }
}

impl fmt::Display for Override {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}={}", self.key, self.month, self.amount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_key_and_the_full_one_are_the_same() {
        let short: Override = "tekun.urban@2020-07=768".parse().unwrap();
        let full: Override = "tekun.standard.urban@2020-07=768.00".parse().unwrap();
        assert_eq!(short, full);
        assert_eq!(short.to_string(), "tekun.standard.urban@2020-07=768.00");
        assert_eq!(short.amount, Fen::new(76_800));
    }

    #[test]
    fn what_sets_nothing_is_refused() {
        let error = |text: &str| text.parse::<Override>().unwrap_err();
        for text in [
            "",
            "tekun.urban",
            "tekun.urban@2020-07",
            "tekun.urban=768",
            "@2020-07=768",
            ".urban@2020-07=1",
        ] {
            assert!(matches!(error(text), OverrideError::Form { .. }), "{text}");
        }
        assert!(matches!(
            error("tekun.urban@2020-13=768"),
            OverrideError::Month { .. }
        ));
        assert!(matches!(
            error("tekun.urban@2020-07=many"),
            OverrideError::Amount { .. }
        ));
    }
}
