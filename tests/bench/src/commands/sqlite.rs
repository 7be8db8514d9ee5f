//! The bare group commit on SQLite: one thread, one transaction for all that wait, a savepoint for each.

use super::{GROUP_MAX, Waiting};
use crate::harness::{Done, complain};
use crate::rows::{BODY, Command, EVENT_JSON, TODAY, origin};
use mz_contracts::Event as _;
use mz_contracts::events::LinesComputed;
use mz_kernel::SystemClock as _;
use mz_runtime::WallClock;
use rusqlite::{Connection, params};
use std::path::Path;
use tokio::sync::mpsc;

const OPEN: &str = "INSERT INTO run (id, version, body) VALUES (?1, 1, ?2)";
const CARRY_ON: &str = "UPDATE run SET version = 2, body = ?2 WHERE id = ?1";
const JOURNAL: &str = "INSERT INTO journal \
    (id, aggregate, sequence, type, division, recorded_at, legal_date, actor, correlation, causation, data) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, NULL, ?10)";
const UNSEALED: &str = "INSERT INTO unsealed (n) VALUES (?1)";

/// Starts the thread. It ends when nobody can send any more.
pub(crate) fn writer(file: &Path) -> Done<mpsc::Sender<Waiting>> {
    let connection = Connection::open(file)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;",
    )?;
    let (sender, mut waiting) = mpsc::channel(4_096);
    std::thread::Builder::new()
        .name("bare-writer".to_owned())
        .spawn(move || {
            let mut group = Vec::new();
            while waiting.blocking_recv_many(&mut group, GROUP_MAX) > 0 {
                if let Err(error) = commit(&connection, &group) {
                    // The callers see that their answers are gone.
                    complain(&error.to_string());
                    return;
                }
                for (_, done) in group.drain(..) {
                    let _ = done.send(());
                }
            }
        })?;
    Ok(sender)
}

fn commit(connection: &Connection, group: &[Waiting]) -> rusqlite::Result<()> {
    let run = |sql| connection.prepare_cached(sql)?.execute([]);
    run("BEGIN IMMEDIATE")?;
    for (command, _) in group {
        run("SAVEPOINT command")?;
        write(connection, command)?;
        run("RELEASE command")?;
    }
    run("COMMIT")?;
    Ok(())
}

fn write(connection: &Connection, command: &Command) -> rusqlite::Result<()> {
    let run = command.run.as_str();
    let state = if command.version == 1 { OPEN } else { CARRY_ON };
    connection
        .prepare_cached(state)?
        .execute(params![run, BODY.as_str()])?;
    let origin = origin();
    connection.prepare_cached(JOURNAL)?.execute(params![
        command.event.as_str(),
        run,
        command.version,
        LinesComputed::TYPE,
        "513335",
        WallClock.now().to_string(),
        TODAY.to_string(),
        origin.actor.to_string(),
        origin.correlation,
        EVENT_JSON.as_str(),
    ])?;
    connection
        .prepare_cached(UNSEALED)?
        .execute([connection.last_insert_rowid()])?;
    Ok(())
}
