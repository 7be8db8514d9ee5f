//! What all figures write: a state row of 500 bytes, and one event of some 600.

use mz_contracts::events::LinesComputed;
use mz_contracts::{Actor, Event as _, SocialAssistance};
use mz_kernel::{Date, EventId, Id as _, IdSource, LegalClock, ManualLegalClock, OfficerId, RunId};
use mz_runtime::WallClock;
use mz_store::{Migration, NoFaults, Origin, StoreError, Surroundings, Tx, Work};
use std::sync::{Arc, LazyLock};

/// The state: a month's run, as far as it has come.
pub(crate) const TABLES: &[Migration] = &[Migration {
    name: "0001_bench",
    sql: "CREATE TABLE run (id TEXT NOT NULL PRIMARY KEY, version BIGINT NOT NULL, body TEXT NOT NULL);",
}];

/// The legal date of everything here.
pub(crate) const TODAY: Date = Date::constant(2020, 4, 10);

/// Text that does not repeat itself, so that nothing gains from packing it.
pub(crate) static BODY: LazyLock<String> = LazyLock::new(|| {
    let mut state = 88_172_645_463_325_252_u64;
    let letters = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from(b"abcdefghijklmnopqrstuvwxyz012345"[(state % 32) as usize])
    });
    letters.take(500).collect()
});

/// Two lines of a run; most of the suite's events are smaller.
pub(crate) static EVENT: LazyLock<LinesComputed> = LazyLock::new(|| {
    let mut event = LinesComputed::sample();
    let again = event.lines.clone();
    event.lines.extend(again);
    event
});

/// Its JSON, for those who write bare rows.
pub(crate) static EVENT_JSON: LazyLock<String> =
    LazyLock::new(|| serde_json::to_string(&*EVENT).unwrap_or_default());

/// The surroundings of a database; each has ids of its own.
pub(crate) fn surroundings(seed: u64) -> Surroundings {
    let legal: Arc<dyn LegalClock> = Arc::new(ManualLegalClock::new(TODAY));
    Surroundings::new(
        legal,
        Arc::new(WallClock),
        Arc::new(IdSource::seeded(seed)),
        Arc::new(NoFaults),
    )
}

/// Who does it all.
pub(crate) fn origin() -> Origin {
    let officer = OfficerId::from_bits(1 << 100);
    Origin {
        actor: Actor::Officer(officer),
        correlation: officer.to_string(),
        causation: None,
        trace: None,
    }
}

/// The `turn`th command of a caller. Each run has two: one opens it, the next one carries it on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Command {
    pub(crate) run: RunId,
    pub(crate) version: u32,
    pub(crate) event: EventId,
}

impl Command {
    /// Ids as the suite makes them, sorted by time: later turns come later.
    pub(crate) fn of(caller: u32, turn: u32) -> Self {
        const MILLISECOND: u128 = 1_586_480_400_000;
        let bits = |number: u32| (MILLISECOND << 80) | (u128::from(number) << 16) | u128::from(caller);
        Self {
            run: RunId::from_bits(bits(turn / 2)),
            version: turn % 2 + 1,
            event: EventId::from_bits(bits(turn)),
        }
    }
}

/// The same as a use case of a service is: load, decide, save with the version checked, emit. What is new has
/// nothing to load.
pub(crate) struct WriteChunk(pub(crate) Command);

const OPEN: &str = "INSERT INTO run (id, version, body) VALUES ($1, 1, $2)";
const LOAD: &str = "SELECT version, body FROM run WHERE id = $1";
const CARRY_ON: &str = "UPDATE run SET version = version + 1, body = $3 WHERE id = $1 AND version = $2";

impl Work<SocialAssistance> for WriteChunk {
    type Output = EventId;
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<SocialAssistance>) -> Result<EventId, StoreError> {
        let Command { run, version, .. } = self.0;
        let body = BODY.as_str();
        if version == 1 {
            tx.query(OPEN)
                .bind(run)
                .bind(body)
                .execute_one("a new run")
                .await?;
        } else {
            let found = tx.query(LOAD).bind(run).optional::<(i64, String)>().await?;
            let (version, _) = found.ok_or(StoreError::Conflict { what: "a run" })?;
            tx.query(CARRY_ON)
                .bind(run)
                .bind(version)
                .bind(body)
                .execute_one("a run")
                .await?;
        }
        let event = LinesComputed {
            run,
            chunk: version,
            known_at: tx.now(),
            ..EVENT.clone()
        };
        tx.emit(&origin(), &event)
    }
}
