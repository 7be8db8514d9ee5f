//! The unified social credit code 统一社会信用代码, GB 32100-2015.

use std::fmt;
use std::str::FromStr;

/// Its 31 symbols: digits and capitals without I, O, S, V, Z.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// GB 11714 weights of the eight characters of an organisation code before its check character.
const ORGANISATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// A valid credit code of an organisation, 18 characters; text in serde.
///
/// Registration authority, category, six digits of the authority's division, nine characters of the
/// organisation code (GB 11714), check character. It is public and stays when division codes change.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CreditCode([u8; 18]);

/// What civil affairs registered (authority 5), by the category of the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CivilAffairsKind {
    /// 51 社会团体.
    Association,
    /// 52 民办非企业单位 (社会服务机构).
    ServiceInstitution,
    /// 53 基金会.
    Foundation,
    /// 54 村民委员会, 居民委员会 (基层群众性自治组织特别法人).
    Committee,
    /// 59 其他.
    Other,
}

/// Why a text is not a credit code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CreditCodeError {
    /// Not 18 characters.
    #[error("a credit code has 18 characters, this one has {found}")]
    Length {
        /// What was counted.
        found: usize,
    },
    /// A symbol that the standard leaves out, or a letter within the division.
    #[error("`{symbol}` cannot stand at position {position} of a credit code (I, O, S, V and Z never can)")]
    Symbol {
        /// The symbol.
        symbol: char,
        /// Counted from 1.
        position: usize,
    },
    /// Authority 5 with a category that civil affairs does not give.
    #[error("civil affairs gives codes that begin with 51, 52, 53, 54 or 59")]
    Category,
    /// The check character is another one.
    #[error("the last character of the credit code does not fit the others; compare it with the certificate")]
    CheckCharacter,
}

impl CreditCode {
    /// The text.
    pub fn as_str(&self) -> &str {
        // Only symbols of the alphabet are ever stored.
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Which authority registered the organisation: `1` 机构编制, `5` 民政, `9` 工商 (market regulation) and others.
    pub fn authority(&self) -> char {
        char::from(self.0[0])
    }

    /// The authority's category of the organisation.
    pub fn category(&self) -> char {
        char::from(self.0[1])
    }

    /// What civil affairs registered; nothing for another authority's organisation.
    pub fn civil_affairs_kind(&self) -> Option<CivilAffairsKind> {
        match &self.0[..2] {
            b"51" => Some(CivilAffairsKind::Association),
            b"52" => Some(CivilAffairsKind::ServiceInstitution),
            b"53" => Some(CivilAffairsKind::Foundation),
            b"54" => Some(CivilAffairsKind::Committee),
            b"59" => Some(CivilAffairsKind::Other),
            _ => None,
        }
    }

    /// The six digits of the authority's division, as its code was then.
    pub fn division(&self) -> &str {
        self.as_str().get(2..8).unwrap_or_default()
    }

    /// The nine characters of the organisation code 组织机构代码.
    pub fn organisation_code(&self) -> &str {
        self.as_str().get(8..17).unwrap_or_default()
    }

    /// Whether the organisation code's own check character (GB 11714) fits. Where it does not, warn: the
    /// code as a whole is valid.
    pub fn organisation_code_fits(&self) -> bool {
        let sum: u32 = self.0[8..16]
            .iter()
            .zip(ORGANISATION_WEIGHTS)
            .map(|(symbol, weight)| char::from(*symbol).to_digit(36).unwrap_or_default() * weight)
            .sum();
        let check = match 11 - sum % 11 {
            10 => b'X',
            11 => b'0',
            digit => b"0123456789"[digit as usize],
        };
        self.0[16] == check
    }
}

/// The value of a symbol, 0 to 30.
fn value(symbol: u8) -> Option<usize> {
    ALPHABET.iter().position(|known| *known == symbol)
}

/// The check character over the first 17 symbols: weights are the powers of 3 modulo 31.
fn check_character(symbols: &[u8]) -> u8 {
    let (sum, _) = symbols.iter().take(17).fold((0, 1), |(sum, weight), symbol| {
        (sum + value(*symbol).unwrap_or_default() * weight, weight * 3 % 31)
    });
    ALPHABET[(31 - sum % 31) % 31]
}

impl FromStr for CreditCode {
    type Err = CreditCodeError;

