//! Routes and wire types.

use crate::commands::read_notice::{ReadNotice, WasRead};
use crate::queries::{CountNotices, Counts, ListNotices, NoticeItem, NoticeView, ShowNotice};
use crate::store::Which;
use axum::Router;
use axum::extract::State;
use mz_contracts::Notification;
use mz_http::{Api, Caller, Done, Json, Keyed, OFFICERS, Page, Paged, Path, Problem, Query};
use mz_kernel::{DivisionCode, NoticeId, PersonId};
use mz_runtime::{App, Failure};
use schemars::JsonSchema;
use serde::Deserialize;

type Inboxes = State<App<Notification>>;

pub(crate) fn routes(app: App<Notification>) -> Router {
    app.api(api())
}

fn api() -> Api<App<Notification>> {
    Api::new(&[])
        .get(
            "/notices",
            list_notices,
            "Notices of an inbox, the newest first, a page at a time",
        )
        .get("/notices/{notice}", show_notice, "A notice with its words")
        .post("/notices/{notice}/read", read_notice, "Marks a notice as read")
        .get("/counts", count_notices, "What waits in the inbox of an office")
}

#[derive(Deserialize, JsonSchema)]
struct NoticeFilter {
    /// Notices to this person, or to the family.
    person: Option<PersonId>,
    /// Notices to the office of this division, not to those below.
    division: Option<DivisionCode>,
    /// Only those that nobody has read.
    unread: Option<bool>,
}

/// `GET /notices?person=per_…` or `GET /notices?division=513335100&unread=true`.
async fn list_notices(
    State(app): Inboxes,
    caller: Caller,
    Query(NoticeFilter {
        person,
        division,
        unread,
    }): Query<NoticeFilter>,
    page: Page,
) -> Result<Json<Paged<NoticeItem>>, Failure> {
    caller.require_any(&OFFICERS)?;
    let which = match (person, division) {
        (Some(person), None) => Which::Of(person),
        (None, Some(division)) => {
            caller.may_see(&division)?;
            Which::At(division)
        }
        _ => return Err(Problem::invalid("division", "Give a person or a division, and not both.").into()),
    };
    let unread = unread.unwrap_or_default();
    Ok(Json(
        app.db
            .read(ListNotices {
                caller,
                which,
                unread,
                page,
            })
            .await?,
    ))
}

/// `GET /notices/{notice}`.
async fn show_notice(
    State(app): Inboxes,
    caller: Caller,
    Path(notice): Path<NoticeId>,
) -> Result<Json<NoticeView>, Failure> {
    caller.require_any(&OFFICERS)?;
    let county = app.area.into();
    Ok(Json(
        app.db
            .read(ShowNotice {
                caller,
                county,
                notice,
            })
            .await?,
    ))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// `POST /notices/{notice}/read`.
async fn read_notice(
    State(app): Inboxes,
    caller: Caller,
    Path(notice): Path<NoticeId>,
    command: Keyed<Nothing>,
) -> Result<Done<WasRead>, Failure> {
    caller.require_any(&OFFICERS)?;
    let request = app.request_key(&caller, &command);
    app.done(
        request,
        ReadNotice {
            reader: caller,
            notice,
        },
    )
    .await
}

#[derive(Deserialize, JsonSchema)]
struct CountFilter {
    division: DivisionCode,
}

/// `GET /counts?division=513335100`.
async fn count_notices(
    State(app): Inboxes,
    caller: Caller,
    Query(CountFilter { division }): Query<CountFilter>,
) -> Result<Json<Counts>, Failure> {
    caller.require_any(&OFFICERS)?;
    caller.may_see(&division)?;
    Ok(Json(app.db.read(CountNotices { division }).await?))
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
