//! Offsets and waivers of recoveries.

use super::Books;
use crate::commands::agree::{AgreementDecided, AgreementProposed, DecideAgreement, ProposeAgreement};
use crate::ids::AgreementId;
use crate::words::AgreementKind;
use axum::extract::State;
use mz_http::{Agreement, Caller, Correlation, Created, Done, Keyed, OFFICERS, Path, Role};
use mz_kernel::{Fen, RecoveryId};
use mz_runtime::{Failure, origin};
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewOffset {
    amount_per_month: Fen,
    /// The person's consent, or the decision that takes its place.
    consent: String,
}

/// `POST /recoveries/{recovery}/offsets`.
pub(super) async fn propose_offset(
    State(app): Books,
    caller: Caller,
    Path(recovery): Path<RecoveryId>,
    command: Keyed<NewOffset>,
) -> Result<Created<AgreementProposed>, Failure> {
    caller.require_any(&OFFICERS)?;
    let request = app.request_key(&caller, &command);
    let work = ProposeAgreement {
        maker: caller,
        recovery,
        kind: AgreementKind::Offset,
        amount: command.body.amount_per_month,
        ground: command.body.consent,
    };
    app.created(request, work).await
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewWaiver {
    amount: Fen,
    reasons: Vec<String>,
}

/// `POST /recoveries/{recovery}/waivers`.
pub(super) async fn propose_waiver(
    State(app): Books,
    caller: Caller,
    Path(recovery): Path<RecoveryId>,
    command: Keyed<NewWaiver>,
) -> Result<Created<AgreementProposed>, Failure> {
    caller.require_any(&OFFICERS)?;
    let request = app.request_key(&caller, &command);
    let work = ProposeAgreement {
        maker: caller,
        recovery,
        kind: AgreementKind::Waiver,
        amount: command.body.amount,
        ground: command.body.reasons.join("；"),
    };
    app.created(request, work).await
}

/// `POST /recoveries/{recovery}/offsets/{agreement}/decision`.
pub(super) async fn decide_offset(
    books: Books,
    caller: Caller,
    correlation: Correlation,
    path: Path<(RecoveryId, AgreementId)>,
    command: Keyed<Agreement>,
) -> Result<Done<AgreementDecided>, Failure> {
    decide(books, caller, correlation, path, command, AgreementKind::Offset).await
}

/// `POST /recoveries/{recovery}/waivers/{agreement}/decision`.
pub(super) async fn decide_waiver(
    books: Books,
    caller: Caller,
    correlation: Correlation,
    path: Path<(RecoveryId, AgreementId)>,
    command: Keyed<Agreement>,
) -> Result<Done<AgreementDecided>, Failure> {
    decide(books, caller, correlation, path, command, AgreementKind::Waiver).await
}

async fn decide(
    State(app): Books,
    caller: Caller,
    correlation: Correlation,
    Path((recovery, agreement)): Path<(RecoveryId, AgreementId)>,
    command: Keyed<Agreement>,
    kind: AgreementKind,
) -> Result<Done<AgreementDecided>, Failure> {
    caller.require(Role::BureauOfficer)?;
    let request = app.request_key(&caller, &command);
    let Agreement { agree, reasons } = command.body;
    let work = DecideAgreement {
        origin: origin(&caller, &correlation),
        checker: caller,
        recovery,
        kind,
        agreement,
        agree,
        reasons,
    };
    app.done(request, work).await
}
