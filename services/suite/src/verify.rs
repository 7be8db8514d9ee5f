//! `minzheng verify-journal`: recomputes the hash chain of each service's journal, and names the first row that does
//! not hold. It reads the databases themselves, whether the suite runs or not.

use crate::cli;
use crate::databases::{Databases, Look};
use crate::parts;
use crate::say;
use indicatif::ProgressBar;
use mz_contracts::Owner;
use mz_store::{Db, Hash, StoreError};
use serde::Serialize;
use std::path::Path;

/// One service's journal.
#[derive(Serialize)]
struct Journal {
    service: &'static str,
    well: bool,
    /// The last position that holds.
    position: u64,
    /// The hash there, to be compared with one that is kept elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    head: Option<String>,
    /// Rows that have no place in the chain yet.
    unsealed: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    broken: Option<Broken>,
}

/// The first row that does not hold.
#[derive(Serialize)]
struct Broken {
    position: u64,
    /// The event in that row, where there is one.
    event: Option<String>,
    what: &'static str,
}

/// Verifies every journal; true when all hold.
pub async fn verify_journal(data: &Path, order: cli::VerifyJournal) -> Result<bool, StoreError> {
    let databases = Databases {
        data,
        template: order.database.as_deref(),
    };
    let bar = say::bar(parts::NAMES.len(), "journals", order.json);
    let journals = databases.all(&Journals(&bar)).await?;
    bar.finish_and_clear();
    let well = journals.iter().all(|journal| journal.well);
    if order.json {
        say::line(serde_json::json!({ "well": well, "journals": journals }));
    } else {
        say(&journals, data);
    }
    Ok(well)
}

fn say(journals: &[Journal], data: &Path) {
    if journals.is_empty() {
        say::line(format!("There is no journal below {}.", data.display()));
    }
    for journal in journals {
        let Journal {
            service,
            position,
            unsealed,
            ..
        } = journal;
        say::line(match (&journal.broken, &journal.head) {
            (
                Some(Broken {
                    position,
                    event,
                    what,
                }),
                _,
            ) => format!(
                "FAIL {service:<18} position {position}, event {event}: {what}. Restore this database from a backup.",
                event = event.as_deref().unwrap_or("none"),
            ),
            (None, head) => format!(
                "ok   {service:<18} {position} rows, head {head}, {unsealed} not sealed yet",
                head = head.as_deref().unwrap_or("none"),
            ),
        });
    }
}

struct Journals<'a>(&'a ProgressBar);

impl Look for Journals<'_> {
    type Seen = Journal;

    async fn look<S: Owner>(&self, db: &Db<S>) -> Result<Journal, StoreError> {
        self.0.set_message(S::NAME);
        let journal = journal(db).await;
        self.0.inc(1);
        journal
    }
}

pub(crate) fn hex(hash: &Hash) -> String {
    hash.iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

async fn journal<S: Owner>(db: &Db<S>) -> Result<Journal, StoreError> {
    let (_, unsealed) = db.head().await?;
    match db.verify_chain().await {
        Ok(head) => Ok(Journal {
            service: S::NAME,
            well: true,
            position: head.position,
            head: Some(hex(&head.hash)),
            unsealed,
            broken: None,
        }),
        Err(StoreError::ChainBroken { position, what }) => {
            let rows = db.sealed_after(position.saturating_sub(1), 1).await?;
            let event = rows.first().map(|sealed| sealed.row.id.to_string());
            Ok(Journal {
                service: S::NAME,
                well: false,
                position: position.saturating_sub(1),
                head: None,
                unsealed,
                broken: Some(Broken {
                    position,
                    event,
                    what,
                }),
            })
        }
        Err(other) => Err(other),
    }
}
