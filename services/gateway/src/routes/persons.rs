//! Finding a person, and the page of one.

use crate::pages::orders::{self, Fields};
use crate::pages::{ask, persons};
use crate::visit::{Sent, Visit, status_of};
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect, Response};

pub(super) async fn search(visit: Visit) -> Response {
    visit.show(persons::search(None)).await
}

pub(super) async fn look_up(sent: Sent) -> Response {
    match sent.order(orders::look_up_person(&sent.fields)).await {
        Ok(found) => {
            let person = found["person"].as_str().unwrap_or_default();
            Redirect::to(&format!("/persons/{person}")).into_response()
        }
        Err(error) => {
            let why = match error.status {
                404 => "没有找到该号码对应的人员。".to_owned(),
                _ => crate::pages::words::refusal(&error.code, &error.detail),
            };
            let view = persons::search(Some(&why));
            sent.visit.show_as(status_of(&error), view).await
        }
    }
}

pub(super) async fn show(visit: Visit, Path(id): Path<String>, Query(query): Query<Fields>) -> Response {
    let mut view = Box::pin(ask::person(&visit, &id)).await;
    view.say_done(query.get("done"));
    visit.show(view).await
}
