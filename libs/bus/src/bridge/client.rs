//! Asking a service over NATS.

use super::{BODY_BYTES, HTTP, METHOD, PATH, Request, Response, STATUS, WHOLE_MAX, chunks};
use crate::Connection;
use crate::stream::{StreamError, failed};
use async_nats::client::RequestErrorKind;
use async_nats::header::HeaderMap;
use async_nats::{Message, Subject, Subscriber};
use bytes::Bytes;
use futures::StreamExt as _;
use mz_contracts::subject::{self, Area};
use mz_contracts::wire;
use mz_trace::spans;
use std::time::Duration;
use tracing::Instrument as _;

/// How long a service may take to answer.
const ANSWER: Duration = Duration::from_secs(30);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum BridgeError {
    /// No instance of the service listens: nothing was done.
    #[error("service {service} is not running; nothing was done")]
    NoService {
        /// The service.
        service: String,
    },
    /// The service did not answer in time: a command may have been done or not.
    #[error("service {service} did not answer in time; repeat the request with the same idempotency key")]
    Unknown {
        /// The service.
        service: String,
    },
    /// A header holds what cannot travel.
    #[error("header {name} holds a character that cannot be sent")]
    Header {
        /// The header.
        name: String,
    },
    /// The broker or a body on its way.
    #[error("the request could not be carried to service {service}")]
    Broken {
        /// The service.
        service: String,
        /// What failed.
        #[source]
        source: StreamError,
    },
}

/// Carries requests to services. Cheap to clone.
#[derive(Clone)]
pub struct Bridge {
    pub(super) connection: Connection,
    area: Area,
}

impl Bridge {
    /// A bridge to the services of an area.
    pub fn new(connection: Connection, area: Area) -> Self {
        Self { connection, area }
    }

    /// Asks a service; whatever it answers, refusals included, is `Ok`. Where the caller stands in a trace goes with
    /// the request.
    pub async fn call(&self, service: &str, request: Request) -> Result<Response, BridgeError> {
        let subject = match request.method.as_str() {
            "GET" | "HEAD" => subject::query(self.area, service),
            _ => subject::command(self.area, service),
        };
        let span = spans::request(&subject);
        self.carry(service, subject, request).instrument(span).await
    }

    async fn carry(&self, service: &str, subject: String, request: Request) -> Result<Response, BridgeError> {
        let broken = |source| BridgeError::Broken {
            service: service.to_owned(),
            source,
        };
        let mut headers = HeaderMap::new();
        set(&mut headers, METHOD, &request.method)?;
        set(&mut headers, PATH, &request.path)?;
        for (name, value) in request.headers.iter().filter(|(name, _)| name != wire::TRACE) {
            set(&mut headers, &format!("{HTTP}{name}"), value)?;
        }
        if let Some(here) = mz_trace::current() {
            set(&mut headers, &format!("{HTTP}{}", wire::TRACE), &here.to_string())?;
        }
        let answer = if request.body.len() <= WHOLE_MAX {
            self.ask(service, subject, headers, request.body).await?
        } else {
            set(&mut headers, BODY_BYTES, &request.body.len().to_string())?;
            let opened = self.ask(service, subject, headers, Bytes::new()).await?;
            let mut answers = self.upload(&opened, &request.body).await.map_err(broken)?;
            // The whole body is there: from here on it may be done, as with any other request.
            match tokio::time::timeout(ANSWER, answer_behind(&mut answers)).await {
                Ok(answer) => answer.map_err(broken)?,
                Err(_) => {
                    return Err(BridgeError::Unknown {
                        service: service.to_owned(),
                    });
                }
            }
        };
        self.response(answer).await.map_err(broken)
    }

    async fn ask(
        &self,
        service: &str,
        subject: String,
        headers: HeaderMap,
        payload: Bytes,
    ) -> Result<Message, BridgeError> {
        let request = async_nats::Request::new()
            .headers(headers)
            .payload(payload)
            .timeout(Some(ANSWER));
        let mut reconnected = self.connection.reconnected();
        // The first connection may be told of only now; any later one is another.
        let times = (*reconnected.borrow_and_update()).max(1);
        let answered = tokio::select! {
            answered = self.connection.client.send_request(subject, request) => answered,
            // What was asked on the old connection is answered to nobody; whether it was done, only asking again tells.
            _ = reconnected.wait_for(|now| *now > times) => {
                return Err(BridgeError::Unknown {
                    service: service.to_owned(),
                });
            }
        };
        answered.map_err(|error| match error.kind() {
            RequestErrorKind::NoResponders => BridgeError::NoService {
                service: service.to_owned(),
            },
            RequestErrorKind::TimedOut => BridgeError::Unknown {
                service: service.to_owned(),
            },
            _ => BridgeError::Broken {
                service: service.to_owned(),
                source: failed("carry a request")(error),
            },
        })
    }

    /// Sends a large body; the answer comes where the credit came.
    async fn upload(&self, opened: &Message, body: &Bytes) -> Result<Subscriber, StreamError> {
        let client = &self.connection.client;
        let to = opened
            .reply
            .clone()
            .ok_or_else(|| failed("open an upload")("the service gave no place"))?;
        let inbox: Subject = client.new_inbox().into();
        let mut answers = client
            .subscribe(inbox.clone())
            .await
            .map_err(failed("subscribe"))?;
        chunks::send(
            client,
            &to,
            Some(&inbox),
            &mut answers,
            chunks::first_credit(),
            body,
        )
        .await?;
        Ok(answers)
    }

    async fn response(&self, answer: Message) -> Result<Response, StreamError> {
        let client = &self.connection.client;
        let status = chunks::number(&answer, STATUS).and_then(|status| u16::try_from(status).ok());
        let status = status.ok_or_else(|| failed("bring an answer")("it has no status"))?;
        let body = match (chunks::number(&answer, BODY_BYTES), &answer.reply) {
            (Some(bytes), Some(from)) => {
                let inbox: Subject = client.new_inbox().into();
                let mut parts = client
                    .subscribe(inbox.clone())
                    .await
                    .map_err(failed("subscribe"))?;
                chunks::grant_first(client, from, inbox).await?;
                chunks::receive(client, &mut parts, Some(from), bytes).await?.0
            }
            _ => answer.payload.clone(),
        };
        Ok(Response {
            status,
            headers: http_headers(&answer),
            body,
        })
    }
}

/// The answer behind credit that was not needed any more.
async fn answer_behind(answers: &mut Subscriber) -> Result<Message, StreamError> {
    while let Some(message) = answers.next().await {
        if chunks::number(&message, STATUS).is_some() {
            return Ok(message);
        }
    }
    Err(failed("bring an answer")("the subscription ended"))
}

/// The HTTP headers that a message carries.
pub(super) fn http_headers(message: &Message) -> Vec<(String, String)> {
    let Some(headers) = &message.headers else {
        return Vec::new();
    };
    let ours = headers.iter().filter_map(|(name, values)| {
        let name = AsRef::<str>::as_ref(name).strip_prefix(HTTP)?;
        Some(
            values
                .iter()
                .map(move |value| (name.to_owned(), value.as_str().to_owned())),
        )
    });
    ours.flatten().collect()
}

/// Adds a header; one that is there already gets another value.
pub(super) fn set(headers: &mut HeaderMap, name: &str, value: &str) -> Result<(), BridgeError> {
    let bad = || BridgeError::Header {
        name: name.to_owned(),
    };
    let name: async_nats::HeaderName = name.parse().map_err(|_| bad())?;
    let value: async_nats::HeaderValue = value.parse().map_err(|_| bad())?;
    headers.append(name, value);
    Ok(())
}
