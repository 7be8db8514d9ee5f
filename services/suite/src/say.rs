//! Standard output, for people and programs, and how far something is. A reader that went away is no error of ours.

use std::io::{IsTerminal as _, Write as _};

use indicatif::{ProgressBar, ProgressStyle};

/// Writes a line.
pub fn line(text: impl std::fmt::Display) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}");
    let _ = out.flush();
}

/// Writes a line to standard error.
pub fn complain(text: impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// A bar on standard error that counts `what`, for people: none where their terminal is not there, or where a program
/// reads the answer.
pub fn bar(steps: usize, what: &str, program: bool) -> ProgressBar {
    if program || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(u64::try_from(steps).unwrap_or_default());
    match ProgressStyle::with_template(&format!("{{msg}} {{bar:40}} {{pos}}/{{len}} {what}")) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
