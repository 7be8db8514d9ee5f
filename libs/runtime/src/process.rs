//! A service as a process of its own, started by what its environment says.

use crate::door::health_of;
use crate::logging::{self, Collector, LogTo};
use crate::variables::{
    COUNTY, DATA, DATABASE_PASSWORD, DATABASE_URL, LEGAL_DATE, LISTEN, LOG, NATS_PASSWORD, NATS_URL,
    OTEL_EXPORTER_OTLP_ENDPOINT, OTLP, TOKEN_KEY, VARIABLES, Values, VariableError, wrong,
};
use crate::{Bureau, County, Secrets, Service, Setting, Stop, WallCalendar, environment};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mz_bus::bridge::Bridge;
use mz_bus::server::{DataFolder, Login};
use mz_bus::{Address, Connection};
use mz_contracts::Owner;
use mz_contracts::subject::Area;
use mz_http::TokenVerifier;
use mz_kernel::{Date, LegalClock, ManualLegalClock};
use mz_store::{Cipher, NoFaults};
use std::error::Error;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Why a process ends other than it was asked to.
pub type ProcessError = Box<dyn Error + Send + Sync>;

/// What a service's process works with.
pub struct Process {
    /// The folder that is its own; locked.
    pub data: DataFolder,
    /// Whom it serves.
    pub county: County,
    /// Its keys.
    pub secrets: Secrets,
    /// Where and with what the service runs.
    pub setting: Setting,
    /// Where the HTTP door listens, if the service has one.
    pub listen: SocketAddr,
}

/// Runs a service until SIGTERM or Ctrl-C, then drains it: the whole of a service's `main`.
pub async fn run<S: Owner>(service: Service<S>) -> ExitCode {
    process::<S>(async |process, mut stop| {
        let started = stop.unless_asked(service.start(process.setting)).await;
        let Some(running) = started.transpose()? else {
            return Ok(());
        };
        stop.asked().await;
        running.stop().await;
        Ok(())
    })
    .await
}

/// Runs `serve` with what the environment says ([`VARIABLES`]), and logs what ends it. With the argument `health` it
/// asks the running service how it is instead, and exits with 0 when that answers: for a container's health check.
pub async fn process<S: Owner>(
    serve: impl AsyncFnOnce(Process, Stop) -> Result<(), ProcessError>,
) -> ExitCode {
    let values = Values(&environment);
    let asked = std::env::args().nth(1);
    // A health check ends at once, and is nothing to follow.
    let endpoint = collector(values).filter(|_| asked.is_none());
    let filter = values.find(LOG).ok().flatten();
    let logging = logging::start(
        LogTo::Standard,
        filter.as_deref().unwrap_or("info,async_nats=warn"),
        endpoint.as_deref().map(|endpoint| Collector {
            endpoint,
            service: Some(S::NAME),
            version: env!("CARGO_PKG_VERSION"),
        }),
    );
    let _logging = match logging {
        Ok(logging) => logging,
        Err(error) => {
            // There is no log that could tell.
            let _ = writeln!(std::io::stderr(), "{}", mz_kernel::chain(&error));
            return ExitCode::FAILURE;
        }
    };
    let ended = match asked.as_deref() {
        None => match begin::<S>(values) {
            Ok((process, stop)) => Box::pin(serve(process, stop)).await,
            Err(error) => Err(error),
        },
        Some("health") => health::<S>(values).await,
        Some(_) => return usage(S::NAME),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(
                service = S::NAME,
                error = mz_kernel::chain(&*error),
                "the process ends"
            );
            ExitCode::FAILURE
        }
    }
}

/// Where spans are sent, if anywhere.
fn collector(values: Values<'_>) -> Option<String> {
    let mut found = [OTLP, OTEL_EXPORTER_OTLP_ENDPOINT]
        .into_iter()
        .filter_map(|variable| values.find(variable).ok().flatten());
    found.next()
}

fn begin<S: Owner>(values: Values<'_>) -> Result<(Process, Stop), ProcessError> {
    Ok((Process::of::<S>(values)?, Stop::listen()?))
}

impl Process {
    fn of<S: Owner>(values: Values<'_>) -> Result<Self, ProcessError> {
        // Whatever can be wrong is looked at before anything is made.
        let Place { mut county, nats, .. } = Place::of::<S>(values)?;
        let folder = PathBuf::from(values.need(DATA)?);
        county.add_working_days(&folder)?;
        let database = database(values)?;
        let verifier = verifier(values)?;
        let legal: Arc<dyn LegalClock> = match values.parsed::<Date>(LEGAL_DATE)? {
            None => Arc::new(WallCalendar),
            Some(date) => Arc::new(ManualLegalClock::new(date)),
        };
        let listen = values.parsed(LISTEN)?;
        let data = DataFolder::lock(&folder)?;
        let mut secrets = Secrets::open(&data.path().join("secrets"))?;
        let keyring = secrets.keyring(S::NAME, Cipher::Aes256Gcm)?;
        let bureau = Bureau::new(&county, legal, verifier, Arc::new(NoFaults))?;
        Ok(Self {
            setting: bureau.setting(&instance(&data), database, nats, keyring)?,
            listen: listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8080))),
            data,
            county,
            secrets,
        })
    }
}

