//! Two services on one broker: deaths are registered in one, and counted by the other. Whatever happens between
//! them, the journal, the stream and the reader's tables must tell the same story in the end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_nats::jetstream::{self, consumer::pull, stream::Stream};
use futures::StreamExt as _;
use mz_bus::{Address, Connection, Consumer, Lead, Progress, Reaction, ReactionError, Reactions, Relay};
use mz_contracts::events::DeathRegistered;
use mz_contracts::subject::Area;
use mz_contracts::{Actor, Event as _, FuneralReform, Owner, SocialAssistance, wire};
use mz_kernel::{DeathId, DivisionCode, EventId, IdSource, ManualLegalClock, Stamp, SystemClock};
use mz_store::{
    Db, Faults, Migration, NoFaults, Origin, SealedRow, Step, StoreError, Surroundings, Tx, Work, work,
};
use mz_testkit::{TestNats, eventually, nats, postgres_or_skip};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub(crate) const STREAM: &str = FuneralReform::STREAM;
pub(crate) const SOON: Duration = Duration::from_mins(1);

/// No key but the place: an effect that counts twice must show, and not be refused.
const EFFECT: Migration = Migration {
    name: "0001_effect",
    sql: "CREATE TABLE effect (death TEXT NOT NULL, number BIGINT NOT NULL, event TEXT NOT NULL); \
          CREATE INDEX effect_death ON effect (death);",
};

pub(crate) fn area() -> Area {
    Area::try_from("990101".parse::<DivisionCode>().unwrap()).unwrap()
}

/// A service as its own user.
pub(crate) fn address(nats: &TestNats, server: String, service: &str) -> Address {
    Address::of(server, nats.credentials().service(service).unwrap())
}

struct Wall;

impl SystemClock for Wall {
    #[expect(
        clippy::disallowed_methods,
        reason = "leases run out by the wall's clock, also in a test"
    )]
    fn now(&self) -> Stamp {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap();
        Stamp::from_micros(i64::try_from(since.as_micros()).unwrap())
    }
}

pub(crate) fn surroundings(seed: u64, faults: Arc<dyn Faults>) -> Surroundings {
    let today = ManualLegalClock::new("2026-01-05".parse().unwrap());
    Surroundings::new(
        Arc::new(today),
        Arc::new(Wall),
        Arc::new(IdSource::seeded(seed)),
        faults,
    )
}

pub(crate) fn origin() -> Origin {
    Origin {
        actor: Actor::System,
        correlation: "story".to_owned(),
        causation: None,
        trace: None,
    }
}

/// Registers a death, once more each time: the events of one aggregate.
pub(crate) struct Register(pub(crate) DeathId);

impl Work<FuneralReform> for Register {
    type Output = EventId;
    type Error = StoreError;
    async fn run(&self, tx: &mut Tx<FuneralReform>) -> Result<EventId, StoreError> {
        let mut event = DeathRegistered::sample();
        event.death = self.0;
        tx.emit(&origin(), &event)
    }
}

/// Appends the event to those of its death.
#[derive(Clone, Default)]
pub(crate) struct Count {
    /// Deaths that cannot be counted for now.
    pub(crate) refused: Arc<Mutex<BTreeSet<DeathId>>>,
}

impl Reaction<SocialAssistance> for Count {
    type Event = DeathRegistered;
    async fn apply(
        &self,
        tx: &mut Tx<SocialAssistance>,
        event: DeathRegistered,
        origin: &Origin,
    ) -> Result<(), ReactionError> {
        if self.refused.lock().unwrap().contains(&event.death) {
            return Err(ReactionError::Refused("this death is not known here".to_owned()));
        }
        let before: i64 = tx
            .query("SELECT COUNT(*) FROM effect WHERE death = $1")
            .bind(event.death)
            .scalar()
            .await?;
        tx.query("INSERT INTO effect (death, number, event) VALUES ($1, $2, $3)")
            .bind(event.death)
            .bind(before + 1)
            .bind(origin.causation)
            .execute()
            .await?;
        Ok(())
    }
}

