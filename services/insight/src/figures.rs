//! A figure as it is told, and as a report keeps it.

use crate::indicators::{Breakdown, Indicator, Kind, Unit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Figure")]
pub(crate) struct FigureView {
    /// The indicator's name, which `GET /figures/rows` opens.
    pub(crate) indicator: String,
    /// Its name in Chinese.
    pub(crate) title: String,
    /// What it counts in.
    pub(crate) unit: Unit,
    /// Whether it was entered (`parameter`) or derived from records.
    pub(crate) kind: Kind,
    /// How many, or how much in fen. None where there is none: no standard was adopted, nothing to divide by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<i64>,
    /// The figure broken down.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) breakdowns: Vec<BreakdownView>,
}

/// A figure by township, class, mode or month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "FigureBreakdown")]
pub(crate) struct BreakdownView {
    pub(crate) by: Breakdown,
    pub(crate) parts: Vec<PartView>,
}

/// The part of one township, class, mode or month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "FigurePart")]
pub(crate) struct PartView {
    /// The code, word or month.
    pub(crate) of: String,
    pub(crate) value: i64,
}

/// A figure of a report, with its indicator as it was when the report was released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ReportFigure {
    #[serde(flatten)]
    pub(crate) figure: FigureView,
    /// What was counted, and how.
    pub(crate) counted: Indicator,
}
