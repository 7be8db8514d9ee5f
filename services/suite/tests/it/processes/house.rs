//! The house that `deploy/` builds, without containers.

use crate::door::{Door, Gone};
use crate::program::{START_MAX, run, signal};
use mz_contracts::OWNERS;
use mz_testkit::{TestPostgres, eventually, nats_binary};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;

/// The broker as `deploy/nats` has it, and every service in a process of its own.
pub(super) struct House {
    root: TempDir,
    postgres: Option<TestPostgres>,
    nats: Nats,
    day: String,
    running: BTreeMap<&'static str, Child>,
    door: Door,
    steps: AtomicU32,
}

impl House {
    /// Secrets, broker and databases; no service yet.
    pub(super) async fn open(postgres: Option<TestPostgres>) -> House {
        let root = tempfile::tempdir().expect("a folder");
        let folder = root.path().to_str().expect("UTF-8");
        run(root.path(), &["secrets", folder]);
        if let Some(postgres) = postgres {
            databases(postgres, root.path());
        }
        House {
            nats: Nats::start(root.path()).await,
            root,
            postgres,
            day: String::new(),
            running: BTreeMap::new(),
            door: Door::at(String::new()),
            steps: AtomicU32::new(0),
        }
    }

    /// The folder that is a service's own.
    pub(super) fn folder(&self, service: &str) -> PathBuf {
        self.root.path().join(service)
    }

    fn log(&self, service: &str) -> PathBuf {
        self.root.path().join(format!("{service}.log"))
    }

    pub(super) fn start(&mut self, service: &'static str) {
        let log = File::create(self.log(service)).expect("a log");
        let child = self.program(service).stderr(log).spawn().expect("it starts");
        self.running.insert(service, child);
    }

    /// Starts another instance of a service, on the same database and with the same keys.
    pub(super) fn start_another(&mut self, service: &'static str, name: &'static str) {
        let folder = self.root.path().join(name);
        let secrets = folder.join("secrets");
        fs::create_dir_all(&secrets).expect("a folder");
        for entry in fs::read_dir(self.folder(service).join("secrets")).expect("secrets") {
            let entry = entry.expect("a secret");
            fs::copy(entry.path(), secrets.join(entry.file_name())).expect("a copy");
        }
        let log = File::create(self.log(name)).expect("a log");
        let mut program = self.program(service);
        let child = program.env("MINZHENG_DATA", folder).stderr(log).spawn();
        self.running.insert(name, child.expect("it starts"));
    }

    /// Whether a service answers to its own health check.
    pub(super) fn answers(&self, service: &str) -> bool {
        let health = self.program(service).arg("health").output();
        health.expect("it runs").status.success()
    }

    /// A service's program and its environment.
    fn program(&self, service: &str) -> Command {
        let folder = self.folder(service);
        let name = format!("minzheng_{}", service.replace('-', "_"));
        let database = match self.postgres {
            None => format!("sqlite:{}", folder.join("service.db").display()),
            Some(postgres) => {
                let host = socket(postgres);
                format!("postgres:///{name}?host={}&port=5432&user={name}", host.display())
            }
        };
        let secret = |name: &str| folder.join("secrets").join(name);
        let mut program = program(service);
        program
            .env_clear()
            .env("MINZHENG_DATA", &folder)
            .env("MINZHENG_COUNTY", "batang")
            .env("MINZHENG_LEGAL_DATE", &self.day)
            .env("MINZHENG_LISTEN", "127.0.0.1:0")
            .env("MINZHENG_NATS_URL", &self.nats.url)
            .env("MINZHENG_NATS_PASSWORD_FILE", secret("nats"))
            .env("MINZHENG_DATABASE_URL", database)
            .env("MINZHENG_DATABASE_PASSWORD_FILE", secret("database"))
            .env("MINZHENG_TOKEN_KEY_FILE", secret("token.pub"));
        program
    }

