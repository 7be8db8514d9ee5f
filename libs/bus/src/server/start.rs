//! Starting, breaking and stopping the private server.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use nix::sys::signal::Signal;

use super::child::{self, Child};
use super::config::{self, Files, SyncInterval};
use super::{Binary, Credentials, DataFolder, credentials, orphan};

/// How long a server may take to shut down before it is killed. With `SyncInterval::Always` a kill loses nothing either.
const GRACE: Duration = Duration::from_secs(10);
/// Between two looks at whether the server is ready; it usually is after some 10 ms.
const LOOK: Duration = Duration::from_millis(2);

/// What a private server is started with. Made from a locked data folder, as starting ends whatever server still
/// runs on the same files.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServerOptions {
    /// The server's own folder: configuration, log (`nats-server.log`) and store (`jetstream/`).
    pub folder: PathBuf,
    /// The file that keeps the credentials from start to start.
    pub credentials: PathBuf,
    /// The port on loopback; `None` takes a free one. A restart keeps the port.
    pub port: Option<u16>,
    /// When the store is synced.
    pub sync: SyncInterval,
    /// How long the server may take to answer, reading its whole store included.
    pub ready_within: Duration,
}

impl ServerOptions {
    /// The places of a suite: `<data>/nats` and `<data>/secrets/nats.json`, a free port, always in sync.
    pub fn in_folder(data: &DataFolder) -> Self {
        Self {
            folder: data.path().join("nats"),
            credentials: data.path().join("secrets").join("nats.json"),
            port: None,
            sync: SyncInterval::Always,
            ready_within: Duration::from_mins(2),
        }
    }
}

/// A running private nats-server. Dropping it kills it; when this process is killed, the server is killed with it
/// where `setpriv` is at hand, and ended by the next start in the same folder in any case.
#[derive(Debug)]
pub struct Server {
    binary: Binary,
    options: ServerOptions,
    files: Files,
    credentials: Credentials,
    port: u16,
    child: Child,
}

impl Server {
    /// Starts a server and returns when JetStream answers.
    pub async fn start(binary: Binary, options: ServerOptions) -> Result<Server, StartError> {
        let failed = |source| StartError::Folder {
            path: options.folder.clone(),
            source,
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&options.folder)
            .map_err(failed)?;
        let folder = options.folder.canonicalize().map_err(failed)?;
        let files = Files::below(folder).ok_or_else(|| StartError::Path {
            path: options.folder.clone(),
        })?;
        let credentials =
            Credentials::kept_in(&options.credentials).map_err(|source| StartError::Credentials {
                path: options.credentials.clone(),
                source,
            })?;
        let (child, port) = launch(&binary, &options, &files, &credentials, options.port).await?;
        Ok(Server {
            binary,
            options,
            files,
            credentials,
            port,
            child,
        })
    }

    /// `nats://127.0.0.1:<port>`, without a login.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// The port on loopback, the same for the life of this value.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The logins to connect with.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The process id of the running or last server.
    pub fn pid(&self) -> u32 {
        self.child.pid()
    }

    /// The folder of JetStream's files, to be touched only while the server is down.
    pub fn store(&self) -> PathBuf {
        self.files.store()
    }

    /// The server's log.
    pub fn log(&self) -> PathBuf {
        self.files.log()
    }

    /// How the server ended, if it has.
    pub fn ended(&self) -> Option<ExitStatus> {
        self.child.ended()
    }

    /// Waits until the server has ended, by whatever cause.
    pub async fn wait(&self) {
        self.child.wait().await;
    }

    /// Kills the server as a power cut would, and waits until it is gone.
    pub async fn kill(&self) {
        self.child.signal(Signal::SIGKILL);
        self.child.wait().await;
    }

    /// Stops the server's clock: it holds its connections and answers nothing, until [`Server::thaw`].
    pub fn freeze(&self) {
        self.child.signal(Signal::SIGSTOP);
    }

    /// Lets a frozen server go on.
    pub fn thaw(&self) {
        self.child.signal(Signal::SIGCONT);
    }

    /// Kills the server if it runs and starts it again: same port, same store, same logins.
    pub async fn restart(&mut self) -> Result<(), StartError> {
        self.kill().await;
        let (child, port) = launch(
            &self.binary,
            &self.options,
            &self.files,
            &self.credentials,
            Some(self.port),
        )
        .await?;
        (self.child, self.port) = (child, port);
        Ok(())
    }

    /// Asks the server to shut down, waits, and kills it if it does not.
    pub async fn stop(self) {
        // A frozen server would never see the request.
        self.child.signal(Signal::SIGTERM);
        self.child.signal(Signal::SIGCONT);
        if tokio::time::timeout(GRACE, self.child.wait()).await.is_err() {
            tracing::warn!(pid = self.pid(), "nats-server does not shut down: killing it");
            self.kill().await;
        }
    }
}

