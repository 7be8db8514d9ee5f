//! The whole suite in one process: every service, the private nats-server, and the HTTP door.

use crate::county::County;
use crate::door;
use crate::parts::{self, NAMES};
use mz_bus::Address;
use mz_bus::server::{self, Binary, Credentials, DataFolder, Server, ServerOptions, Supervised};
use mz_contracts::Gateway;
use mz_contracts::subject::Area;
use mz_http::{Role, TokenSigner};
use mz_kernel::{Date, LegalClock, ManualLegalClock};
use mz_runtime::{App, Bureau, Failure, Listening, Part, Secrets, Setting, WallCalendar, environment};
use mz_store::{Cipher, Faults, NoFaults, StoreError};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

pub use mz_runtime::{token, where_file};

/// What a suite is started with.
pub struct Options {
    /// Its data folder.
    pub data: PathBuf,
    /// Where the door listens; when the port is taken, another one is.
    pub listen: SocketAddr,
    /// A database URL with `{service}` in it; none keeps SQLite files in the data folder.
    pub database: Option<String>,
    /// A NATS server to use; none starts a private one.
    pub nats: Option<Address>,
    /// The county's divisions and policy.
    pub county: County,
    /// A legal date to start at, moved by hand from there (training, simulation); none follows the wall.
    pub legal_date: Option<Date>,
    /// Faults for tests.
    pub faults: Arc<dyn Faults>,
}

impl Options {
    /// Embedded defaults in a data folder.
    pub fn new(data: impl Into<PathBuf>, county: County) -> Self {
        Self {
            data: data.into(),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            database: None,
            nats: None,
            county,
            legal_date: None,
            faults: Arc::new(NoFaults),
        }
    }
}

