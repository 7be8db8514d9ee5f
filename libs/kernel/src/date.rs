//! The calendar date.

use std::borrow::Cow;

/// A day of the Gregorian calendar without a time or zone; serde as `2026-11-24`. A legal date is always
/// one of these, read in Asia/Shanghai.
pub use jiff::civil::Date;

/// Stands in for [`Date`] in a JSON Schema, which cannot be implemented for a foreign type:
/// `#[schemars(with = "DateSchema")]`, or `Option<DateSchema>`.
#[derive(Debug)]
pub struct DateSchema;

impl schemars::JsonSchema for DateSchema {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Date".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date" })
    }
}
