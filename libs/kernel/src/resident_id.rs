//! The resident identity number 公民身份号码, GB 11643-1999.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::date::Date;

/// The first two digits of the numbers that are issued: provinces, and 81, 82, 83 on the residence permits
/// of people from Hong Kong, Macao and Taiwan.
const REGIONS: [&[u8; 2]; 35] = [
    b"11", b"12", b"13", b"14", b"15", b"21", b"22", b"23", b"31", b"32", b"33", b"34", b"35", b"36", b"37",
    b"41", b"42", b"43", b"44", b"45", b"46", b"50", b"51", b"52", b"53", b"54", b"61", b"62", b"63", b"64",
    b"65", b"71", b"81", b"82", b"83",
];

/// A region that is assigned to nobody, for tests and demonstrations.
const TEST_REGION: &[u8; 2] = b"99";

/// ISO 7064 MOD 11-2 weights of the first 17 digits.
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: &[u8; 11] = b"10X98765432";

/// A valid 18-character resident identity number.
///
/// It cannot leak by accident: `Debug` and `Display` print `990***********0010`, it has no serde form, and
/// the number itself comes only from [`reveal`](ResidentId::reveal), which a reviewer can search for. It
/// stays the person's when division codes change (居民身份证法 Art. 3).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResidentId([u8; 18]);

/// Sex, GB/T 2261.1 codes 1 男 and 2 女. Unknown or unstated is the absence of it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// 男.
    Male,
    /// 女.
    Female,
}

/// What is wrong with a number. It never repeats the number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResidentIdError {
    /// Not as long as it has to be.
    #[error("an identity number has {expected} characters, this one has {found}")]
    Length {
        /// 18, or 15 for the old form.
        expected: usize,
        /// What was counted.
        found: usize,
    },
    /// Something other than digits and a final X.
    #[error(
        "character {position} cannot stand in an identity number; only the last one may be X, all others are digits"
    )]
    Characters {
        /// Counted from 1.
        position: usize,
    },
    /// The first two digits name no province.
    #[error("the first two digits name no province; compare them with the card")]
    Region,
    /// Digits 7 to 14 are no date of birth.
    #[error("digits 7 to 14 are not a date of birth between 1850 and today; compare them with the card")]
    BirthDate,
    /// The check character is another one.
    #[error("the last character does not fit the others; compare every digit with the card")]
    CheckDigit,
}

impl ResidentId {
    /// Reads an 18-character number as it was typed: surrounding blanks and a small `x` are forgiven.
    ///
    /// `today` is the legal date, because nobody is born after it. Checked in this order: length and
    /// characters, region (a province; its divisions may have been retired since), date of birth, check
    /// character. The unassigned region 99 passes, so that demonstrations need no real number; whoever
    /// must not take one asks [`is_test_region`](ResidentId::is_test_region).
    pub fn parse(text: &str, today: Date) -> Result<ResidentId, ResidentIdError> {
        let mut number: [u8; 18] = characters(text)?;
        number[17] = number[17].to_ascii_uppercase();
        check_digits(&number[..17])?;
        if !number[17].is_ascii_digit() && number[17] != b'X' {
            return Err(ResidentIdError::Characters { position: 18 });
        }
        validate(ResidentId(number), today)
    }

    /// Turns a 15-digit number of the first generation into the 18-character one, for matching old files.
    ///
    /// The century is 19, or 18 for the sequence numbers 996 to 999, which were kept for those born before
    /// 1900. The old form has no check character: a typing error goes unseen.
    pub fn from_15_digits(text: &str, today: Date) -> Result<ResidentId, ResidentIdError> {
        let old: [u8; 15] = characters(text)?;
        check_digits(&old)?;
        let century = if old[12..] >= b"996"[..] { b"18" } else { b"19" };
        let mut number = [0; 18];
        number[..6].copy_from_slice(&old[..6]);
        number[6..8].copy_from_slice(century);
        number[8..17].copy_from_slice(&old[6..]);
        number[17] = check_character(&number);
        validate(ResidentId(number), today)
    }

