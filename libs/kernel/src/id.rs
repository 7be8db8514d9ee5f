//! Ids: prefixed, sortable by the time at which they were given out, and of one text form.
//!
//! `per_` + 26 characters of Crockford's base 32 in lower case, which hold 128 bits: 48 of Unix
//! milliseconds and 80 that are random and grow within a millisecond. An id names no person: it carries
//! nothing but a time.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use crate::stamp::Stamp;
use crate::trace::Trace;

/// Characters of the part after the prefix and its underscore.
#[doc(hidden)]
pub const BODY: usize = 26;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A kind of id, declared with [`id!`](crate::id!).
pub trait Id:
    Copy + Ord + fmt::Display + fmt::Debug + std::str::FromStr<Err = IdError> + Send + Sync + 'static
{
    /// What stands before the underscore.
    const PREFIX: &'static str;

    /// The id with these 128 bits.
    fn from_bits(bits: u128) -> Self;

    /// The text, which is its only form.
    fn as_str(&self) -> &str;
}

/// Why a text is not an id of the kind asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// It is an id of another kind, or none.
    #[error("`{text}` is not an id of this kind; it has to begin with `{prefix}_`")]
    Prefix {
        /// The prefix asked for.
        prefix: &'static str,
        /// What was given.
        text: String,
    },
    /// The part after the prefix is not 26 characters of the alphabet that hold 128 bits.
    #[error(
        "`{text}` is damaged: after `{prefix}_` have to come 26 of 0-9 a-z without i, l, o, u, the first at most 7"
    )]
    Body {
        /// The prefix asked for.
        prefix: &'static str,
        /// What was given.
        text: String,
    },
}

/// Declares a kind of id, here or in another crate.
///
/// The type is `Copy`, sorts by time, has one text form (serde, `Display`, `FromStr`, `as_str`), and
/// parsing refuses any other prefix, case or character.
///
/// ```
/// use mz_kernel::{Id, IdError};
///
/// mz_kernel::id!(
///     /// A cemetery 公墓.
///     CemeteryId,
///     "cem"
/// );
///
/// let id: CemeteryId = "cem_00000000000000000000000007".parse()?;
/// assert_eq!(id, CemeteryId::from_bits(7));
/// # Ok::<(), IdError>(())
/// ```
#[macro_export]
macro_rules! id {
    ($(#[$meta:meta])* $name:ident, $prefix:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $prefix.len() + 1 + $crate::id::BODY]);

        impl $name {
            /// The text, which is its only form.
            pub fn as_str(&self) -> &str {
                $crate::id::as_text(&self.0)
            }
        }

        impl $crate::id::Id for $name {
            const PREFIX: &'static str = $prefix;

            fn from_bits(bits: u128) -> Self {
                $name($crate::id::encode($prefix, bits))
            }

            fn as_str(&self) -> &str {
                $crate::id::as_text(&self.0)
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::id::IdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::id::decode($prefix, text).map(<Self as $crate::id::Id>::from_bits)
            }
        }

        $crate::text_form!($name, {
            "type": "string",
            "pattern": (concat!("^", $prefix, "_[0-7][0-9a-hjkmnp-tv-z]{25}$"))
        });
    };
}

id!(
    /// A person, issued by registration's identity register and random otherwise.
    PersonId,
    "per"
);
id!(
    /// A case 办件.
    CaseId,
    "case"
);
id!(
    /// An event, the CloudEvents `id`.
    EventId,
    "evt"
);
id!(
    /// A registered death.
    DeathId,
    "death"
);
id!(
    /// An entitlement: what a unit was granted under one programme.
    EntitlementId,
    "ent"
);
id!(
    /// A line: one signed amount for a unit, programme and month.
    LineId,
    "line"
);
id!(
    /// One execution of a month's run.
    RunId,
    "run"
);
id!(
    /// An officer of the bureau, a township or a village.
    OfficerId,
    "off"
);
id!(
    /// A batch of payments 发放批次.
    BatchId,
    "batch"
);
id!(
    /// A payment: what one person is paid in a batch. A re-issue is the same payment.
    PaymentId,
    "pay"
);
id!(
    /// A recovery 追缴: what was paid and is not owed.
    RecoveryId,
    "rec"
);
id!(
    /// A notice to a person, a family or an office 告知书.
    NoticeId,
    "ntc"
);
id!(
    /// A report of figures 统计报表.
    ReportId,
    "rpt"
);

/// Gives out ids that grow, also when the clock stands still or steps back; shared between threads.
///
/// The random bits are SHA-256 over the seed and a counter: a small generator whose next output nobody
/// can tell without the seed, and the same ids again from the same seed and instants in a test.
pub struct IdSource {
    seed: [u8; 32],
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    counter: u64,
    last: u128,
}

impl IdSource {
    /// A source from 32 bytes of the operating system's randomness. Two sources of one seed give out the
    /// same ids, so a seed is never used twice.
    pub fn new(seed: [u8; 32]) -> IdSource {
        IdSource {
            seed,
            state: Mutex::default(),
        }
    }

    /// A source whose ids can be foretold: for tests and simulation only.
    pub fn seeded(seed: u64) -> IdSource {
        IdSource::new(Sha256::digest(seed.to_be_bytes()).into())
    }

    /// The next id, larger than each one before it, of the millisecond of `at` (or of the latest instant
    /// seen, when the clock has stepped back).
    pub fn next<I: Id>(&self, at: Stamp) -> I {
        let millis = u128::try_from(at.as_micros().div_euclid(1_000)).unwrap_or(0);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.counter += 1;
        let random = self.random(state.counter);
        state.last = if millis > state.last >> 80 {
            (millis << 80) | (random >> 48)
        } else {
            // A random step keeps the next id from being guessed; a carry borrows from the next millisecond.
            state.last + 1 + (random >> 96)
        };
        I::from_bits(state.last)
    }

    /// A trace that begins here, and that nobody records yet.
    pub fn trace(&self) -> Trace {
        let counter = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.counter += 2;
            state.counter
        };
        let span = u64::try_from(self.random(counter - 1) >> 64).unwrap_or(1);
        Trace {
            trace: self.random(counter).max(1),
            span: span.max(1),
            sampled: false,
        }
    }

    fn random(&self, counter: u64) -> u128 {
        let block = Sha256::new()
            .chain_update(self.seed)
            .chain_update(counter.to_be_bytes())
            .finalize();
        block
            .iter()
            .take(16)
            .fold(0, |bits, byte| (bits << 8) | u128::from(*byte))
    }
}

