//! What is owed for a month, as known at an instant (D5): a function of the entitlement, of what ended it, and of the
//! standards that were adopted. Each fact carries the month from which it counts and the instant at which it was
//! recorded. They may come in any order.

use super::{Class, StandardKey, StopReason};
use crate::ids::{StandardId, StopId};
use mz_casework::{Cause, Lined, NewLine, Owed, Run, SettleError, settle};
use mz_kernel::{CaseId, Date, DeathId, DivisionCode, Fen, FenError, Month, Stamp};
use std::collections::BTreeMap;

/// Everything that decides whether a month of an entitlement is owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    /// The case that granted it.
    pub(crate) case: CaseId,
    pub(crate) class: Class,
    /// The division that pays: its standards apply.
    pub(crate) division: DivisionCode,
    /// The first month.
    pub(crate) from: Month,
    pub(crate) recorded_at: Stamp,
    pub(crate) endings: Vec<Ending>,
}

/// A fact that ends an entitlement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ending {
    /// The first month that is not owed.
    pub(crate) from: Month,
    pub(crate) ground: Ground,
    pub(crate) recorded_at: Stamp,
}

/// What ends an entitlement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ground {
    /// A stop that was agreed on a day.
    Stop {
        id: StopId,
        reason: StopReason,
        agreed_on: Date,
    },
    /// The person's death, which may turn out not to be so.
    Death {
        id: DeathId,
        died_on: Date,
        annulled_at: Option<Stamp>,
    },
}

/// An adopted standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standard {
    pub(crate) id: StandardId,
    /// The first month that it is about; it holds until the next one begins.
    pub(crate) from: Month,
    pub(crate) amount: Fen,
    pub(crate) recorded_at: Stamp,
}

/// The adopted standards by key and division.
#[derive(Debug, Clone, Default)]
pub(crate) struct Standards(BTreeMap<(StandardKey, DivisionCode), Vec<Standard>>);

/// It cannot be said what is owed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{division} has no `{key}` for {month}; propose the standard, and have it adopted")]
pub(crate) struct NoStandard {
    pub(crate) key: StandardKey,
    pub(crate) division: DivisionCode,
    pub(crate) month: Month,
}

impl Ending {
    /// Whether it counts, as known at an instant.
    fn holds(&self, known_at: Stamp) -> bool {
        let annulled = match self.ground {
            Ground::Stop { .. } => false,
            Ground::Death { annulled_at, .. } => annulled_at.is_some_and(|at| at <= known_at),
        };
        self.recorded_at <= known_at && !annulled
    }

    /// What it says of a month for which it was recorded.
    fn cause(&self, known_at: Stamp) -> Cause {
        match self.ground {
            Ground::Stop { id, .. } => Cause::new("stop", id),
            Ground::Death { id, .. } if self.holds(known_at) => Cause::new("death", id),
            Ground::Death { id, .. } => Cause::new("death-annulled", id),
        }
    }
}

impl Facts {
    /// The first month that is not owed any more and what ends it; none while no end is known. It is never before the
    /// first month: what ends earlier was never owed at all.
    pub(crate) fn end(&self, known_at: Stamp) -> Option<(Month, &Ending)> {
        let holding = self.endings.iter().filter(|ending| ending.holds(known_at));
        let first = holding.min_by_key(|ending| (ending.from, ending.recorded_at))?;
        Some((first.from.max(self.from), first))
    }

    /// The amount that is owed for a month.
    pub(crate) fn amount(
        &self,
        standards: &Standards,
        month: Month,
        known_at: Stamp,
    ) -> Result<Fen, NoStandard> {
        if self.is_owed(month, known_at) {
            self.standard(standards, month, known_at)
                .map(|standard| standard.amount)
        } else {
            Ok(Fen::ZERO)
        }
    }

    /// The amount, and all facts that it follows from: decision and standard, or what ended the entitlement. Endings
    /// that were annulled are among them where they may have been lined.
    fn owed(
        &self,
        standards: &Standards,
        month: Month,
        known_at: Stamp,
        annulled_too: bool,
    ) -> Result<Owed, NoStandard> {
        let is_owed = self.is_owed(month, known_at);
        let (mut amount, mut causes) = (Fen::ZERO, Vec::new());
        if is_owed {
            let standard = self.standard(standards, month, known_at)?;
            amount = standard.amount;
            causes.extend([
                Cause::new("decision", self.case),
                Cause::new("standard", standard.id),
            ]);
        }
        for ending in &self.endings {
            let was_said = ending.from <= month && ending.recorded_at <= known_at;
            let explains = if is_owed {
                annulled_too
            } else {
                ending.holds(known_at)
            };
            if was_said && explains {
                causes.push(ending.cause(known_at));
            }
        }
        Ok(Owed { amount, causes })
    }

    fn is_owed(&self, month: Month, known_at: Stamp) -> bool {
        let ended = |ending: &Ending| ending.from <= month && ending.holds(known_at);
        self.recorded_at <= known_at && self.from <= month && !self.endings.iter().any(ended)
    }

    fn standard<'s>(
        &self,
        standards: &'s Standards,
        month: Month,
        known_at: Stamp,
    ) -> Result<&'s Standard, NoStandard> {
        standards.at(self.class.standard(), &self.division, month, known_at)
    }
}

impl Standards {
    /// Adds one.
    pub(crate) fn adopt(&mut self, key: StandardKey, division: DivisionCode, standard: Standard) {
        self.0.entry((key, division)).or_default().push(standard);
    }