    /// Surrounding blanks and small letters are forgiven.
    fn from_str(text: &str) -> Result<CreditCode, CreditCodeError> {
        let text = text.trim();
        let found = text.chars().count();
        if found != 18 {
            return Err(CreditCodeError::Length { found });
        }
        let mut code = [0; 18];
        for (at, (place, typed)) in code.iter_mut().zip(text.chars()).enumerate() {
            let symbol = typed.to_ascii_uppercase();
            let known = u8::try_from(symbol).ok().filter(|byte| value(*byte).is_some());
            let fits = known.filter(|byte| !(2..8).contains(&at) || byte.is_ascii_digit());
            *place = fits.ok_or(CreditCodeError::Symbol {
                symbol: typed,
                position: at + 1,
            })?;
        }
        let code_is = CreditCode(code);
        if code_is.authority() == '5' && code_is.civil_affairs_kind().is_none() {
            return Err(CreditCodeError::Category);
        }
        if code[17] != check_character(&code) {
            return Err(CreditCodeError::CheckCharacter);
        }
        Ok(code_is)
    }
}

impl fmt::Display for CreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for CreditCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

crate::text_form!(CreditCode, {
    "type": "string",
    "pattern": "^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$"
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_valid_codes() {
        use CivilAffairsKind::{Association, Committee, Foundation, ServiceInstitution};
        for (text, kind) in [
            ("91350100M000100Y43", None),
            ("91110000802100433B", None),
            ("51610700305332460K", Some(Association)),
            ("11610923MB2900168E", None),
            ("51990101MJ0000018A", Some(Association)),
            ("52990101MJ00000262", Some(ServiceInstitution)),
            ("53990101MJ0000034R", Some(Foundation)),
            ("54990101MJ0000042H", Some(Committee)),
        ] {
            let code: CreditCode = text.parse().unwrap();
            assert_eq!((code.as_str(), code.civil_affairs_kind()), (text, kind));
            assert!(code.organisation_code_fits(), "{text}");
            let json = serde_json::to_string(&code).unwrap();
            assert_eq!(serde_json::from_str::<CreditCode>(&json).unwrap(), code);
        }
        let code: CreditCode = " 91350100m000100y43".parse().unwrap();
        assert_eq!((code.authority(), code.category()), ('9', '1'));
        assert_eq!(
            (code.division(), code.organisation_code()),
            ("350100", "M000100Y4")
        );
    }

    #[test]
    fn says_what_is_wrong() {
        use CreditCodeError::{Category, CheckCharacter, Length, Symbol};
        for (text, error) in [
            ("91350100M000100Y4", Length { found: 17 }),
            ("91350100M000100Y44", CheckCharacter),
            (
                "9135010IM000100Y43",
                Symbol {
                    symbol: 'I',
                    position: 8,
                },
            ),
            (
                "9135010AM000100Y43",
                Symbol {
                    symbol: 'A',
                    position: 8,
                },
            ),
            (
                "91350100M000100民43",
                Symbol {
                    symbol: '民',
                    position: 16,
                },
            ),
            ("55990101MJ0000018A", Category),
        ] {
            assert_eq!(text.parse::<CreditCode>(), Err(error), "{text}");
        }
    }

    #[test]
    fn an_organisation_code_that_does_not_fit_is_only_a_warning() {
        let mut symbols = *b"51990101MJ0000019A";
        symbols[17] = check_character(&symbols);
        let code: CreditCode = str::from_utf8(&symbols).unwrap().parse().unwrap();
        assert!(!code.organisation_code_fits());
    }
}
