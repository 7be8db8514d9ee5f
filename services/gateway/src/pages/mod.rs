//! The console's pages: each is a function from what the services answered ([`answers`]) to a [`frame::View`], which the
//! templates draw. What a page asks stands in [`ask`], what its forms order in [`orders`]; the door carries both.

pub(crate) mod accounts;
pub(crate) mod answers;
pub(crate) mod ask;
pub(crate) mod audit;
pub(crate) mod batch;
pub(crate) mod batches;
pub(crate) mod cases;
pub(crate) mod deaths;
pub(crate) mod forms;
pub(crate) mod frame;
pub(crate) mod health;
pub(crate) mod known;
pub(crate) mod notices;
pub(crate) mod orders;
pub(crate) mod overview;
pub(crate) mod payees;
pub(crate) mod persons;
pub(crate) mod recoveries;
pub(crate) mod recovery;
pub(crate) mod refusals;
pub(crate) mod reports;
pub(crate) mod roster;
pub(crate) mod sign_in;
pub(crate) mod tables;
pub(crate) mod timeline;
pub(crate) mod words;

#[cfg(test)]
mod contrast;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
