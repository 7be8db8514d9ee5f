//! Requests over NATS.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::{BoxFuture, join_all};
use futures::{FutureExt as _, StreamExt as _};
use mz_bus::Connection;
use mz_bus::bridge::{Bridge, BridgeError, Handler, Request, Response, Serving, serve};
use mz_contracts::subject;
use mz_testkit::{TestNats, nats};
use tokio::sync::Semaphore;

use crate::world::{SOON, address, area};

/// Answers with the request's own body once it may.
struct Echo {
    entered: Arc<Semaphore>,
    may_answer: Arc<Semaphore>,
}

impl Handler for Echo {
    fn handle(&self, request: Request) -> BoxFuture<'static, Response> {
        let (entered, may_answer) = (Arc::clone(&self.entered), Arc::clone(&self.may_answer));
        async move {
            entered.add_permits(1);
            assert_ne!(request.path, "/panic", "a panic on purpose");
            let _turn = may_answer.acquire().await.unwrap();
            let asked = format!("{} {}", request.method, request.path);
            let headers = match request.path.as_str() {
                "/headers" => request.headers,
                _ => vec![("x-asked".to_owned(), asked)],
            };
            Response {
                status: 201,
                headers,
                body: request.body,
            }
        }
        .boxed()
    }
}

fn request(method: &str, body: Bytes) -> Request {
    let headers = vec![("idempotency-key".to_owned(), "k".to_owned())];
    Request {
        method: method.to_owned(),
        path: "/v1/deaths?page=2".to_owned(),
        headers,
        body,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_carried_and_answered() {
    let nats = nats().await;
    let connect = async |name: &str| {
        let address = address(&nats, nats.url(), name);
        Connection::open(&address, name).await.unwrap()
    };
    let (entered, may_answer) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(1_000)));
    let echo = Echo {
        entered: Arc::clone(&entered),
        may_answer: Arc::clone(&may_answer),
    };
    let service = connect("registration").await;
    let serving = serve(&service, area(), "registration", "1.0.0", Arc::new(echo))
        .await
        .unwrap();
    let bridge = Bridge::new(connect("gateway").await, area());

    let answer = bridge
        .call("registration", request("POST", "a body".into()))
        .await
        .unwrap();
    assert_eq!((answer.status, &answer.body[..]), (201, &b"a body"[..]));
    assert_eq!(
        answer.headers,
        [("x-asked".to_owned(), "POST /v1/deaths?page=2".to_owned())]
    );

    let found = bridge.instances().await.unwrap();
    let found: Vec<_> = found.iter().map(|one| (&*one.name, &*one.version)).collect();
    assert_eq!(
        found,
        [("registration", "1.0.0")],
        "a service is found by asking who is there"
    );

    let nobody = tokio::time::timeout(SOON, bridge.call("insight", request("GET", Bytes::new()))).await;
    assert!(matches!(nobody.unwrap(), Err(BridgeError::NoService { .. })));

    let large: Bytes = (0..5 * 1024 * 1024_u32)
        .map(|n| (n % 251) as u8)
        .collect::<Vec<_>>()
        .into();
    let answer = bridge
        .call("registration", request("POST", large.clone()))
        .await
        .unwrap();
    assert!(answer.body == large, "5 MiB there and back");

    let calls = (0..64_u32).map(|n| {
        let (bridge, body) = (bridge.clone(), Bytes::from(n.to_string()));
        async move {
            bridge
                .call("registration", request("GET", body.clone()))
                .await
                .unwrap()
                .body
                == body
        }
    });
    assert!(
        join_all(calls).await.into_iter().all(|own| own),
        "each has its own answer"
    );

    let mut forged = request("GET", Bytes::new());
    forged
        .headers
        .push(("x-evil".to_owned(), "a\r\nNats-Msg-Id: b".to_owned()));
    let refused = bridge.call("registration", forged).await;
    assert!(matches!(refused, Err(BridgeError::Header { name }) if name == "http-x-evil"));

    // Stopping waits for what is in hand, and takes nothing new.
    let hold = may_answer.acquire_many(1_000).await.unwrap();
    entered.forget_permits(usize::MAX);
    let in_hand = tokio::spawn({
        let bridge = bridge.clone();
        async move { bridge.call("registration", request("POST", "late".into())).await }
    });
    entered.acquire().await.unwrap().forget();
    let stopping = tokio::spawn(serving.stop());
    assert!(!stopping.is_finished());
    drop(hold);
    assert_eq!(&in_hand.await.unwrap().unwrap().body[..], b"late");
    tokio::time::timeout(Duration::from_secs(20), stopping)
        .await
        .unwrap()
        .unwrap();
    let gone = bridge.call("registration", request("GET", Bytes::new())).await;
    assert!(matches!(gone, Err(BridgeError::NoService { .. })));
}

