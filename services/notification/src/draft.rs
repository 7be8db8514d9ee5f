//! Addressing and wording a notice, from its event and from what is known of the person.

use crate::calls::To;
use crate::facts::{Facts, Support};
use crate::law::{Laws, Words};
use crate::template::{TemplateError, Worded, word};
use crate::values::{Unsuitable, Values, money};
use mz_contracts::Event as _;
use mz_contracts::events::DeathRegistered;
use mz_contracts::events::Recipient;
use mz_kernel::{Date, DivisionCode, Level, Month};
use mz_policy::{Policy, PolicyError};
use serde_json::Value;
use std::sync::Arc;

/// Policy parameters, money once: what a place pays towards the burial of a tekun person, and of anybody else.
const BURIAL_RELIEF: [&str; 2] = ["burial-relief.tekun", "burial-relief.resident"];

/// What notices are made with. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) policy: Arc<Policy>,
    pub(crate) laws: Arc<Laws>,
    pub(crate) words: Arc<Words>,
    /// The county whose bureau it is.
    pub(crate) county: DivisionCode,
}

/// What calls for a notice: an event, or a part of one.
#[derive(Debug, Clone)]
pub(crate) struct Occasion {
    pub(crate) event_type: String,
    /// The legal date of the event.
    pub(crate) on: Date,
    /// The division of the event.
    pub(crate) division: DivisionCode,
    pub(crate) data: Value,
}

/// A notice with its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) recipient: Recipient,
    /// The division of the inbox.
    pub(crate) division: DivisionCode,
    pub(crate) template: &'static str,
    pub(crate) worded: Worded,
}

/// Why an event's notice cannot be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DraftError {
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error(transparent)]
    Unsuitable(#[from] Unsuitable),
    #[error(transparent)]
    Policy(#[from] PolicyError),
    #[error("the day of death is no date")]
    DayOfDeath,
}

impl Desk {
    /// Addresses and words a notice that is put into an inbox on a day.
    pub(crate) fn draft(
        &self,
        (to, template): (To, &'static str),
        occasion: &Occasion,
        facts: &Facts,
        issued_on: Date,
    ) -> Result<Draft, DraftError> {
        let recipient = recipient(to, occasion, facts);
        let mut values = Values::of(&occasion.data, &self.words)?;
        match recipient {
            Recipient::Person => {
                values.turn("本人");
                values.say("对象", "您".to_owned());
            }
            Recipient::Family => {
                values.turn("家属");
                values.say("对象", "您已故的亲属".to_owned());
            }
            Recipient::Office => {}
        }
        if occasion.event_type == DeathRegistered::TYPE {
            self.tell_of_burial(&mut values, occasion, facts, issued_on)?;
        }
        Ok(Draft {
            recipient,
            division: self.inbox(to, occasion, facts),
            template,
            worded: word(template, &values, &self.laws, issued_on)?,
        })
    }

    /// The office that keeps the notice: a village has none of its own.
    fn inbox(&self, to: To, occasion: &Occasion, facts: &Facts) -> DivisionCode {
        if to == To::Bureau {
            return self.county;
        }
        let home = facts.home.unwrap_or(occasion.division);
        home.at(Level::Township).unwrap_or(home)
    }

    /// Who arranges the burial, and what the place pays towards it, as was known when the notice was issued.
    fn tell_of_burial(
        &self,
        values: &mut Values,
        occasion: &Occasion,
        facts: &Facts,
        issued_on: Date,
    ) -> Result<(), DraftError> {
        let died_on = occasion.data["died_on"].as_str().and_then(|day| day.parse().ok());
        let month = Month::of(died_on.ok_or(DraftError::DayOfDeath)?);
        let support = facts.support(month);
        values.turn(match support {
            Support::Centralised => "集中供养",
            Support::Dispersed => "分散供养",
            Support::None => "未享受特困供养",
        });
        let [tekun, resident] = BURIAL_RELIEF;
        let key = if support == Support::None { resident } else { tekun };
        let place = facts.home.unwrap_or(occasion.division);
        match self.policy.known_on(issued_on).money(key, &place, month) {
            Ok(amount) => {
                values.turn("有补贴标准");
                values.say("丧葬补贴", money(amount));
            }
            Err(PolicyError::Missing { .. }) => values.turn("无补贴标准"),
            Err(other) => return Err(other.into()),
        }
        Ok(())
    }
}

fn recipient(to: To, occasion: &Occasion, facts: &Facts) -> Recipient {
    // What a death caused was told to the family even where the death itself has not arrived here yet.
    let by_death = occasion.data["cause"]["fact"] == "death";
    match to {
        To::Person if by_death || facts.is_dead(occasion.on) => Recipient::Family,
        To::Person => Recipient::Person,
        To::Family => Recipient::Family,
        To::Office | To::Bureau => Recipient::Office,
    }
}

#[cfg(test)]
mod tests;
