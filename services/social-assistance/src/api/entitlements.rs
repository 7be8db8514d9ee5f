//! Entitlements and their stops.

use super::{Agreement, Assistance, OFFICERS};
use crate::commands::decide_stop::DecideStop;
use crate::commands::propose_stop::ProposeStop;
use crate::ids::StopId;
use crate::problems;
use crate::queries::{EntitlementView, ShowEntitlements, Which};
use crate::tekun::StopReason;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use mz_http::{Caller, Correlation, Json, Keyed, Paged, Path, Query, Replayed, Role};
use mz_kernel::{EntitlementId, Month, PersonId};
use mz_runtime::{Failure, origin};
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

#[derive(Deserialize)]
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

#[derive(Deserialize)]
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
) -> Result<impl IntoResponse, Failure> {
    caller.require_any(&OFFICERS)?;
    let request = app.request_key(&caller, &command);
    let NewStop { from, reason } = command.body;
    let answer = app
        .db
        .write_once(
            request,
            ProposeStop {
                maker: caller,
                entitlement,
                from,
                reason,
            },
        )
        .await?;
    Ok((
        StatusCode::CREATED,
        Replayed(answer.replayed),
        Json(answer.output),
    ))
}

/// `POST /entitlements/{entitlement}/stops/{stop}/decision`.
pub(super) async fn decide_stop(
    State(app): Assistance,
    caller: Caller,
    correlation: Correlation,
    Path((entitlement, stop)): Path<(EntitlementId, StopId)>,
    command: Keyed<Agreement>,
) -> Result<impl IntoResponse, Failure> {
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
    let answer = app.db.write_once(request, work).await?;
    Ok((Replayed(answer.replayed), Json(answer.output)))
}
