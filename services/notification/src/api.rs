//! Routes and wire types.

use crate::queries::{CountNotices, Counts, Inbox, ListNotices, NoticeView, ReadNotice, ShowNotice, WasRead};
use axum::Router;
use axum::extract::State;
use mz_contracts::Notification;
use mz_http::{Api, Caller, Done, Json, Keyed, OFFICERS, Page, Paged, Path, Problem, Query};
use mz_kernel::{DivisionCode, NoticeId, PersonId};
use mz_runtime::{App, Failure};
use schemars::JsonSchema;
use serde::Deserialize;

type Notices = State<App<Notification>>;

pub(crate) fn routes(app: App<Notification>) -> Router {
    app.api(api())
}

fn api() -> Api<App<Notification>> {
    Api::new(&[])
        .get(
            "/notices",
            list_notices,
            "Notices of a person or of the offices of a division, newest first, a page at a time",
        )
        .get("/notices/{notice}", show_notice, "A notice")
        .post("/notices/{notice}/read", read_notice, "Marks a notice as read")
        .get("/counts", count_notices, "How many notices nobody has read")
}

#[derive(Deserialize, JsonSchema)]
struct NoticeFilter {
    /// Notices to or about this person.
    person: Option<PersonId>,
    /// Notices to the offices of this division and of the ones below it.
    division: Option<DivisionCode>,
    /// Only those that nobody has read.
    #[serde(default)]
    unread: bool,
}

/// `GET /notices?person=per_…` or `?division=513335100&unread=true`.
async fn list_notices(
    State(app): Notices,
    caller: Caller,
    Query(filter): Query<NoticeFilter>,
    page: Page,
) -> Result<Json<Paged<NoticeView>>, Failure> {
    caller.require_any(&OFFICERS)?;
    let unread = filter.unread;
    let inbox = match (filter.person, filter.division) {
        (Some(person), None) if !unread => Inbox::Person(person),
        (None, Some(division)) => Inbox::Office { division, unread },
        _ => {
            let detail = "Ask for the notices of a person, or of a division with or without `unread`.";
            return Err(Problem::invalid("person", detail).into());
        }
    };
    let work = ListNotices { caller, inbox, page };
    Ok(Json(app.db.read(work).await?))
}

/// `GET /notices/{notice}`.
async fn show_notice(
    State(app): Notices,
    caller: Caller,
    Path(notice): Path<NoticeId>,
) -> Result<Json<NoticeView>, Failure> {
    caller.require_any(&OFFICERS)?;
    Ok(Json(app.db.read(ShowNotice { caller, notice }).await?))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Reading {}

/// `POST /notices/{notice}/read`.
async fn read_notice(
    State(app): Notices,
    caller: Caller,
    Path(notice): Path<NoticeId>,
    command: Keyed<Reading>,
) -> Result<Done<WasRead>, Failure> {
    caller.require_any(&OFFICERS)?;
    let request = app.request_key(&caller, &command);
    app.done(request, ReadNotice { caller, notice }).await
}

#[derive(Deserialize, JsonSchema)]
struct CountFilter {
    division: DivisionCode,
}

/// `GET /counts?division=513335100`.
async fn count_notices(
    State(app): Notices,
    caller: Caller,
    Query(CountFilter { division }): Query<CountFilter>,
) -> Result<Json<Counts>, Failure> {
    caller.require_any(&OFFICERS)?;
    Ok(Json(app.db.read(CountNotices { caller, division }).await?))
}

#[cfg(test)]
mod tests {
    use super::api;
    use mz_http::openapi::faults;

    #[test]
    fn the_document_holds_together() {
        let document = api().document("notification", "0.0.0");
        assert_eq!(faults(&document), Vec::<String>::new());
    }
}