/// Why a suite does not start. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// The data folder.
    #[error("the data folder cannot be used")]
    Data(#[from] server::LockError),
    /// A folder or file below it.
    #[error("{path} cannot be used")]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The keys.
    #[error("the keys cannot be used")]
    Secrets(#[from] mz_runtime::SecretsError),
    /// The nats-server program.
    #[error("there is no nats-server that can be used")]
    Locate(#[from] server::LocateError),
    /// The private nats-server.
    #[error("the private nats-server does not start")]
    Nats(#[from] server::StartError),
    /// Its settings.
    #[error("the nats-server does not keep what it acknowledges")]
    NotDurable(#[from] server::NotProven),
    /// A service.
    #[error("a service does not start")]
    Service(#[from] mz_runtime::StartError),
    /// The county.
    #[error("the county cannot be served")]
    Bureau(#[from] mz_runtime::BureauError),
    /// The address.
    #[error("cannot listen on {address}; give another one with --listen")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The first administrator.
    #[error("the first administrator's account cannot be opened: {0}")]
    FirstAccount(String),
    /// The county's divisions.
    #[error("the county's divisions are not known to the services")]
    Divisions(#[from] mz_runtime::NotEntered),
}

/// A running suite.
pub struct Suite {
    parts: Arc<[Box<dyn Part>]>,
    door: Listening,
    nats: Nats,
    legal: Legal,
    signer: TokenSigner,
    area: Area,
    first_password: Option<PathBuf>,
    // Held until everything else is down.
    _data: DataFolder,
}

struct Nats {
    /// As its operator.
    address: Address,
    /// As each service; nobody but the operator where the server was given.
    logins: Option<Credentials>,
    private: Option<(Supervised, CancellationToken)>,
}

impl Nats {
    /// How a service reaches it: as a user of its own where the server is ours.
    fn address_of(&self, service: &str) -> Address {
        let login = self.logins.as_ref().and_then(|logins| logins.service(service));
        login.map_or_else(
            || self.address.clone(),
            |login| Address::of(self.address.server.clone(), login),
        )
    }
}

/// The suite's legal clock.
#[derive(Clone)]
pub(crate) enum Legal {
    Wall,
    Manual(Arc<ManualLegalClock>),
}

impl Legal {
    pub(crate) fn clock(&self) -> Arc<dyn LegalClock> {
        match self {
            Self::Wall => Arc::new(WallCalendar),
            Self::Manual(clock) => Arc::clone(clock) as Arc<dyn LegalClock>,
        }
    }
}

impl Suite {
    /// Starts everything, and answers when it is ready to serve.
    pub async fn start(options: Options) -> Result<Self, SuiteError> {
        let data = DataFolder::lock(&options.data)?;
        let path = data.path().to_owned();
        let mut secrets = Secrets::open(&path.join("secrets"))?;
        let databases = path.join("db");
        std::fs::create_dir_all(&databases).map_err(|source| SuiteError::File {
            path: databases.clone(),
            source,
        })?;
        let nats = start_nats(&data, options.nats).await?;
        let legal = match options.legal_date {
            None => Legal::Wall,
            Some(date) => Legal::Manual(Arc::new(ManualLegalClock::new(date))),
        };
        let bureau = Bureau::new(
            &options.county,
            legal.clock(),
            secrets.verifier()?,
            options.faults,
        )?;
        let area = bureau.area();
        let settings = NAMES.map(|service| -> Result<Setting, SuiteError> {
            let database = match &options.database {
                Some(template) => template.replace("{service}", &service.replace('-', "_")),
                None => format!("sqlite:{}", databases.join(format!("{service}.db")).display()),
            };
            let keyring = secrets.keyring(service, Cipher::Aes256Gcm)?;
            Ok(bureau.setting("suite", database, nats.address_of(service), keyring)?)
        });
        let signer = secrets.signer();
        let administrator = token(&signer, "suite", Role::Administrator, &[options.county.code]);
        let (parts, gateway) = Box::pin(parts::start(settings)).await?;
        options.county.enter(&gateway.bridge, &administrator).await?;
        let first_password = open_first_account(&gateway, area, &path).await?;
        let door = door::Door {
            parts: Arc::clone(&parts),
            access: bureau.access().clone(),
            legal: legal.clone(),
            pause: bureau.pause().clone(),
            bridge: gateway.bridge.clone(),
        };
        let door = door::open(door.routes(gateway, signer.clone()), options.listen).await?;
        let note = where_file(&path);
        let door = door.noted(&path);
        let door = door.map_err(|source| SuiteError::File { path: note, source })?;
        Ok(Self {
            parts,
            door,
            nats,
            legal,
            signer,
            area,
            first_password,
            _data: data,
        })
    }

    /// `http://127.0.0.1:8080`.
    pub fn base_url(&self) -> String {
        self.door.base_url()
    }

    /// Where the door listens.
    pub fn address(&self) -> SocketAddr {
        self.door.address
    }

    /// How to reach NATS.
    pub fn nats(&self) -> &Address {
        &self.nats.address
    }

    /// Whose bureau runs it.
    pub fn area(&self) -> Area {
        self.area
    }

    /// The legal date.
    pub fn today(&self) -> Date {
        self.legal.clock().today()
    }

    /// Where the password of the first administrator was written, if this start opened the account.
    pub fn first_password(&self) -> Option<&Path> {
        self.first_password.as_deref()
    }

    /// Its services.
    pub fn parts(&self) -> &[Box<dyn Part>] {
        &self.parts
    }

    /// A token for an officer of the whole area.
    pub fn token(&self, name: &str, role: Role) -> String {
        token(&self.signer, name, role, &[self.area.into()])
    }

    /// Moves the legal date forward; none where the suite follows the wall or the date lies in the past.
    pub fn set_legal_date(&self, date: Date) -> Option<()> {
        match &self.legal {
            Legal::Wall => None,
            Legal::Manual(clock) => clock.set(date).ok(),
        }
    }

    /// Waits until nothing is unsealed, unrelayed or unsettled.
    pub async fn settled(&self) -> Result<(), StoreError> {
        let parts: Vec<&dyn Part> = self.parts.iter().map(|part| &**part).collect();
        mz_runtime::settled(&parts).await
    }

    /// Stops the door, drains the services, and stops the private nats-server.
    pub async fn stop(self) {
        self.door.close().await;
        futures::future::join_all(self.parts.iter().map(|part| part.stop())).await;
        if let Some((supervised, stop)) = self.nats.private {
            stop.cancel();
            supervised.stopped().await;
        }
    }
}

/// Opens the first administrator's account where there is none; answers where its password is, if it did.
async fn open_first_account(
    gateway: &App<Gateway>,
    area: Area,
    data: &Path,
) -> Result<Option<PathBuf>, SuiteError> {
    let password = data.join("secrets").join("administrator");
    let opened = gateway::first_administrator(gateway, area.into(), &password).await;
    let opened =
        opened.map_err(|Failure(problem)| SuiteError::FirstAccount(problem.body().detail.clone()))?;
    Ok(opened.then_some(password))
}

/// Where to look for nats-server on this machine.
pub fn nats_options() -> server::Options {
    server::Options {
        program: environment("MINZHENG_NATS_SERVER").map(Into::into),
        path: environment("PATH").map(Into::into),
        xdg_cache_home: environment("XDG_CACHE_HOME").map(Into::into),
        home: environment("HOME").map(Into::into),
    }
}

async fn start_nats(data: &DataFolder, given: Option<Address>) -> Result<Nats, SuiteError> {
    if let Some(address) = given {
        return Ok(Nats {
            address,
            logins: None,
            private: None,
        });
    }
    let binary = tokio::task::spawn_blocking(|| Binary::locate(&nats_options()))
        .await
        .map_err(|error| SuiteError::File {
            path: data.path().to_owned(),
            source: error.into(),
        })??;
    let server = Server::start(binary, ServerOptions::in_folder(data)).await?;
    let credentials = server.credentials().clone();
    server::prove_durability(&server.url(), &credentials.sys).await?;
    let address = Address::of(server.url(), &credentials.civil);
    let stop = CancellationToken::new();
    let supervised = server::supervise(server, stop.clone());
    Ok(Nats {
        address,
        logins: Some(credentials),
        private: Some((supervised, stop)),
    })
}
