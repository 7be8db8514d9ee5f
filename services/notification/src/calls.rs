//! Which notices each event calls for, and in whose inbox: the whole of it in one table.

use mz_contracts::Event;
use mz_contracts::events::{
    BatchSealed, BatchSettled, CaseAccepted, CaseDecided, CaseWithdrawn, DeathAnnulled, DeathRegistered,
    DivisionEnded, DivisionEstablished, EntitlementGranted, EntitlementResumed, EntitlementStopped,
    LinesComputed, LinesWithdrawn, NoticeIssued, PayeeAccountSet, PersonNumberCorrected, PersonRegistered,
    RecoveryIncreased, RecoveryRaised, RecoveryReduced, ReportReleased, StandardAdopted, UserRegistered,
};

/// To whom a notice is addressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum To {
    /// 本人; the family where a death was registered when the event was recorded.
    Person,
    /// 家属.
    Family,
    /// The office of the event's division.
    Office,
    /// The bureau of the county that the event's division lies in.
    Bureau,
}

/// What an event calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    /// Notices, each by its template and addressee.
    Notices(&'static [(&'static str, To)]),
    /// A notice for each payment that came back, and one for the office about all of them.
    EachReturned {
        person: &'static str,
        office: &'static str,
    },
    /// Nothing, and why.
    Nothing(&'static str),
}

use Call::{EachReturned, Nothing, Notices};

/// Every event type of the catalogue.
#[rustfmt::skip]
const CALLS: &[(&str, Call)] = &[
    (DeathRegistered::TYPE, Notices(&[("burial-relief", To::Family), ("death-check", To::Office)])),
    (DeathAnnulled::TYPE, Notices(&[("death-annulled", To::Office)])),
    (CaseAccepted::TYPE, Notices(&[("case-accepted", To::Person)])),
    (CaseDecided::TYPE, Notices(&[("case-decided", To::Person)])),
    (EntitlementGranted::TYPE, Notices(&[("entitlement-granted", To::Person)])),
    (EntitlementStopped::TYPE, Notices(&[("entitlement-stopped", To::Person)])),
    (EntitlementResumed::TYPE, Notices(&[("entitlement-resumed", To::Person)])),
    (StandardAdopted::TYPE, Notices(&[("standard-adopted", To::Office)])),
    (BatchSealed::TYPE, Notices(&[("batch-sealed", To::Office)])),
    (LinesWithdrawn::TYPE, Notices(&[("lines-withdrawn", To::Office)])),
    (BatchSettled::TYPE, EachReturned { person: "payment-returned", office: "payments-returned" }),
    (RecoveryRaised::TYPE, Notices(&[("recovery-raised", To::Person), ("recovery-office", To::Bureau)])),
    (RecoveryIncreased::TYPE, Notices(&[("recovery-raised", To::Person), ("recovery-office", To::Bureau)])),
    (RecoveryReduced::TYPE, Nothing("whoever pays back is given a receipt, and the ledger shows the rest")),
    (CaseWithdrawn::TYPE, Nothing("the person asked for it at the counter")),
    (LinesComputed::TYPE, Nothing("a line is no money yet: what is paid or taken back is told when it is")),
    (PersonRegistered::TYPE, Nothing("the person stood at the counter")),
    (PersonNumberCorrected::TYPE, Nothing("the person brought the right number")),
    (DivisionEstablished::TYPE, Nothing("the register is filled by the bureau that it would tell")),
    (DivisionEnded::TYPE, Nothing("the register is kept by the bureau that it would tell")),
    (PayeeAccountSet::TYPE, Nothing("the person brought the account")),
    (NoticeIssued::TYPE, Nothing("a notice about a notice has no end")),
    (ReportReleased::TYPE, Nothing("whoever releases a report has it")),
    (UserRegistered::TYPE, Nothing("the administrator hands the account over")),
];

/// What a type of event calls for; none for a type or a version that this program does not know.
pub(crate) fn call(event_type: &str) -> Option<Call> {
    CALLS
        .iter()
        .find(|(named, _)| *named == event_type)
        .map(|(_, call)| *call)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::templates::template;
    use mz_contracts::CATALOGUE;
    use std::collections::BTreeSet;

    #[test]
    fn every_event_of_the_catalogue_is_named_once() {
        let named: BTreeSet<_> = CALLS.iter().map(|(named, _)| *named).collect();
        let all: BTreeSet<_> = CATALOGUE.iter().map(|entry| entry.event_type).collect();
        assert_eq!(named, all);
        assert_eq!(CALLS.len(), named.len());
    }

    #[test]
    fn every_notice_that_is_called_for_has_its_template() {
        for (event, call) in CALLS {
            let codes = match call {
                Notices(notices) => notices.iter().map(|(code, _)| *code).collect(),
                EachReturned { person, office } => vec![*person, *office],
                Nothing(_) => vec![],
            };
            for code in codes {
                assert!(template(code).is_some(), "{event} calls for {code}");
            }
        }
    }
}
