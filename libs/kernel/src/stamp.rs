//! An instant, to the microsecond.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

use crate::date::Date;

/// An instant in UTC with microsecond precision, years 0001 to 9998.
///
/// Its text and JSON are of one width, `2026-11-24T10:00:00.000000Z`, so that text sorts as time does and
/// both database engines keep the same value (PostgreSQL holds microseconds).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(i64);

/// The text is not an instant in the one accepted form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an instant; write it like 2026-11-24T10:00:00.000000Z")]
pub struct StampError {
    /// What was given.
    pub text: String,
}

/// China keeps one time of eight hours ahead of UTC, without summer time since 1992.
const CHINA: Offset = Offset::constant(8);

impl Stamp {
    /// The first instant of the year 1.
    pub const MIN: Stamp = Stamp(-62_135_596_800_000_000);
    /// The last microsecond of the year 9998: a day later is still a date in every time zone.
    pub const MAX: Stamp = Stamp(253_370_764_799_999_999);

    /// So many microseconds after 1970-01-01T00:00:00Z; held between [`Stamp::MIN`] and [`Stamp::MAX`].
    pub const fn from_micros(micros: i64) -> Stamp {
        if micros < Stamp::MIN.0 {
            Stamp::MIN
        } else if micros > Stamp::MAX.0 {
            Stamp::MAX
        } else {
            Stamp(micros)
        }
    }

    /// Microseconds after 1970-01-01T00:00:00Z.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// A while later, to the microsecond; at most [`Stamp::MAX`].
    #[must_use]
    pub fn plus(self, duration: Duration) -> Stamp {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Stamp::from_micros(self.0.saturating_add(micros))
    }

    /// How long after `earlier` this is; nothing when it lies before.
    pub fn since(self, earlier: Stamp) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0).try_into().unwrap_or(0))
    }

    /// The day that it is in China (UTC+8) at this instant.
    pub fn date_in_china(self) -> Date {
        self.civil(CHINA).date()
    }

    fn civil(self, offset: Offset) -> DateTime {
        // Stamp's years lie inside of jiff's, so the epoch never stands in for another instant.
        offset.to_datetime(Timestamp::from_microsecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH))
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.civil(Offset::UTC);
        let micros = at.subsec_nanosecond() / 1_000;
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{micros:06}Z",
            at.year(),
            at.month(),
            at.day(),
            at.hour(),
            at.minute(),
            at.second()
        )
    }
}

impl fmt::Debug for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Stamp {
    type Err = StampError;

    /// Takes only the form that [`Stamp`] prints: a second form of the same instant would sort elsewhere.
    fn from_str(text: &str) -> Result<Stamp, StampError> {
        let stamp = text.parse::<Timestamp>().map(|at| Stamp(at.as_microsecond()));
        match stamp {
            Ok(stamp) if (Stamp::MIN..=Stamp::MAX).contains(&stamp) && stamp.to_string() == text => Ok(stamp),
            _ => Err(StampError {
                text: text.to_owned(),
            }),
        }
    }
}

crate::text_form!(Stamp, {
    "type": "string",
    "format": "date-time",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}Z$"
});

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn has_one_text_form() {
        let stamp = Stamp::from_micros(1_795_514_400_000_001);
        assert_eq!(stamp.to_string(), "2026-11-24T10:00:00.000001Z");
        for text in [
            "2026-11-24T10:00:00Z",
            "2026-11-24T10:00:00.000Z",
            "2026-11-24T10:00:00.0000001Z",
            "2026-11-24T18:00:00.000000+08:00",
            "2026-11-24 10:00:00.000000Z",
            "2026-02-29T10:00:00.000000Z",
            "yesterday",
        ] {
            assert_eq!(text.parse::<Stamp>(), Err(StampError { text: text.into() }));
        }
    }

    #[test]
    fn ends_are_what_they_say() {
        assert_eq!(Stamp::MIN.to_string(), "0001-01-01T00:00:00.000000Z");
        assert_eq!(Stamp::MAX.to_string(), "9998-12-31T23:59:59.999999Z");
        assert_eq!(Stamp::MAX.date_in_china().to_string(), "9999-01-01");
        assert_eq!(Stamp::from_micros(i64::MIN), Stamp::MIN);
        assert_eq!(Stamp::MAX.plus(Duration::MAX), Stamp::MAX);
    }

    #[test]
    fn the_day_in_china_begins_at_sixteen_hours_utc() {
        let day = |text: &str| text.parse::<Stamp>().unwrap().date_in_china().to_string();
        assert_eq!(day("2026-11-24T15:59:59.999999Z"), "2026-11-24");
        assert_eq!(day("2026-11-24T16:00:00.000000Z"), "2026-11-25");
    }

    proptest! {
        #[test]
        fn round_trips_and_sorts_as_text(a in Stamp::MIN.0..=Stamp::MAX.0, b in Stamp::MIN.0..=Stamp::MAX.0) {
            let (a, b) = (Stamp::from_micros(a), Stamp::from_micros(b));
            prop_assert_eq!(a.to_string().parse(), Ok(a));
            let json = serde_json::to_string(&a).unwrap();
            prop_assert_eq!(serde_json::from_str::<Stamp>(&json).unwrap(), a);
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
            prop_assert_eq!(a.max(b), a.min(b).plus(a.max(b).since(a.min(b))));
        }
    }
}
