//! Entitlements and their stops.

use super::Assistance;
use crate::commands::decide_stop::{DecideStop, Decided};
use crate::commands::propose_stop::{ProposeStop, Proposed};
use crate::ids::StopId;
use crate::problems;
use crate::queries::{EntitlementView, ShowEntitlements, Which};
use crate::tekun::StopReason;
use axum::extract::State;
use mz_http::{
    Agreement, Caller, Correlation, Created, Done, Json, Keyed, OFFICERS, Paged, Path, Query, Role,
};
use mz_kernel::{EntitlementId, Month, PersonId};
use mz_runtime::{Failure, origin};
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

/// `GET /entitlements/{entitlement}`.
pub(super) async fn show_entitlement(
    State(app): Assistance,
    caller: Caller,
    Path(entitlement): Path<EntitlementId>,
) -> Result<Json<EntitlementView>, Failure> {
    caller.require_any(&OFFICERS)?;
    let (policy, which) = (Arc::clone(&app.policy), Which::One(entitlement));
    let mut found = app
        .db
        .read(ShowEntitlements {
            caller,
            policy,
            which,
        })
        .await?;
    Ok(Json(found.pop().ok_or_else(problems::no_entitlement)?))
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct EntitlementFilter {
    person: PersonId,
}

/// `GET /entitlements?person=per_…`: a person has few, they come in one page.
pub(super) async fn list_entitlements(
    State(app): Assistance,
    caller: Caller,
    Query(EntitlementFilter { person }): Query<EntitlementFilter>,
) -> Result<Json<Paged<EntitlementView>>, Failure> {
    caller.require_any(&OFFICERS)?;
    let (policy, which) = (Arc::clone(&app.policy), Which::Of(person));
    let items = app
        .db
        .read(ShowEntitlements {
            caller,
            policy,
            which,
        })
        .await?;
    Ok(Json(Paged { items, next: None }))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewStop {
    from: Month,
    reason: StopReason,
}

/// `POST /entitlements/{entitlement}/stops`.
pub(super) async fn propose_stop(
    State(app): Assistance,
    caller: Caller,
    Path(entitlement): Path<EntitlementId>,
    command: Keyed<NewStop>,
) -> Result<Created<Proposed>, Failure> {
    caller.require_any(&OFFICERS)?;
    let request = app.request_key(&caller, &command);
    let NewStop { from, reason } = command.body;
    let work = ProposeStop {
        maker: caller,
        entitlement,
        from,
        reason,
    };
    app.created(request, work).await
}

/// `POST /entitlements/{entitlement}/stops/{stop}/decision`.
pub(super) async fn decide_stop(
    State(app): Assistance,
    caller: Caller,
    correlation: Correlation,
    Path((entitlement, stop)): Path<(EntitlementId, StopId)>,
    command: Keyed<Agreement>,
) -> Result<Done<Decided>, Failure> {
    caller.require(Role::BureauOfficer)?;
    let request = app.request_key(&caller, &command);
    let Agreement { agree, reasons } = command.body;
    let origin = origin(&caller, &correlation);
    let work = DecideStop {
        policy: Arc::clone(&app.policy),
        checker: caller,
        entitlement,
        stop,
        agree,
        reasons,
        origin,
    };
    app.done(request, work).await
}