    /// The standard of a place for a month: its own, else that of the nearest division above it that has one.
    pub(crate) fn at(
        &self,
        key: StandardKey,
        division: &DivisionCode,
        month: Month,
        known_at: Stamp,
    ) -> Result<&Standard, NoStandard> {
        // Of two that begin in one month the later word counts.
        let of = |place| {
            let adopted = self.0.get(&(key, place))?.iter();
            let known = adopted.filter(|standard| standard.from <= month && standard.recorded_at <= known_at);
            known.max_by_key(|standard| (standard.from, standard.recorded_at, standard.id))
        };
        let missing = || NoStandard {
            key,
            division: *division,
            month,
        };
        division.ancestors().find_map(of).ok_or_else(missing)
    }
}

/// The lines that a run writes for an entitlement, of which `lined` were written before.
pub(crate) fn lines(
    facts: &Facts,
    standards: &Standards,
    run: Run,
    lined: &[Lined],
) -> Result<Vec<NewLine>, SettleError<NoStandard>> {
    let window = Run {
        since: run.since.max(facts.from),
        ..run
    };
    // Most months stand as they were lined. Only from the first that does not, it is asked why.
    for month in Month::range(window.since, window.month) {
        let owed = facts.amount(standards, month, run.known_at);
        let owed = owed.map_err(|source| SettleError::Owed { month, source })?;
        if owed != net(lined, month).map_err(|source| SettleError::Sum { month, source })? {
            let rest = Run {
                since: month,
                ..window
            };
            return settle(rest, lined, |month, known_at| {
                // A first line in its own month is as if there had never been anything to annul.
                let annulled_too = month < run.month || lined.iter().any(|line| line.month == month);
                facts.owed(standards, month, known_at, annulled_too)
            });
        }
    }
    Ok(Vec::new())
}

fn net(lined: &[Lined], month: Month) -> Result<Fen, FenError> {
    let own = lined.iter().filter(|line| line.month == month);
    Fen::checked_sum(own.map(|line| line.amount))
}

#[cfg(test)]
mod tests {
    use super::*;
    use mz_kernel::Id as _;
    use proptest::prelude::*;

    const FIRST: i32 = 3;
    const MONTHS: std::ops::Range<i32> = 0..15;

    fn month(number: i32) -> Month {
        Month::new(2020, 1).unwrap().plus(number)
    }

    fn at(micros: i64) -> Stamp {
        Stamp::from_micros(micros)
    }

    fn place() -> DivisionCode {
        "513335100".parse().unwrap()
    }

    fn standards() -> Standards {
        let mut standards = Standards::default();
        let (id, amount) = (StandardId::from_bits(1), Fen::new(70_200));
        let standard = Standard {
            id,
            from: month(0),
            amount,
            recorded_at: at(0),
        };
        standards.adopt(StandardKey::Urban, "513335".parse().unwrap(), standard);
        standards
    }

    fn facts(endings: Vec<Ending>) -> Facts {
        let (case, class, recorded_at) = (CaseId::from_bits(1), Class::Urban, at(2));
        Facts {
            case,
            class,
            division: place(),
            from: month(FIRST),
            recorded_at,
            endings,
        }
    }

    fn endings() -> impl Strategy<Value = Vec<Ending>> {
        let ending = (MONTHS, 0_i64..10, prop::option::of(prop::option::of(0_i64..10)));
        prop::collection::vec(ending, 0..5).prop_map(|endings| {
            let numbered = endings.into_iter().zip(1..);
            let ending = |((from, recorded, annulled), number): ((_, _, Option<Option<i64>>), u128)| {
                let on = Date::constant(2020, 1, 1);
                let ground = match annulled {
                    None => Ground::Stop {
                        id: StopId::from_bits(number),
                        reason: StopReason::Voluntary,
                        agreed_on: on,
                    },
                    Some(after) => Ground::Death {
                        id: DeathId::from_bits(number),
                        died_on: on,
                        annulled_at: after.map(|after| at(recorded + after)),
                    },
                };
                Ending {
                    from: month(from),
                    ground,
                    recorded_at: at(recorded),
                }
            };
            numbered.map(ending).collect()
        })
    }

    proptest! {
        #[test]
        fn what_is_owed_hangs_on_the_facts_and_not_on_their_order(
            (one, other) in endings().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
            known_at in 0_i64..20,
        ) {
            let (one, other, standards) = (facts(one), facts(other), standards());
            let end = one.end(at(known_at)).map(|(from, _)| from);
            prop_assert_eq!(end, other.end(at(known_at)).map(|(from, _)| from));
            for number in MONTHS {
                let amount = one.amount(&standards, month(number), at(known_at)).unwrap();
                prop_assert_eq!(amount, other.amount(&standards, month(number), at(known_at)).unwrap());
                let owed = one.owed(&standards, month(number), at(known_at), true).unwrap();
                prop_assert_eq!(owed.amount, amount);
                // From the first month up to the end, once it is recorded: these are the months owed.
                let within = FIRST <= number && end.is_none_or(|end| month(number) < end) && known_at >= 2;
                prop_assert_eq!(!amount.is_zero(), within);
                prop_assert!(FIRST > number || known_at < 2 || !owed.causes.is_empty(), "and it is said why");
            }
        }
    }

    #[test]
    fn a_missing_standard_is_named_with_place_and_month() {
        let missing = facts(Vec::new())
            .amount(&Standards::default(), month(FIRST), at(9))
            .unwrap_err();
        for word in ["tekun.standard.urban", "513335100", "2020-04"] {
            assert!(missing.to_string().contains(word), "{missing}");
        }
        // Where nothing is owed, none is needed.
        assert_eq!(
            facts(Vec::new()).amount(&Standards::default(), month(0), at(9)),
            Ok(Fen::ZERO)
        );
    }
}
