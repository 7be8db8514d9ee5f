//! Batches, from roster to the bank's answer.

use super::Books;
use crate::commands::build_batch::{BuildBatch, Built};
use crate::commands::cancel_batch::CancelBatch;
use crate::commands::decide_batch::DecideBatch;
use crate::commands::enter_results::{EnterResults, Entered};
use crate::commands::propose_batch::{BatchMoved, ProposeBatch};
use crate::commands::read_bank_file::ReadBankFile;
use crate::queries::{BatchView, ListBatches, ListPayments, Of, PaymentView, ShowBatch};
use crate::store::BatchFilter;
use crate::words::BatchState;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use mz_contracts::Code;
use mz_http::openapi::{Answers, Operation};
use mz_http::{
    Agreement, Caller, Correlation, Created, Done, File, Json, Keyed, OFFICERS, Page, Paged, Path, Query,
    Role,
};
use mz_kernel::{BatchId, DivisionCode, Month};
use mz_runtime::{Failure, origin};
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewBatch {
    month: Month,
    division: DivisionCode,
    programme: Code,
}

/// `POST /batches`.
pub(super) async fn build_batch(
    State(app): Books,
    caller: Caller,
    correlation: Correlation,
    command: Keyed<NewBatch>,
) -> Result<Created<Built>, Failure> {
    caller.require_any(&OFFICERS)?;
    let request = app.request_key(&caller, &command);
    let NewBatch {
        month,
        division,
        programme,
    } = command.body;
    let work = BuildBatch {
        origin: origin(&caller, &correlation),
        maker: caller,
        month,
        programme,
        division,
    };
    app.created(request, work).await
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct BatchQuery {
    month: Option<Month>,
    division: Option<DivisionCode>,
    programme: Option<Code>,
    state: Option<BatchState>,
}

/// `GET /batches?month=&division=&programme=&state=`.
pub(super) async fn list_batches(
    State(app): Books,
    caller: Caller,
    Query(query): Query<BatchQuery>,
    page: Page,
) -> Result<Json<Paged<BatchView>>, Failure> {
    caller.require_any(&OFFICERS)?;
    let filter = BatchFilter {
        month: query.month,
        programme: query.programme.map(String::from),
        division: caller.reading(query.division)?,
        state: query.state,
    };
    Ok(Json(app.db.read(ListBatches { filter, page }).await?))
}

/// `GET /batches/{batch}`.
pub(super) async fn show_batch(
    State(app): Books,
    caller: Caller,
    Path(batch): Path<BatchId>,
) -> Result<Json<BatchView>, Failure> {
    caller.require_any(&OFFICERS)?;
    Ok(Json(app.db.read(ShowBatch { caller, batch }).await?))
}

/// `GET /batches/{batch}/payments`.
pub(super) async fn list_batch_payments(
    State(app): Books,
    caller: Caller,
    Path(batch): Path<BatchId>,
    page: Page,
) -> Result<Json<Paged<PaymentView>>, Failure> {
    caller.require_any(&OFFICERS)?;
    let of = Of::Batch(batch);
    Ok(Json(app.db.read(ListPayments { caller, of, page }).await?))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NoFields {}

/// `POST /batches/{batch}/proposal`.
pub(super) async fn propose(
    State(app): Books,
    caller: Caller,
    Path(batch): Path<BatchId>,
    command: Keyed<NoFields>,
) -> Result<Done<BatchMoved>, Failure> {
    caller.require_any(&OFFICERS)?;
    let request = app.request_key(&caller, &command);
    let work = ProposeBatch { maker: caller, batch };
    app.done(request, work).await
}

/// `POST /batches/{batch}/decision`.
pub(super) async fn decide(
    State(app): Books,
    caller: Caller,
    correlation: Correlation,
    Path(batch): Path<BatchId>,
    command: Keyed<Agreement>,
) -> Result<Done<BatchMoved>, Failure> {
    caller.require(Role::BureauOfficer)?;
    let request = app.request_key(&caller, &command);
    let Agreement { agree, reasons } = command.body;
    let work = DecideBatch {
        origin: origin(&caller, &correlation),
        checker: caller,
        keyring: Arc::clone(&app.keyring),
        batch,
        agree,
        reasons,
    };
    app.done(request, work).await
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCancellation {
    reasons: Vec<String>,
}

/// `POST /batches/{batch}/cancellation`.
pub(super) async fn cancel(
    State(app): Books,
    caller: Caller,
    correlation: Correlation,
    Path(batch): Path<BatchId>,
    command: Keyed<NewCancellation>,
) -> Result<Done<BatchMoved>, Failure> {
    caller.require_any(&OFFICERS)?;
    let request = app.request_key(&caller, &command);
    let work = CancelBatch {
        origin: origin(&caller, &correlation),
        officer: caller,
        batch,
        reasons: command.body.reasons,
    };
    app.done(request, work).await
}

/// A bank file; see `formats/bank-file.md`.
pub(super) struct Csv(String);

impl IntoResponse for Csv {
    fn into_response(self) -> Response {
        let headers = [
            (CONTENT_TYPE, "text/csv; charset=utf-8"),
            (CACHE_CONTROL, "no-store"),
        ];
        (headers, self.0).into_response()
    }
}

/// The document describes JSON answers; this one has a page of its own in `formats/`.
impl Answers for Csv {
    fn describe(_: &mut Operation<'_>) {}
}

/// `GET /batches/{batch}/bank-file`. A reading is recorded, so it is a write.
pub(super) async fn bank_file(
    State(app): Books,
    caller: Caller,
    Path(batch): Path<BatchId>,
) -> Result<Csv, Failure> {
    caller.require(Role::BureauOfficer)?;
    let work = ReadBankFile {
        reader: caller,
        keyring: Arc::clone(&app.keyring),
        batch,
    };
    Ok(Csv(app.db.write(work).await?))
}

/// `POST /batches/{batch}/results`; the file is described in `formats/result-file.md`.
pub(super) async fn enter_results(
    State(app): Books,
    caller: Caller,
    correlation: Correlation,
    Path(batch): Path<BatchId>,
    command: Keyed<File>,
) -> Result<Done<Entered>, Failure> {
    caller.require(Role::BureauOfficer)?;
    let request = app.request_key(&caller, &command);
    let work = EnterResults {
        origin: origin(&caller, &correlation),
        officer: caller,
        batch,
        file: command.body,
    };
    app.done(request, work).await
}
