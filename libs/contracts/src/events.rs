//! The events, one file for each publishing service.
//!
//! They carry ids and facts, never a name, a number, an account or a telephone: whoever may know those asks
//! their owner. Dates are legal dates. A month in `from` is the first month to which the fact applies; a date in
//! `until` is the first day to which it no longer applies.

mod disbursement;
mod funeral_reform;
mod gateway;
mod insight;
mod notification;
mod registration;
mod social_assistance;

pub use disbursement::{
    BatchSealed, BatchSettled, LinesWithdrawn, PayeeAccountSet, PaymentOutcome, PaymentResult,
    RecoveryIncreased, RecoveryRaised, RecoveryReduced, Reduction,
};
pub use funeral_reform::{DeathAnnulled, DeathRegistered};
pub use gateway::UserRegistered;
pub use insight::ReportReleased;
pub use notification::{NoticeIssued, Recipient};
pub use registration::{
    DivisionEnded, DivisionEstablished, DivisionLevel, PersonNumberCorrected, PersonRegistered,
};
pub use social_assistance::{
    CaseAccepted, CaseDecided, CaseWithdrawn, Cause, EntitlementGranted, EntitlementResumed,
    EntitlementStopped, LineItem, LineKind, LinesComputed, Outcome, StandardAdopted,
};
