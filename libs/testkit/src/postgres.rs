//! A real PostgreSQL: one cluster a test process, a fresh database a test.
//!
//! The cluster is run by a shell that waits on a pipe whose only writing end is ours. When this process ends, however
//! it ends, the shell reads the end of the pipe, stops the server and removes the folder. Limits: a `kill -9` of the
//! *shell* leaves the server and its folder (`/tmp/mz-pg-*`) behind.

use std::env;
use std::fs;
use std::io::{self, Read as _};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use nix::unistd::{Pid, Uid, User, chown};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor};
use tokio::sync::OnceCell;

use crate::{CuttingProxy, Upstream, eventually, skip};

/// The reason for [`skip`] where there is no PostgreSQL.
pub const NO_POSTGRES: &str = "PostgreSQL's programs were not found";

/// Whether the cluster keeps what it has committed through a power cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// No syncs: fast, for tests of behaviour.
    Off,
    /// PostgreSQL's own defaults: for benchmarks, where a commit must cost what it costs.
    On,
}

/// The test process's PostgreSQL.
#[derive(Clone, Copy, Debug)]
pub struct TestPostgres {
    cluster: &'static Cluster,
}

#[derive(Debug)]
struct Cluster {
    folder: PathBuf,
    /// Holds the pipe: it closes with this process.
    shell: Child,
}

/// The process's PostgreSQL without syncs, started by the first who asks (about 1 s); `None` where its programs are
/// not found on `PATH` or where distributions put them. The caller then says [`skip`].
pub async fn postgres() -> Option<TestPostgres> {
    postgres_with(Durability::Off).await
}

/// As [`postgres`], and says that the test was skipped where it is `None`:
/// `let Some(postgres) = postgres_or_skip("store::conformance_on_postgres").await else { return };`
pub async fn postgres_or_skip(test: &str) -> Option<TestPostgres> {
    let found = postgres().await;
    if found.is_none() {
        skip(test, NO_POSTGRES);
    }
    found
}

/// The process's PostgreSQL of this durability; there is one of each.
pub async fn postgres_with(durability: Durability) -> Option<TestPostgres> {
    static QUICK: OnceCell<Option<Cluster>> = OnceCell::const_new();
    static DURABLE: OnceCell<Option<Cluster>> = OnceCell::const_new();
    let cell = match durability {
        Durability::Off => &QUICK,
        Durability::On => &DURABLE,
    };
    let cluster = cell
        .get_or_init(async || Some(Cluster::start(&programs()?, durability).await))
        .await;
    cluster.as_ref().map(|cluster| TestPostgres { cluster })
}

impl TestPostgres {
    /// Makes an empty database and returns its URL, `postgres:///<name>?host=<folder>&port=5432&user=postgres`.
    pub async fn database(&self) -> String {
        let name = self.create_any().await;
        format!(
            "postgres:///{name}?host={}&port=5432&user=postgres",
            self.cluster.folder.display()
        )
    }

    /// Makes an empty database for each service and returns their URL, with `{service}` where its name goes.
    pub async fn databases(&self, services: impl IntoIterator<Item = String>) -> String {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let suite = format!("suite_{}", MADE.fetch_add(1, Ordering::Relaxed));
        for service in services {
            self.create(&format!("{suite}_{service}")).await;
        }
        format!(
            "postgres:///{suite}_{{service}}?host={}&port=5432&user=postgres",
            self.cluster.folder.display()
        )
    }

    /// Makes an empty database and returns its URL through a proxy that was started with
    /// [`TestPostgres::upstream`], `postgres://postgres@127.0.0.1:<port>/<name>`.
    pub async fn database_behind(&self, proxy: &CuttingProxy) -> String {
        let name = self.create_any().await;
        format!("postgres://postgres@{}/{name}", proxy.addr())
    }

    /// `kill -9` of the server and with it of all its connections; it is started again at once, and recovers.
    pub fn kill(&self) {
        let file = self.cluster.folder.join("data").join("postmaster.pid");
        let text = fs::read_to_string(file).unwrap_or_default();
        // While it starts there is nothing to be killed.
        if let Some(pid) = text.lines().next().and_then(|line| line.trim().parse().ok()) {
            let _ = nix::sys::signal::kill(Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL);
        }
    }

    /// The server, for a proxy in front of it.
    pub fn upstream(&self) -> Upstream {
        Upstream::Unix(self.socket())
    }

    /// The server's socket file.
    pub fn socket(&self) -> PathBuf {
        self.cluster.folder.join(".s.PGSQL.5432")
    }

    async fn create_any(&self) -> String {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let name = format!("test_{}", MADE.fetch_add(1, Ordering::Relaxed));
        self.create(&name).await;
        name
    }

    async fn create(&self, name: &str) {
        let mut connection = self
            .cluster
            .connect()
            .await
            .expect("the test's own PostgreSQL takes a connection");
        // From template0, which nobody can be connected to. The name is ours.
        let create = format!("CREATE DATABASE {name} TEMPLATE template0");
        connection
            .execute(AssertSqlSafe(create))
            .await
            .expect("a database can be made");
    }
}

