//! Figures.

use crate::store;
use crate::tekun::{Class, Mode, PROGRAMME};
use mz_contracts::SocialAssistance;
use mz_kernel::{DivisionCode, Fen, Month};
use mz_runtime::Failure;
use mz_store::{Tx, Work};
use schemars::JsonSchema;
use serde::Serialize;

/// Person-times 人次, persons and money of a stretch of months.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Figures {
    from: Month,
    to: Month,
    rows: Vec<FigureView>,
    totals: Vec<TotalView>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct FigureView {
    class: Class,
    mode: Mode,
    person_times: i64,
    persons: i64,
    amount: Fen,
}

/// A person who changed the mode counts once.
#[derive(Debug, Serialize, JsonSchema)]
struct TotalView {
    class: Class,
    person_times: i64,
    persons: i64,
    amount: Fen,
}

/// Computes [`Figures`] from the lines.
pub(crate) struct ShowFigures {
    pub(crate) from: Month,
    pub(crate) to: Month,
    pub(crate) division: DivisionCode,
}

impl Work<SocialAssistance> for ShowFigures {
    type Output = Figures;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<SocialAssistance>) -> Result<Figures, Failure> {
        let months = (self.from, self.to);
        let (rows, totals) = store::figures(tx, PROGRAMME, months, self.division).await?;
        let rows = rows.into_iter().map(|row| FigureView {
            class: row.class,
            mode: row.mode,
            person_times: row.person_times,
            persons: row.persons,
            amount: row.amount,
        });
        let totals = totals.into_iter().map(|row| TotalView {
            class: row.class,
            person_times: row.person_times,
            persons: row.persons,
            amount: row.amount,
        });
        Ok(Figures {
            from: self.from,
            to: self.to,
            rows: rows.collect(),
            totals: totals.collect(),
        })
    }
}
