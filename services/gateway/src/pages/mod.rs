//! The console's pages: each is a function from what the services answered ([`answers`]) to a [`frame::View`], which the
//! templates draw; no page asks anybody itself, so every page can be shown and tested from plain data.

pub(crate) mod answers;
pub(crate) mod batches;
pub(crate) mod cases;
pub(crate) mod frame;
pub(crate) mod health;
pub(crate) mod known;
pub(crate) mod notices;
pub(crate) mod overview;
pub(crate) mod persons;
pub(crate) mod recoveries;
pub(crate) mod reports;
pub(crate) mod sign_in;
pub(crate) mod words;

#[cfg(test)]
mod samples;
