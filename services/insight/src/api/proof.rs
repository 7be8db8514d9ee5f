//! The proof over two services.

use super::Records;
use crate::proof::{Assistance, Books, ProofRow, ProofView, Sums};
use crate::queries::LinedLater;
use axum::extract::State;
use mz_contracts::{Disbursement, Insight, SocialAssistance};
use mz_http::{Caller, Json, OFFICERS, Problem, Query};
use mz_kernel::{DivisionCode, Fen, Level, Month};
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
    let parts = by_township(&app, &name, through, (division, owed), &books).await?;
    let rows = parts.into_iter().zip(&books.rows).map(|((of, owed), township)| {
        let later = later.get(&of).copied().unwrap_or(Fen::ZERO);
        Sums::join(owed, township, later).map(|sums| ProofRow { of, sums })
    });
    let rows = rows.collect::<Result<Vec<_>, _>>().map_err(Problem::internal)?;
    let rows = (by == By::Township).then_some(rows);
    let proof = ProofView::of(through, sums, rows).map_err(Problem::internal)?;
    Ok(Json(proof))
}

/// What is owed in each township that disbursement tells of. What belongs to the division itself is the rest: asked for
/// by its code, it would be all.
async fn by_township(
    app: &App<Insight>,
    name: &InTheirName,
    through: Month,
    (division, whole): (DivisionCode, Assistance),
    books: &Books,
) -> Result<Vec<(String, Assistance)>, Failure> {
    let of: Vec<String> = books
        .rows
        .iter()
        .map(|row| row.of.clone().unwrap_or_default())
        .collect();
    let is_itself = |of: &String| of == division.as_str() && division.level() < Level::Township;
    let mut parts = Vec::new();
    for township in of.iter().filter(|of| !is_itself(of)) {
        parts.push(owed(app, name, through, township).await?);
    }
    let rest = whole.without(&parts).map_err(Problem::internal)?;
    let mut parts = parts.into_iter();
    let each = of.into_iter().map(|of| {
        let own = if is_itself(&of) { None } else { parts.next() };
        (of, own.unwrap_or(rest))
    });
    Ok(each.collect())
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