async fn launch(
    binary: &Binary,
    options: &ServerOptions,
    files: &Files,
    credentials: &Credentials,
    port: Option<u16>,
) -> Result<(Child, u16), StartError> {
    orphan::end(files).await.map_err(|source| StartError::Orphan {
        folder: files.folder().to_owned(),
        source,
    })?;
    let config = config::render(files, port, options.sync, credentials);
    let ports = files.ports();
    let log = clear(&ports)
        .and_then(|()| credentials::write_private(&files.config(), config.as_bytes()))
        .and_then(|()| {
            OpenOptions::new()
                .append(true)
                .create(true)
                .mode(0o600)
                .open(files.log())
        })
        .and_then(|log| Ok((log.try_clone()?, log)))
        .map_err(|source| StartError::Folder {
            path: files.folder().to_owned(),
            source,
        })?;

    let mut command: Command = child::tethered(binary.program());
    command.arg("-c").arg(files.config()).current_dir(files.folder());
    // What the server says before its own log is open, a wrong configuration or a panic, goes to the same file.
    command.stdin(Stdio::null()).stdout(log.0).stderr(log.1);
    let child = Child::spawn(command).map_err(|source| StartError::Spawn {
        program: binary.program().to_owned(),
        source,
    })?;

    let answers = tokio::time::timeout(options.ready_within, answering(&child, &ports, credentials));
    tokio::select! {
        port = answers => match port {
            Ok(port) => Ok((child, port)),
            Err(_) => Err(StartError::NotReady { waited: options.ready_within, log: files.log() }),
        },
        () = child.wait() => Err(StartError::Died {
            status: child.ended().unwrap_or_default(),
            said: last_line(&files.log()),
            log: files.log(),
        }),
    }
}

/// The port, once the server has written it down and JetStream answers on it.
async fn answering(child: &Child, ports: &Path, credentials: &Credentials) -> u16 {
    loop {
        if let Some(port) = written_port(ports, child.pid())
            && jetstream_answers(port, credentials).await.is_ok()
        {
            return port;
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn jetstream_answers(port: u16, credentials: &Credentials) -> Result<(), async_nats::Error> {
    let client = credentials
        .civil
        .connect_options()
        .connect(format!("nats://127.0.0.1:{port}"))
        .await?;
    async_nats::jetstream::new(client).query_account().await?;
    Ok(())
}

/// Reads `<program>_<pid>.ports`, for example `{"nats":["nats://127.0.0.1:41241"]}`.
fn written_port(ports: &Path, pid: u32) -> Option<u16> {
    #[derive(serde::Deserialize)]
    struct Ports {
        nats: Vec<String>,
    }
    let suffix = format!("_{pid}.ports");
    let file = fs::read_dir(ports)
        .ok()?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .find(|path| path.to_string_lossy().ends_with(&suffix))?;
    let ports: Ports = serde_json::from_slice(&fs::read(file).ok()?).ok()?;
    ports.nats.first()?.rsplit_once(':')?.1.parse().ok()
}

/// An empty folder for the ports file: a killed server leaves its own behind, and its number may come again.
fn clear(ports: &Path) -> io::Result<()> {
    match fs::remove_dir_all(ports) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => fs::create_dir(ports),
    }
}

fn last_line(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    text.lines()
        .rfind(|line| !line.trim().is_empty())
        .unwrap_or("nothing")
        .to_owned()
}

/// Why a server is not running.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The server's folder or a file in it cannot be written.
    #[error("{} cannot be used by nats-server: make it writable", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The folder's name cannot stand in the server's configuration.
    #[error(
        "{path:?} cannot be used by nats-server: name a data folder without quotes, backslashes and control \
        characters, in UTF-8"
    )]
    Path {
        /// The folder.
        path: PathBuf,
    },
    /// The kept credentials cannot be read or written.
    #[error("the credentials in {} cannot be used: mend the file, or remove it to have new ones made", path.display())]
    Credentials {
        /// The file.
        path: PathBuf,
        /// What the system said, or what is wrong in the file.
        source: io::Error,
    },
    /// A server that an earlier suite left behind could not be ended.
    #[error("another nats-server works on {} and cannot be ended: end it by hand", folder.display())]
    Orphan {
        /// The server's folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The program did not start at all.
    #[error("{} cannot be started: name another nats-server", program.display())]
    Spawn {
        /// The program.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The server started and ended again before it answered.
    #[error("nats-server ended at once ({status}), its last words were {said:?}: see {}", log.display())]
    Died {
        /// How it ended.
        status: ExitStatus,
        /// The last line of its log.
        said: String,
        /// Its log.
        log: PathBuf,
    },
    /// The server runs and does not answer. It was killed.
    #[error("nats-server does not answer after {} s: see {}", waited.as_secs(), log.display())]
    NotReady {
        /// How long it was given.
        waited: Duration,
        /// Its log.
        log: PathBuf,
    },
}
