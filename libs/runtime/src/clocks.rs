//! The two clocks of D11, read from the wall. Nothing else in the suite reads it.

use mz_kernel::{Date, LegalClock, Stamp, SystemClock};
use std::time::{SystemTime, UNIX_EPOCH};

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct WallClock;

impl SystemClock for WallClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the wall clock (D11)"
    )]
    fn now(&self) -> Stamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Stamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// The legal date: the machine's date in China (UTC+8, one zone for the whole country).
#[derive(Debug, Clone, Copy, Default)]
pub struct WallCalendar;

impl LegalClock for WallCalendar {
    fn today(&self) -> Date {
        WallClock.now().date_in_china()
    }
}
