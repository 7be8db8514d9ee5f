//! What can be read.

mod cases;
mod entitlements;
mod proof;
mod runs;
mod standards;

use mz_http::Page;

pub(crate) use cases::*;
pub(crate) use entitlements::*;
pub(crate) use proof::*;
pub(crate) use runs::*;
pub(crate) use standards::*;

/// Where a page begins, and one more row than it has: to see whether there is a next one.
fn bounds(page: &Page) -> (&str, i64) {
    (
        page.after.as_deref().unwrap_or_default(),
        i64::from(page.limit) + 1,
    )
}
