//! The bare ways to commit on PostgreSQL: groups with arrays, and one statement a command.

use super::{GROUP_MAX, Waiting, closed_loop};
use crate::harness::{Done, Sample, complain};
use crate::rows::{BODY, Command, EVENT_JSON, TODAY, origin};
use mz_contracts::Event as _;
use mz_contracts::events::LinesComputed;
use mz_kernel::SystemClock as _;
use mz_runtime::WallClock;
use sqlx::{Connection as _, PgConnection};
use std::sync::Arc;
use std::time::Duration;
use time::{Date, Month, OffsetDateTime};
use tokio::sync::{Mutex, mpsc};

const CONNECTIONS: u32 = 16;

const STATES: &str = "INSERT INTO run (id, version, body) \
    SELECT * FROM UNNEST($1::TEXT[], $2::BIGINT[], $3::TEXT[]) \
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, body = excluded.body";
const EVENTS: &str = "WITH added AS (INSERT INTO journal \
    (id, aggregate, sequence, type, division, recorded_at, legal_date, actor, correlation, causation, data) \
    SELECT * FROM UNNEST($1::TEXT[], $2::TEXT[], $3::BIGINT[], $4::TEXT[], $5::TEXT[], $6::TIMESTAMPTZ[], \
    $7::DATE[], $8::TEXT[], $9::TEXT[], $10::TEXT[], $11::TEXT[]) RETURNING n) \
    INSERT INTO unsealed (n) SELECT n FROM added";
const ALL_IN_ONE: &str = "WITH state AS (INSERT INTO run (id, version, body) VALUES ($2, $3, $12) \
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, body = excluded.body), \
    added AS (INSERT INTO journal \
    (id, aggregate, sequence, type, division, recorded_at, legal_date, actor, correlation, causation, data) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING n) \
    INSERT INTO unsealed (n) SELECT n FROM added";

/// Starts the one that writes groups. It ends when nobody can send any more.
pub(super) async fn writer(url: &str) -> Done<mpsc::Sender<Waiting>> {
    let mut connection = PgConnection::connect(url).await?;
    let (sender, mut waiting) = mpsc::channel(4_096);
    tokio::spawn(async move {
        let mut group = Vec::new();
        while waiting.recv_many(&mut group, GROUP_MAX).await > 0 {
            if let Err(error) = commit(&mut connection, &group).await {
                // The callers see that their answers are gone.
                complain(&error.to_string());
                return;
            }
            for (_, done) in group.drain(..) {
                let _ = done.send(());
            }
        }
    });
    Ok(sender)
}

async fn commit(connection: &mut PgConnection, group: &[Waiting]) -> Done<()> {
    let (origin, now, today) = (origin(), now()?, today()?);
    let commands: Vec<&Command> = group.iter().map(|(command, _)| command).collect();
    let same = |text: &str| vec![text.to_owned(); group.len()];
    let runs: Vec<&str> = commands.iter().map(|command| command.run.as_str()).collect();
    let versions: Vec<i64> = commands
        .iter()
        .map(|command| i64::from(command.version))
        .collect();
    let events: Vec<&str> = commands.iter().map(|command| command.event.as_str()).collect();
    let mut transaction = connection.begin().await?;
    sqlx::query(STATES)
        .bind(&runs)
        .bind(&versions)
        .bind(same(&BODY))
        .execute(&mut *transaction)
        .await?;
    sqlx::query(EVENTS)
        .bind(&events)
        .bind(&runs)
        .bind(&versions)
        .bind(same(LinesComputed::TYPE))
        .bind(same("513335"))
        .bind(vec![now; group.len()])
        .bind(vec![today; group.len()])
        .bind(same(&origin.actor.to_string()))
        .bind(same(&origin.correlation))
        .bind(vec![None::<String>; group.len()])
        .bind(same(&EVENT_JSON))
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(())
}

/// Sixteen callers with a connection each, and everything in one statement.
pub(super) async fn single_statements(url: &str, span: Duration) -> Done<Sample> {
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        connections.push(Mutex::new(PgConnection::connect(url).await?));
    }
    let connections: Arc<[_]> = connections.into();
    closed_loop(CONNECTIONS, span, move |caller, turn| {
        let connections = Arc::clone(&connections);
        async move {
            // Nobody else takes this caller's connection.
            let mut connection = connections[caller as usize].lock().await;
            all_in_one(&mut connection, Command::of(caller, turn)).await
        }
    })
    .await
}

async fn all_in_one(connection: &mut PgConnection, command: Command) -> Done<()> {
    let origin = origin();
    sqlx::query(ALL_IN_ONE)
        .bind(command.event.as_str())
        .bind(command.run.as_str())
        .bind(i64::from(command.version))
        .bind(LinesComputed::TYPE)
        .bind("513335")
        .bind(now()?)
        .bind(today()?)
        .bind(origin.actor.to_string())
        .bind(origin.correlation)
        .bind(None::<String>)
        .bind(EVENT_JSON.as_str())
        .bind(BODY.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

fn now() -> Done<OffsetDateTime> {
    Ok(OffsetDateTime::from_unix_timestamp_nanos(
        i128::from(WallClock.now().as_micros()) * 1_000,
    )?)
}

fn today() -> Done<Date> {
    Ok(Date::from_calendar_date(
        TODAY.year().into(),
        Month::try_from(TODAY.month().unsigned_abs())?,
        TODAY.day().unsigned_abs(),
    )?)
}