/// Runs as the server's user. `$1` the cluster's folder, `$2` the programs' folder, `$3…` the server's settings. A server
/// that was killed is started again. The end of its standard input is the end of the test process.
const WATCH: &str = r#"
folder=$1 programs=$2; shift 2
keep() {
    while [ -d "$folder" ]
    do
        "$programs/postgres" -D "$folder/data" "$@" >>"$folder/log" 2>&1 </dev/null
        sleep 0.1
    done
}
if "$programs/initdb" -D "$folder/data" -U postgres -A trust --no-sync --encoding=UTF8 --no-locale >"$folder/log" 2>&1
then
    keep "$@" &
    keeper=$!
    cat >/dev/null
    kill "$keeper"
    # QUIT is the immediate shutdown: there is nothing to save.
    read -r server <"$folder/data/postmaster.pid" && kill -QUIT "$server"
    while kill -0 "$server" 2>/dev/null; do sleep 0.05; done
else
    cat "$folder/log" >&2
fi
cd /
rm -rf "$folder"
"#;

impl Cluster {
    async fn start(programs: &Path, durability: Durability) -> Cluster {
        // A socket's path must stay below 108 bytes: not in the temporary folder, which may be deep.
        let folder = tempfile::Builder::new()
            .prefix("mz-pg-")
            .tempdir_in("/tmp")
            .expect("a temporary folder")
            .keep();
        let mut shell = Command::new("sh");
        shell.args(["-c", WATCH, "mz-pg"]).arg(&folder).arg(programs);
        shell
            .args(["-c", "listen_addresses=", "-c"])
            .arg(format!("unix_socket_directories={}", folder.display()));
        shell.args([
            "-c",
            "port=5432",
            "-c",
            "max_connections=300",
            "-c",
            "unix_socket_permissions=0700",
        ]);
        if durability == Durability::Off {
            shell.args([
                "-c",
                "fsync=off",
                "-c",
                "synchronous_commit=off",
                "-c",
                "full_page_writes=off",
            ]);
        }
        // A group of its own: a Ctrl-C at the terminal ends us, and by the pipe the server, in this order.
        shell
            .current_dir(&folder)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        // PostgreSQL refuses to run as root.
        if Uid::effective().is_root() {
            let user = ["postgres", "nobody"]
                .into_iter()
                .find_map(|name| User::from_name(name).ok().flatten());
            let user = user.expect("root needs a user `postgres` or `nobody` to run PostgreSQL as");
            chown(&folder, Some(user.uid), Some(user.gid)).expect("root can give a folder away");
            shell.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        let shell = shell.spawn().expect("sh starts");
        let mut cluster = Cluster { folder, shell };
        cluster.ready().await;
        cluster
    }

    async fn ready(&mut self) {
        let (shell, options, log) = (&mut self.shell, options(&self.folder), self.folder.join("log"));
        eventually(
            "PostgreSQL takes a connection",
            Duration::from_mins(2),
            async || {
                if let Some(status) = shell.try_wait().expect("a child can be asked") {
                    let mut said = String::new();
                    let _ = shell
                        .stderr
                        .take()
                        .map(|mut stderr| stderr.read_to_string(&mut said));
                    panic!("PostgreSQL did not start ({status}): {said}");
                }
                match options.connect().await {
                    Ok(_) => Ok(()),
                    Err(error) => Err(format!(
                        "{error}; log: {}",
                        fs::read_to_string(&log).unwrap_or_default()
                    )),
                }
            },
        )
        .await;
    }

    async fn connect(&self) -> sqlx::Result<PgConnection> {
        options(&self.folder).connect().await
    }
}

fn options(folder: &Path) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .socket(folder)
        .port(5432)
        .username("postgres")
        .database("postgres")
}

/// The folder with `initdb` and `postgres`: from `PATH`, else the newest where distributions put them.
fn programs() -> Option<PathBuf> {
    let on_path = env::var_os("PATH").unwrap_or_default();
    let on_path = env::split_paths(&on_path).map(|folder| folder.join("initdb"));
    // A link on PATH leads to the folder where the others are, too.
    let linked = on_path.filter_map(|initdb| Some(initdb.canonicalize().ok()?.parent()?.to_owned()));
    linked
        .chain(installed())
        .find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}

fn installed() -> Vec<PathBuf> {
    // Debian: /usr/lib/postgresql/17/bin; Red Hat and its kin: /usr/pgsql-17/bin.
    let versions = [("/usr/lib/postgresql", ""), ("/usr", "pgsql-")]
        .into_iter()
        .flat_map(|(folder, prefix)| {
            let entries = fs::read_dir(folder).into_iter().flatten();
            entries.filter_map(move |entry: io::Result<fs::DirEntry>| {
                let path = entry.ok()?.path();
                let version: u32 = path.file_name()?.to_str()?.strip_prefix(prefix)?.parse().ok()?;
                Some((version, path.join("bin")))
            })
        });
    let mut versions: Vec<_> = versions.collect();
    versions.sort_unstable_by(|a, b| b.cmp(a));
    versions.into_iter().map(|(_, folder)| folder).collect()
}
