//! What happens to the broker under a running suite: killed, frozen, its store deleted, rewound, truncated.

use crate::crash::lines_are_right;
use crate::program::{Program, nats_on, signal};
use crate::walk::{self, FIRST_DAY, Officers};
use async_nats::jetstream;
use futures::TryStreamExt as _;
use mz_testkit::eventually;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::Duration;

const SERVICES: [(&str, &str); 3] = [
    ("registration", "EVT-REGISTRATION"),
    ("funeral-reform", "EVT-FUNERAL-REFORM"),
    ("social-assistance", "EVT-SOCIAL-ASSISTANCE"),
];

/// Each stream holds exactly the events of its service's journal, in the order of the chain, and each inbox has come to
/// the end of it.
pub(crate) async fn streams_match(program: &Program, data: &Path) {
    let client = connect(data).await;
    let jetstream = jetstream::new(client);
    let health = program.get("", "/health").await.expect("it stays alive");
    for (service, stream) in SERVICES {
        let sealed = health["services"]
            .as_array()
            .unwrap()
            .iter()
            .find(|s| s["service"] == service)
            .unwrap()["sealed"]
            .as_u64()
            .unwrap();
        let stream = jetstream.get_stream(stream).await.expect("the stream is there");
        let state = stream.get_info().await.expect("it answers").state;
        assert_eq!(
            (state.messages, state.last_sequence),
            (sealed, sealed),
            "{service}"
        );
        let database = data.join("db").join(format!("{service}.db"));
        let ids = chain_ids(&database);
        assert_eq!(ids.len() as u64, sealed, "{service}");
        for (at, id) in ids.iter().enumerate() {
            let message = stream.get_raw_message(at as u64 + 1).await.expect("no hole");
            assert_eq!(
                message.headers.get("Nats-Msg-Id").unwrap().as_str(),
                id,
                "{service} {at}"
            );
        }
        let consumers: Vec<_> = stream.consumers().try_collect().await.expect("they are listed");
        for consumer in consumers {
            assert_eq!(consumer.num_pending, 0, "{service}: {}", consumer.name);
        }
    }
    inboxes_match(data);
}

/// Each consumer's inbox stands at the last event of every aggregate of its source.
fn inboxes_match(data: &Path) {
    let rows = |service: &str, sql: &str| {
        let database = data.join("db").join(format!("{service}.db"));
        let connection = rusqlite::Connection::open(database).expect("the database opens");
        let mut statement = connection.prepare(sql).expect("the table is there");
        let rows = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .expect("rows");
        rows.map(|row| row.expect("a row"))
            .collect::<Vec<(String, i64)>>()
    };
    let told = "SELECT aggregate, MAX(sequence) FROM journal GROUP BY aggregate ORDER BY aggregate";
    let taken = "SELECT aggregate, sequence FROM inbox WHERE source = 'funeral-reform' ORDER BY aggregate";
    let told = rows("funeral-reform", told);
    for consumer in ["registration", "social-assistance"] {
        assert_eq!(rows(consumer, taken), told, "the inbox of {consumer}");
    }
}

fn chain_ids(database: &Path) -> Vec<String> {
    let connection = rusqlite::Connection::open(database).expect("the database opens");
    let mut statement = connection
        .prepare("SELECT j.id FROM seal s JOIN journal j ON j.n = s.n ORDER BY s.position")
        .expect("the journal is there");
    let ids = statement.query_map([], |row| row.get(0)).expect("rows");
    ids.map(|id| id.expect("an id")).collect()
}

async fn connect(data: &Path) -> async_nats::Client {
    let login: Value =
        serde_json::from_slice(&std::fs::read(data.join("secrets").join("nats.json")).unwrap()).unwrap();
    let login = login.get("civil").cloned().unwrap_or_default();
    let text = |name: &str| login[name].as_str().expect("a login").to_owned();
    async_nats::ConnectOptions::with_user_and_password(text("user"), text("password"))
        .connect(format!("127.0.0.1:{}", port(data)))
        .await
        .expect("NATS answers")
}

/// The port of the private server, read from the log line of its command.
fn port(data: &Path) -> u16 {
    let pid = nats_on(data).expect("it runs");
    let inodes: Vec<String> = std::fs::read_dir(format!("/proc/{pid}/fd"))
        .unwrap()
        .flatten()
        .filter_map(|fd| std::fs::read_link(fd.path()).ok())
        .filter_map(|link| {
            Some(
                link.to_str()?
                    .strip_prefix("socket:[")?
                    .strip_suffix(']')?
                    .to_owned(),
            )
        })
        .collect();
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    table
        .lines()
        .skip(1)
        .find_map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let listening = words[3] == "0A" && inodes.iter().any(|inode| inode == words[9]);
            listening.then(|| u16::from_str_radix(words[1].rsplit(':').next().unwrap(), 16).unwrap())
        })
        .expect("it listens")
}

