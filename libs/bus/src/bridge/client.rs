//! Asking a service over NATS.

use super::{BODY_BYTES, HTTP, METHOD, PATH, Request, Response, STATUS, WHOLE_MAX, chunks};
use crate::Connection;
use crate::stream::{StreamError, failed};
use async_nats::client::RequestErrorKind;
use async_nats::header::HeaderMap;
use async_nats::{Message, Subject};
use bytes::Bytes;
use mz_contracts::subject::{self, Area};
use std::time::Duration;

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
    connection: Connection,
    area: Area,
}

impl Bridge {
    /// A bridge to the services of an area.
    pub fn new(connection: Connection, area: Area) -> Self {
        Self { connection, area }
    }

    /// Asks a service; whatever it answers, refusals included, is `Ok`.
    pub async fn call(&self, service: &str, request: Request) -> Result<Response, BridgeError> {
        let subject = match request.method.as_str() {
            "GET" | "HEAD" => subject::query(self.area, service),
            _ => subject::command(self.area, service),
        };
        let broken = |source| BridgeError::Broken {
            service: service.to_owned(),
            source,
        };
        let mut headers = HeaderMap::new();
        set(&mut headers, METHOD, &request.method)?;
        set(&mut headers, PATH, &request.path)?;
        for (name, value) in &request.headers {
            set(&mut headers, &format!("{HTTP}{name}"), value)?;
        }
        let answer = if request.body.len() <= WHOLE_MAX {
            self.ask(service, subject, headers, request.body).await?
        } else {
            set(&mut headers, BODY_BYTES, &request.body.len().to_string())?;
            let opened = self.ask(service, subject, headers, Bytes::new()).await?;
            self.upload(&opened, &request.body).await.map_err(broken)?
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
        self.connection
            .client
            .send_request(subject, request)
            .await
            .map_err(|error| match error.kind() {
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

    async fn upload(&self, opened: &Message, body: &Bytes) -> Result<Message, StreamError> {
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
        loop {
            let answer = match tokio::time::timeout(ANSWER, chunks::next(&mut answers)).await {
                Ok(answer) => answer?,
                Err(_) => return Err(failed("bring an answer")("time is up")),
            };
            // Credit that was not needed any more comes before the answer.
            if answer
                .headers
                .as_ref()
                .is_some_and(|headers| headers.get(STATUS).is_some())
            {
                return Ok(answer);
            }
        }
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

/// The HTTP headers that a message carries.
pub(super) fn http_headers(message: &Message) -> Vec<(String, String)> {
    let Some(headers) = &message.headers else {
        return Vec::new();
    };
    headers
        .iter()
        .filter_map(|(name, values)| {
            let name = AsRef::<str>::as_ref(name).strip_prefix(HTTP)?.to_owned();
            Some((name, values.first()?.as_str().to_owned()))
        })
        .collect()
}

pub(super) fn set(headers: &mut HeaderMap, name: &str, value: &str) -> Result<(), BridgeError> {
    let bad = || BridgeError::Header {
        name: name.to_owned(),
    };
    let name: async_nats::HeaderName = name.parse().map_err(|_| bad())?;
    let value: async_nats::HeaderValue = value.parse().map_err(|_| bad())?;
    headers.insert(name, value);
    Ok(())
}
