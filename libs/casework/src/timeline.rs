//! Facts that are dated twice: for which months they hold, and when the bureau recorded them.

use std::collections::BTreeMap;

use mz_kernel::{Month, Stamp};

use crate::cause::Cause;

/// A fact about a stretch of months.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated<T> {
    /// A key that stays with the fact for ever, such as the id of the event that stated it. It decides
    /// between two facts recorded at one instant, and a fact that comes twice counts once.
    pub key: String,
    /// The first month that it is about.
    pub from: Month,
    /// The first month that it is no longer about; none while no end is known.
    pub until: Option<Month>,
    /// When it was recorded.
    pub recorded_at: Stamp,
    /// What holds.
    pub value: T,
    /// What states it.
    pub cause: Cause,
}

/// Facts of one kind about one person or household. Nothing is ever taken out: a later fact about the
/// same months stands over an earlier one, and what was known at an earlier instant can be asked for ever.
///
/// The order in which facts arrive does not matter, only when they were recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline<T> {
    facts: BTreeMap<(Stamp, String), Dated<T>>,
}

impl<T> Dated<T> {
    /// Whether the fact is about the month.
    pub fn holds(&self, month: Month) -> bool {
        self.from <= month && self.until.is_none_or(|until| month < until)
    }
}

impl<T> Timeline<T> {
    /// No facts.
    pub const fn new() -> Timeline<T> {
        Timeline {
            facts: BTreeMap::new(),
        }
    }

    /// Adds a fact.
    pub fn record(&mut self, fact: Dated<T>) {
        self.facts.insert((fact.recorded_at, fact.key.clone()), fact);
    }

    /// What held for a month as known at an instant (that instant included): of the facts about the month
    /// that were recorded by then, the one recorded last; of two recorded together, the one with the
    /// greater key.
    pub fn at(&self, month: Month, known_at: Stamp) -> Option<&Dated<T>> {
        self.facts
            .values()
            .rev()
            .skip_while(|fact| fact.recorded_at > known_at)
            .find(|fact| fact.holds(month))
    }

    /// All facts in the order in which they were recorded.
    pub fn facts(&self) -> impl Iterator<Item = &Dated<T>> {
        self.facts.values()
    }
}

impl<T> Default for Timeline<T> {
    fn default() -> Timeline<T> {
        Timeline::new()
    }
}

impl<T> FromIterator<Dated<T>> for Timeline<T> {
    fn from_iter<I: IntoIterator<Item = Dated<T>>>(facts: I) -> Timeline<T> {
        let mut timeline = Timeline::new();
        timeline.extend(facts);
        timeline
    }
}

impl<T> Extend<Dated<T>> for Timeline<T> {
    fn extend<I: IntoIterator<Item = Dated<T>>>(&mut self, facts: I) {
        for fact in facts {
            self.record(fact);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn month(number: i32) -> Month {
        Month::new(2020, 1).unwrap().plus(number)
    }

    fn fact(key: &str, from: i32, until: Option<i32>, recorded: i64, value: u8) -> Dated<u8> {
        Dated {
            key: key.to_owned(),
            from: month(from),
            until: until.map(month),
            recorded_at: Stamp::from_micros(recorded),
            value,
            cause: Cause::new("test", key),
        }
    }

    fn value(timeline: &Timeline<u8>, at: i32, known_at: i64) -> Option<u8> {
        timeline
            .at(month(at), Stamp::from_micros(known_at))
            .map(|fact| fact.value)
    }

    #[test]
    fn the_fact_recorded_last_stands_over_the_others() {
        let timeline: Timeline<u8> = [
            fact("a", 0, None, 10, 1),
            fact("b", 6, None, 20, 2),
            fact("c", 3, Some(5), 30, 3),
        ]
        .into_iter()
        .collect();
        assert_eq!(value(&timeline, -1, 99), None, "before the first month");
        assert_eq!(value(&timeline, 0, 9), None, "not recorded yet");
        assert_eq!(value(&timeline, 0, 10), Some(1), "known at the very instant");
        assert_eq!(value(&timeline, 6, 19), Some(1));
        assert_eq!(value(&timeline, 6, 20), Some(2));
        assert_eq!(value(&timeline, 5, 99), Some(1), "the end is not included");
        assert_eq!(value(&timeline, 4, 99), Some(3));
        assert_eq!(
            value(&timeline, 4, 29),
            Some(1),
            "what was known then stays known"
        );
    }

    #[test]
    fn a_tie_goes_to_the_greater_key_and_a_double_counts_once() {
        let mut timeline: Timeline<u8> = [fact("b", 0, None, 10, 2), fact("a", 0, None, 10, 1)]
            .into_iter()
            .collect();
        assert_eq!(value(&timeline, 0, 10), Some(2));
        timeline.record(fact("a", 0, None, 10, 1));
        assert_eq!(timeline.facts().count(), 2);
    }

    proptest! {
        #[test]
        fn the_order_of_arrival_does_not_matter(
            facts in prop::collection::vec((-3..15, prop::option::of(-3..15), 0_i64..5, any::<u8>()), 0..12)
                .prop_map(|facts| facts.into_iter().zip(0..).map(|((from, until, recorded, value), key)| {
                    fact(&format!("{key}"), from, until, recorded, value)
                }).collect::<Vec<_>>())
                .prop_flat_map(|facts| (Just(facts.clone()), Just(facts).prop_shuffle())),
        ) {
            let (one, other) = facts;
            let (one, other): (Timeline<u8>, Timeline<u8>) = (one.into_iter().collect(), other.into_iter().collect());
            for at in -3..15 {
                for known_at in 0..5 {
                    prop_assert_eq!(value(&one, at, known_at), value(&other, at, known_at));
                }
            }
            prop_assert_eq!(one, other);
        }
    }
}
