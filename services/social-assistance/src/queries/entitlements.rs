//! Entitlements and their stops.

use crate::commands::tell_end::end;
use crate::facts::facts;
use crate::ids::StopId;
use crate::problems;
use crate::store::{self, EntitlementRow, StopRow};
use crate::tekun::{Class, Mode, StopReason};
use mz_contracts::SocialAssistance;
use mz_http::Caller;
use mz_kernel::{CaseId, DivisionCode, EntitlementId, Month, PersonId};
use mz_policy::Policy;
use mz_runtime::Failure;
use mz_store::{Tx, Work};
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// An entitlement, with what ends it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct EntitlementView {
    entitlement: EntitlementId,
    case: CaseId,
    programme: String,
    person: PersonId,
    class: Class,
    mode: Mode,
    division: DivisionCode,
    from: Month,
    /// The first month not owed, as far as is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Month>,
    stops: Vec<StopView>,
}

/// A stop.
#[derive(Debug, Serialize, JsonSchema)]
struct StopView {
    stop: StopId,
    from: Month,
    reason: StopReason,
    state: &'static str,
}

impl From<&StopRow> for StopView {
    fn from(row: &StopRow) -> Self {
        let state = match (row.pending, row.recorded_at) {
            (true, _) => "proposed",
            (false, Some(_)) => "agreed",
            (false, None) => "refused",
        };
        Self {
            stop: row.id,
            from: row.from,
            reason: row.reason,
            state,
        }
    }
}

/// Which entitlements are asked for.
pub(crate) enum Which {
    One(EntitlementId),
    Of(PersonId),
}

/// Entitlements; those of other divisions than the caller's are left out.
pub(crate) struct ShowEntitlements {
    pub(crate) caller: Caller,
    pub(crate) policy: Arc<Policy>,
    pub(crate) which: Which,
}

impl Work<SocialAssistance> for ShowEntitlements {
    type Output = Vec<EntitlementView>;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<SocialAssistance>) -> Result<Vec<EntitlementView>, Failure> {
        let rows = match self.which {
            Which::One(id) => {
                let row = store::entitlement(tx, id)
                    .await?
                    .ok_or_else(problems::no_entitlement)?;
                self.caller.may_see(&row.division)?;
                vec![row]
            }
            Which::Of(person) => store::entitlements_of(tx, person).await?,
        };
        let rows: Vec<EntitlementRow> = rows
            .into_iter()
            .filter(|row| self.caller.may_see(&row.division).is_ok())
            .collect();
        let stops = store::stops(tx, rows.iter().map(|row| row.id)).await?;
        let facts = facts(tx, &self.policy, &rows).await?;
        let views = rows.into_iter().zip(&facts).map(|(row, facts)| {
            let own = stops.iter().filter(|stop| stop.entitlement == row.id);
            EntitlementView {
                entitlement: row.id,
                case: row.case,
                programme: row.programme,
                person: row.person,
                class: row.class,
                mode: row.mode,
                division: row.division,
                from: row.from,
                until: end(facts),
                stops: own.map(StopView::from).collect(),
            }
        });
        Ok(views.collect())
    }
}
