//! Over HTTP: through the suite's door, over NATS, into a service and back, 64 requests in flight. The callers share the
//! two cores with everything that they ask.

use crate::commands::{self, CALLERS, SPAN, closed_loop};
use crate::harness::{Bench, Done, Figure, Sample, Series};
use crate::rows::{Command, TABLES, surroundings};
use crate::suite::{self, Suite};
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use futures::StreamExt as _;
use mz_contracts::SocialAssistance;
use mz_http::Role;
use mz_runtime::Secrets;
use mz_store::Db;
use mz_testkit::TestNats;
use reqwest::Client;
use serde_json::{Value, json};
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

const ECHO: &str = "bench.echo";
const WRITE: &str = "bench.write";
const AGAIN: &str = "an answer came from another request";

/// `GET /api/registration/persons/{person}` beside bare request/reply over NATS.
pub(crate) async fn read(bench: &Bench) -> Done<()> {
    let Some((program, folder)) = suite::used_folder().await? else {
        return Ok(());
    };
    let nats = mz_testkit::nats().await;
    let echo = echo(&nats).await?;
    let (mut ours, mut bare) = (Series::default(), Series::default());
    let (suite, _) = Suite::start(&program, folder.path()).await?;
    let officer = Officer::of(folder.path())?;
    let person = officer.register("bench-read").await?;
    for _ in 0..bench.repetitions() {
        let (officer, person) = (officer.clone(), person.clone());
        let reading = closed_loop(CALLERS, bench.size(SPAN), move |_, _| {
            let (officer, person) = (officer.clone(), person.clone());
            async move { officer.read(&person).await }
        });
        ours.take(bench, reading).await?;
        bare.take(bench, asking(&nats, bench, ECHO)).await?;
    }
    suite.stop().await?;
    echo.abort();
    report(
        "http.read",
        "reads/s",
        (&ours, &bare),
        "request/reply over NATS, 64 in flight",
    )
}

/// `POST /api/registration/persons` beside the same chain in which nothing is done but the two rows: HTTP, NATS, a group
/// commit through rusqlite.
pub(crate) async fn command(bench: &Bench) -> Done<()> {
    let Some((program, folder)) = suite::used_folder().await? else {
        return Ok(());
    };
    let (mut ours, mut bare) = (Series::default(), Series::default());
    // Keys of one repetition are new to the suite.
    for start in 0..bench.repetitions() {
        let (suite, _) = Suite::start(&program, folder.path()).await?;
        let officer = Officer::of(folder.path())?;
        let writing = closed_loop(CALLERS, bench.size(SPAN), move |caller, turn| {
            let officer = officer.clone();
            async move {
                officer
                    .register(&format!("bench-{start}-{caller}-{turn}"))
                    .await?;
                Ok(())
            }
        });
        ours.take(bench, writing).await?;
        suite.stop().await?;
        bare.take(bench, Box::pin(bare_chain(bench))).await?;
    }
    report(
        "http.command",
        "commands/s",
        (&ours, &bare),
        "HTTP, NATS and two rows through rusqlite",
    )
}

fn report(
    name: &'static str,
    unit: &'static str,
    (ours, bare): (&Series, &Series),
    limit: &'static str,
) -> Done<()> {
    Figure {
        name,
        unit,
        ours,
        limit: Some((limit, bare)),
        more: json!({ "callers": CALLERS }),
    }
    .report()
}

/// A township officer in front of a running suite.
#[derive(Clone)]
struct Officer {
    http: Client,
    base: Arc<str>,
    token: Arc<str>,
}

impl Officer {
    fn of(folder: &Path) -> Done<Self> {
        let address = suite::address(folder).ok_or("the suite does not say where it listens")?;
        let signer = Secrets::open(&folder.join("secrets"))?.signer();
        let token = mz_runtime::token(&signer, "maker", Role::TownshipOfficer, &["513335".parse()?]);
        Ok(Self {
            http: Client::builder().no_proxy().build()?,
            base: format!("http://{address}/api/registration/persons").into(),
            token: token.into(),
        })
    }

