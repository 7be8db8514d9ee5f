//! Routes.

use crate::queries::ShowTimeline;
use crate::timeline::StepView;
use axum::Router;
use axum::extract::State;
use mz_contracts::Insight;
use mz_http::{Api, Caller, Json, OFFICERS, Page, Paged, Path};
use mz_kernel::PersonId;
use mz_runtime::{App, Failure};

pub(crate) fn routes(app: App<Insight>) -> Router {
    app.api(api())
}

fn api() -> Api<App<Insight>> {
    Api::new(&[]).get(
        "/persons/{person}/timeline",
        show_timeline,
        "What happened to a person and why, oldest first, a page at a time",
    )
}

/// `GET /persons/{person}/timeline`.
async fn show_timeline(
    State(app): State<App<Insight>>,
    caller: Caller,
    Path(person): Path<PersonId>,
    page: Page,
) -> Result<Json<Paged<StepView>>, Failure> {
    caller.require_any(&OFFICERS)?;
    let work = ShowTimeline { caller, person, page };
    Ok(Json(app.db.read(work).await?))
}

#[cfg(test)]
mod tests {
    use super::api;
    use mz_http::openapi::faults;

    #[test]
    fn the_document_holds_together() {
        let document = api().document("insight", "0.0.0");
        assert_eq!(faults(&document), Vec::<String>::new());
    }
}