/// Fails one step, at the n-th time that it is reached.
#[derive(Default)]
pub(crate) struct FailOnce(Mutex<Option<(Step, u32)>>);

impl FailOnce {
    pub(crate) fn arm(&self, step: Step, at: u32) {
        *self.0.lock().unwrap() = Some((step, at));
    }

    pub(crate) fn has_struck(&self) -> bool {
        self.0.lock().unwrap().is_none()
    }
}

impl Faults for FailOnce {
    fn reach(&self, _service: &'static str, step: Step) -> Result<(), StoreError> {
        let mut armed = self.0.lock().unwrap();
        match &mut *armed {
            Some((wanted, left)) if *wanted == step => {
                *left -= 1;
                if *left == 0 {
                    *armed = None;
                    return Err(StoreError::Injected(step));
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

pub(crate) async fn open_register(url: &str, seed: u64, faults: Arc<dyn Faults>) -> Db<FuneralReform> {
    Db::open(url, &[], surroundings(seed, faults)).await.unwrap()
}

pub(crate) async fn open_reader(url: &str, seed: u64, faults: Arc<dyn Faults>) -> Db<SocialAssistance> {
    Db::open(url, &[EFFECT], surroundings(seed, faults))
        .await
        .unwrap()
}

/// Relay and consumers at work.
pub(crate) struct Running {
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Running {
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        for task in self.tasks {
            task.await.unwrap();
        }
    }
}

pub(crate) struct World {
    pub(crate) nats: TestNats,
    pub(crate) register: Db<FuneralReform>,
    pub(crate) reader: Db<SocialAssistance>,
    pub(crate) relayed: Progress,
    pub(crate) read: Progress,
    pub(crate) folder: TempDir,
    ids: IdSource,
}

impl World {
    /// Both databases on SQLite.
    pub(crate) async fn lite() -> Self {
        Self::lite_with(Arc::new(NoFaults)).await
    }

    pub(crate) async fn lite_with(faults: Arc<dyn Faults>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = |name: &str| format!("sqlite:{}/{name}.db", folder.path().display());
        let (register, reader) = (url("register"), url("reader"));
        Self::open(folder, &register, &reader, faults).await
    }

    /// Both databases on PostgreSQL; none, and the test said to be skipped, where there is none.
    pub(crate) async fn postgres(test: &str, faults: Arc<dyn Faults>) -> Option<Self> {
        let postgres = postgres_or_skip(test).await?;
        let (register, reader) = (postgres.database().await, postgres.database().await);
        Some(Self::open(tempfile::tempdir().unwrap(), &register, &reader, faults).await)
    }

    async fn open(folder: TempDir, register: &str, reader: &str, faults: Arc<dyn Faults>) -> Self {
        Self {
            nats: nats().await,
            register: open_register(register, 1, Arc::clone(&faults)).await,
            reader: open_reader(reader, 2, faults).await,
            relayed: Progress::new(),
            read: Progress::new(),
            folder,
            ids: IdSource::seeded(3),
        }
    }

    pub(crate) async fn connect(&self, service: &str) -> Connection {
        Connection::open(&address(&self.nats, self.nats.url(), service), service)
            .await
            .unwrap()
    }

    pub(crate) async fn start(&self) -> Running {
        let (relay, consumer) = tokio::join!(
            self.connect(FuneralReform::NAME),
            self.connect(SocialAssistance::NAME)
        );
        self.start_over(relay, &consumer, &Reactions::none().on(Count::default()))
    }

    pub(crate) fn start_over(
        &self,
        relay: Connection,
        consumer: &Connection,
        reactions: &Reactions<SocialAssistance>,
    ) -> Running {
        let stop = CancellationToken::new();
        let mut tasks = vec![self.relay(relay, &stop)];
        for consumer in Consumer::all(&self.reader, consumer, reactions, &self.lead("one"), &self.read) {
            tasks.push(tokio::spawn(consumer.run(stop.clone())));
        }
        Running { stop, tasks }
    }

    /// The writer's side alone.
    pub(crate) async fn start_relay(&self) -> Running {
        let stop = CancellationToken::new();
        let connection = self.connect(FuneralReform::NAME).await;
        let tasks = vec![self.relay(connection, &stop)];
        Running { stop, tasks }
    }

    fn relay(&self, connection: Connection, stop: &CancellationToken) -> JoinHandle<()> {
        let lead = Lead::new(&self.register, "one");
        let relay = Relay::new(
            self.register.clone(),
            connection,
            area(),
            lead,
            self.relayed.clone(),
        );
        tokio::spawn(relay.run(stop.clone()))
    }

    /// How many instances of the reader ask the durable for messages.
    pub(crate) async fn readers(&self) -> usize {
        let context = self.jetstream().await;
        let stream = context.get_stream(STREAM).await.unwrap();
        stream
            .consumer_info(SocialAssistance::NAME)
            .await
            .unwrap()
            .num_waiting
    }

    /// The part of an instance of the reader in its lead.
    pub(crate) fn lead(&self, instance: &str) -> Lead<SocialAssistance> {
        Lead::new(&self.reader, instance)
    }

    pub(crate) fn new_death(&self) -> DeathId {
        self.ids.next(Wall.now())
    }

    /// Starts writers that register so many deaths, each three times over, and all at once.
    pub(crate) fn write(&self, deaths: usize) -> JoinHandle<()> {
        let writers = (0..deaths).map(|_| {
            let (register, death) = (self.register.clone(), self.new_death());
            tokio::spawn(async move {
                for _ in 0..3 {
                    persist(&register, death).await;
                }
            })
        });
        let writers: Vec<_> = writers.collect();
        tokio::spawn(async move {
            for writer in writers {
                writer.await.unwrap();
            }
        })
    }

    pub(crate) async fn jetstream(&self) -> jetstream::Context {
        jetstream::new(self.nats.client().await)
    }

    /// Waits until journal, stream and the reader's tables say the same.
    pub(crate) async fn agrees(&self) {
        let context = self.jetstream().await;
        eventually("journal, stream and reader agree", SOON, async || {
            let (_, waiting) = self.register.head().await.map_err(|error| format!("{error:?}"))?;
            if waiting > 0 {
                return Err(format!("{waiting} rows have no place yet"));
            }
            let journal = self.journal().await;
            let last = journal.len() as u64;
            let stream = context
                .get_stream(STREAM)
                .await
                .map_err(|error| error.to_string())?;
            let durable = stream.consumer_info(SocialAssistance::NAME).await;
            let durable = durable.map_err(|error| error.to_string())?;
            let (read, pending) = (durable.ack_floor.stream_sequence, durable.num_pending);
            if stream.cached_info().state.messages != last || read != last || pending != 0 {
                let held = stream.cached_info().state.messages;
                let (relay, consumer) = (self.relayed.watch(), self.read.watch());
                return Err(format!(
                    "journal {last}, stream {held}, acknowledged {read}, {:?}, {:?}",
                    *relay.borrow(),
                    *consumer.borrow()
                ));
            }
            stream_is(&stream, &journal).await?;
            self.reader_is(&journal).await
        })
        .await;
        assert_eq!(
            self.reader.parked(10).await.unwrap(),
            [],
            "nothing needs a person"
        );
    }

    /// The journal in the order of its chain.
    pub(crate) async fn journal(&self) -> Vec<SealedRow> {
        self.register.sealed_after(0, 100_000).await.unwrap()
    }

    async fn reader_is(&self, journal: &[SealedRow]) -> Result<(), String> {
        let mut expected: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in journal {
            let events = expected.entry(row.row.aggregate.clone()).or_default();
            events.push(row.row.id.to_string());
            assert_eq!(
                usize::try_from(row.row.sequence),
                Ok(events.len()),
                "the chain keeps an aggregate's order"
            );
        }
        let effects = self.effects().await;
        if effects != expected {
            return Err(format!("{} deaths counted of {}", effects.len(), expected.len()));
        }
        let inbox: BTreeMap<_, _> = self.inbox().await.into_iter().collect();
        let ends: BTreeMap<_, _> = expected
            .into_iter()
            .map(|(death, events)| (death, i64::try_from(events.len()).unwrap()))
            .collect();
        if inbox == ends {
            Ok(())
        } else {
            Err("the inbox is not where the journal is".to_owned())
        }
    }

    /// The events that took effect, for each death in order.
    pub(crate) async fn effects(&self) -> BTreeMap<String, Vec<String>> {
        let rows: Vec<(String, i64, String)> = self
            .reader
            .read(work(|tx| {
                Box::pin(async move {
                    tx.query("SELECT death, number, event FROM effect ORDER BY death, number")
                        .all()
                        .await
                })
            }))
            .await
            .unwrap_or_else(|error: StoreError| panic!("{error:?}"));
        let mut effects: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (death, _, event) in rows {
            effects.entry(death).or_default().push(event);
        }
        effects
    }

    async fn inbox(&self) -> Vec<(String, i64)> {
        self.reader
            .read(work(|tx| {
                Box::pin(async move { tx.query("SELECT aggregate, sequence FROM inbox").all().await })
            }))
            .await
            .unwrap_or_else(|error: StoreError| panic!("{error:?}"))
    }
}

/// Registers a death as a client does that repeats what it knows was not stored.
pub(crate) async fn persist(register: &Db<FuneralReform>, death: DeathId) {
    loop {
        match register.write(Register(death)).await {
            Ok(_) => return,
            // SQLite's writer wraps the fault for all whose work it had committed together.
            Err(error) if format!("{error:?}").contains("Injected(Committed)") => return,
            Err(StoreError::Injected(_) | StoreError::Unavailable(_)) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
}

/// Message `k` of the stream is row `k` of the journal.
pub(crate) async fn stream_is(stream: &Stream, journal: &[SealedRow]) -> Result<(), String> {
    let held = replays(stream).await?;
    let expected: Vec<_> = journal
        .iter()
        .map(|row| (row.position, row.row.id.to_string()))
        .collect();
    let found: Vec<_> = held.into_iter().map(|(position, id, _)| (position, id)).collect();
    if found == expected {
        Ok(())
    } else {
        Err("the stream's order is not the chain's".to_owned())
    }
}

/// All messages: position, event id and the replay that they belong to.
pub(crate) async fn replays(stream: &Stream) -> Result<Vec<(u64, String, Option<String>)>, String> {
    let count = stream
        .get_info()
        .await
        .map_err(|error| error.to_string())?
        .state
        .messages;
    let mut held = Vec::new();
    if count == 0 {
        return Ok(held);
    }
    let all = stream.create_consumer(pull::OrderedConfig::default()).await;
    let all = all.map_err(|error| error.to_string())?;
    let mut messages = all
        .messages()
        .await
        .map_err(|error| error.to_string())?
        .take(usize::try_from(count).unwrap());
    while let Some(message) = messages.next().await {
        let message = message.map_err(|error| error.to_string())?;
        let position = message.info().map_err(|error| error.to_string())?.stream_sequence;
        let header = |name: &str| {
            message
                .headers
                .as_ref()
                .and_then(|headers| headers.get(name))
                .map(|value| value.as_str().to_owned())
        };
        held.push((
            position,
            header(wire::MESSAGE_ID).unwrap_or_default(),
            header(wire::REPLAY),
        ));
    }
    Ok(held)
}

/// What an aggregate is called in journal and inbox.
pub(crate) fn key(death: DeathId) -> String {
    let mut event = DeathRegistered::sample();
    event.death = death;
    event.key()
}
