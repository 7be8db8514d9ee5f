//! The proof of a month's money, to the fen, at every level at which it is added up.

use mz_kernel::{Fen, FenError};

/// The sums of a month for a unit, a village, a county: what was owed and what became of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// Owed by the facts known at the run.
    pub owed: Fen,
    /// The sum of the lines, take-backs subtracted.
    pub lined: Fen,
    /// Recoveries raised for what was paid beyond what is owed.
    pub raised: Fen,
    /// Of the recoveries, kept back from later payments.
    pub offset: Fen,
    /// Put into payment batches. A re-issue is the same payment and counts once.
    pub batched: Fen,
    /// Not batched yet, or held back.
    pub held: Fen,
    /// Of the batches, paid.
    pub paid: Fen,
    /// Of the batches, returned by the bank and not issued again.
    pub returned: Fen,
    /// Of the batches, without an answer yet.
    pub pending: Fen,
    /// Of the recoveries, repaid.
    pub repaid: Fen,
    /// Of the recoveries, waived.
    pub waived: Fen,
    /// Of the recoveries, still to come.
    pub outstanding: Fen,
}

/// One of the four equalities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Equality {
    /// Owed = Σ lines.
    Lined,
    /// Σ lines + recovery raised − offset = batched + held.
    Batched,
    /// Batched = paid + returned + pending.
    Paid,
    /// Recovery raised = repaid + offset + waived + outstanding.
    Recovered,
}

/// An equality that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} does not hold: the left side is {by} yuan above the right", equality.formula())]
pub struct Gap {
    /// Which one.
    pub equality: Equality,
    /// Left side minus right side.
    pub by: Fen,
}

impl Equality {
    /// The equality in words.
    pub const fn formula(self) -> &'static str {
        match self {
            Equality::Lined => "owed = lines",
            Equality::Batched => "lines + recovery raised − offset = batched + held",
            Equality::Paid => "batched = paid + returned + pending",
            Equality::Recovered => "recovery raised = repaid + offset + waived + outstanding",
        }
    }
}

impl Proof {
    /// The equalities that do not hold, and by how much. None is the proof.
    ///
    /// Errors only where a sum does not fit.
    pub fn gaps(&self) -> Result<Vec<Gap>, FenError> {
        let sides: [(Equality, &[Fen], &[Fen]); 4] = [
            (Equality::Lined, &[self.owed], &[self.lined]),
            (
                Equality::Batched,
                &[self.lined, self.raised],
                &[self.offset, self.batched, self.held],
            ),
            (
                Equality::Paid,
                &[self.batched],
                &[self.paid, self.returned, self.pending],
            ),
            (
                Equality::Recovered,
                &[self.raised],
                &[self.repaid, self.offset, self.waived, self.outstanding],
            ),
        ];
        let mut gaps = Vec::new();
        for (equality, left, right) in sides {
            let sum = |side: &[Fen]| Fen::checked_sum(side.iter().copied());
            let by = sum(left)?.checked_sub(sum(right)?)?;
            if !by.is_zero() {
                gaps.push(Gap { equality, by });
            }
        }
        Ok(gaps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 702 owed; 702 taken back from what was paid for a month after a death; 100 of it offset.
    fn sound() -> Proof {
        let yuan = |yuan| Fen::from_yuan(yuan).unwrap();
        Proof {
            owed: yuan(7_000),
            lined: yuan(7_000),
            raised: yuan(702),
            offset: yuan(100),
            batched: yuan(7_500),
            held: yuan(102),
            paid: yuan(6_000),
            returned: yuan(800),
            pending: yuan(700),
            repaid: yuan(300),
            waived: yuan(2),
            outstanding: yuan(300),
        }
    }

    #[test]
    fn a_sound_month_has_no_gap() {
        assert_eq!(sound().gaps(), Ok(vec![]));
        assert_eq!(Proof::default().gaps(), Ok(vec![]));
    }

    #[test]
    fn one_fen_amiss_is_found_where_it_is() {
        use Equality::{Batched, Lined, Paid, Recovered};
        type Field = fn(&mut Proof) -> &mut Fen;
        let fields: [(Field, &[(Equality, i64)]); 12] = [
            (|proof| &mut proof.owed, &[(Lined, 1)]),
            (|proof| &mut proof.lined, &[(Lined, -1), (Batched, 1)]),
            (|proof| &mut proof.raised, &[(Batched, 1), (Recovered, 1)]),
            (|proof| &mut proof.offset, &[(Batched, -1), (Recovered, -1)]),
            (|proof| &mut proof.batched, &[(Batched, -1), (Paid, 1)]),
            (|proof| &mut proof.held, &[(Batched, -1)]),
            (|proof| &mut proof.paid, &[(Paid, -1)]),
            (|proof| &mut proof.returned, &[(Paid, -1)]),
            (|proof| &mut proof.pending, &[(Paid, -1)]),
            (|proof| &mut proof.repaid, &[(Recovered, -1)]),
            (|proof| &mut proof.waived, &[(Recovered, -1)]),
            (|proof| &mut proof.outstanding, &[(Recovered, -1)]),
        ];
        for (field, expected) in fields {
            let mut proof = sound();
            let place = field(&mut proof);
            *place = place.checked_add(Fen::new(1)).unwrap();
            let gaps: Vec<_> = proof
                .gaps()
                .unwrap()
                .iter()
                .map(|gap| (gap.equality, gap.by.get()))
                .collect();
            assert_eq!(gaps, expected);
        }
        let gap = Gap {
            equality: Lined,
            by: Fen::new(1),
        };
        assert_eq!(
            gap.to_string(),
            "owed = lines does not hold: the left side is 0.01 yuan above the right"
        );
    }
}
