//! Recoveries: the ledger, and what two officers agree on.

use crate::door::PageError;
use crate::pages::ask;
use crate::pages::orders::{self, Fields, NotMoney, Order};
use crate::visit::{Sent, Visit, refusal, status_of};
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use mz_http::Role;

pub(super) async fn list(visit: Visit, Query(query): Query<Fields>) -> Response {
    let after = query.get("after").map_or("", String::as_str);
    let view = ask::recoveries(&visit, &visit.division(), after).await;
    visit.show(view).await
}

async fn page(visit: &Visit, id: &str) -> crate::pages::frame::View {
    ask::recovery(visit, id, visit.today(), visit.is(Role::BureauOfficer)).await
}

pub(super) async fn show(visit: Visit, Path(id): Path<String>, Query(query): Query<Fields>) -> Response {
    let mut view = page(&visit, &id).await;
    view.say_done(query.get("done"));
    visit.show(view).await
}

/// Carries out an order about a recovery, and shows the recovery.
async fn about(sent: Sent, id: String, order: Result<Order, NotMoney>, done: &str) -> Response {
    let ordered = match order {
        Ok(order) => sent.order(order).await.map(|_| ()),
        Err(NotMoney) => Err(PageError::new(422, "amount.invalid", "")),
    };
    match ordered {
        Ok(()) => Redirect::to(&format!("/recoveries/{id}?done={done}")).into_response(),
        Err(error) => {
            let mut view = page(&sent.visit, &id).await;
            view.notes.insert(0, refusal(&error));
            sent.visit.show_as(status_of(&error), view).await
        }
    }
}

pub(super) async fn repay(Path(id): Path<String>, sent: Sent) -> Response {
    let order = orders::repay(&id, &sent.fields);
    about(sent, id, order, "repaid").await
}

pub(super) async fn propose_offset(Path(id): Path<String>, sent: Sent) -> Response {
    let order = orders::propose_offset(&id, &sent.fields);
    about(sent, id, order, "proposed").await
}

pub(super) async fn propose_waiver(Path(id): Path<String>, sent: Sent) -> Response {
    let order = orders::propose_waiver(&id, &sent.fields);
    about(sent, id, order, "proposed").await
}

pub(super) async fn decide(
    Path((id, kind, agreement)): Path<(String, String, String)>,
    sent: Sent,
) -> Response {
    let order = orders::decide_agreement(&id, &kind, &agreement, &sent.fields);
    about(sent, id, Ok(order), "decided").await
}
