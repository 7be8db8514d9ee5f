//! Who somebody is: a name, a number where there is one, sex and day of birth, free of contradictions.

use mz_kernel::{Date, ResidentId, Sex};
use std::fmt;

/// A name, in the form in which names are compared and sealed.
///
/// `Debug` and `Display` print it masked; [`Name::reveal`] gives it in the clear.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Name(String);

/// What is wrong with something that was declared, and in which field of the request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) field: &'static str,
    pub(crate) what: String,
}

/// Somebody as declared at registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) name: Name,
    /// None for an abandoned infant or a rescued vagrant.
    pub(crate) number: Option<ResidentId>,
    pub(crate) sex: Sex,
    pub(crate) birth_date: Date,
}

/// Sex and day of birth, as far as somebody stated them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Traits {
    pub(crate) sex: Option<Sex>,
    pub(crate) birth_date: Option<Date>,
}

/// Nobody alive was born before.
const BIRTH_YEAR_MIN: i16 = 1850;

fn fault(field: &'static str, what: impl Into<String>) -> Fault {
    Fault {
        field,
        what: what.into(),
    }
}

impl Identity {
    /// Reads what was typed. Without a number, sex and day of birth have to be stated; with one they follow from it.
    pub(crate) fn declare(
        name: &str,
        number: Option<&str>,
        stated: Traits,
        today: Date,
    ) -> Result<Self, Fault> {
        let name = Name::parse(name)?;
        let number = number.map(|text| read_number(text, today)).transpose()?;
        let traits = stated.beside(number.as_ref(), today)?;
        let missing = |field| fault(field, "Without an identity number this has to be stated.");
        Ok(Self {
            name,
            number,
            sex: traits.sex.ok_or_else(|| missing("sex"))?,
            birth_date: traits.birth_date.ok_or_else(|| missing("birth_date"))?,
        })
    }
}

impl Traits {
    /// What holds when this was stated beside a number: the number says both, and nothing else may be stated.
    pub(crate) fn beside(self, number: Option<&ResidentId>, today: Date) -> Result<Self, Fault> {
        let Some(number) = number else {
            let possible = |born: Date| born.year() >= BIRTH_YEAR_MIN && born <= today;
            return match self.birth_date {
                Some(born) if !possible(born) => Err(fault(
                    "birth_date",
                    format!("Nobody here was born before {BIRTH_YEAR_MIN} or after today."),
                )),
                _ => Ok(self),
            };
        };
        if self.sex.is_some_and(|sex| sex != number.sex()) {
            return Err(fault(
                "sex",
                "The identity number says the other sex; compare both with the card.",
            ));
        }
        if self.birth_date.is_some_and(|born| born != number.birth_date()) {
            return Err(fault(
                "birth_date",
                "The identity number says another day; compare both with the card.",
            ));
        }
        Ok(Self {
            sex: Some(number.sex()),
            birth_date: Some(number.birth_date()),
        })
    }
}

/// A resident identity number as it was typed; what is wrong with it never repeats it.
pub(crate) fn read_number(text: &str, today: Date) -> Result<ResidentId, Fault> {
    ResidentId::parse(text, today).map_err(|error| fault("document.number", format!("{error}.")))
}

impl Name {
    /// The longest name, in characters.
    const LENGTH_MAX: usize = 60;

    /// Reads a name as it was typed. Blanks that pad a name of two characters to the width of three are left out,
    /// those between words in Latin letters become one; the dots that part the names of minorities become `·`.
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        let mut name = String::with_capacity(text.len());
        let mut blank = false;
        for letter in text.trim().chars() {
            if letter.is_control() {
                return Err(fault("name", "A name has no control characters."));
            }
            if letter.is_whitespace() {
                blank = true;
                continue;
            }
            let latin = |letter: char| letter.is_ascii_alphabetic();
            if blank && name.chars().next_back().is_some_and(latin) && latin(letter) {
                name.push(' ');
            }
            blank = false;
            name.push(if matches!(letter, '•' | '・' | '．' | '‧' | '∙') {
                '·'
            } else {
                letter
            });
        }
        if (1..=Self::LENGTH_MAX).contains(&name.chars().count()) {
            Ok(Self(name))
        } else {
            Err(fault(
                "name",
                format!("A name has 1 to {} characters.", Self::LENGTH_MAX),
            ))
        }
    }

    /// The name in the clear: for sealing and for the keyed hashes. Never for a log.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// What a search by surname finds: the first character, or all that stands before a dot. A surname of two
    /// characters (欧阳) is found by its first.
    pub(crate) fn surname(&self) -> &str {
        match self.0.split_once('·') {
            Some((first, _)) => first,
            None => self
                .0
                .char_indices()
                .nth(1)
                .map_or(&self.0, |(second, _)| &self.0[..second]),
        }
    }
}