    /// Stops what runs, each as its service manager would, and starts it again on another legal date.
    pub(super) async fn at(&mut self, day: &str) {
        self.stop_all();
        day.clone_into(&mut self.day);
        for (service, _) in OWNERS {
            self.start(service);
        }
        self.door = Door::at(self.address().await);
        assert_eq!(self.health().await["legal_date"], json!(day));
        self.settled().await;
    }

    /// Where the gateway says that its door is.
    async fn address(&mut self) -> String {
        let log = self.log("gateway");
        let running = &mut self.running;
        eventually("the gateway opens its door", START_MAX, async || {
            let said = fs::read_to_string(&log).unwrap_or_default();
            for (service, child) in &mut *running {
                let ended = child.try_wait().expect("a child");
                assert!(
                    ended.is_none(),
                    "{service} ended: {}",
                    fs::read_to_string(log.with_file_name(format!("{service}.log"))).unwrap_or_default()
                );
            }
            let mut lines = said
                .lines()
                .filter_map(|line| serde_json::from_str::<Value>(line).ok());
            let address = lines.find_map(|line| Some(line["fields"]["address"].as_str()?.to_owned()));
            address.map(|address| format!("http://{address}")).ok_or(said)
        })
        .await
    }

    pub(super) fn kill(&mut self, service: &'static str) {
        let mut child = self.running.remove(service).expect("it runs");
        child.kill().expect("kill -9");
        child.wait().expect("it ends");
    }

    fn stop_all(&mut self) {
        for child in self.running.values() {
            signal(child.id(), "TERM");
        }
        for (service, mut child) in std::mem::take(&mut self.running) {
            let status = child.wait().expect("it ends");
            let said = || fs::read_to_string(self.log(service)).unwrap_or_default();
            assert!(status.success(), "{service}: {status}: {}", said());
        }
    }

    pub(super) fn stop(mut self) {
        self.stop_all();
    }

    pub(super) fn nats(&self) -> &str {
        &self.nats.url
    }

    /// On PostgreSQL: a service's role is let into no other's database.
    pub(super) fn nobody_opens_the_database_of_another(&self) {
        let Some(postgres) = self.postgres else { return };
        let open = |database: &str| {
            let mut psql = Command::new("psql");
            psql.args(["--no-password", "--command", "SELECT 1"])
                .args(["--username", "minzheng_registration", "--dbname", database])
                .env("PGHOST", socket(postgres));
            psql.output().expect("psql")
        };
        assert!(open("minzheng_registration").status.success());
        let refused = open("minzheng_disbursement");
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(
            !refused.status.success() && said.contains("permission denied"),
            "{said}"
        );
    }

    /// Runs a command of the operator's on the gateway's folder; answers what it prints.
    pub(super) fn minzheng(&self, args: &[&str]) -> String {
        run(&self.folder("gateway"), args)
    }

    /// A token that the gateway's key has signed.
    pub(super) fn officer(&self, name: &str, role: &str) -> String {
        let token = self.minzheng(&["token", "--name", name, "--role", role]);
        token.trim().to_owned()
    }

    /// A token that another service signs with a key of its own is believed by nobody.
    pub(super) async fn the_gateway_alone_signs(&self) {
        let order = ["token", "--name", "maker", "--role", "administrator"];
        let forged = run(&self.folder("disbursement"), &order);
        for service in ["disbursement", "registration", "gateway"] {
            let refused = self.get(forged.trim(), &format!("{service}/parked")).await;
            assert_eq!(refused["code"], "caller.unauthenticated", "{service}: {refused}");
        }
    }

    /// The first account is there, with the password that lies in the gateway's folder alone.
    pub(super) async fn administrator_signs_in(&self) {
        let password = secret(&self.folder("gateway").join("secrets/administrator"));
        assert_eq!(self.door.sign_in("administrator", "another").await, None);
        assert!(self.door.sign_in("administrator", &password).await.is_some());
    }

