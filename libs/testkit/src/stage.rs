//! What a service needs around it to be asked over its public interface, and what must be true when a story ends.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mz_bus::bridge::Bridge;
use mz_bus::{Address, Connection, Pause};
use mz_contracts::subject::Area;
use mz_http::{Access, Caller, Role, TokenSigner, TokenVerifier};
use mz_kernel::{
    Calendar, Date, DivisionCode, Id as _, IdSource, ManualLegalClock, ManualSystemClock, OfficerId,
    SystemClock as _,
};
use mz_policy::Policy;
use mz_runtime::{Part, Setting};
use mz_store::{Cipher, Keyring, NoFaults, Surroundings};
use tempfile::TempDir;

use crate::{Officer, TestNats, TestPostgres, nats, postgres_or_skip};

/// The longest that services may take to come to rest.
const REST: Duration = Duration::from_mins(1);

/// A private nats-server, a place for databases on one engine, two clocks that stand still, and officers.
///
/// A story starts services with [`Stage::setting`], asks them through [`Stage::officer`], and ends with
/// [`Stage::finish`].
pub struct Stage {
    nats: TestNats,
    folder: TempDir,
    postgres: Option<TestPostgres>,
    databases: Mutex<BTreeMap<String, String>>,
    bridge: Bridge,
    area: Area,
    legal: Arc<ManualLegalClock>,
    system: Arc<ManualSystemClock>,
    policy: Arc<Policy>,
    signer: TokenSigner,
    made: Arc<AtomicU64>,
    finished: bool,
}

/// Declares that stories, each an `async fn(stage: Stage)`, are told on either engine: `<story>::on_sqlite` and
/// `<story>::on_postgres`, the latter skipped by name where PostgreSQL's programs are missing.
#[macro_export]
macro_rules! stories {
    ($($story:ident),+ $(,)?) => {$(
        mod $story {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                Box::pin(super::$story($crate::Stage::on_sqlite().await)).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                let name = concat!(module_path!(), "::on_postgres");
                if let Some(stage) = $crate::Stage::on_postgres(name).await {
                    Box::pin(super::$story(stage)).await;
                }
            }
        }
    )+};
}

impl Stage {
    /// The legal date at first.
    pub const FIRST_DAY: Date = Date::constant(2020, 1, 2);
    /// The county whose bureau runs the services.
    pub const COUNTY: &str = "513335";

    /// A stage whose databases are SQLite files.
    pub async fn on_sqlite() -> Stage {
        Stage::new(None).await
    }

    /// A stage whose databases are PostgreSQL's; none, and the test said to be skipped, where there is none.
    pub async fn on_postgres(test: &str) -> Option<Stage> {
        let postgres = postgres_or_skip(test).await?;
        Some(Stage::new(Some(postgres)).await)
    }

    async fn new(postgres: Option<TestPostgres>) -> Stage {
        let nats = nats().await;
        let area = Area::try_from(division(Stage::COUNTY)).expect("a county is an area");
        let operator = Address::of(nats.url(), &nats.credentials().civil);
        let connection = Connection::open(&operator, "story").await;
        let connection = connection.expect("the test's own nats-server takes a connection");
        let start = "2020-01-02T01:00:00.000000Z".parse().expect("an instant");
        Stage {
            nats,
            folder: tempfile::tempdir().expect("a temporary folder"),
            postgres,
            databases: Mutex::default(),
            bridge: Bridge::new(connection, area),
            area,
            legal: Arc::new(ManualLegalClock::new(Stage::FIRST_DAY)),
            system: Arc::new(ManualSystemClock::new(start)),
            policy: Arc::default(),
            signer: TokenSigner::new(&[7; 32]),
            made: Arc::default(),
            finished: false,
        }
    }

    /// The same stage with these policy packs as its law.
    #[must_use]
    pub fn with_policy(mut self, packs: &[&str]) -> Stage {
        let files: Vec<_> = packs
            .iter()
            .zip(1..)
            .map(|(text, number)| (format!("{number}.toml"), *text))
            .collect();
        let policy = Policy::parse(files.iter().map(|(file, text)| (file.as_str(), *text)));
        self.policy = Arc::new(policy.unwrap_or_else(|error| panic!("{error}: {error:?}")));
        self
    }

    /// Where and with what a service starts. The same name again is the same database: a service that was stopped
    /// goes on where it was.
    pub async fn setting(&self, service: &str) -> Setting {
        // Ids never come twice, also not after a restart: each setting has a seed of its own.
        let ids = Arc::new(IdSource::seeded(self.next()));
        let surroundings = Surroundings::new(
            Arc::clone(&self.legal) as _,
            Arc::clone(&self.system) as _,
            ids,
            Arc::new(NoFaults),
        );
        let verifier = TokenVerifier::new(&[self.signer.public_key()]).expect("a signer has a public key");
        Setting {
            database: self.database(service).await,
            nats: address(&self.nats, service),
            area: self.area,
            instance: "stage".to_owned(),
            surroundings,
            policy: Arc::clone(&self.policy),
            calendar: Arc::new(Calendar::china().expect("the calendar that is shipped")),
            keyring: Arc::new(Keyring::new(Cipher::Aes256Gcm, key(service, 1), key(service, 2))),
            pause: Pause::default(),
            access: Access {
                verifier,
                clock: Arc::clone(&self.system) as _,
            },
        }
    }

