//! Finding a person, and the page of one: opened for a purpose, and noted.

use crate::door::PageError;
use crate::pages::frame::{Note, Row, Tone, View};
use crate::pages::orders::{self, Fields};
use crate::pages::{ask, persons};
use crate::purpose::Purpose;
use crate::visit::{Sent, Visit, inside, refusal, status_of};
use crate::{reading, sessions};
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use mz_http::Role;
use mz_kernel::PersonId;
use mz_runtime::Failure;

pub(super) async fn search(visit: Visit) -> Response {
    visit.show(persons::search(None)).await
}

pub(super) async fn look_up(sent: Sent) -> Response {
    let why = match sent.order(orders::look_up_person(&sent.fields)).await {
        Ok(found) => match found["person"].as_str().map(str::parse::<PersonId>) {
            Some(Ok(person)) => return stated(&sent, person, "").await,
            _ => PageError::new(404, "record.not-found", ""),
        },
        Err(error) => error,
    };
    let said = match why.status {
        404 => "没有找到该号码对应的人员。".to_owned(),
        _ => refusal(&why).text,
    };
    let view = persons::search(Some(&said));
    sent.visit.show_as(status_of(&why), view).await
}

pub(super) async fn state_purpose(Path(person): Path<PersonId>, sent: Sent) -> Response {
    stated(&sent, person, sent.field("back")).await
}

/// Keeps the purpose of the form for the session, and goes where the officer wanted to.
async fn stated(sent: &Sent, person: PersonId, back: &str) -> Response {
    let Ok(purpose) = sent.field("purpose").parse::<Purpose>() else {
        return sent.visit.show(persons::purpose(person, back)).await;
    };
    let Visit { door, session, .. } = &sent.visit;
    if let Err(failure) = sessions::state_purpose(&door.app, &session.hash, person, purpose).await {
        return sent.visit.refuse(&failure.into()).await;
    }
    match inside(back) {
        "/" => Redirect::to(&format!("/persons/{person}")).into_response(),
        page => Redirect::to(page).into_response(),
    }
}

/// Opens a page about a person: somebody whom registration shows to the officer, for a purpose, and noted. Whom it does
/// not show, the page does not either, and nothing was read.
pub(super) async fn opened(visit: &Visit, person: PersonId) -> Result<(), Response> {
    match ask::shown(visit, person).await {
        401 | 403 => {
            let why = "该人员不在您的管辖区划内，或您的岗位无权查看人员信息。";
            // Who watches over readings reads nothing about a person.
            let readings = (format!("/audit?person={person}"), "查阅留痕".to_owned());
            let instead = visit.is(Role::Administrator).then_some(readings);
            Err(visit.closed(why, instead).await)
        }
        404 => {
            let view = View {
                title: "没有这个人员".into(),
                active: "/persons",
                notes: vec![Note::new(Tone::Warn, "人员登记中没有这个编号，请核对地址。")],
                ..View::default()
            };
            Err(visit.show_as(StatusCode::NOT_FOUND, view).await)
        }
        // Where registration does not answer, the page says so and shows what others know.
        _ => noted(visit, person).await,
    }
}

/// Notes the reading of a page about a person; answers the page that asks for the purpose where none was said yet.
pub(super) async fn noted(visit: &Visit, person: PersonId) -> Result<(), Response> {
    let Visit { door, session, .. } = visit;
    let noted = async {
        let Some(purpose) = sessions::purpose(&door.app, &session.hash, person).await? else {
            return Ok::<_, Failure>(false);
        };
        reading::page(door, &session.caller, person, purpose).await?;
        Ok(true)
    };
    match noted.await {
        Ok(true) => Ok(()),
        Ok(false) => Err(visit.show(persons::purpose(person, visit.path())).await),
        Err(failure) => Err(visit.refuse(&PageError::from(failure)).await),
    }
}

pub(super) async fn show(
    visit: Visit,
    Path(person): Path<PersonId>,
    Query(query): Query<Fields>,
) -> Response {
    if let Err(instead) = opened(&visit, person).await {
        return instead;
    }
    let mut view: View = Box::pin(ask::person(&visit, &person.to_string())).await;
    if visit.is(Role::Administrator) {
        let readers = ask::readers(&visit, &person.to_string()).await;
        view.rows.push(Row::One(vec![readers]));
    }
    view.say_done(query.get("done"));
    visit.show(view).await
}