/// A service that answers with what it was asked, once it may, and who asks it.
async fn asked(nats: &TestNats, may_answer: &Arc<Semaphore>) -> (Serving, Bridge) {
    let connect = async |name: &str| {
        let address = address(nats, nats.url(), name);
        Connection::open(&address, name).await.unwrap()
    };
    let echo = Echo {
        entered: Arc::new(Semaphore::new(0)),
        may_answer: Arc::clone(may_answer),
    };
    let serving = serve(
        &connect("registration").await,
        area(),
        "registration",
        "1.0.0",
        Arc::new(echo),
    )
    .await;
    (serving.unwrap(), Bridge::new(connect("gateway").await, area()))
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_may_stand_there_twice_or_be_empty() {
    let nats = nats().await;
    let (serving, bridge) = asked(&nats, &Arc::new(Semaphore::new(1))).await;
    let mut many = request("GET", Bytes::new());
    many.path = "/headers".to_owned();
    let headers = [("x-empty", ""), ("x-many", "one"), ("x-many", "two")];
    many.headers = headers
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    let mut answer = bridge.call("registration", many.clone()).await.unwrap();
    answer.headers.sort();
    assert_eq!(answer.headers, many.headers, "there and back");
    serving.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_panics_has_answered() {
    let nats = nats().await;
    let (serving, bridge) = asked(&nats, &Arc::new(Semaphore::new(1))).await;
    let mut panics = request("POST", Bytes::new());
    panics.path = "/panic".to_owned();
    assert_eq!(bridge.call("registration", panics).await.unwrap().status, 500);
    let answer = bridge
        .call("registration", request("POST", Bytes::new()))
        .await
        .unwrap();
    assert_eq!(answer.status, 201, "the service goes on");
    serving.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_can_be_found() {
    let nats = nats().await;
    let (serving, _bridge) = asked(&nats, &Arc::new(Semaphore::new(1))).await;
    let client = nats.client().await;
    let ask = async |subject: &str| {
        let found = client.request(subject.to_owned(), Bytes::new()).await.unwrap();
        String::from_utf8(found.payload.to_vec()).unwrap()
    };
    let found = ask("$SRV.PING.registration").await;
    assert!(found.contains(r#""registration""#), "{found}");
    let info = ask("$SRV.INFO.registration").await;
    for subject in [
        subject::command(area(), "registration"),
        subject::query(area(), "registration"),
    ] {
        assert!(info.contains(&subject), "{info}");
    }
    serving.stop().await;
}

/// More than are answered at once: those that wait for their turn when the service stops are answered, too.
#[tokio::test(flavor = "multi_thread")]
async fn stopping_answers_whoever_has_asked() {
    const CALLS: usize = 300;
    let nats = nats().await;
    let may_answer = Arc::new(Semaphore::new(0));
    let (serving, _bridge) = asked(&nats, &may_answer).await;
    let client = nats.client().await;
    let inbox = client.new_inbox();
    let answers = client.subscribe(inbox.clone()).await.unwrap();
    for call in 0..CALLS {
        let to = subject::command(area(), "registration");
        client
            .publish_with_reply(to, inbox.clone(), call.to_string().into())
            .await
            .unwrap();
    }
    // What answers this has all of them behind it: one connection keeps its order, on both sides of the broker.
    client
        .request("$SRV.PING.registration", Bytes::new())
        .await
        .unwrap();
    let stopping = tokio::spawn(serving.stop());
    may_answer.add_permits(1);
    let answers: BTreeSet<Bytes> = answers.take(CALLS).map(|answer| answer.payload).collect().await;
    assert_eq!(
        answers,
        (0..CALLS).map(|call| Bytes::from(call.to_string())).collect()
    );
    stopping.await.unwrap();
}

/// The answer would come to an inbox that nobody listens on any more: the caller is told to ask again at once, and not
/// when the time for an answer is over.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_before_the_broker_died_is_not_waited_for() {
    let mut nats = nats().await;
    let connect = async |name: &str| {
        let address = address(&nats, nats.url(), name);
        Connection::open(&address, name).await.unwrap()
    };
    let entered = Arc::new(Semaphore::new(0));
    let silent = Echo {
        entered: Arc::clone(&entered),
        may_answer: Arc::new(Semaphore::new(0)),
    };
    let service = connect("registration").await;
    let serving = serve(&service, area(), "registration", "1.0.0", Arc::new(silent))
        .await
        .unwrap();
    let bridge = Bridge::new(connect("gateway").await, area());
    let waiting =
        tokio::spawn(async move { bridge.call("registration", request("POST", "lost".into())).await });
    entered.acquire().await.unwrap().forget();
    nats.restart().await;
    let told = tokio::time::timeout(Duration::from_secs(20), waiting).await;
    let told = told.expect("told before an answer would have been late").unwrap();
    assert!(matches!(told, Err(BridgeError::Unknown { .. })), "{told:?}");
    drop(serving);
}
