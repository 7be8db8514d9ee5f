//! Registering a death: the form, what it will do, and the order itself.

use super::persons::opened;
use crate::pages::{ask, deaths, orders};
use crate::visit::{Sent, Visit, refusal, status_of};
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use mz_kernel::PersonId;

pub(super) async fn form(visit: Visit, Path(person): Path<PersonId>) -> Response {
    if let Err(instead) = opened(&visit, person).await {
        return instead;
    }
    let view = deaths::form(
        &person.to_string(),
        &deaths::Entry::default(),
        visit.today(),
        Vec::new(),
    );
    visit.show(view).await
}

/// Shows what the entry will do; nothing is registered yet.
pub(super) async fn check(Path(person): Path<PersonId>, sent: Sent) -> Response {
    if let Err(instead) = opened(&sent.visit, person).await {
        return instead;
    }
    let id = person.to_string();
    let today = sent.visit.today();
    let entry = deaths::Entry::of(&sent.fields);
    match entry.day(today) {
        Ok(day) => {
            let view = ask::death_check(&sent.visit, &id, entry, day, today).await;
            sent.visit.show(view).await
        }
        Err(why) => {
            let view = deaths::form(&id, &entry, today, vec![why]);
            sent.visit
                .show_as(axum::http::StatusCode::UNPROCESSABLE_ENTITY, view)
                .await
        }
    }
}

pub(super) async fn register(Path(id): Path<String>, sent: Sent) -> Response {
    let entry = deaths::Entry::of(&sent.fields);
    match sent.order(orders::register_death(&id, &entry)).await {
        Ok(_) => Redirect::to(&format!("/persons/{id}?done=death")).into_response(),
        Err(error) => {
            let view = deaths::form(&id, &entry, sent.visit.today(), vec![refusal(&error)]);
            sent.visit.show_as(status_of(&error), view).await
        }
    }
}
