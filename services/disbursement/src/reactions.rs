//! What disbursement does when others tell it a fact. Each is recorded, and what rests on it is computed anew: the
//! books are the same in whatever order the facts came.

use crate::moves::{net_lines, recheck};
use crate::store::{self, LineRow};
use mz_bus::{Reaction, ReactionError, Reactions};
use mz_contracts::Disbursement;
use mz_contracts::events::{
    DeathAnnulled, DeathRegistered, EntitlementGranted, EntitlementResumed, EntitlementStopped, LinesComputed,
};
use mz_kernel::{EntitlementId, Fen};
use mz_store::{Json, Origin, Tx};
use std::collections::BTreeSet;

pub(crate) fn reactions() -> Reactions<Disbursement> {
    Reactions::none()
        .on(EntitlementIsGranted)
        .on(EntitlementIsStopped)
        .on(EntitlementIsResumed)
        .on(DeathIsRegistered)
        .on(DeathIsAnnulled)
        .on(LinesAreComputed)
}

/// An entitlement is granted → its lines belong to its division, and its take-backs can be netted.
pub(crate) struct EntitlementIsGranted;

impl Reaction<Disbursement> for EntitlementIsGranted {
    type Event = EntitlementGranted;

    async fn apply(
        &self,
        tx: &mut Tx<Disbursement>,
        event: EntitlementGranted,
        origin: &Origin,
    ) -> Result<(), ReactionError> {
        let programme = event.programme.to_string();
        store::grant(tx, event.entitlement, event.person, &programme, event.division).await?;
        store::move_lines(tx, event.entitlement, event.division).await?;
        Ok(net_lines(tx, origin, BTreeSet::from([event.entitlement])).await?)
    }
}

/// An entitlement stopped → its months from there on leave the open batches.
pub(crate) struct EntitlementIsStopped;

impl Reaction<Disbursement> for EntitlementIsStopped {
    type Event = EntitlementStopped;

    async fn apply(
        &self,
        tx: &mut Tx<Disbursement>,
        event: EntitlementStopped,
        origin: &Origin,
    ) -> Result<(), ReactionError> {
        if !store::end(tx, event.entitlement, Some((event.from, event.cause))).await? {
            return Err(unknown(event.entitlement));
        }
        Ok(recheck(tx, origin, &[event.person]).await?)
    }
}

/// A stopped entitlement lives again → its lines are payable again, unless a death holds them.
pub(crate) struct EntitlementIsResumed;

impl Reaction<Disbursement> for EntitlementIsResumed {
    type Event = EntitlementResumed;

    async fn apply(
        &self,
        tx: &mut Tx<Disbursement>,
        event: EntitlementResumed,
        origin: &Origin,
    ) -> Result<(), ReactionError> {
        if !store::end(tx, event.entitlement, None).await? {
            return Err(unknown(event.entitlement));
        }
        Ok(recheck(tx, origin, &[event.person]).await?)
    }
}

/// A death is registered → nothing is paid to the person until social-assistance has said what it ends.
pub(crate) struct DeathIsRegistered;

impl Reaction<Disbursement> for DeathIsRegistered {
    type Event = DeathRegistered;

    async fn apply(
        &self,
        tx: &mut Tx<Disbursement>,
        event: DeathRegistered,
        origin: &Origin,
    ) -> Result<(), ReactionError> {
        store::record_death(tx, event.death, event.person, event.died_on).await?;
        Ok(recheck(tx, origin, &[event.person]).await?)
    }
}

/// A death is annulled → it holds nothing any more; what left a batch comes into the next one.
pub(crate) struct DeathIsAnnulled;

impl Reaction<Disbursement> for DeathIsAnnulled {
    type Event = DeathAnnulled;

    async fn apply(
        &self,
        tx: &mut Tx<Disbursement>,
        event: DeathAnnulled,
        _: &Origin,
    ) -> Result<(), ReactionError> {
        if store::annul_death(tx, event.death).await? {
            Ok(())
        } else {
            Err(ReactionError::Refused(format!(
                "{} was never recorded here",
                event.death
            )))
        }
    }
}

/// Lines are computed → they wait to be paid; take-backs among them, and those that waited for them, are netted.
pub(crate) struct LinesAreComputed;

impl Reaction<Disbursement> for LinesAreComputed {
    type Event = LinesComputed;

    async fn apply(
        &self,
        tx: &mut Tx<Disbursement>,
        event: LinesComputed,
        origin: &Origin,
    ) -> Result<(), ReactionError> {
        let of: BTreeSet<EntitlementId> = event.lines.iter().map(|line| line.entitlement).collect();
        let known = store::entitlements(tx, of.iter().copied()).await?;
        let programme = event.programme.to_string();
        let lines: Vec<LineRow> = event
            .lines
            .into_iter()
            .map(|line| LineRow {
                id: line.line,
                run: event.run,
                run_month: event.month,
                entitlement: line.entitlement,
                person: line.person,
                programme: programme.clone(),
                division: known
                    .get(&line.entitlement)
                    .map_or(event.division, |row| row.division),
                month: line.month,
                amount: line.amount,
                rest: line.amount,
                held: line.amount != Fen::ZERO,
                corrects: Json(line.corrects),
            })
            .collect();
        store::save_lines(tx, &lines).await?;
        Ok(net_lines(tx, origin, of).await?)
    }
}

/// Stops and resumptions follow the grant in their aggregate's order, so one without it is a gap to be looked at.
fn unknown(entitlement: EntitlementId) -> ReactionError {
    ReactionError::Refused(format!("{entitlement} was never granted here"))
}
