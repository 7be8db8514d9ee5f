//! What a take-back takes: first from what was not paid yet, where both cancel out; the rest from what was, where it
//! becomes a claim.

use mz_kernel::{Fen, FenError, LineId};

/// Where a line above zero is, in the order in which a take-back takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// In no payment.
    Held,
    /// In a payment whose batch is not sealed.
    Open,
    /// In a payment that came back from the bank.
    Returned,
    /// In a payment that the bank has, or has paid.
    Gone,
}

/// A line above zero of the take-back's entitlement and month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) line: LineId,
    pub(crate) place: Place,
    /// What of it was not taken yet.
    pub(crate) left: Fen,
}

/// A part of a take-back. Without a source it is taken from nothing that is known: it is claimed all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) from: Option<(LineId, Place)>,
    pub(crate) amount: Fen,
}

impl Taken {
    /// Whether both cancel out, as nothing was paid.
    pub(crate) fn cancels(&self) -> bool {
        matches!(self.from, Some((_, Place::Held | Place::Open)))
    }
}

/// Divides `amount`, above zero, among the sources and takes it off them.
pub(crate) fn take(amount: Fen, sources: &mut [Source]) -> Result<Vec<Taken>, FenError> {
    sources.sort_by_key(|source| (source.place, source.line));
    let mut wanted = amount;
    let mut taken = Vec::new();
    for source in sources.iter_mut() {
        let part = wanted.min(source.left);
        if part > Fen::ZERO {
            wanted = wanted.checked_sub(part)?;
            source.left = source.left.checked_sub(part)?;
            taken.push(Taken {
                from: Some((source.line, source.place)),
                amount: part,
            });
        }
    }
    if wanted > Fen::ZERO {
        taken.push(Taken {
            from: None,
            amount: wanted,
        });
    }
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mz_kernel::Id as _;
    use proptest::prelude::*;

    fn source(line: u128, place: Place, left: i64) -> Source {
        Source {
            line: LineId::from_bits(line),
            place,
            left: Fen::new(left),
        }
    }

    #[test]
    fn what_was_not_paid_is_taken_first() {
        let mut sources = [
            source(1, Place::Gone, 70_200),
            source(2, Place::Open, 5_000),
            source(3, Place::Held, 1_500),
        ];
        let taken = take(Fen::new(10_000), &mut sources).unwrap();
        let parts: Vec<_> = taken
            .iter()
            .map(|part| (part.from.unwrap().1, part.amount.get(), part.cancels()))
            .collect();
        assert_eq!(
            parts,
            [
                (Place::Held, 1_500, true),
                (Place::Open, 5_000, true),
                (Place::Gone, 3_500, false)
            ]
        );
    }

    fn place() -> impl Strategy<Value = Place> {
        prop_oneof![
            Just(Place::Held),
            Just(Place::Open),
            Just(Place::Returned),
            Just(Place::Gone)
        ]
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_no_source_gives_more_than_it_has(
            amount in 1_i64..200_000,
            lines in proptest::collection::vec((place(), 0_i64..100_000), 0..5),
        ) {
            let before: Vec<_> = lines.iter().zip(0..).map(|((place, left), n)| source(n, *place, *left)).collect();
            let mut after = before.clone();
            let taken = take(Fen::new(amount), &mut after).unwrap();
            let sum: i64 = taken.iter().map(|part| part.amount.get()).sum();
            prop_assert_eq!(sum, amount);
            for old in &before {
                let of = |part: &&Taken| part.from.is_some_and(|(line, _)| line == old.line);
                let given: i64 = taken.iter().filter(of).map(|part| part.amount.get()).sum();
                let new = after.iter().find(|new| new.line == old.line).unwrap();
                prop_assert_eq!(new.left.get(), old.left.get() - given);
                prop_assert!(new.left >= Fen::ZERO);
            }
        }
    }
}
