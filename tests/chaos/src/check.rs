//! What must hold when everything runs again, looked at from outside: the answers that were given, the databases, the
//! journals and the streams.

use crate::Done;
use crate::broker::Broker;
use crate::ledger::{By, Entry};
use crate::program::{Answer, Refused, Way};
use async_nats::jetstream::{self, consumer::pull};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use mz_contracts::{
    Disbursement, FuneralReform, Gateway, Insight, Notification, Owner, Registration, SocialAssistance,
};
use mz_kernel::IdSource;
use mz_runtime::{WallCalendar, WallClock};
use mz_store::{Db, NoFaults, StoreError, Surroundings, Tx, work};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How long the suite may take to come to rest once it is left alone.
const REST_MAX: Duration = Duration::from_mins(3);
/// Rows and messages that are read at once.
const PAGE: u32 = 10_000;
/// Promises that are asked for again beside each other.
const BESIDE: usize = 16;

const LINED_TWICE: &str = "SELECT COUNT(*) FROM (SELECT run, entitlement, month FROM line \
    GROUP BY run, entitlement, month HAVING COUNT(*) > 1) AS twice";
const PAID_TWICE: &str =
    "SELECT COUNT(*) FROM (SELECT line FROM payment_line GROUP BY line HAVING COUNT(*) > 1) AS twice";

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Commands that were answered, each of which is still there or a violation.
    pub(crate) acknowledged: usize,
    /// Events in all journals.
    pub(crate) events: usize,
    /// Events that consumers have applied, each for itself.
    pub(crate) applied: u64,
    pub(crate) violations: Vec<String>,
}

impl Found {
    fn broken(&mut self, what: impl Into<String>) {
        self.violations.push(what.into());
    }
}

/// A service's journal and what it took in.
struct Books {
    service: &'static str,
    stream: &'static str,
    /// Ids in the order of the chain.
    ids: Vec<String>,
    /// The last sequence of each aggregate.
    told: BTreeMap<String, i64>,
    /// By source: the last sequence of each aggregate that was applied.
    taken: BTreeMap<String, BTreeMap<String, i64>>,
    parked: i64,
}

/// Looks at everything.
pub(crate) async fn check(way: &Way, broker: &Broker) -> Done<Found> {
    let mut found = Found::default();
    if let Err(state) = settled(way).await? {
        found.broken(format!("the suite does not come to rest: {state}"));
    }
    promises(way, &mut found).await?;
    proof(way, &mut found).await?;
    if let Err(state) = settled(way).await? {
        found.broken(format!("the suite does not come to rest again: {state}"));
    }
    let books = [
        books::<Registration>(way, &mut found).await?,
        books::<FuneralReform>(way, &mut found).await?,
        books::<SocialAssistance>(way, &mut found).await?,
        books::<Disbursement>(way, &mut found).await?,
        books::<Notification>(way, &mut found).await?,
        books::<Insight>(way, &mut found).await?,
        books::<Gateway>(way, &mut found).await?,
    ];
    let jetstream = jetstream::new(broker.connect().await?);
    for each in &books {
        found.events += each.ids.len();
        stream(&jetstream, each, &mut found).await?;
        for (source, taken) in &each.taken {
            found.applied += taken.values().map(|last| last.unsigned_abs()).sum::<u64>();
            let told = books
                .iter()
                .find(|other| other.service == source)
                .map(|other| &other.told);
            if told != Some(taken) {
                found.broken(format!(
                    "{} did not take in {source} as it was told",
                    each.service
                ));
            }
        }
        if each.parked > 0 {
            found.broken(format!("{}: {} events are parked", each.service, each.parked));
        }
    }
    once::<SocialAssistance>(way, LINED_TWICE, &mut found).await?;
    once::<Disbursement>(way, PAID_TWICE, &mut found).await?;
    Ok(found)
}

