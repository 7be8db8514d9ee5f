//! Answering for a service.

use super::client::{http_headers, set};
use super::{BODY_BYTES, HTTP, Handler, METHOD, PATH, Request, Response, STATUS, WHOLE_MAX, chunks};
use crate::Connection;
use crate::stream::{StreamError, failed};
use async_nats::header::HeaderMap;
use async_nats::service::{self, ServiceExt as _};
use async_nats::{Client, Message, Subject};
use bytes::Bytes;
use futures::{FutureExt as _, StreamExt as _};
use mz_contracts::subject::{self, Area};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Requests of one service that are answered at once; more wait their turn.
const AT_ONCE_MAX: usize = 256;

/// A service that answers until it is stopped.
pub struct Serving {
    stop: CancellationToken,
    tasks: TaskTracker,
    service: service::Service,
    client: Client,
}

/// Starts answering for the service `name`; instances of one service share the requests.
pub async fn serve(
    connection: &Connection,
    area: Area,
    name: &'static str,
    version: &str,
    handler: Arc<dyn Handler>,
) -> Result<Serving, StreamError> {
    const WHAT: &str = "register a service";
    let service = connection
        .client
        .service_builder()
        .description(format!("{name} of {area}"))
        .start(name, version)
        .await
        .map_err(failed(WHAT))?;
    let serving = Serving {
        stop: CancellationToken::new(),
        tasks: TaskTracker::new(),
        service,
        client: connection.client.clone(),
    };
    let turns = Arc::new(Semaphore::new(AT_ONCE_MAX));
    for (endpoint, subject) in [
        ("command", subject::command(area, name)),
        ("query", subject::query(area, name)),
    ] {
        let endpoint = serving
            .service
            .endpoint_builder()
            .name(endpoint)
            .queue_group(name)
            .add(subject)
            .await
            .map_err(failed(WHAT))?;
        let answering = Answering {
            client: connection.client.clone(),
            handler: Arc::clone(&handler),
            name,
            turns: Arc::clone(&turns),
            tasks: serving.tasks.clone(),
        };
        serving.tasks.spawn(answering.run(endpoint, serving.stop.clone()));
    }
    // Whoever asks after this finds the service, over whatever connection.
    connection.caught_up().await?;
    Ok(serving)
}

impl Serving {
    /// Takes no new requests, and answers those in hand.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        // An answer that only waits to be sent would go down with the connection.
        let _ = self.client.flush().await;
        // Deregistering fails only with the connection, and then nobody finds the service any more.
        let _ = self.service.stop().await;
    }
}

struct Answering {
    client: Client,
    handler: Arc<dyn Handler>,
    name: &'static str,
    turns: Arc<Semaphore>,
    tasks: TaskTracker,
}

impl Answering {
    async fn run(self, mut endpoint: service::endpoint::Endpoint, stop: CancellationToken) {
        loop {
            let request = tokio::select! {
                request = endpoint.next() => request,
                () = stop.cancelled() => break,
            };
            let Some(request) = request else { return };
            self.take(request).await;
        }
        // Whoever asked before the service was gone from the broker's list is answered.
        if endpoint.stop().await.is_ok() {
            while let Some(request) = endpoint.next().await {
                self.take(request).await;
            }
        }
    }

    /// Answers a request when its turn comes, beside others.
    async fn take(&self, request: service::Request) {
        let Ok(turn) = Arc::clone(&self.turns).acquire_owned().await else {
            return;
        };
        let (client, handler, name) = (self.client.clone(), Arc::clone(&self.handler), self.name);
        self.tasks.spawn(async move {
            if let Err(error) = answer(&client, &*handler, request).await {
                tracing::warn!(
                    service = name,
                    error = mz_kernel::chain(&error),
                    "a request was not answered"
                );
            }
            drop(turn);
        });
    }
}

async fn answer(
    client: &Client,
    handler: &dyn Handler,
    request: service::Request,
) -> Result<(), StreamError> {
    let message = &request.message;
    let (body, reply_to) = match chunks::number(message, BODY_BYTES) {
        None => (message.payload.clone(), None),
        Some(bytes) => {
            let (body, peer) = download(client, message, bytes).await?;
            (body, peer)
        }
    };
    let response = handle(handler, read(message, body)).await;
    let mut headers = HeaderMap::new();
    set(&mut headers, STATUS, &response.status.to_string()).map_err(failed("accept a header"))?;
    for (name, value) in &response.headers {
        set(&mut headers, &format!("{HTTP}{name}"), value).map_err(failed("accept a header"))?;
    }
    let whole = response.body.len() <= WHOLE_MAX;
    match reply_to.or_else(|| message.reply.clone()) {
        Some(to) if !whole => respond_in_chunks(client, to, headers, &response).await,
        Some(to) if Some(&to) != message.reply.as_ref() => client
            .publish_with_headers(to, headers, response.body)
            .await
            .map_err(failed("take an answer")),
        // This way the answer is counted in `$SRV.STATS`.
        _ => request
            .respond_with_headers(Ok(response.body), headers)
            .await
            .map_err(failed("take an answer")),
    }
}

/// A handler that panics has answered: its caller need not wait for the time to run out.
async fn handle(handler: &dyn Handler, request: Request) -> Response {
    let answered = AssertUnwindSafe(async { handler.handle(request).await }).catch_unwind();
    answered.await.unwrap_or_else(|_| Response {
        status: 500,
        headers: Vec::new(),
        body: Bytes::new(),
    })
}

/// Opens a place for a large body, and receives it there. Answers also where the caller waits now.
async fn download(
    client: &Client,
    message: &Message,
    bytes: usize,
) -> Result<(Bytes, Option<Subject>), StreamError> {
    let to = message
        .reply
        .clone()
        .ok_or_else(|| failed("open an upload")("nobody waits for it"))?;
    let inbox: Subject = client.new_inbox().into();
    let mut parts = client
        .subscribe(inbox.clone())
        .await
        .map_err(failed("subscribe"))?;
    chunks::grant_first(client, &to, inbox).await?;
    chunks::receive(client, &mut parts, None, bytes).await
}

async fn respond_in_chunks(
    client: &Client,
    to: Subject,
    mut headers: HeaderMap,
    response: &Response,
) -> Result<(), StreamError> {
    set(&mut headers, BODY_BYTES, &response.body.len().to_string()).map_err(failed("accept a header"))?;
    let inbox: Subject = client.new_inbox().into();
    let mut credits = client
        .subscribe(inbox.clone())
        .await
        .map_err(failed("subscribe"))?;
    client
        .publish_with_reply_and_headers(to, inbox, headers, Bytes::new())
        .await
        .map_err(failed("take an answer"))?;
    let first = chunks::next(&mut credits).await?;
    let to = first
        .reply
        .clone()
        .ok_or_else(|| failed("send a large answer")("nobody waits for it"))?;
    chunks::send(
        client,
        &to,
        None,
        &mut credits,
        chunks::first_credit(),
        &response.body,
    )
    .await
}

fn read(message: &Message, body: Bytes) -> Request {
    let text = |name| {
        let headers = message.headers.as_ref();
        headers
            .and_then(|h| h.get(name))
            .map_or_else(String::new, |value| value.as_str().to_owned())
    };
    Request {
        method: text(METHOD),
        path: text(PATH),
        headers: http_headers(message),
        body,
    }
}
