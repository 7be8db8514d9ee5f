//! A private nats-server for a test, and everything that can happen to one.

use std::env;
use std::fs::{self, OpenOptions};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use async_nats::Client;
use mz_bus::server::{Binary, Credentials, DataFolder, Options, Server, ServerOptions, SyncInterval};
use tempfile::TempDir;

use crate::Upstream;

/// A nats-server of the test's own on a free loopback port, started by the suite's own code (`mz_bus::server`) in a
/// folder that is removed with it. It dies with this value, and with the test process.
#[derive(Debug)]
pub struct TestNats {
    server: Server,
    data: DataFolder,
    _folder: TempDir,
}

/// Starts a server that syncs before it acknowledges. The program comes from `PATH` or our cache (fetched once a
/// machine); the start takes some 20 ms.
pub async fn nats() -> TestNats {
    nats_with(SyncInterval::Always).await
}

/// Starts a server that syncs as told.
pub async fn nats_with(sync: SyncInterval) -> TestNats {
    let binary = nats_binary().await;
    let folder = tempfile::Builder::new()
        .prefix("mz-nats-")
        .tempdir()
        .expect("a temporary folder");
    let data = DataFolder::lock(folder.path()).expect("a fresh folder is free");
    let mut options = ServerOptions::in_folder(&data);
    options.sync = sync;
    let server = Server::start(binary, options)
        .await
        .unwrap_or_else(|error| panic!("{error}: {error:?}"));
    TestNats {
        server,
        data,
        _folder: folder,
    }
}

/// The program, searched for once a process: for tests that start servers themselves.
pub async fn nats_binary() -> Binary {
    static BINARY: OnceLock<Binary> = OnceLock::new();
    let locate = || {
        let options = Options {
            program: None,
            path: env::var_os("PATH"),
            xdg_cache_home: env::var_os("XDG_CACHE_HOME").map(PathBuf::from),
            home: env::var_os("HOME").map(PathBuf::from),
        };
        Binary::locate(&options).unwrap_or_else(|error| panic!("{error}: {error:?}"))
    };
    let found = tokio::task::spawn_blocking(move || BINARY.get_or_init(locate).clone()).await;
    found.expect("the search ends")
}

impl TestNats {
    /// `nats://127.0.0.1:<port>`, without a login.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The server, for a proxy in front of it.
    pub fn upstream(&self) -> Upstream {
        Upstream::Tcp((Ipv4Addr::LOCALHOST, self.server.port()).into())
    }

    /// The logins to connect with.
    pub fn credentials(&self) -> &Credentials {
        self.server.credentials()
    }

    /// The server itself.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// The data folder, locked, as a suite has it.
    pub fn data(&self) -> &DataFolder {
        &self.data
    }

    /// A connection as a service has it.
    pub async fn client(&self) -> Client {
        let options = self.credentials().civil.connect_options();
        options
            .connect(self.url())
            .await
            .expect("the test's own nats-server takes a connection")
    }

    /// Kills the server as `kill -9` does, and waits until it is gone.
    pub async fn kill(&self) {
        self.server.kill().await;
    }

    /// Stops the server's clock: it holds its connections and answers nothing.
    pub fn freeze(&self) {
        self.server.freeze();
        // The signal stops its threads one by one: until all stand still it may answer what comes now.
        let tasks = format!("/proc/{}/task", self.server.pid());
        let runs = |task: fs::DirEntry| {
            let stat = fs::read_to_string(task.path().join("stat")).unwrap_or_default();
            stat.rsplit_once(") ")
                .is_some_and(|(_, state)| !state.starts_with('T'))
        };
        while fs::read_dir(&tasks).is_ok_and(|tasks| tasks.flatten().any(runs)) {
            std::thread::yield_now();
        }
    }

    /// Lets a frozen server go on.
    pub fn thaw(&self) {
        self.server.thaw();
    }

    /// Kills the server if it runs and starts it on the same port and store.
    pub async fn restart(&mut self) {
        self.server
            .restart()
            .await
            .unwrap_or_else(|error| panic!("{error}: {error:?}"));
    }

    /// Copies the store to a folder that must not exist yet. The server must be down or frozen.
    pub fn copy_store(&self, to: &Path) {
        copy(&self.server.store(), to);
    }

    /// Puts a copy in the place of the store: the broker is rewound. The server must be down.
    pub fn restore_store(&self, from: &Path) {
        self.wipe_store();
        copy(from, &self.server.store());
    }

    /// Deletes the store, streams, consumers and all. The server must be down.
    pub fn wipe_store(&self) {
        self.must_be_down();
        fs::remove_dir_all(self.server.store()).expect("the store can be removed");
    }

    /// Cuts the last bytes off a stream's newest block, as a file system that lost them would: the stream's last
    /// messages are gone. The server must be down.
    pub fn truncate_stream(&self, stream: &str, bytes: u64) {
        self.must_be_down();
        let blocks = self
            .server
            .store()
            .join("CIVIL/streams")
            .join(stream)
            .join("msgs");
        let newest = fs::read_dir(&blocks)
            .unwrap_or_else(|error| panic!("stream {stream} has no store: {error}"))
            .map(|entry| entry.expect("a folder's entry").path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "blk"))
            .max_by_key(|path| {
                path.file_stem()
                    .and_then(|stem| stem.to_str()?.parse::<u64>().ok())
            })
            .unwrap_or_else(|| panic!("stream {stream} has no block"));
        let block = OpenOptions::new()
            .write(true)
            .open(&newest)
            .expect("a block can be opened");
        let length = block.metadata().expect("an open file has a length").len();
        assert!(bytes <= length, "{} has only {length} bytes", newest.display());
        block.set_len(length - bytes).expect("a block can be cut");
    }

    #[track_caller]
    fn must_be_down(&self) {
        assert!(
            self.server.ended().is_some(),
            "kill the server before touching its store"
        );
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap_or_else(|error| panic!("{} cannot be made: {error}", to.display()));
    for entry in
        fs::read_dir(from).unwrap_or_else(|error| panic!("{} cannot be read: {error}", from.display()))
    {
        let entry = entry.expect("a folder's entry");
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target)
                .unwrap_or_else(|error| panic!("{} cannot be copied: {error}", path.display()));
        }
    }
}
