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
    /// Its place in the chain; none where not even that can be told.
    position: Option<u64>,
    /// The event in that row, where there is one.
    event: Option<String>,
    what: String,
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
    // A nightly check of a mistyped folder must not pass.
    let well = !journals.is_empty() && journals.iter().all(|journal| journal.well);
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
                position = position.map_or_else(|| "unknown".to_owned(), |position| position.to_string()),
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

    /// What is written there cannot be what was written: the others are looked at all the same.
    fn closed(&self, service: &'static str, error: StoreError) -> Result<Journal, StoreError> {
        if error.is_transient() {
            return Err(error);
        }
        Ok(Journal {
            service,
            well: false,
            position: 0,
            head: None,
            unsealed: 0,
            broken: Some(Broken {
                position: None,
                event: None,
                what: format!("the database cannot be opened: {}", mz_kernel::chain(&error)),
            }),
        })
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
                    position: Some(position),
                    event,
                    what: what.to_owned(),
                }),
            })
        }
        Err(error) if error.is_transient() => Err(error),
        // A row that cannot even be read was changed as well.
        Err(error) => {
            let position = first_unreadable(db).await?;
            Ok(Journal {
                service: S::NAME,
                well: false,
                position: position.saturating_sub(1),
                head: None,
                unsealed,
                broken: Some(Broken {
                    position: Some(position),
                    event: None,
                    what: format!("the row cannot be read: {}", mz_kernel::chain(&error)),
                }),
            })
        }
    }
}

/// The position of the first row that cannot be read.
async fn first_unreadable<S: Owner>(db: &Db<S>) -> Result<u64, StoreError> {
    const PAGE: u32 = 1_000;
    let mut at = 0;
    while let Ok(rows) = db.sealed_after(at, PAGE).await {
        if rows.is_empty() {
            break;
        }
        at += rows.len() as u64;
    }
    while db.sealed_after(at, 1).await.is_ok_and(|rows| !rows.is_empty()) {
        at += 1;
    }
    Ok(at + 1)
}
