//! Where a person is paid.

use super::persons::opened;
use crate::pages::orders::Fields;
use crate::pages::{ask, orders};
use crate::visit::{Sent, Visit, refusal, status_of};
use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use mz_kernel::PersonId;

pub(super) async fn form(visit: Visit, Path(person): Path<PersonId>) -> Response {
    if let Err(instead) = opened(&visit, person).await {
        return instead;
    }
    let view = ask::payee(&visit, &person.to_string(), &Fields::default(), None).await;
    visit.show(view).await
}

pub(super) async fn set(Path(person): Path<PersonId>, sent: Sent) -> Response {
    let id = person.to_string();
    match sent.order(orders::set_account(&id, &sent.fields)).await {
        Ok(_) => Redirect::to(&format!("/persons/{id}?done=payee")).into_response(),
        Err(error) => {
            if let Err(instead) = opened(&sent.visit, person).await {
                return instead;
            }
            let view = ask::payee(&sent.visit, &id, &sent.fields, Some(refusal(&error))).await;
            sent.visit.show_as(status_of(&error), view).await
        }
    }
}
