//! The words that every service speaks: money, months, numbers of persons, organisations and places,
//! working days, ids and the two clocks.
//!
//! Pure: no IO, no wall clock, no randomness that was not handed in. A type that exists here is valid;
//! text becomes one through `FromStr` (or a named `parse`) and the error says what to mend.
//!
//! | module | word |
//! |---|---|
//! | [`fen`] | [`Fen`], money in integer fen and the one rounding rule |
//! | [`month`] | [`Month`], the month that a benefit is about |
//! | [`age`] | [`age_on`], full years 周岁 |
//! | [`resident_id`] | [`ResidentId`], GB 11643-1999, masked wherever it is printed |
//! | [`credit_code`] | [`CreditCode`], GB 32100-2015 |
//! | [`division`] | [`DivisionCode`] and its [`Level`]s |
//! | [`calendar`] | [`Calendar`], working days as data |
//! | [`mod@id`] | prefixed, time-sortable ids and their [`IdSource`] |
//! | [`stamp`] | [`Stamp`], an instant to the microsecond |
//! | [`clock`] | [`LegalClock`] and [`SystemClock`] |
//! | [`trace`] | [`Trace`], a place in a trace of W3C Trace Context |
//! | [`chain`](chain()) | an error with its causes, for the log |

pub mod age;
pub mod calendar;
mod chain;
pub mod clock;
pub mod credit_code;
pub mod date;
pub mod division;
pub mod fen;
pub mod id;
pub mod month;
pub mod resident_id;
pub mod stamp;
#[doc(hidden)]
pub mod text;
pub mod trace;
pub mod words;

pub use age::{LeapDayRule, age_on};
pub use calendar::{Calendar, CalendarError, DayUnit, Days, Roll};
pub use chain::chain;
pub use clock::{ClockError, LegalClock, ManualLegalClock, ManualSystemClock, SystemClock};
pub use credit_code::{CivilAffairsKind, CreditCode, CreditCodeError};
pub use date::{Date, DateSchema};
pub use division::{DivisionCode, DivisionCodeError, Level};
pub use fen::{Fen, FenError};
pub use id::{
    BatchId, CaseId, DeathId, EntitlementId, EventId, Id, IdError, IdSource, LineId, NoticeId, OfficerId,
    PaymentId, PersonId, RecoveryId, ReportId, RunId,
};
pub use month::{Month, MonthError};
pub use resident_id::{ResidentId, ResidentIdError, Sex};
pub use stamp::{Stamp, StampError};
pub use trace::{NotATrace, Trace};
