//! Loading what decides whether entitlements are owed, for many of them at once.

use crate::store::{self, DeathRow, EntitlementRow, StopRow};
use crate::tekun::{self, Ending, Facts, Ground};
use mz_bus::ReactionError;
use mz_casework::Stage;
use mz_kernel::{DivisionCode, EntitlementId, PersonId};
use mz_policy::{Policy, PolicyError};
use mz_runtime::Failure;
use mz_store::{Conn, StoreError};
use std::collections::BTreeMap;

/// Why the facts cannot be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FactsError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The place does not say which month is the last one for a death.
    #[error(transparent)]
    Policy(#[from] PolicyError),
}

impl From<FactsError> for Failure {
    fn from(error: FactsError) -> Self {
        match error {
            FactsError::Store(error) => error.into(),
            FactsError::Policy(error) => error.into(),
        }
    }
}

impl From<FactsError> for ReactionError {
    fn from(error: FactsError) -> Self {
        match error {
            FactsError::Store(error) => error.into(),
            FactsError::Policy(error) => Self::Refused(format!("{error}.")),
        }
    }
}

/// The facts of each of the entitlements, in their order; two statements for all of them.
pub(crate) async fn facts(
    conn: &mut Conn,
    policy: &Policy,
    rows: &[EntitlementRow],
) -> Result<Vec<Facts>, FactsError> {
    let mut stops: BTreeMap<EntitlementId, Vec<StopRow>> = BTreeMap::new();
    for stop in store::stops(conn, rows.iter().map(|row| row.id)).await? {
        stops.entry(stop.entitlement).or_default().push(stop);
    }
    let mut deaths: BTreeMap<PersonId, Vec<DeathRow>> = BTreeMap::new();
    for death in store::deaths(conn, rows.iter().map(|row| row.person)).await? {
        deaths.entry(death.person).or_default().push(death);
    }
    let all = rows.iter().map(|row| {
        let (stops, deaths) = (stops.get(&row.id), deaths.get(&row.person));
        let stops = stops.into_iter().flatten().filter_map(stop_ends).map(Ok);
        let deaths = deaths.into_iter().flatten();
        let deaths = deaths.map(|death| death_ends(policy, &row.division, death));
        Ok(Facts {
            case: row.case,
            class: row.class,
            division: row.division,
            from: row.from,
            recorded_at: row.recorded_at,
            endings: stops.chain(deaths).collect::<Result<_, PolicyError>>()?,
        })
    });
    all.collect()
}

/// What a stop says once it is agreed.
fn stop_ends(row: &StopRow) -> Option<Ending> {
    let (Some(recorded_at), Stage::Decided(decision)) = (row.recorded_at, &row.stage.0) else {
        return None;
    };
    let ground = Ground::Stop {
        id: row.id,
        reason: row.reason,
        agreed_on: decision.on,
    };
    Some(Ending {
        from: row.from,
        ground,
        recorded_at,
    })
}

fn death_ends(policy: &Policy, division: &DivisionCode, row: &DeathRow) -> Result<Ending, PolicyError> {
    let ground = Ground::Death {
        id: row.id,
        died_on: row.died_on,
        annulled_at: row.annulled_at,
    };
    let from = tekun::ends_by_death(policy, division, row.died_on)?;
    Ok(Ending {
        from,
        ground,
        recorded_at: row.recorded_at,
    })
}
