//! A connection to NATS, and what its server does with it.

use crate::server::Login;
use crate::stream::{StreamError, failed};
use async_nats::connection::State;
use async_nats::jetstream;
use async_nats::{Event, Subject};
use bytes::Bytes;
use futures::StreamExt as _;
use std::time::Duration;
use tokio::sync::watch;

/// How to reach the NATS server.
#[derive(Clone)]
pub struct Address {
    /// `127.0.0.1:4222`, without credentials.
    pub server: String,
    /// The user.
    pub user: String,
    /// Its password.
    pub password: String,
}

impl Address {
    /// The server at `nats://host:port` or `host:port`, for whoever has this login.
    pub fn of(server: impl Into<String>, login: &Login) -> Self {
        Self {
            server: server.into(),
            user: login.user().to_owned(),
            password: login.password().to_owned(),
        }
    }
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Address")
            .field("server", &self.server)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// A connection that stays: it reconnects by itself for ever.
#[derive(Clone)]
pub struct Connection {
    pub(crate) client: async_nats::Client,
    pub(crate) jetstream: jetstream::Context,
    connected: watch::Receiver<u64>,
}

/// The server cannot be reached or refuses the user.
#[derive(Debug, thiserror::Error)]
#[error("NATS at {server} cannot be used; check that it runs and that user {user} may connect")]
pub struct ConnectError {
    server: String,
    user: String,
    #[source]
    source: async_nats::ConnectError,
}

/// JetStream answers within this time, or is asked again.
const ANSWER: Duration = Duration::from_secs(5);

impl Connection {
    /// Connects under a name that monitoring shows, such as `funeral-reform`.
    pub async fn open(address: &Address, name: &str) -> Result<Self, ConnectError> {
        let (count, connected) = watch::channel(0_u64);
        let owner = name.to_owned();
        let client = Login::new(address.user.clone(), address.password.clone())
            .connect_options()
            .name(name)
            .connection_timeout(Duration::from_secs(5))
            .request_timeout(Some(Duration::from_secs(10)))
            .ping_interval(Duration::from_secs(5))
            // At once the first time, which is every start, too; then at a pace that a broken server can bear.
            .reconnect_delay_callback(|attempt| {
                Duration::from_millis((50 * (attempt as u64).saturating_sub(1)).min(1_000))
            })
            .event_callback(move |event| {
                match &event {
                    Event::Connected => count.send_modify(|times| *times += 1),
                    // A permission that is missing is reported here and nowhere else.
                    Event::ServerError(error) => {
                        tracing::error!(service = owner, %error, "NATS refused something");
                    }
                    Event::SlowConsumer(_) => {
                        tracing::warn!(service = owner, "NATS: a subscription is too slow");
                    }
                    other => tracing::debug!(service = owner, event = %other, "NATS"),
                }
                std::future::ready(())
            })
            .connect(&address.server)
            .await
            .map_err(|source| ConnectError {
                server: address.server.clone(),
                user: address.user.clone(),
                source,
            })?;
        let jetstream = jetstream::ContextBuilder::new()
            .timeout(ANSWER)
            .build(client.clone());
        Ok(Self {
            client,
            jetstream,
            connected,
        })
    }

    /// Changes each time the connection is made anew: whoever relies on the broker's state looks again.
    pub(crate) fn reconnected(&self) -> watch::Receiver<u64> {
        self.connected.clone()
    }

    /// Whether the server can be reached at the moment, as far as the client knows.
    pub(crate) fn is_up(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// Answers when the server has worked off all that was sent on this connection before: a subscription is there
    /// for everybody then. The client's own flush only hands it to the socket, where another connection may
    /// overtake it.
    pub(crate) async fn caught_up(&self) -> Result<(), StreamError> {
        const WHAT: &str = "return what was sent";
        let inbox = Subject::from(self.client.new_inbox());
        let mut echo = self.client.subscribe(inbox.clone()).await.map_err(failed(WHAT))?;
        self.client
            .publish(inbox, Bytes::new())
            .await
            .map_err(failed(WHAT))?;
        match tokio::time::timeout(ANSWER, echo.next()).await {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err(failed(WHAT)("the connection was closed")),
            Err(late) => Err(failed(WHAT)(late)),
        }
    }

    /// Sends what is buffered and closes.
    pub async fn close(&self) {
        // Whatever was not flushed is published again from the journal.
        let _ = self.client.drain().await;
    }
}
