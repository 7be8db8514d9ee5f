//! Published by registration 登记: the identity register and the division tree.

use crate::Code;
use mz_kernel::{Date, DateSchema, DivisionCode, Level, PersonId, Sex};

event! {
    /// A person was entered in the identity register. Neither name nor number travels.
    pub struct PersonRegistered v1 of Registration at person.registered keyed by person in division {
        /// The id that every service knows the person by.
        person: PersonId,
        /// Where the person lives, or was found.
        division: DivisionCode,
        /// The day of birth, where it is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schemars(with = "Option<DateSchema>")]
        birth_date: Option<Date>,
        /// The sex, where it is known.
        #[serde(skip_serializing_if = "Option::is_none")]
        sex: Option<Sex>,
        /// Whether the register holds an identity number. An abandoned infant or a rescued vagrant has none.
        has_number: bool,
    }
    sample {
        "person": "per_01e5cg0000000000000000p001",
        "division": "513335100",
        "birth_date": "1936-12-01",
        "sex": "female",
        "has_number": true
    }
}

event! {
    /// The identity number of a person was found to be typed wrongly and was corrected. The person stays the same
    /// person: no case changes hands.
    pub struct PersonNumberCorrected v1 of Registration at person.number-corrected keyed by person in division {
        /// The person whose number it is. Neither the wrong nor the right number travels.
        person: PersonId,
        /// The day of the correction.
        #[schemars(with = "DateSchema")]
        corrected_on: Date,
        /// Why, such as `typing-error`.
        reason: Code,
        /// The person's division.
        division: DivisionCode,
    }
    sample {
        "person": "per_01e5cg0000000000000000p001",
        "corrected_on": "2020-05-11",
        "reason": "typing-error",
        "division": "513335100"
    }
}

event! {
    /// An administrative division (行政区划) was established, or entered when the register was first filled.
    pub struct DivisionEstablished v1 of Registration at division.established keyed by code in code {
        /// Its code. A retired code is never given out again (行政区划代码管理办法).
        code: DivisionCode,
        /// Its name in full, in Chinese.
        name: String,
        /// Its level, which is also the length of its code.
        level: DivisionLevel,
        /// The division that it lies in; none for a province.
        #[serde(skip_serializing_if = "Option::is_none")]
        parent: Option<DivisionCode>,
        /// The first day on which the code holds.
        #[schemars(with = "DateSchema")]
        from: Date,
    }
    sample {
        "code": "513335100",
        "name": "夏邛镇",
        "level": "township",
        "parent": "513335",
        "from": "2020-01-01"
    }
}

event! {
    /// The code of an administrative division was retired: the division was abolished, merged, split or moved to
    /// another superior.
    pub struct DivisionEnded v1 of Registration at division.ended keyed by code in code {
        /// The retired code. Facts recorded under it keep it.
        code: DivisionCode,
        /// The first day on which the code no longer holds.
        #[schemars(with = "DateSchema")]
        until: Date,
        /// The codes that took its place; none, one or several.
        successors: Vec<DivisionCode>,
    }
    sample {
        "code": "513335201",
        "until": "2020-06-05",
        "successors": ["513335101"]
    }
}

/// The level of a division on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DivisionLevel {
    /// 省级.
    Province,
    /// 地级.
    Prefecture,
    /// 县级.
    County,
    /// 乡级.
    Township,
    /// 村级.
    Village,
}

impl From<Level> for DivisionLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::Province => Self::Province,
            Level::Prefecture => Self::Prefecture,
            Level::County => Self::County,
            Level::Township => Self::Township,
            Level::Village => Self::Village,
        }
    }
}
