//! Accounts: what is one, and what may be shown of it.

use std::fmt;

/// Digits of an account: bank cards have 16 to 19, passbooks of rural credit cooperatives down to 8, longer ones exist.
/// No check digit is asked for: passbook accounts have none of the Luhn kind.
const DIGITS_MIN: usize = 8;
const DIGITS_MAX: usize = 32;
/// The longest name of a holder or a bank, in characters.
const NAME_MAX: usize = 60;

/// An account's number. It is masked wherever it is printed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Account(String);

/// A text is no account, holder or bank.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AccountError {
    #[error("An account has {DIGITS_MIN} to {DIGITS_MAX} digits; write them without spaces")]
    Digits,
    #[error("It has 1 to {NAME_MAX} characters, and no line break")]
    Name,
}

impl Account {
    /// The account of these digits; spaces between them are taken out, as they stand on the card.
    pub(crate) fn parse(text: &str) -> Result<Self, AccountError> {
        let digits: String = text.chars().filter(|c| *c != ' ').collect();
        let fits = (DIGITS_MIN..=DIGITS_MAX).contains(&digits.len());
        if fits && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(digits))
        } else {
            Err(AccountError::Digits)
        }
    }

    /// The digits, for sealing.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// The last four digits.
    pub(crate) fn last4(&self) -> &str {
        &self.0[self.0.len() - 4..]
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&masked(self.last4()))
    }
}

/// An account as it is shown.
pub(crate) fn masked(last4: &str) -> String {
    format!("****{last4}")
}

/// A holder's name as it is shown: its first character.
pub(crate) fn masked_name(name: &str) -> String {
    name.chars().take(1).chain(['*']).collect()
}

/// A name of a holder or a bank, trimmed.
pub(crate) fn name(text: &str) -> Result<String, AccountError> {
    let text = text.trim();
    let fits = (1..=NAME_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned()).ok_or(AccountError::Name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_digits() {
        assert_eq!(
            Account::parse("6228 4800 0000 0921").unwrap().reveal(),
            "6228480000000921"
        );
        for text in [
            "",
            "1234567",
            "622848000000092X",
            "６２２８４８０００",
            &"1".repeat(33),
        ] {
            assert_eq!(Account::parse(text), Err(AccountError::Digits), "{text}");
        }
    }

    #[test]
    fn nothing_but_the_end_is_printed() {
        let account = Account::parse("6228480000000921").unwrap();
        assert_eq!(format!("{account:?}"), "****0921");
        assert_eq!(masked_name("扎西多吉"), "扎*");
        assert_eq!(name(" 扎西 "), Ok("扎西".to_owned()));
        assert_eq!(name("扎\n西"), Err(AccountError::Name));
    }
}