    async fn register(&self, key: &str) -> Done<String> {
        let born = json!({ "name": "试甲", "sex": "male", "birth_date": "1950-03-07", "division": "513335" });
        let request = self
            .http
            .post(&*self.base)
            .header("idempotency-key", key)
            .json(&born);
        let answer: Value = self.answer(request).await?;
        let person = answer["person"].as_str().ok_or("no person in the answer")?;
        Ok(person.to_owned())
    }

    async fn read(&self, person: &str) -> Done<()> {
        let answer = self
            .answer(self.http.get(format!("{}/{person}", self.base)))
            .await?;
        if answer["person"] == person {
            Ok(())
        } else {
            Err(AGAIN.into())
        }
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> Done<Value> {
        let answer = request
            .bearer_auth(&self.token)
            .send()
            .await?
            .error_for_status()?;
        Ok(serde_json::from_slice(&answer.bytes().await?)?)
    }
}

/// Answers every message on a subject with what it brought.
async fn echo(nats: &TestNats) -> Done<tokio::task::JoinHandle<()>> {
    let client = nats.client().await;
    let mut requests = client.subscribe(ECHO).await?;
    client.flush().await?;
    Ok(tokio::spawn(async move {
        while let Some(message) = requests.next().await {
            if let Some(reply) = message.reply {
                let _ = client.publish(reply, message.payload).await;
            }
        }
    }))
}

async fn asking(nats: &TestNats, bench: &Bench, subject: &'static str) -> Done<Sample> {
    let client = nats.client().await;
    closed_loop(CALLERS, bench.size(SPAN), move |caller, turn| {
        let client = client.clone();
        async move {
            let payload = format!("{caller}-{turn}");
            let answer = client.request(subject, payload.clone().into()).await?;
            if answer.payload == payload {
                Ok(())
            } else {
                Err(AGAIN.into())
            }
        }
    })
    .await
}

/// HTTP in front of NATS in front of one thread that commits what waits together.
async fn bare_chain(bench: &Bench) -> Done<Sample> {
    let (nats, folder) = (mz_testkit::nats().await, tempfile::tempdir()?);
    let file = folder.path().join("bare.db");
    let url = format!("sqlite:{}", file.display());
    // The store makes the tables; the bare writer has the file to itself.
    Db::<SocialAssistance>::open(&url, TABLES, surroundings(1))
        .await?
        .close()
        .await;
    let writer = commands::sqlite::writer(&file)?;
    let client = nats.client().await;
    let mut requests = client.subscribe(WRITE).await?;
    client.flush().await?;
    let answering = tokio::spawn(async move {
        static TURN: AtomicU32 = AtomicU32::new(0);
        while let Some(message) = requests.next().await {
            let (client, writer) = (client.clone(), writer.clone());
            tokio::spawn(async move {
                let (done, answer) = oneshot::channel();
                let turn = TURN.fetch_add(1, Ordering::Relaxed);
                if writer.send((Command::of(turn, 0), done)).await.is_ok()
                    && answer.await.is_ok()
                    && let Some(reply) = message.reply
                {
                    let _ = client.publish(reply, message.payload).await;
                }
            });
        }
    });
    let door = Router::new()
        .route("/", post(ask))
        .with_state(nats.client().await);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let base = format!("http://{}/", listener.local_addr()?);
    let serving = tokio::spawn(async move { axum::serve(listener, door).await });
    let http = Client::builder().no_proxy().build()?;
    let sample = closed_loop(CALLERS, bench.size(SPAN), move |caller, turn| {
        let (http, base) = (http.clone(), base.clone());
        async move {
            let payload = format!("{caller}-{turn}");
            let answer = http
                .post(&base)
                .body(payload.clone())
                .send()
                .await?
                .error_for_status()?;
            if answer.text().await? == payload {
                Ok(())
            } else {
                Err(AGAIN.into())
            }
        }
    });
    let sample = sample.await;
    serving.abort();
    answering.abort();
    sample
}

async fn ask(State(client): State<async_nats::Client>, body: String) -> Result<String, String> {
    let answer = client
        .request(WRITE, body.into())
        .await
        .map_err(|error| error.to_string())?;
    String::from_utf8(answer.payload.into()).map_err(|error| error.to_string())
}
