//! Indicators 指标 are data (D12): what is counted and how stands in `indicators.toml`, whose head explains its fields.

mod checked;
mod words;

pub(crate) use checked::IndicatorError;
pub(crate) use words::{Breakdown, Facts, Kind, Measure, Unit};

use checked::Row;
use mz_http::Problem;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// The file that is shipped, read once.
static SHIPPED: LazyLock<Result<Indicators, IndicatorError>> =
    LazyLock::new(|| Indicators::parse(include_str!("../../indicators.toml")));

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Indicator {
    /// By which it is asked for.
    pub(crate) name: String,
    /// Its name in Chinese.
    pub(crate) title: String,
    /// What exactly it counts, in Chinese.
    pub(crate) definition: String,
    /// What it counts in.
    pub(crate) unit: Unit,
    /// Whether it was entered or derived, and over what time.
    pub(crate) kind: Kind,
    /// Where it comes from.
    #[serde(flatten)]
    pub(crate) source: Source,
    /// How it is broken down.
    pub(crate) breakdowns: Vec<Breakdown>,
    /// Other indicators that add up to it.
    pub(crate) parts: Vec<String>,
    /// Between what it must lie.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) band: Option<Band>,
}

/// Where an indicator comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Source {
    /// A standard, by its key.
    Standard(String),
    /// Rows that are measured.
    Rows(Selection),
    /// One indicator divided by another.
    Ratio(Ratio),
}

/// Which rows are measured, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Selection {
    /// The relation.
    pub(crate) of: Facts,
    /// What is made of its rows.
    pub(crate) measure: Measure,
    /// Only of this programme; of all where it is empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) programme: String,
    /// Only of this class.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) class: String,
    /// Only with this reason, outcome or answer.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) word: String,
}

/// A rate of two other indicators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ratio {
    /// What is divided.
    pub(crate) of: String,
    /// By what.
    pub(crate) per: String,
}

/// Money lies between the person-times at the lowest and at the highest standard of the months.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Band {
    /// The indicator of the person-times.
    pub(crate) person_times: String,
    /// The indicator of the standard.
    pub(crate) standard: String,
}

/// Every indicator, in the order of the file.
#[derive(Debug)]
pub(crate) struct Indicators(Vec<Indicator>);

impl Indicators {
    /// Those that are shipped.
    pub(crate) fn shipped() -> Result<&'static Indicators, Problem> {
        SHIPPED.as_ref().map_err(Problem::internal)
    }

    /// Whether those that are shipped hold together.
    pub(crate) fn held() -> Result<(), &'static IndicatorError> {
        SHIPPED.as_ref().map(|_| ())
    }

    /// All of them.
    pub(crate) fn all(&self) -> &[Indicator] {
        &self.0
    }

    /// One by its name.
    pub(crate) fn get(&self, name: &str) -> Option<&Indicator> {
        self.0.iter().find(|indicator| indicator.name == name)
    }

    /// One by its name, or a refusal that lists which there are.
    pub(crate) fn named(&self, name: &str) -> Result<&Indicator, Problem> {
        self.get(name).ok_or_else(|| {
            let names: Vec<&str> = self.0.iter().map(|indicator| indicator.name.as_str()).collect();
            let detail = format!("No indicator has this name. There are {}.", names.join(", "));
            Problem::invalid("indicator", detail)
        })
    }

    /// Reads and checks a file.
    fn parse(text: &str) -> Result<Self, IndicatorError> {
        let rows = Row::all(text)?;
        let all = rows
            .into_iter()
            .map(Row::checked)
            .collect::<Result<Vec<_>, _>>()?;
        let indicators = Self(all);
        indicators.check_references()?;
        Ok(indicators)
    }
}
