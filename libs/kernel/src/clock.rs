//! The two clocks. Time is a parameter: nothing but the runtime crate reads a wall clock.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::date::Date;
use crate::stamp::Stamp;

/// The clock of the law: which day it is, in Asia/Shanghai, for ages, months, terms and deadlines. A year
/// can be walked in a minute.
pub trait LegalClock: Send + Sync {
    /// The legal date.
    fn today(&self) -> Date;
}

/// The clock of the machine: for record times, expiry, signatures and retries. It is never walked.
pub trait SystemClock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Stamp;
}

impl<C: LegalClock + ?Sized> LegalClock for Arc<C> {
    fn today(&self) -> Date {
        (**self).today()
    }
}

impl<C: SystemClock + ?Sized> SystemClock for Arc<C> {
    fn now(&self) -> Stamp {
        (**self).now()
    }
}

/// A clock was asked to go back. What was decided under a later date cannot be undecided by a clock.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the clock shows {shows} and cannot go back to {asked}")]
pub struct ClockError {
    /// What the clock shows.
    pub shows: String,
    /// What was asked for.
    pub asked: String,
}

/// A legal clock that stands still until it is moved forward: for tests and simulation.
#[derive(Debug)]
pub struct ManualLegalClock(Mutex<Date>);

impl ManualLegalClock {
    /// A clock that shows `today`.
    pub const fn new(today: Date) -> ManualLegalClock {
        ManualLegalClock(Mutex::new(today))
    }

    /// Moves on to `day`; the day that it shows already is allowed.
    pub fn set(&self, day: Date) -> Result<(), ClockError> {
        forward(&self.0, |_| day)
    }

    /// Moves on by so many days (as far as the calendar goes).
    pub fn advance(&self, days: u32) {
        let later = |shown: Date| shown.saturating_add(jiff::Span::new().days(days));
        // Never back, so never refused.
        let _ = forward(&self.0, later);
    }
}

impl LegalClock for ManualLegalClock {
    fn today(&self) -> Date {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A system clock that stands still until it is moved forward: for tests.
#[derive(Debug)]
pub struct ManualSystemClock(Mutex<Stamp>);

impl ManualSystemClock {
    /// A clock that shows `now`.
    pub const fn new(now: Stamp) -> ManualSystemClock {
        ManualSystemClock(Mutex::new(now))
    }

    /// Moves on to `now`; the instant that it shows already is allowed.
    pub fn set(&self, now: Stamp) -> Result<(), ClockError> {
        forward(&self.0, |_| now)
    }

    /// Moves on by a while.
    pub fn advance(&self, by: Duration) {
        // Never back, so never refused.
        let _ = forward(&self.0, |shown| shown.plus(by));
    }
}

impl SystemClock for ManualSystemClock {
    fn now(&self) -> Stamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Compares and moves under one lock, so that two callers cannot carry a clock back between them.
fn forward<T: Copy + Ord + ToString>(hand: &Mutex<T>, to: impl FnOnce(T) -> T) -> Result<(), ClockError> {
    let mut shown = hand.lock().unwrap_or_else(PoisonError::into_inner);
    let asked = to(*shown);
    if asked < *shown {
        return Err(ClockError {
            shows: shown.to_string(),
            asked: asked.to_string(),
        });
    }
    *shown = asked;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_legal_clock_only_goes_forward() {
        let clock = ManualLegalClock::new(Date::constant(2020, 12, 31));
        clock.advance(1);
        assert_eq!(clock.today(), Date::constant(2021, 1, 1));
        clock.set(Date::constant(2021, 1, 1)).unwrap();
        let refused = clock.set(Date::constant(2020, 12, 31)).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the clock shows 2021-01-01 and cannot go back to 2020-12-31"
        );
        assert_eq!(clock.today(), Date::constant(2021, 1, 1));
    }

    #[test]
    fn the_system_clock_only_goes_forward() {
        let clock = ManualSystemClock::new(Stamp::from_micros(5));
        clock.advance(Duration::from_micros(2));
        assert_eq!(clock.now(), Stamp::from_micros(7));
        assert!(clock.set(Stamp::from_micros(6)).is_err());
        clock.set(Stamp::from_micros(9)).unwrap();
        assert_eq!(clock.now(), Stamp::from_micros(9));
    }
}
