//! The division tree on the wire.

use super::Register;
use crate::commands::enter_divisions::{EnterDivisions, Entered};
use crate::divisions::{Unit, WrongRow, WrongRows};
use crate::problems;
use crate::queries::ListDivisions;
use axum::extract::State;
use mz_contracts::events::DivisionLevel;
use mz_http::{Caller, Correlation, Done, Json, Keyed, Page, Paged, Problem, Query, Role};
use mz_kernel::{Date, DateSchema, DivisionCode, DivisionCodeError};
use mz_runtime::{Failure, origin};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Rows of divisions in one request.
const ROWS_MAX: usize = 5_000;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewDivisions {
    divisions: Vec<NewDivision>,
}

/// A row as it was typed: what cannot be read is answered with the number of its row.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewDivision {
    code: String,
    name: String,
    kind: Option<String>,
    from: String,
    until: Option<String>,
    #[serde(default)]
    successors: Vec<String>,
}

impl NewDivision {
    /// What cannot be read is not repeated: a list of persons may have been sent by mistake.
    fn read(self, row: usize) -> Result<Unit, WrongRow> {
        let wrong = |field, what| WrongRow { row, field, what };
        let code = |field, text: &str| text.parse().map_err(|error| wrong(field, not_a_code(error)));
        let date = |field, text: &str| {
            let what = "This is no date; write it like 2020-01-31.".to_owned();
            text.parse().map_err(|_| wrong(field, what))
        };
        Ok(Unit {
            code: code("code", &self.code)?,
            from: date("from", &self.from)?,
            until: self.until.map(|text| date("until", &text)).transpose()?,
            successors: self
                .successors
                .iter()
                .map(|text| code("successors", text))
                .collect::<Result<_, _>>()?,
            name: self.name,
            kind: self.kind,
        })
    }
}

fn not_a_code(error: DivisionCodeError) -> String {
    match error {
        DivisionCodeError::Form { .. } => "A code has 2, 4, 6, 9 or 12 digits.".to_owned(),
        DivisionCodeError::Padded { short, .. } => format!("It is filled up with zeros; write {short}."),
    }
}

/// `POST /divisions`: enters the rows, all or none.
pub(super) async fn enter_divisions(
    State(app): Register,
    caller: Caller,
    correlation: Correlation,
    command: Keyed<NewDivisions>,
) -> Result<Done<Entered>, Failure> {
    caller.require(Role::Administrator)?;
    let request = app.request_key(&caller, &command);
    let typed = command.body.divisions;
    if !(1..=ROWS_MAX).contains(&typed.len()) {
        let detail = format!("A list has 1 to {ROWS_MAX} rows; send a longer one in parts.");
        return Err(Problem::invalid("divisions", detail).into());
    }
    let (mut rows, mut wrong) = (Vec::with_capacity(typed.len()), Vec::new());
    for (division, row) in typed.into_iter().zip(1..) {
        match division.read(row) {
            Ok(unit) => rows.push(unit),
            Err(fault) => wrong.push(fault),
        }
    }
    WrongRows::check(wrong).map_err(|wrong| problems::wrong_rows(&wrong))?;
    let work = EnterDivisions {
        area: app.area,
        rows,
        origin: origin(&caller, &correlation),
    };
    app.done(request, work).await
}

#[derive(Deserialize, JsonSchema)]
pub(super) struct DivisionFilter {
    under: Option<DivisionCode>,
    #[schemars(with = "Option<DateSchema>")]
    on: Option<Date>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct DivisionView {
    code: DivisionCode,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    level: DivisionLevel,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<DivisionCode>,
    #[schemars(with = "DateSchema")]
    from: Date,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<DateSchema>")]
    until: Option<Date>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    successors: Vec<DivisionCode>,
}

impl From<Unit> for DivisionView {
    fn from(unit: Unit) -> Self {
        let Unit {
            code,
            name,
            kind,
            from,
            until,
            successors,
        } = unit;
        let (level, parent) = (code.level().into(), code.parent());
        Self {
            code,
            name,
            kind,
            level,
            parent,
            from,
            until,
            successors,
        }
    }
}

/// `GET /divisions?under=513335&on=2020-01-01`: the units that are live on a day (today), a page at a time.
pub(super) async fn list_divisions(
    State(app): Register,
    _: Caller,
    Query(DivisionFilter { under, on }): Query<DivisionFilter>,
    page: Page,
) -> Result<Json<Paged<DivisionView>>, Failure> {
    let units = app
        .db
        .read(ListDivisions {
            on,
            under,
            page: page.clone(),
        })
        .await?;
    let views = units.into_iter().map(DivisionView::from).collect();
    Ok(Json(Paged::new(&page, views, |view| view.code.to_string())))
}
