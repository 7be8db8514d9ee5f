//! Standards.

use super::{Agreement, Assistance, OFFICERS};
use crate::commands::decide_standard::DecideStandard;
use crate::commands::propose_standard::ProposeStandard;
use crate::ids::StandardId;
use crate::queries::{ListStandards, Preview, PreviewStandard, StandardView};
use crate::tekun::StandardKey;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use mz_http::{Caller, Correlation, Json, Keyed, Paged, Path, Query, Replayed, Role};
use mz_kernel::{DivisionCode, Fen, Month};
use mz_runtime::{Failure, origin};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize)]
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
) -> Result<impl IntoResponse, Failure> {
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
    let answer = app.db.write_once(request, work).await?;
    Ok((
        StatusCode::CREATED,
        Replayed(answer.replayed),
        Json(answer.output),
    ))
}

#[derive(Deserialize)]
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
) -> Result<impl IntoResponse, Failure> {
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
    let answer = app.db.write_once(request, work).await?;
    Ok((Replayed(answer.replayed), Json(answer.output)))
}