fn store(data: &Path) -> PathBuf {
    data.join("nats").join("jetstream")
}

/// Kills the broker, does something to its store while it is down, and waits for the suite's own restart.
pub(crate) async fn with_broker_down(data: &Path, deed: impl FnOnce(&Path)) {
    let before = nats_on(data).expect("a nats-server on the store");
    // Frozen first: the suite restarts its broker at once, and must not find it before the deed is done.
    let elsewhere = data.join("nats-store-meanwhile");
    signal(before, "STOP");
    copy(&store(data), &elsewhere);
    deed(&elsewhere);
    std::fs::rename(store(data), data.join("nats-store-before")).unwrap();
    if elsewhere.exists() {
        std::fs::rename(&elsewhere, store(data)).unwrap();
    }
    signal(before, "KILL");
    eventually(
        "the broker is back",
        Duration::from_mins(1),
        async || match nats_on(data) {
            Some(pid) if pid != before => Ok(()),
            other => Err(format!("{other:?}")),
        },
    )
    .await;
}

fn copy(from: &Path, to: &Path) {
    let done = std::process::Command::new("cp")
        .arg("-a")
        .arg(from)
        .arg(to)
        .status()
        .unwrap();
    assert!(done.success());
}

async fn story(name: &str, deed: impl AsyncFn(&Program, &Path)) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let program = Program::start(data, &["--legal-date", FIRST_DAY])
        .await
        .expect("it starts");
    let officers = Officers::of(&program);
    let seen = walk::walk(&program, &officers).await.expect("it stays alive");
    deed(&program, data).await;
    program.settled().await.expect("it stays alive");
    walk::again(&program, &officers).await.expect("it stays alive");
    // One more fact passes through all of it.
    let body = serde_json::json!({ "name": "试乙", "sex": "female", "birth_date": "1951-04-08", "division": "513335" });
    program
        .post(&officers.maker, "/api/registration/persons", name, body)
        .await
        .expect("it stays alive");
    program.settled().await.expect("it stays alive");
    lines_are_right(&program, &officers, &seen, name).await;
    streams_match(&program, data).await;
    program.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_broker_comes_back_and_nothing_is_missing() {
    story("killed", async |_, data| {
        with_broker_down(data, |_| ()).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_frozen_past_the_time_outs_is_waited_for() {
    story("frozen", async |program, _| {
        let pid = program.nats_pid();
        signal(pid, "STOP");
        tokio::time::sleep(Duration::from_secs(12)).await;
        signal(pid, "CONT");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_store_is_filled_again_from_the_journals() {
    story("deleted", async |_, data| {
        with_broker_down(data, |store| std::fs::remove_dir_all(store).unwrap()).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_rewound_to_an_older_copy_catches_up() {
    let folder = tempfile::tempdir().unwrap();
    let older = folder.path().join("older");
    story("rewound", async |program, data| {
        // The older copy: taken now, while the suite is quiet, before more facts are published.
        copy(&store(data), &older);
        let officers = Officers::of(program);
        for n in 0..5 {
            let body = serde_json::json!({ "name": "试丙", "sex": "female", "birth_date": format!("195{n}-04-08"), "division": "513335" });
            program
                .post(&officers.maker, "/api/registration/persons", &format!("later-{n}"), body)
                .await
                .expect("it stays alive");
        }
        program.settled().await.expect("it stays alive");
        with_broker_down(data, |store| {
            std::fs::remove_dir_all(store).unwrap();
            copy(&older, store);
        })
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_truncated_store_is_mended() {
    story("truncated", async |_, data| {
        with_broker_down(data, |store| {
            let mut cut = 0;
            for file in blocks(store) {
                let length = std::fs::metadata(&file).unwrap().len();
                let file = std::fs::OpenOptions::new().write(true).open(&file).unwrap();
                file.set_len(length - length.min(length / 3 + 1)).unwrap();
                cut += 1;
            }
            assert!(cut > 0, "no message block in {}", store.display());
        })
        .await;
    })
    .await;
}

fn blocks(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(blocks(&path));
        } else if path.extension().is_some_and(|extension| extension == "blk") {
            found.push(path);
        }
    }
    found
}
