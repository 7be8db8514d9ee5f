//! Bodies too large for one message: numbered chunks, each sent only on credit.
//!
//! The receiver grants [`CREDIT`] chunks and one more for each that it has taken, so that a sender never fills the
//! memory of the server or of a slow receiver. A chunk with a wrong number, or none within [`WAIT`], ends it.

use super::{BODY_BYTES_MAX, WHOLE_MAX};
use crate::stream::{StreamError, failed};
use async_nats::header::{HeaderMap, HeaderValue};
use async_nats::{Client, Message, Subject, Subscriber};
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use std::time::Duration;

/// Chunks that may be on their way at once.
const CREDIT: usize = 4;
/// How long either side waits for the other.
const WAIT: Duration = Duration::from_secs(10);
const CHUNK: &str = "civil-chunk";
const GRANTED: &str = "civil-credit";

/// The next message within the time that a peer has.
pub(super) async fn next(from: &mut Subscriber) -> Result<Message, StreamError> {
    match tokio::time::timeout(WAIT, from.next()).await {
        Ok(Some(message)) => Ok(message),
        Ok(None) => Err(failed("keep a subscription")("it ended")),
        Err(_) => Err(failed("bring the next part of a body")("time is up")),
    }
}

pub(super) fn header(name: &'static str, value: usize) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(name, HeaderValue::from(value as u64));
    headers
}

pub(super) fn number(message: &Message, name: &str) -> Option<usize> {
    message.headers.as_ref()?.get(name)?.as_str().parse().ok()
}

/// Sends a body to `to` on the credit that arrives on `credits`; `reply` is where the receiver grants it.
pub(super) async fn send(
    client: &Client,
    to: &Subject,
    reply: Option<&Subject>,
    credits: &mut Subscriber,
    mut credit: usize,
    body: &Bytes,
) -> Result<(), StreamError> {
    for (at, start) in (0..body.len()).step_by(WHOLE_MAX).enumerate() {
        while credit == 0 {
            credit += number(&next(credits).await?, GRANTED).unwrap_or(0);
        }
        credit -= 1;
        let chunk = body.slice(start..body.len().min(start + WHOLE_MAX));
        let headers = header(CHUNK, at + 1);
        let sent = match reply {
            Some(reply) => {
                client
                    .publish_with_reply_and_headers(to.clone(), reply.clone(), headers, chunk)
                    .await
            }
            None => client.publish_with_headers(to.clone(), headers, chunk).await,
        };
        sent.map_err(failed("take a part of a body"))?;
    }
    client.flush().await.map_err(failed("take a body"))
}

/// Grants the first credit to `to`; answers come on the subscription behind `reply`.
pub(super) async fn grant_first(client: &Client, to: &Subject, reply: Subject) -> Result<(), StreamError> {
    client
        .publish_with_reply_and_headers(to.clone(), reply, header(GRANTED, CREDIT), Bytes::new())
        .await
        .map_err(failed("take a credit"))
}

/// The credit that a receiver grants with its first word.
pub(super) const fn first_credit() -> usize {
    CREDIT
}

/// Receives a body of `bytes` bytes from a subscription, granting credit to whoever the chunks say.
pub(super) async fn receive(
    client: &Client,
    from: &mut Subscriber,
    grant_to: Option<&Subject>,
    bytes: usize,
) -> Result<(Bytes, Option<Subject>), StreamError> {
    if bytes > BODY_BYTES_MAX {
        return Err(failed("carry a body")(format!(
            "{bytes} bytes are more than {BODY_BYTES_MAX}"
        )));
    }
    let mut body = BytesMut::with_capacity(bytes);
    let mut peer = grant_to.cloned();
    let mut expected = 1;
    while body.len() < bytes {
        let chunk = next(from).await?;
        if number(&chunk, CHUNK) != Some(expected) || body.len() + chunk.payload.len() > bytes {
            return Err(failed("carry a body")(format!(
                "part {expected} is missing or out of order"
            )));
        }
        expected += 1;
        body.extend_from_slice(&chunk.payload);
        peer = peer.or(chunk.reply);
        if let Some(peer) = &peer
            && body.len() < bytes
        {
            client
                .publish_with_headers(peer.clone(), header(GRANTED, 1), Bytes::new())
                .await
                .map_err(failed("take a credit"))?;
        }
    }
    Ok((body.freeze(), peer))
}