    async fn database(&self, service: &str) -> String {
        let known = self
            .databases
            .lock()
            .expect("no other test panics here")
            .get(service)
            .cloned();
        if let Some(url) = known {
            return url;
        }
        let url = match self.postgres {
            Some(postgres) => postgres.database().await,
            None => format!(
                "sqlite:{}",
                self.folder.path().join(format!("{service}.db")).display()
            ),
        };
        let mut databases = self.databases.lock().expect("no other test panics here");
        databases.insert(service.to_owned(), url.clone());
        url
    }

    /// Somebody new with a role, who works for a division and all that lies in it.
    pub fn officer(&self, role: Role, works_for: &str) -> Officer {
        let number = self.next();
        let caller = Caller {
            officer: OfficerId::from_bits(u128::from(number)),
            name: format!("officer {number}"),
            roles: vec![role],
            divisions: vec![division(works_for)],
            expires: self.system.now().plus(Duration::from_hours(8)),
            purpose: None,
        };
        Officer {
            token: self.signer.sign(&caller).expect("a caller can be signed"),
            bridge: self.bridge.clone(),
            made: Arc::clone(&self.made),
        }
    }

    /// Moves the legal date forward, as in `2020-04-08`.
    #[track_caller]
    pub fn today_is(&self, date: &str) {
        let date = date.parse().expect("a date");
        self.legal.set(date).unwrap_or_else(|error| panic!("{error}"));
    }

    /// The system clock.
    pub fn system(&self) -> &ManualSystemClock {
        &self.system
    }

    /// The broker.
    pub fn nats(&self) -> &TestNats {
        &self.nats
    }

    /// The folder of the SQLite files, one `<service>.db` each; empty on PostgreSQL.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Waits until the services are at rest: all that happened is sealed, relayed, and settled by those who read it.
    pub async fn settled(&self, parts: &[&dyn Part]) {
        let rest = tokio::time::timeout(REST, mz_runtime::settled(parts)).await;
        let Ok(settled) = rest else {
            panic!("no rest within {REST:?}: {:#?}", healths(parts).await)
        };
        settled.unwrap_or_else(|error| panic!("{error}: {error:?}"));
    }

    /// Ends a story: waits for rest, and fails if anything is parked, if somebody waits who could go on, or if a
    /// chain does not hold. Then the services are stopped.
    pub async fn finish(mut self, parts: &[&dyn Part]) {
        self.settled(parts).await;
        for (part, health) in parts.iter().zip(healths(parts).await) {
            let parked = part.parked().await.expect("parked events can be listed");
            assert!(parked.is_empty(), "{} has parked {parked:#?}", part.name());
            let names: Vec<_> = parts.iter().map(|part| part.name()).collect();
            let waits = health.consumer_waits.keys().any(|source| names.contains(source));
            assert!(health.relay_waits.is_none() && !waits, "{health:#?}");
            let verified = part
                .verify()
                .await
                .unwrap_or_else(|error| panic!("{}: {error}", part.name()));
            assert_eq!(verified, health.sealed, "the chain of {}", part.name());
        }
        for part in parts {
            part.stop().await;
        }
        self.finished = true;
    }

    fn next(&self) -> u64 {
        self.made.fetch_add(1, Ordering::Relaxed) + 1
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        assert!(
            self.finished || std::thread::panicking(),
            "a story ends with `stage.finish`, which looks whether anything was left behind"
        );
    }
}

async fn healths(parts: &[&dyn Part]) -> Vec<mz_runtime::Health> {
    let mut all = Vec::new();
    for part in parts {
        all.push(part.health().await.expect("a running service tells how it is"));
    }
    all
}

/// A service as its own user, which may do only what it may do in a suite.
fn address(nats: &TestNats, service: &str) -> Address {
    let login = nats.credentials().service(service);
    Address::of(nats.url(), login.expect("a service has a login"))
}

fn division(code: &str) -> DivisionCode {
    code.parse().unwrap_or_else(|error| panic!("{error}"))
}

/// A key of the service's own; nothing to keep secret.
fn key(service: &str, salt: u8) -> [u8; 32] {
    let mut key = [salt; 32];
    for (place, byte) in key.iter_mut().zip(service.bytes()) {
        *place ^= byte;
    }
    key
}
