//! The month's lines, and batches from roster to the bank's answer.

use crate::door::PageError;
use crate::pages::orders::{self, Fields, Order};
use crate::pages::{ask, batch, batches};
use crate::visit::{Sent, Visit, refusal, status_of};
use axum::extract::{Path, Query};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect, Response};
use bytes::Bytes;
use mz_http::Role;
use mz_kernel::Month;

pub(super) async fn list(visit: Visit, Query(query): Query<Fields>) -> Response {
    let from = |list: &str| query.get(list).map_or("", String::as_str);
    let view = ask::batches(&visit, &visit.division(), from("after"), from("held")).await;
    visit.show(view).await
}

/// The page on which a month is run and its batch is built.
async fn month(visit: &Visit, month: &str, division: &str) -> crate::pages::frame::View {
    let places = ask::places(visit).await;
    let scope = batches::Scope {
        month: month.to_owned(),
        division: division.to_owned(),
        divisions: places.within(&visit.session.caller.divisions),
        may_run: visit.is(Role::BureauOfficer),
    };
    batches::new(scope)
}

pub(super) async fn new(visit: Visit, Query(query): Query<Fields>) -> Response {
    let this = Month::of(visit.today()).to_string();
    let asked = query.get("month").cloned().unwrap_or(this);
    let mut view = month(&visit, &asked, &visit.division()).await;
    view.say_done(query.get("done"));
    visit.show(view).await
}

async fn again(sent: &Sent, error: &PageError) -> Response {
    let division = match sent.field("division") {
        "" => sent.visit.division(),
        division => division.to_owned(),
    };
    let mut view = month(&sent.visit, sent.field("month"), &division).await;
    view.notes.push(refusal(error));
    sent.visit.show_as(status_of(error), view).await
}

pub(super) async fn run_month(sent: Sent) -> Response {
    match sent.order(orders::run_month(&sent.fields)).await {
        Ok(_) => {
            let month = sent.field("month");
            Redirect::to(&format!("/batches/new?done=run&month={month}")).into_response()
        }
        Err(error) => again(&sent, &error).await,
    }
}

pub(super) async fn build(sent: Sent) -> Response {
    match sent.order(orders::build_batch(&sent.fields)).await {
        Ok(built) => {
            let batch = built["batch"].as_str().unwrap_or_default();
            Redirect::to(&format!("/batches/{batch}?done=built")).into_response()
        }
        Err(error) => again(&sent, &error).await,
    }
}

pub(super) async fn show(visit: Visit, Path(id): Path<String>, Query(query): Query<Fields>) -> Response {
    let mut view = ask::batch(&visit, &id, &visit.reader()).await;
    view.say_done(query.get("done"));
    visit.show(view).await
}

pub(super) async fn roster(visit: Visit, Path(id): Path<String>, Query(query): Query<Fields>) -> Response {
    let after = query.get("after").map_or("", String::as_str);
    let view = ask::roster(&visit, &id, after).await;
    visit.show(view).await
}

/// Carries out an order about a batch, and shows the batch.
async fn about(sent: Sent, id: String, order: Order, done: &str) -> Response {
    match sent.order(order).await {
        Ok(_) => Redirect::to(&format!("/batches/{id}?done={done}")).into_response(),
        Err(error) => refused(&sent, &id, &error).await,
    }
}

async fn refused(sent: &Sent, id: &str, error: &PageError) -> Response {
    let mut view = ask::batch(&sent.visit, id, &sent.visit.reader()).await;
    view.notes.insert(0, refusal(error));
    if !error.errors.is_empty() {
        view.rows.insert(0, batch::faults(&error.errors));
    }
    sent.visit.show_as(status_of(error), view).await
}

pub(super) async fn propose(Path(id): Path<String>, sent: Sent) -> Response {
    let order = orders::propose_batch(&id);
    about(sent, id, order, "proposed").await
}

pub(super) async fn decide(Path(id): Path<String>, sent: Sent) -> Response {
    let order = orders::decide_batch(&id, &sent.fields);
    about(sent, id, order, "decided").await
}

pub(super) async fn cancel(Path(id): Path<String>, sent: Sent) -> Response {
    let order = orders::cancel_batch(&id, &sent.fields);
    about(sent, id, order, "cancelled").await
}

pub(super) async fn enter_results(Path(id): Path<String>, sent: Sent) -> Response {
    let order = orders::enter_results(&id, sent.file.clone().unwrap_or_default());
    about(sent, id, order, "results").await
}

pub(super) async fn bank_file(visit: Visit, Path(id): Path<String>) -> Response {
    let path = format!("/batches/{id}/bank-file");
    let file = visit.door.raw(
        &visit.session,
        "disbursement",
        "GET",
        &path,
        Vec::new(),
        Bytes::new(),
    );
    match file.await {
        Ok(file) => {
            let headers = [
                (CONTENT_TYPE, "text/csv; charset=utf-8"),
                (CONTENT_DISPOSITION, "attachment; filename=\"bank-file.csv\""),
                (CACHE_CONTROL, "no-store"),
            ];
            (headers, file.body).into_response()
        }
        Err(error) => visit.refuse(&error).await,
    }
}