    pub(super) async fn post(&self, token: &str, path: &str, body: Value) -> Value {
        let key = format!("step-{}", self.steps.fetch_add(1, Ordering::Relaxed));
        let answer = self.door.post(token, &format!("/api/{path}"), &key, body).await;
        self.answered(answer)
    }

    pub(super) async fn get(&self, token: &str, path: &str) -> Value {
        let answer = self.door.get(token, &format!("/api/{path}")).await;
        self.answered(answer)
    }

    pub(super) async fn health(&self) -> Value {
        let answer = self.door.get("", "/health").await;
        self.answered(answer)
    }

    pub(super) async fn metrics(&self) -> String {
        self.door.page("/metrics").await.1
    }

    pub(super) async fn settled(&self) {
        let settled = self.door.settled().await;
        self.answered(settled);
    }

    #[track_caller]
    fn answered<T>(&self, answer: Result<T, Gone>) -> T {
        let said = |Gone| fs::read_to_string(self.log("gateway")).unwrap_or_default();
        answer.unwrap_or_else(|gone| panic!("the gateway is gone: {}", said(gone)))
    }
}

impl Drop for House {
    fn drop(&mut self) {
        for child in self.running.values_mut() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A service's program, built beside ours.
pub(super) fn program(service: &str) -> Command {
    let ours = Path::new(env!("CARGO_BIN_EXE_minzheng"));
    let path = ours.with_file_name(format!("minzheng-{service}"));
    assert!(
        path.is_file(),
        "{} is not built; `cargo test --workspace` builds it, and so does `cargo build -p {service}`",
        path.display()
    );
    Command::new(path)
}

/// nats-server with the configuration that is deployed; only where it listens and stores is the test's.
struct Nats {
    child: Child,
    url: String,
}

impl Nats {
    async fn start(root: &Path) -> Nats {
        let config = deploy("nats/nats-server.conf");
        let passwords = secret(&root.join("nats/passwords"));
        let passwords = passwords.lines().filter_map(|line| line.split_once('='));
        let log = root.join("nats.log");
        let ports = root.join("nats/ports");
        fs::create_dir(&ports).expect("a folder");
        let mut child = Command::new(nats_binary().await.program())
            .env_clear()
            .envs(passwords)
            .env("MINZHENG_NATS_STORE", root.join("nats/store"))
            .arg("--config")
            .arg(config)
            .args(["--addr", "127.0.0.1", "--port", "-1", "--http_port", "-1"])
            .arg("--ports_file_dir")
            .arg(&ports)
            .stderr(File::create(&log).expect("a log"))
            .stdout(Stdio::null())
            .spawn()
            .expect("nats-server starts");
        let url = eventually("nats-server listens", START_MAX, async || {
            let ended = child.try_wait().expect("a child");
            assert!(
                ended.is_none(),
                "{}",
                fs::read_to_string(&log).unwrap_or_default()
            );
            let file = fs::read_dir(&ports).expect("a folder").flatten().next();
            let found =
                file.and_then(|file| serde_json::from_slice::<Value>(&fs::read(file.path()).ok()?).ok());
            let url = found.and_then(|ports| Some(ports["nats"][0].as_str()?.to_owned()));
            url.ok_or_else(|| fs::read_to_string(&log).unwrap_or_default())
        })
        .await;
        Nats { child, url }
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Roles and databases, made as the PostgreSQL image makes them.
fn databases(postgres: TestPostgres, root: &Path) {
    let script = Command::new(deploy("postgres/databases.sh"))
        .arg(root.join("postgres"))
        .env("PGHOST", socket(postgres))
        .output()
        .expect("a shell");
    assert!(
        script.status.success(),
        "{}",
        String::from_utf8_lossy(&script.stderr)
    );
}

fn socket(postgres: TestPostgres) -> PathBuf {
    postgres.socket().parent().expect("a folder").to_owned()
}

fn deploy(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../deploy")
        .join(path)
}

pub(super) fn secret(file: &Path) -> String {
    fs::read_to_string(file).expect("a secret").trim().to_owned()
}
