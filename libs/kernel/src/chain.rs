//! An error with all that caused it, for the one place that logs it.

use std::error::Error;

/// The error and its sources, outermost first, joined by `: `.
///
/// The `Display` of our errors never repeats their source, so that each cause stands in the text once.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        text.push_str(": ");
        text.push_str(&source.to_string());
        cause = source.source();
    }
    text
}