impl fmt::Debug for IdSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdSource")
    }
}

#[doc(hidden)]
pub fn encode<const N: usize>(prefix: &str, bits: u128) -> [u8; N] {
    let mut text = [b'_'; N];
    for (place, byte) in text.iter_mut().zip(prefix.bytes()) {
        *place = byte;
    }
    for (at, place) in text.iter_mut().rev().take(BODY).enumerate() {
        *place = ALPHABET[((bits >> (5 * at)) & 31) as usize];
    }
    text
}

#[doc(hidden)]
pub fn decode(prefix: &'static str, text: &str) -> Result<u128, IdError> {
    let body = text
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'))
        .ok_or_else(|| IdError::Prefix {
            prefix,
            text: text.to_owned(),
        })?;
    let damaged = || IdError::Body {
        prefix,
        text: text.to_owned(),
    };
    if body.len() != BODY || body.as_bytes()[0] > b'7' {
        return Err(damaged());
    }
    body.bytes().try_fold(0, |bits, byte| {
        let digit = ALPHABET
            .iter()
            .position(|letter| *letter == byte)
            .ok_or_else(damaged)?;
        Ok((bits << 5) | digit as u128)
    })
}

#[doc(hidden)]
pub fn as_text(ascii: &[u8]) -> &str {
    // Only `encode` fills these bytes, from ASCII.
    str::from_utf8(ascii).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const AT: Stamp = Stamp::from_micros(1_795_514_400_000_000);

    #[test]
    fn the_text_form_is_stable() {
        assert_eq!(PersonId::from_bits(0).as_str(), "per_00000000000000000000000000");
        assert_eq!(
            CaseId::from_bits(u128::MAX).as_str(),
            "case_7zzzzzzzzzzzzzzzzzzzzzzzzz"
        );
        let first: PersonId = IdSource::seeded(1).next(AT);
        assert_eq!(first.as_str().len(), 30);
        assert!(
            first.as_str().starts_with("per_01m"),
            "{first}: the time stands in front"
        );
    }

    #[test]
    fn a_seed_gives_the_same_ids_again() {
        let ids = |seed| {
            let source = IdSource::seeded(seed);
            [AT, AT, AT.plus(std::time::Duration::from_secs(1))].map(|at| source.next::<LineId>(at))
        };
        assert_eq!(ids(7), ids(7));
        assert_ne!(ids(7), ids(8));
    }

    #[test]
    fn refuses_other_texts() {
        for text in [
            "",
            "per",
            "per_",
            "case_00000000000000000000000000",
            "PER_00000000000000000000000000",
        ] {
            assert!(text.parse::<PersonId>().is_err(), "{text}");
        }
        for body in [
            "0000000000000000000000000",
            "8zzzzzzzzzzzzzzzzzzzzzzzzz",
            "0000000000000000000000000i",
            "0000000000000000000000000A",
            "000000000000000000000000é",
        ] {
            let text = format!("per_{body}");
            assert_eq!(
                text.parse::<PersonId>(),
                Err(IdError::Body { prefix: "per", text })
            );
        }
    }

    #[test]
    fn threads_share_a_source_without_a_double() {
        let source = IdSource::seeded(3);
        let mut ids: Vec<EventId> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| (0..500).map(|_| source.next(AT)).collect::<Vec<_>>()))
                .collect();
            workers
                .into_iter()
                .flat_map(|worker| worker.join().unwrap())
                .collect()
        });
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 2_000);
    }

    #[test]
    fn the_schema_accepts_what_is_printed() {
        let schema = schemars::schema_for!(PersonId);
        assert_eq!(
            schema.get("pattern").unwrap(),
            "^per_[0-7][0-9a-hjkmnp-tv-z]{25}$"
        );
    }

    proptest! {
        #[test]
        fn round_trips_and_sorts_as_text(a: u128, b: u128) {
            let (one, other) = (PersonId::from_bits(a), PersonId::from_bits(b));
            prop_assert_eq!(one.as_str().parse(), Ok(one));
            let json = serde_json::to_string(&one).unwrap();
            prop_assert_eq!(serde_json::from_str::<PersonId>(&json).unwrap(), one);
            prop_assert_eq!(one.cmp(&other), a.cmp(&b));
            prop_assert_eq!(one.as_str().cmp(other.as_str()), a.cmp(&b));
        }

        #[test]
        fn ids_grow_whatever_the_clock_does(seed: u64, instants in prop::collection::vec(0_i64..5_000_000, 2..50)) {
            let source = IdSource::seeded(seed);
            let ids: Vec<LineId> = instants.iter().map(|at| source.next(Stamp::from_micros(*at))).collect();
            prop_assert!(ids.is_sorted_by(|a, b| a < b));
        }
    }
}
