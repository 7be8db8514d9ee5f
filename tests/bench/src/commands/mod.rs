//! Durable commands a second: 64 callers, each with the next command when the last one is answered.

mod postgres;
pub(crate) mod sqlite;

use crate::harness::{Bench, Done, Figure, Sample, Series, share};
use crate::rows::{BODY, Command, EVENT_JSON, TABLES, WriteChunk, surroundings};
use mz_contracts::SocialAssistance;
use mz_store::Db;
use mz_testkit::{Durability, NO_POSTGRES, postgres_with};
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

pub(crate) const CALLERS: u32 = 64;
pub(crate) const SPAN: Duration = Duration::from_millis(2_500);
/// Members of one bare group commit at most, as many as the store's writer takes.
const GROUP_MAX: usize = 512;

/// Beside the sealer, as in a running suite, and alone.
#[derive(Default)]
struct Ours {
    sealing: Series,
    alone: Series,
    /// How much of what was committed had been sealed when the callers stopped.
    sealed: f64,
}

impl Ours {
    async fn take(&mut self, bench: &Bench, sealing: bool, db: Db<SocialAssistance>) -> Done<()> {
        let series = if sealing {
            &mut self.sealing
        } else {
            &mut self.alone
        };
        series
            .take(bench, through_the_store(db.clone(), sealing, bench.size(SPAN)))
            .await?;
        if sealing {
            let (head, waiting) = db.head().await?;
            self.sealed = share(head.position, head.position + waiting);
        }
        db.close().await;
        Ok(())
    }

    fn report(&self, name: &str, limits: &[(&'static str, &Series)]) -> Done<()> {
        let sizes =
            || json!({ "state_bytes": BODY.len(), "event_bytes": EVENT_JSON.len(), "callers": CALLERS });
        let unit = "commands/s";
        for limit in limits {
            let mut more = sizes();
            more["sealed"] = json!(self.sealed);
            Figure {
                name,
                unit,
                ours: &self.sealing,
                limit: Some(*limit),
                more,
            }
            .report()?;
            let name = format!("{name}.unsealed");
            Figure {
                name: &name,
                unit,
                ours: &self.alone,
                limit: Some(*limit),
                more: sizes(),
            }
            .report()?;
        }
        Ok(())
    }
}

/// SQLite beside one thread that owns the file and writes the same rows, a savepoint for each command.
pub(crate) async fn sqlite(bench: &Bench) -> Done<()> {
    let (mut bare, mut ours) = (Series::default(), Ours::default());
    for _ in 0..bench.repetitions() {
        let folder = tempfile::tempdir()?;
        let open = async |name: &str| {
            let file = folder.path().join(name);
            let url = format!("sqlite:{}", file.display());
            Done::Ok((Db::open(&url, TABLES, surroundings(1)).await?, file))
        };
        // The store makes the tables; the bare writer has the file to itself.
        let (db, file) = open("bare.db").await?;
        db.close().await;
        bare.take(bench, grouped(bench.size(SPAN), sqlite::writer(&file)?))
            .await?;
        for (name, sealing) in [("sealing.db", true), ("alone.db", false)] {
            ours.take(bench, sealing, open(name).await?.0).await?;
        }
    }
    ours.report("commands.sqlite", &[("bare group commit, rusqlite", &bare)])
}

/// PostgreSQL beside one connection that writes groups, and beside one statement a command on sixteen.
pub(crate) async fn postgres(bench: &Bench) -> Done<()> {
    let Some(server) = postgres_with(Durability::On).await else {
        mz_testkit::skip("commands.postgres", NO_POSTGRES);
        return Ok(());
    };
    let (mut group, mut single, mut ours) = (Series::default(), Series::default(), Ours::default());
    for _ in 0..bench.repetitions() {
        let open = async || {
            let url = server.database().await;
            Done::Ok((Db::open(&url, TABLES, surroundings(1)).await?, url))
        };
        let (db, url) = open().await?;
        db.close().await;
        group
            .take(bench, grouped(bench.size(SPAN), postgres::writer(&url).await?))
            .await?;
        let (db, url) = open().await?;
        db.close().await;
        single
            .take(bench, postgres::single_statements(&url, bench.size(SPAN)))
            .await?;
        for sealing in [true, false] {
            ours.take(bench, sealing, open().await?.0).await?;
        }
    }
    let limits = [
        ("bare group commit, one writer with UNNEST", &group),
        ("bare single statements, 16 connections", &single),
    ];
    ours.report("commands.postgres", &limits)
}

async fn through_the_store(db: Db<SocialAssistance>, sealing: bool, span: Duration) -> Done<Sample> {
    let sealer = sealing.then(|| tokio::spawn(seal(db.clone())));
    let sample = closed_loop(CALLERS, span, move |caller, turn| {
        let db = db.clone();
        async move {
            db.write(WriteChunk(Command::of(caller, turn))).await?;
            Ok(())
        }
    });
    let sample = sample.await;
    if let Some(sealer) = sealer {
        // It never ends by itself, unless it failed.
        if sealer.is_finished() {
            sealer.await??;
        } else {
            sealer.abort();
        }
    }
    sample
}

/// What the relay does with the journal, without a broker.
async fn seal(db: Db<SocialAssistance>) -> Done<()> {
    let mut committed = db.committed();
    loop {
        while db.seal().await?.1 > 0 {}
        committed.changed().await?;
    }
}

/// A command on its way to a bare writer, with the caller who waits.
pub(crate) type Waiting = (Command, oneshot::Sender<()>);

/// Callers in front of a writer that commits whatever waits together.
async fn grouped(span: Duration, writer: mpsc::Sender<Waiting>) -> Done<Sample> {
    closed_loop(CALLERS, span, move |caller, turn| {
        let writer = writer.clone();
        async move {
            let (done, answer) = oneshot::channel();
            writer.send((Command::of(caller, turn), done)).await?;
            Ok(answer.await?)
        }
    })
    .await
}

/// Lets each caller do one command after the other. The first tenth of the time is not counted.
pub(crate) async fn closed_loop<F, R>(callers: u32, span: Duration, call: F) -> Done<Sample>
where
    F: Fn(u32, u32) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Done<()>> + Send,
{
    let start = Instant::now() + span / 10;
    let end = start + span;
    let mut tasks = JoinSet::new();
    for caller in 0..callers {
        let call = call.clone();
        tasks.spawn(async move {
            let mut latencies = Vec::new();
            for turn in 0.. {
                let began = Instant::now();
                if began >= end {
                    break;
                }
                call(caller, turn).await?;
                if began >= start {
                    latencies.push(began.elapsed());
                }
            }
            Done::Ok(latencies)
        });
    }
    let mut latencies = Vec::new();
    while let Some(done) = tasks.join_next().await {
        latencies.extend(done??);
    }
    Ok(Sample::rate(u32::try_from(latencies.len())?, span).with_latencies(latencies))
}
