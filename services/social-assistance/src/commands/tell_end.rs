//! Tell others that an entitlement ends, or lives again, because a fact was recorded. Who reads these events in their
//! order always has the present end.

use crate::store::EntitlementRow;
use crate::tekun::{Ending, Facts, Ground, PROGRAMME};
use mz_contracts::events::{Cause, EntitlementResumed, EntitlementStopped};
use mz_contracts::{Code, SocialAssistance};
use mz_kernel::{Month, Stamp};
use mz_store::{Origin, StoreError, Tx};

/// The first month that is not owed any more, by all that is recorded.
pub(crate) fn end(facts: &Facts) -> Option<Month> {
    facts.end(Stamp::MAX).map(|(from, _)| from)
}

/// Tells the end, where it is another than it `was`.
pub(crate) fn tell_end(
    tx: &mut Tx<SocialAssistance>,
    origin: &Origin,
    row: &EntitlementRow,
    was: Option<Month>,
    facts: &Facts,
) -> Result<(), StoreError> {
    match facts.end(Stamp::MAX) {
        Some((from, ending)) if was != Some(from) => tx.emit(origin, &stopped(row, from, ending)).map(|_| ()),
        _ => Ok(()),
    }
}

/// Tells that what ended it does not hold, `because` of another fact; and then the later end, where there is one.
pub(crate) fn tell_resumption(
    tx: &mut Tx<SocialAssistance>,
    origin: &Origin,
    row: &EntitlementRow,
    was: Option<Month>,
    facts: &Facts,
    because: Cause,
) -> Result<(), StoreError> {
    let Some(from) = was.filter(|_| was != end(facts)) else {
        return Ok(());
    };
    let resumed = EntitlementResumed {
        entitlement: row.id,
        person: row.person,
        programme: Code::of(PROGRAMME),
        division: row.division,
        from,
        cause: because,
    };
    tx.emit(origin, &resumed)?;
    tell_end(tx, origin, row, was, facts)
}

fn stopped(row: &EntitlementRow, from: Month, ending: &Ending) -> EntitlementStopped {
    let (reason, fact, id, on) = match ending.ground {
        Ground::Stop {
            id,
            reason,
            agreed_on,
        } => (reason.text(), "stop", id.to_string(), agreed_on),
        Ground::Death { id, died_on, .. } => ("death", "death", id.to_string(), died_on),
    };
    EntitlementStopped {
        entitlement: row.id,
        person: row.person,
        programme: Code::of(PROGRAMME),
        division: row.division,
        from,
        reason: Code::of(reason),
        cause: Cause {
            fact: Code::of(fact),
            id,
            on,
        },
    }
}