    /// The number itself: for sealing, for the keyed hash, for a form that has to show it. Never for a log.
    pub fn reveal(&self) -> &str {
        // Only ASCII digits and X are ever stored.
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The date of birth.
    pub fn birth_date(&self) -> Date {
        let figure = |range: std::ops::Range<usize>| {
            self.0[range]
                .iter()
                .fold(0_i16, |value, digit| value * 10 + i16::from(digit - b'0'))
        };
        let small = |range| i8::try_from(figure(range)).unwrap_or_default();
        // No date at all reads as the year 0, which no number is accepted with.
        Date::new(figure(6..10), small(10..12), small(12..14)).unwrap_or_default()
    }

    /// The sex that the number was issued for. A few cards differ from their holder's file: a difference
    /// is a warning, not an error.
    pub fn sex(&self) -> Sex {
        if (self.0[16] - b'0') % 2 == 1 {
            Sex::Male
        } else {
            Sex::Female
        }
    }

    /// The six digits of the division of first registration, as its code was then; it may be retired.
    pub fn division(&self) -> &str {
        self.reveal().get(..6).unwrap_or_default()
    }

    /// Whether the number lies in the region 99, which is assigned to nobody.
    pub fn is_test_region(&self) -> bool {
        self.0.starts_with(TEST_REGION)
    }
}

/// Exactly `N` ASCII characters, blanks around them left out.
fn characters<const N: usize>(text: &str) -> Result<[u8; N], ResidentIdError> {
    let text = text.trim();
    let found = text.chars().count();
    if found != N {
        return Err(ResidentIdError::Length { expected: N, found });
    }
    // With a character outside of ASCII the bytes are more than N.
    text.as_bytes().try_into().map_err(|_| {
        let position = text
            .chars()
            .position(|letter| !letter.is_ascii())
            .unwrap_or_default()
            + 1;
        ResidentIdError::Characters { position }
    })
}

fn check_digits(number: &[u8]) -> Result<(), ResidentIdError> {
    match number.iter().position(|character| !character.is_ascii_digit()) {
        Some(at) => Err(ResidentIdError::Characters { position: at + 1 }),
        None => Ok(()),
    }
}

fn validate(id: ResidentId, today: Date) -> Result<ResidentId, ResidentIdError> {
    if !REGIONS.iter().any(|region| id.0.starts_with(*region)) && !id.is_test_region() {
        return Err(ResidentIdError::Region);
    }
    let born = id.birth_date();
    if born.year() < 1850 || born > today {
        return Err(ResidentIdError::BirthDate);
    }
    if id.0[17] != check_character(&id.0) {
        return Err(ResidentIdError::CheckDigit);
    }
    Ok(id)
}

fn check_character(number: &[u8; 18]) -> u8 {
    let sum: u32 = number
        .iter()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    CHECKS[(sum % 11) as usize]
}

impl fmt::Display for ResidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.reveal();
        let (head, tail) = (
            number.get(..3).unwrap_or_default(),
            number.get(14..).unwrap_or_default(),
        );
        write!(f, "{head}***********{tail}")
    }
}

