//! The timeline of a person.

use super::Records;
use crate::queries::ShowTimeline;
use crate::timeline::StepView;
use axum::extract::State;
use mz_http::{Caller, Json, OFFICERS, Page, Paged, Path};
use mz_kernel::PersonId;
use mz_runtime::Failure;

/// `GET /persons/{person}/timeline`.
pub(super) async fn show_timeline(
    State(app): Records,
    caller: Caller,
    Path(person): Path<PersonId>,
    page: Page,
) -> Result<Json<Paged<StepView>>, Failure> {
    caller.require_any(&OFFICERS)?;
    let work = ShowTimeline { caller, person, page };
    Ok(Json(app.db.read(work).await?))
}
