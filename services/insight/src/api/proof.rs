//! The proof over two services.

use super::Records;
use crate::proof::{Assistance, Books, ProofRow, ProofView, Sums};
use crate::queries::LinedLater;
use axum::extract::State;
use mz_contracts::{Disbursement, Insight, SocialAssistance};
use mz_http::{Caller, Json, OFFICERS, Problem, Query};
use mz_kernel::{DivisionCode, Fen, Month};
use mz_runtime::{App, Failure, InTheirName};
use schemars::JsonSchema;
use serde::Deserialize;

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum By {
    County,
    Township,
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct ProofQuery {
    /// The last month.
    through: Month,
    /// This division and all below it; the only one of the caller where it is not given.
    division: Option<DivisionCode>,
    /// `township` adds a row of each.
    by: Option<By>,
}

/// `GET /proof?through=&division=&by=county|township`: each service is asked in the caller's name. It holds while
/// nobody writes: what is lined between the two questions shows as a difference.
pub(super) async fn show_proof(
    State(app): Records,
    caller: Caller,
    name: InTheirName,
    Query(ProofQuery {
        through,
        division,
        by,
    }): Query<ProofQuery>,
) -> Result<Json<ProofView>, Failure> {
    caller.require_any(&OFFICERS)?;
    let division = caller.reading(division)?;
    let by = by.unwrap_or(By::County);
    let level = if by == By::Township { "township" } else { "county" };
    let path = format!("/proof?through={through}&division={division}&by={level}");
    let books = app.ask::<Disbursement, Books>(&name, path).await?;
    let books = books.ok_or_else(no_proof)?;
    let owed = owed(&app, &name, through, division.as_str()).await?;
    let later = app.db.read(LinedLater { through, division }).await?;
    let all = Fen::checked_sum(later.values().copied()).map_err(Problem::internal)?;
    let sums = Sums::join(owed, &books, all).map_err(Problem::internal)?;
    let mut rows = Vec::new();
    for township in &books.rows {
        let of = township.of.clone().unwrap_or_default();
        let owed = self::owed(&app, &name, through, &of).await?;
        let later = later.get(&of).copied().unwrap_or(Fen::ZERO);
        let sums = Sums::join(owed, township, later).map_err(Problem::internal)?;
        rows.push(ProofRow { of, sums });
    }
    let rows = (by == By::Township).then_some(rows);
    let proof = ProofView::of(through, sums, rows).map_err(Problem::internal)?;
    Ok(Json(proof))
}

async fn owed(
    app: &App<Insight>,
    name: &InTheirName,
    through: Month,
    division: &str,
) -> Result<Assistance, Failure> {
    let path = format!("/proof?through={through}&division={division}");
    let owed = app.ask::<SocialAssistance, Assistance>(name, path).await?;
    Ok(owed.ok_or_else(no_proof)?)
}

fn no_proof() -> Problem {
    Problem::not_found("A service that this rests on knows no proof; it is older than this one.")
}
