//! The arithmetic of recoveries 追缴.
//!
//! Nothing is kept back from a benefit without the person's consent or a decision: 社会救助暂行办法 art. 68 knows the
//! return of what was wrongly received, not its deduction; so an offset is an agreement of its own.

use mz_kernel::{Fen, FenError};

/// What of an offset is kept back from one payment: what was agreed a month and not kept back yet in that month, at
/// most what is outstanding, and at most what there is to pay.
pub(crate) fn keep_back(
    per_month: Fen,
    kept_this_month: Fen,
    outstanding: Fen,
    payable: Fen,
) -> Result<Fen, FenError> {
    let room = per_month.checked_sub(kept_this_month)?;
    Ok(room.min(outstanding).min(payable).max(Fen::ZERO))
}

/// What of an offset has to be undone when a payment shrinks to lines of so much.
pub(crate) fn give_back(kept: Fen, lines: Fen) -> Result<Fen, FenError> {
    Ok(kept.checked_sub(lines)?.max(Fen::ZERO))
}

/// What of a payment that came back pays a recovery: the part of its lines that is claimed and did not pay yet, at most
/// what is outstanding (the rest was repaid otherwise), and at most what came back.
pub(crate) fn absorb(
    claimed: Fen,
    absorbed_before: Fen,
    outstanding: Fen,
    returned: Fen,
) -> Result<Fen, FenError> {
    let claim = claimed.checked_sub(absorbed_before)?;
    Ok(claim.min(outstanding).min(returned).max(Fen::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fen(fen: i64) -> Fen {
        Fen::new(fen)
    }

    #[test]
    fn an_offset_keeps_to_its_month_and_to_what_is_left() {
        let kept = |room, before, outstanding, payable| {
            keep_back(fen(room), fen(before), fen(outstanding), fen(payable))
                .unwrap()
                .get()
        };
        assert_eq!(kept(10_000, 0, 140_400, 70_200), 10_000);
        assert_eq!(kept(10_000, 4_000, 140_400, 70_200), 6_000);
        assert_eq!(kept(10_000, 0, 2_500, 70_200), 2_500);
        assert_eq!(kept(100_000, 0, 140_400, 70_200), 70_200);
        assert_eq!(kept(10_000, 10_000, 140_400, 70_200), 0);
    }

    #[test]
    fn a_shrunk_payment_gives_back_what_it_no_longer_carries() {
        assert_eq!(give_back(fen(10_000), fen(70_200)), Ok(fen(0)));
        assert_eq!(give_back(fen(10_000), fen(4_000)), Ok(fen(6_000)));
        assert_eq!(give_back(fen(10_000), fen(0)), Ok(fen(10_000)));
    }

    proptest! {
        #[test]
        fn nothing_goes_below_zero(a in 0_i64..100_000, b in 0_i64..100_000, c in 0_i64..100_000, d in 0_i64..100_000) {
            for part in [keep_back(fen(a), fen(b), fen(c), fen(d)).unwrap(), absorb(fen(a), fen(b), fen(c), fen(d)).unwrap()] {
                prop_assert!(part >= Fen::ZERO && part <= fen(c) && part <= fen(d));
                prop_assert!(b > a || part.get() <= a - b);
            }
        }
    }
}