/// The name of an instance among those of its service: no two processes have the same folder of the same machine, and
/// the one that takes up a dead one's folder takes up its duties at once.
fn instance(data: &DataFolder) -> String {
    let host = nix::unistd::gethostname().unwrap_or_default();
    format!("{}:{}", host.display(), data.path().display())
}

/// Whom a service serves, and how it reaches the others.
struct Place {
    county: County,
    area: Area,
    nats: Address,
}

impl Place {
    fn of<S: Owner>(values: Values<'_>) -> Result<Self, ProcessError> {
        let county = County::find(&values.need(COUNTY)?).map_err(|error| wrong(COUNTY, error))?;
        let login = Login::new(S::NAME, values.need(NATS_PASSWORD)?);
        Ok(Self {
            area: Area::try_from(county.code)?,
            nats: Address::of(values.need(NATS_URL)?, &login),
            county,
        })
    }
}

/// The database's URL, with its password as a parameter: a URL that holds one is seen by too many.
fn database(values: Values<'_>) -> Result<String, VariableError> {
    let url = values.need(DATABASE_URL)?;
    Ok(match values.find(DATABASE_PASSWORD)? {
        None => url,
        Some(password) => {
            let mark = if url.contains('?') { '&' } else { '?' };
            let password: String = form_urlencoded::byte_serialize(password.as_bytes()).collect();
            format!("{url}{mark}password={password}")
        }
    })
}

fn verifier(values: Values<'_>) -> Result<TokenVerifier, VariableError> {
    let keys = values.need(TOKEN_KEY)?;
    let keys = keys
        .split_whitespace()
        .map(|key| STANDARD.decode(key).ok()?.try_into().ok());
    let keys: Option<Vec<[u8; 32]>> = keys.collect();
    let keys = keys.ok_or_else(|| wrong(TOKEN_KEY, "a key is not 32 bytes in base64"))?;
    TokenVerifier::new(&keys).map_err(|error| wrong(TOKEN_KEY, error))
}

/// The service answers nobody.
#[derive(Debug, thiserror::Error)]
#[error("{0} does not answer over NATS")]
struct Silent(&'static str);

/// Takes no lock and opens no database: another process runs with them.
async fn health<S: Owner>(values: Values<'_>) -> Result<(), ProcessError> {
    let Place { area, nats, .. } = Place::of::<S>(values)?;
    let bridge = Bridge::new(Connection::open(&nats, S::NAME).await?, area);
    health_of(&bridge, S::NAME)
        .await
        .map(|_| ())
        .ok_or(Silent(S::NAME).into())
}

fn usage(service: &str) -> ExitCode {
    let mut out = std::io::stderr().lock();
    let _ = writeln!(
        out,
        "minzheng-{service} runs until SIGTERM; `minzheng-{service} health` asks the running one how it is.\n\
         It reads these variables; * must be set, and + may be given as <VARIABLE>_FILE:"
    );
    for variable in VARIABLES {
        let must = if variable.required { '*' } else { ' ' };
        let file = if variable.from_file { '+' } else { ' ' };
        let _ = writeln!(
            out,
            "  {must}{file} {name:<27} {hint}",
            name = variable.name,
            hint = variable.hint
        );
    }
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_goes_into_the_url_whatever_it_holds() {
        let with = |url: &str| {
            let value = |name: &str| match name {
                "MINZHENG_DATABASE_URL" => Some(url.to_owned()),
                "MINZHENG_DATABASE_PASSWORD" => Some("a&b c".to_owned()),
                _ => None,
            };
            database(Values(&value)).unwrap()
        };
        assert_eq!(with("postgres://u@h/d"), "postgres://u@h/d?password=a%26b+c");
        assert_eq!(
            with("postgres:///d?host=/run"),
            "postgres:///d?host=/run&password=a%26b+c"
        );
    }

    #[test]
    fn two_keys_are_believed_while_one_is_changed_and_no_other_text_is_a_key() {
        let of = |text: &str| verifier(Values(&|name| (name == TOKEN_KEY.name).then(|| text.to_owned())));
        let signers = [[7; 32], [8; 32]].map(|key| mz_http::TokenSigner::new(&key));
        let keys = signers.map(|signer| STANDARD.encode(signer.public_key()));
        of(&keys.join(" ")).unwrap();
        for wrong in ["hunter2", "aGVsbG8="] {
            let said = mz_kernel::chain(&of(wrong).unwrap_err());
            assert!(
                said.contains("MINZHENG_TOKEN_KEY") && !said.contains(wrong),
                "{said}"
            );
        }
    }
}