/// The first character, and a star for each other: 扎西 is 扎*. A name of one character is all star.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut letters = self.0.chars();
        let first = letters.next().filter(|_| self.0.chars().nth(1).is_some());
        write!(f, "{}", first.unwrap_or('*'))?;
        letters.try_for_each(|_| f.write_str("*"))
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Date = Date::constant(2020, 1, 2);
    /// A man, born on 22 November 1946.
    const NUMBER: &str = "990101194611220010";

    fn name(text: &str) -> Name {
        Name::parse(text).unwrap()
    }

    fn stated(sex: Option<Sex>, birth_date: Option<&str>) -> Traits {
        Traits {
            sex,
            birth_date: birth_date.map(|text| text.parse().unwrap()),
        }
    }

    #[test]
    fn one_name_has_one_form() {
        for (typed, form) in [
            ("扎西", "扎西"),
            (" 扎　西\t", "扎西"),
            ("阿布都热合曼 • 买买提", "阿布都热合曼·买买提"),
            ("John  Smith", "John Smith"),
            ("扎西 Smith", "扎西Smith"),
        ] {
            assert_eq!(name(typed).reveal(), form);
        }
        for wrong in ["", " ", "扎\u{7}西", &"扎".repeat(61)] {
            assert_eq!(Name::parse(wrong).unwrap_err().field, "name", "{wrong:?}");
        }
    }

    #[test]
    fn a_name_prints_masked() {
        for (typed, masked) in [("扎西", "扎*"), ("扎西次仁", "扎***"), ("扎", "*")] {
            assert_eq!(
                (name(typed).to_string(), format!("{:?}", name(typed))),
                (masked.into(), masked.into())
            );
        }
    }

    #[test]
    fn the_surname_is_the_first_character_or_what_stands_before_the_dot() {
        for (typed, surname) in [("试甲", "试"), ("试", "试"), ("买买提·阿布都", "买买提")] {
            assert_eq!(name(typed).surname(), surname);
        }
    }

    #[test]
    fn sex_and_day_of_birth_follow_from_the_number() {
        let born = Date::constant(1946, 11, 22);
        for traits in [stated(None, None), stated(Some(Sex::Male), Some("1946-11-22"))] {
            let identity = Identity::declare("试甲", Some(NUMBER), traits, TODAY).unwrap();
            assert_eq!((identity.sex, identity.birth_date), (Sex::Male, born));
        }
        let field = |traits| {
            Identity::declare("试甲", Some(NUMBER), traits, TODAY)
                .unwrap_err()
                .field
        };
        assert_eq!(field(stated(Some(Sex::Female), None)), "sex");
        assert_eq!(field(stated(None, Some("1946-11-23"))), "birth_date");
    }

    #[test]
    fn without_a_number_both_have_to_be_stated() {
        let declare = |sex, born| Identity::declare("试甲", None, stated(sex, born), TODAY);
        let identity = declare(Some(Sex::Female), Some("2020-01-02")).unwrap();
        assert_eq!((identity.number, identity.sex), (None, Sex::Female));
        for (sex, born, field) in [
            (None, Some("2020-01-01"), "sex"),
            (Some(Sex::Male), None, "birth_date"),
            (Some(Sex::Male), Some("2020-01-03"), "birth_date"),
            (Some(Sex::Male), Some("1849-12-31"), "birth_date"),
        ] {
            assert_eq!(declare(sex, born).unwrap_err().field, field);
        }
    }

    #[test]
    fn what_is_wrong_with_a_number_does_not_repeat_it() {
        let fault =
            Identity::declare("试甲", Some("990101194611220011"), stated(None, None), TODAY).unwrap_err();
        assert_eq!(fault.field, "document.number");
        assert!(!fault.what.contains("990101"), "{}", fault.what);
    }
}
