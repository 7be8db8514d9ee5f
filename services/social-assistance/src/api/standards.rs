//! Standards.

use super::Assistance;
use crate::commands::decide_standard::{DecideStandard, Decided};
use crate::commands::propose_standard::{ProposeStandard, Proposed};
use crate::ids::StandardId;
use crate::queries::{ListStandards, Preview, PreviewStandard, StandardView};
use crate::tekun::StandardKey;
use axum::extract::State;
use mz_http::{
    Agreement, Caller, Correlation, Created, Done, Json, Keyed, OFFICERS, Paged, Path, Query, Role,
};
use mz_kernel::{DivisionCode, Fen, Month};
use mz_runtime::{Failure, origin};
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewStandard {
    key: StandardKey,
    division: DivisionCode,
    from: Month,
    /// In fen.
    amount: Fen,
    document: String,
}

/// `POST /standards`.
pub(super) async fn propose_standard(
    State(app): Assistance,
    caller: Caller,
    command: Keyed<NewStandard>,
) -> Result<Created<Proposed>, Failure> {
    caller.require_any(&OFFICERS)?;
    let request = app.request_key(&caller, &command);
    let NewStandard {
        key,
        division,
        from,
        amount,
        document,
    } = command.body;
    caller.may_see(&division)?;
    let work = ProposeStandard {
        maker: caller,
        key,
        division,
        from,
        amount,
        document,
    };
    app.created(request, work).await
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct StandardFilter {
    key: Option<StandardKey>,
}

/// `GET /standards?key=`: a county has few, they come in one page.
pub(super) async fn list_standards(
    State(app): Assistance,
    caller: Caller,
    Query(StandardFilter { key }): Query<StandardFilter>,
) -> Result<Json<Paged<StandardView>>, Failure> {
    caller.require_any(&OFFICERS)?;
    let items = app.db.read(ListStandards { key }).await?;
    Ok(Json(Paged { items, next: None }))
}

/// `GET /standards/{standard}/preview`: what adopting it would change.
pub(super) async fn preview_standard(
    State(app): Assistance,
    caller: Caller,
    Path(standard): Path<StandardId>,
) -> Result<Json<Preview>, Failure> {
    caller.require_any(&OFFICERS)?;
    let (policy, area) = (Arc::clone(&app.policy), app.area.into());
    Ok(Json(
        app.db
            .read(PreviewStandard {
                policy,
                caller,
                area,
                standard,
            })
            .await?,
    ))
}

/// `POST /standards/{standard}/decision`.
pub(super) async fn decide_standard(
    State(app): Assistance,
    caller: Caller,
    correlation: Correlation,
    Path(standard): Path<StandardId>,
    command: Keyed<Agreement>,
) -> Result<Done<Decided>, Failure> {
    caller.require(Role::BureauOfficer)?;
    let request = app.request_key(&caller, &command);
    let Agreement { agree, reasons } = command.body;
    let origin = origin(&caller, &correlation);
    let work = DecideStandard {
        checker: caller,
        standard,
        agree,
        reasons,
        origin,
    };
    app.done(request, work).await
}
