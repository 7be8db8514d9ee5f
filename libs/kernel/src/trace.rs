//! Where something stands in a trace: W3C Trace Context, the header `traceparent`.
//!
//! A trace names no person and no case: its numbers are random. It is for those who watch the suite, and no part of
//! what happened: `correlation` is what belongs to the record.

use std::fmt;
use std::str::FromStr;

/// A place in a trace: the trace, and the operation in it that comes before.
///
/// Its text is `00-<32 hex digits>-<16 hex digits>-<2 hex digits>`, as in
/// `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Trace {
    /// The trace, never 0.
    pub trace: u128,
    /// The operation, never 0.
    pub span: u64,
    /// Whether somebody records it.
    pub sampled: bool,
}

/// A text is no `traceparent`. It is dropped where it came from outside: a trace is never a reason to refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no traceparent of W3C Trace Context")]
pub struct NotATrace;

impl Trace {
    /// The trace as 32 hexadecimal digits: what logs and views of traces call `trace_id`.
    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.trace)
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { trace, span, sampled } = self;
        write!(f, "00-{trace:032x}-{span:016x}-{:02x}", u8::from(*sampled))
    }
}

impl FromStr for Trace {
    type Err = NotATrace;

    /// Takes version 00, and the known fields of later versions, as Trace Context §3.2 asks for.
    fn from_str(text: &str) -> Result<Self, NotATrace> {
        let mut parts = text.split('-');
        let mut digits = |count: usize| {
            let part = parts.next().filter(|part| part.len() == count)?;
            let is_hex = part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
            is_hex.then_some(part)
        };
        let mut read = || {
            let version = u8::from_str_radix(digits(2)?, 16).ok()?;
            let trace = u128::from_str_radix(digits(32)?, 16).ok()?;
            let span = u64::from_str_radix(digits(16)?, 16).ok()?;
            let flags = u8::from_str_radix(digits(2)?, 16).ok()?;
            Some((version, trace, span, flags))
        };
        let (version, trace, span, flags) = read().ok_or(NotATrace)?;
        let ends = parts.next().is_none();
        if version == 0xff || (version == 0 && !ends) || trace == 0 || span == 0 {
            return Err(NotATrace);
        }
        Ok(Self {
            trace,
            span,
            sampled: flags & 1 == 1,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::IdSource;
    use proptest::prelude::*;

    const GIVEN: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn the_text_of_the_standard_is_read_and_written() {
        let trace: Trace = GIVEN.parse().unwrap();
        assert_eq!(trace.trace_id(), "0af7651916cd43dd8448eb211c80319c");
        assert!(trace.sampled);
        assert_eq!(trace.to_string(), GIVEN);
    }

    #[test]
    fn of_a_later_version_the_known_fields_are_taken() {
        let later = GIVEN.replacen("00", "01", 1) + "-what-comes";
        assert_eq!(later.parse(), GIVEN.parse::<Trace>());
        assert_eq!(
            GIVEN.replace("-01", "-03").parse(),
            GIVEN.parse::<Trace>(),
            "other flags"
        );
    }

    #[test]
    fn what_the_standard_calls_invalid_is_no_trace() {
        for broken in [
            String::new(),
            "hello".to_owned(),
            GIVEN.to_uppercase(),
            GIVEN.replacen("00", "ff", 1),
            format!("{GIVEN}-"),
            format!(" {GIVEN}"),
            GIVEN.replace("0af7651916cd43dd8448eb211c80319c", &"0".repeat(32)),
            GIVEN.replace("b7ad6b7169203331", &"0".repeat(16)),
            GIVEN.replace("b7ad6b7169203331", "+7ad6b7169203331"),
            GIVEN[..52].to_owned(),
        ] {
            assert_eq!(broken.parse::<Trace>(), Err(NotATrace), "{broken}");
        }
    }

    #[test]
    fn a_fresh_trace_is_another_each_time_and_recorded_by_nobody() {
        let ids = IdSource::seeded(1);
        let (one, other) = (ids.trace(), ids.trace());
        assert!(one.trace != other.trace && one.span != other.span);
        assert!(!one.sampled);
    }

    proptest! {
        #[test]
        fn round_trips(trace in 1_u128.., span in 1_u64.., sampled: bool) {
            let trace = Trace { trace, span, sampled };
            prop_assert_eq!(trace.to_string().parse(), Ok(trace));
        }

        #[test]
        fn no_text_breaks_the_reader(text in "\\PC*") {
            let _ = text.parse::<Trace>();
        }
    }
}