impl fmt::Debug for ResidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Date = Date::constant(2026, 11, 24);

    fn parse(text: &str) -> Result<ResidentId, ResidentIdError> {
        ResidentId::parse(text, TODAY)
    }

    #[test]
    fn reads_valid_numbers() {
        use Sex::{Female, Male};
        // The first two are the standard's own examples, the third a sample card's; 990101 is nobody's.
        for (number, sex, born) in [
            ("11010519491231002X", Female, "1949-12-31"),
            ("440524188001010014", Male, "1880-01-01"),
            ("830000199201300022", Female, "1992-01-30"),
            ("990101194611220010", Male, "1946-11-22"),
            ("990101193612010029", Female, "1936-12-01"),
            ("990101192611010030", Male, "1926-11-01"),
            ("990101200403150116", Male, "2004-03-15"),
            ("990101200601100224", Female, "2006-01-10"),
            ("990101200402290133", Male, "2004-02-29"),
            ("990101201009010240", Female, "2010-09-01"),
            ("990101195806300314", Male, "1958-06-30"),
            ("990101199003070066", Female, "1990-03-07"),
        ] {
            let id = parse(number).unwrap();
            assert_eq!(
                (id.sex(), id.birth_date().to_string()),
                (sex, born.to_owned()),
                "{number}"
            );
            assert_eq!((id.reveal(), id.division()), (number, &number[..6]));
            assert_eq!(id.is_test_region(), number.starts_with("99"));
        }
        assert_eq!(parse(" 11010519491231002x\n"), parse("11010519491231002X"));
    }

    #[test]
    fn says_what_is_wrong_in_the_order_of_an_officers_eye() {
        use ResidentIdError::{BirthDate, Characters, CheckDigit, Length, Region};
        for (number, error) in [
            (
                "",
                Length {
                    expected: 18,
                    found: 0,
                },
            ),
            (
                "11010519491231002",
                Length {
                    expected: 18,
                    found: 17,
                },
            ),
            ("1101051949123100２1", Characters { position: 17 }),
            ("X10105194912310021", Characters { position: 1 }),
            ("11010519491231002Y", Characters { position: 18 }),
            ("170105194913310021", Region),
            ("110105194913310021", BirthDate),
            ("110105184912310021", BirthDate),
            ("110105202611250021", BirthDate),
            ("110105194602290021", BirthDate),
            ("110105000001010021", BirthDate),
            ("110105194912310021", CheckDigit),
        ] {
            assert_eq!(parse(number), Err(error), "{number}");
        }
    }

    #[test]
    fn one_wrong_digit_or_a_swap_is_seen() {
        let valid = *b"990101194611220010";
        for at in 14..17 {
            for digit in (b'0'..=b'9').filter(|digit| *digit != valid[at]) {
                let mut typed = valid;
                typed[at] = digit;
                assert_eq!(
                    parse(str::from_utf8(&typed).unwrap()),
                    Err(ResidentIdError::CheckDigit)
                );
            }
        }
        let mut swapped = valid;
        swapped.swap(15, 16);
        assert_eq!(
            parse(str::from_utf8(&swapped).unwrap()),
            Err(ResidentIdError::CheckDigit)
        );
    }

    #[test]
    fn a_birth_today_is_accepted() {
        let today = Date::constant(2010, 9, 1);
        assert!(ResidentId::parse("990101201009010240", today).is_ok());
        let eve = Date::constant(2010, 8, 31);
        assert_eq!(
            ResidentId::parse("990101201009010240", eve),
            Err(ResidentIdError::BirthDate)
        );
    }

    #[test]
    fn turns_fifteen_digits_into_eighteen() {
        let convert = |text| ResidentId::from_15_digits(text, TODAY);
        assert_eq!(convert("110105491231002").unwrap().reveal(), "11010519491231002X");
        assert_eq!(convert("130503670401001").unwrap().reveal(), "130503196704010016");
        assert_eq!(convert("990101460229123"), Err(ResidentIdError::BirthDate));
        assert_eq!(convert("110105990101996").unwrap().birth_date().year(), 1899);
        assert_eq!(convert("110105990101995").unwrap().birth_date().year(), 1999);
        assert_eq!(
            convert("11010549123100X"),
            Err(ResidentIdError::Characters { position: 15 })
        );
        assert_eq!(
            convert("11010519491231002X"),
            Err(ResidentIdError::Length {
                expected: 15,
                found: 18
            })
        );
    }

    #[test]
    fn prints_masked() {
        let id = parse("990101194611220010").unwrap();
        assert_eq!(id.to_string(), "990***********0010");
        assert_eq!(format!("{:?}", Some(id)), "Some(990***********0010)");
    }
}
