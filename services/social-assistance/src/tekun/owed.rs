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

    /// The amount, and all facts that it follows from: what ended the entitlement, or decision, standard, and the
    /// endings that were annulled.
    fn owed(&self, standards: &Standards, month: Month, known_at: Stamp) -> Result<Owed, NoStandard> {
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
            let said = ending.from <= month && ending.recorded_at <= known_at;
            if said && ending.holds(known_at) != is_owed {
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
                facts.owed(standards, month, known_at)
            });
        }
    }
    Ok(Vec::new())
}

fn net(lined: &[Lined], month: Month) -> Result<Fen, FenError> {
    let own = lined.iter().filter(|line| line.month == month);
    Fen::checked_sum(own.map(|line| line.amount))
}