/// Waits until nothing is unsealed, unrelayed or unsettled; the last state where that takes too long.
async fn settled(way: &Way) -> Done<Result<(), Value>> {
    let deadline = Instant::now() + REST_MAX;
    loop {
        let page = way.get(By::Administrator, "/health").await?;
        let services = page["services"].as_array().cloned().unwrap_or_default();
        let sealed = |name: &str| {
            services
                .iter()
                .find(|row| row["service"] == name)
                .map(|row| &row["sealed"])
        };
        let rests = |row: &Value| {
            let read = row["settled"].as_object();
            row["unsealed"] == 0
                && row["relayed"] == row["sealed"]
                && read.is_some_and(|read| read.iter().all(|(source, at)| Some(at) == sealed(source)))
        };
        if !services.is_empty() && services.iter().all(rests) {
            return Ok(Ok(()));
        }
        if Instant::now() > deadline {
            return Ok(Err(page));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Every command that was answered is answered the same again, from what was written then.
async fn promises(way: &Way, found: &mut Found) -> Done<()> {
    let mut entries = way.ledger.entries();
    entries.retain(|entry| entry.path.starts_with("/api/"));
    found.acknowledged = entries.len();
    let ask = async |entry: Entry| {
        let Entry {
            by,
            path,
            key,
            body,
            answer,
        } = entry;
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>(match way.send(by, &path, &key, &body).await? {
            Ok(Answer { body, replayed: true }) if body == answer => None,
            Ok(Answer { replayed: false, .. }) => {
                Some(format!("POST {path} ({key}) was answered and is gone"))
            }
            Ok(Answer { body, .. }) => Some(format!("POST {path} ({key}) was {answer} and is {body}")),
            Err(Refused { code }) => Some(format!("POST {path} ({key}) was answered and is refused: {code}")),
        })
    };
    let broken: Vec<Option<String>> = stream::iter(entries)
        .map(ask)
        .buffer_unordered(BESIDE)
        .try_collect()
        .await?;
    found.violations.extend(broken.into_iter().flatten());
    Ok(())
}

/// The money adds up, for the county and for each township.
async fn proof(way: &Way, found: &mut Found) -> Done<()> {
    let county = &way.start.county;
    // Past the last month of every run.
    let path = format!("/api/insight/proof?through=2026-12&division={county}&by=township");
    let proof = way.get(By::Checker, &path).await?;
    if proof["holds"] != true {
        found.broken(format!("the proof of the money does not hold: {proof}"));
    }
    if proof["lined_fen"].as_i64().unwrap_or_default() <= 0 {
        found.broken("nothing was lined: this run proves nothing");
    }
    Ok(())
}

async fn open<S: Owner>(way: &Way) -> Done<Db<S>> {
    let file = || way.data().join("db").join(format!("{}.db", S::NAME));
    let url = way.start.database.as_ref().map_or_else(
        || format!("sqlite:{}", file().display()),
        |template| template.replace("{service}", &S::NAME.replace('-', "_")),
    );
    let surroundings = Surroundings::new(
        Arc::new(WallCalendar),
        Arc::new(WallClock),
        // Nothing is written here.
        Arc::new(IdSource::new([0; 32])),
        Arc::new(NoFaults),
    );
    Ok(Db::<S>::open(&url, &[], surroundings).await?)
}

async fn books<S: Owner>(way: &Way, found: &mut Found) -> Done<Books> {
    let db = open::<S>(way).await?;
    if let Err(error) = db.verify_chain().await {
        found.broken(format!(
            "the chain of {} is broken: {}",
            S::NAME,
            mz_kernel::chain(&error)
        ));
    }
    let (mut ids, mut told) = (Vec::new(), BTreeMap::<String, i64>::new());
    loop {
        let rows = db.sealed_after(ids.len() as u64, PAGE).await?;
        if rows.is_empty() {
            break;
        }
        for sealed in rows {
            let sequence = sealed.row.sequence;
            let last = told.entry(sealed.row.aggregate.clone()).or_default();
            if sequence != *last + 1 {
                found.broken(format!(
                    "{}: {} goes from {last} to {sequence}",
                    S::NAME,
                    sealed.row.aggregate
                ));
            }
            *last = sequence;
            ids.push(sealed.row.id.to_string());
        }
    }
    let inbox = work(|tx: &mut Tx<S>| {
        Box::pin(async move {
            let rows: Vec<(String, String, i64)> = tx
                .query("SELECT source, aggregate, sequence FROM inbox")
                .all()
                .await?;
            let parked: Vec<(i64,)> = tx.query("SELECT COUNT(*) FROM parked").all().await?;
            Ok::<_, StoreError>((rows, parked.first().map_or(0, |(count,)| *count)))
        })
    });
    let (rows, parked) = db.read(inbox).await?;
    let mut taken = BTreeMap::<String, BTreeMap<String, i64>>::new();
    for (source, aggregate, sequence) in rows {
        taken.entry(source).or_default().insert(aggregate, sequence);
    }
    db.close().await;
    Ok(Books {
        service: S::NAME,
        stream: S::STREAM,
        ids,
        told,
        taken,
        parked,
    })
}

/// Position k of the chain is message k of the stream.
async fn stream(jetstream: &jetstream::Context, books: &Books, found: &mut Found) -> Done<()> {
    if books.ids.is_empty() {
        return Ok(());
    }
    let held = jetstream.get_stream(books.stream).await?;
    let config = pull::OrderedConfig {
        headers_only: true,
        ..Default::default()
    };
    let consumer = held.create_consumer(config).await?;
    let mut messages = consumer.messages().await?.take(books.ids.len());
    let mut at = 0;
    while let Ok(Some(message)) = tokio::time::timeout(Duration::from_secs(20), messages.next()).await {
        let message = message?;
        let headers = message.headers.as_ref();
        let id = headers
            .and_then(|headers| headers.get("Nats-Msg-Id"))
            .map(ToString::to_string);
        if id.as_ref() != books.ids.get(at) {
            found.broken(format!(
                "message {} of {} is not the journal's",
                at + 1,
                books.stream
            ));
            return Ok(());
        }
        at += 1;
    }
    let more = held.get_info().await?.state.messages;
    if at != books.ids.len() || more != books.ids.len() as u64 {
        found.broken(format!(
            "{} holds {more} messages, the journal {}",
            books.stream,
            books.ids.len()
        ));
    }
    Ok(())
}

/// What a statement counts is nothing.
async fn once<S: Owner>(way: &Way, statement: &'static str, found: &mut Found) -> Done<()> {
    let db = open::<S>(way).await?;
    let count =
        work(move |tx: &mut Tx<S>| Box::pin(async move { tx.query(statement).all::<(i64,)>().await }));
    let rows: Vec<(i64,)> = db.read(count).await?;
    db.close().await;
    if let Some((twice,)) = rows.first()
        && *twice > 0
    {
        found.broken(format!("{}: {twice} by `{statement}`", S::NAME));
    }
    Ok(())
}
