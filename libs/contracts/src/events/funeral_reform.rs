//! Published by funeral-reform 殡葬改革.

use mz_kernel::{Date, DateSchema, DeathId, DivisionCode, PersonId};

event! {
    /// A death was entered in the register (死亡登记), perhaps long after it happened.
    pub struct DeathRegistered v1 of FuneralReform at death.registered keyed by death in division {
        /// The entry in the register of deaths.
        death: DeathId,
        /// Who died.
        person: PersonId,
        /// The day of death.
        #[schemars(with = "DateSchema")]
        died_on: Date,
        /// The day on which it was entered.
        #[schemars(with = "DateSchema")]
        registered_on: Date,
        /// The division that the person belonged to.
        division: DivisionCode,
        /// Whether it was entered after the term that the place gives for it.
        late: bool,
    }
    sample {
        "death": "death_01e5cg0000000000000000d001",
        "person": "per_01e5cg0000000000000000p001",
        "died_on": "2020-01-20",
        "registered_on": "2020-04-08",
        "division": "513335100",
        "late": true
    }
}

event! {
    /// An entry in the register of deaths was annulled: the person lives, or the entry was another person's.
    pub struct DeathAnnulled v1 of FuneralReform at death.annulled keyed by death in division {
        /// The entry that no longer holds.
        death: DeathId,
        /// The person who was entered as dead.
        person: PersonId,
        /// The day of the annulment.
        #[schemars(with = "DateSchema")]
        annulled_on: Date,
        /// Why, such as `wrong-person`.
        reason: crate::Code,
        /// The division that the entry named.
        division: DivisionCode,
    }
    sample {
        "death": "death_01e5cg0000000000000000d001",
        "person": "per_01e5cg0000000000000000p001",
        "annulled_on": "2020-04-20",
        "reason": "wrong-person",
        "division": "513335100"
    }
}
