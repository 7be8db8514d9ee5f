//! The stream of a service: how it is configured, and what its end looks like.

use crate::Connection;
use async_nats::jetstream::stream::{
    Compression, Config, DiscardPolicy, LastRawMessageErrorKind, StorageType,
};
use mz_contracts::subject::{self, Area};
use mz_contracts::{Owner, wire};
use std::time::Duration;

/// What a look at a stream shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tail {
    /// When the stream was made: its epoch.
    pub created: String,
    /// The last sequence, 0 for an empty stream.
    pub last: u64,
    /// How many messages it holds.
    pub messages: u64,
    /// The first sequence that it holds.
    pub first: u64,
    /// The event id that the last message carries.
    pub last_id: Option<String>,
}

impl Tail {
    /// True when a message between the first and the last is missing: streams of events never lose any by design.
    pub fn has_holes(&self) -> bool {
        self.messages != self.last || (self.last > 0 && (self.first != 1 || self.last_id.is_none()))
    }
}

/// The broker cannot be asked, or does not answer.
#[derive(Debug, thiserror::Error)]
#[error("JetStream did not {what}")]
pub struct StreamError {
    /// What was asked of it.
    pub what: &'static str,
    /// What came instead.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

pub(crate) fn failed<E>(what: &'static str) -> impl FnOnce(E) -> StreamError
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    move |error| StreamError {
        what,
        source: error.into(),
    }
}

/// Events are kept without limit of age (D4); a full disk refuses new ones, and the journal keeps them.
fn config<S: Owner>(area: Area) -> Config {
    Config {
        name: S::STREAM.to_owned(),
        subjects: vec![subject::all_events(area, S::NAME)],
        storage: StorageType::File,
        discard: DiscardPolicy::New,
        // Only the tail decides what is published next; the window is a net below it, and a short one, so that a
        // message that was lost with the stream's end is not taken for a duplicate.
        duplicate_window: Duration::from_secs(1),
        max_message_size: 1024 * 1024,
        compression: Some(Compression::S2),
        allow_direct: true,
        allow_atomic_publish: true,
        description: Some(format!("events of {}; a copy of its journal", S::NAME)),
        ..Config::default()
    }
}

/// Makes the service's stream if there is none, and looks at its end.
pub async fn look<S: Owner>(connection: &Connection, area: Area) -> Result<Tail, StreamError> {
    let stream = connection
        .jetstream
        .get_or_create_stream(config::<S>(area))
        .await
        .map_err(failed("give the stream"))?;
    let info = stream.get_info().await.map_err(failed("describe the stream"))?;
    let last = info.state.last_sequence;
    let last_id = if last == 0 {
        None
    } else {
        match stream.get_raw_message(last).await {
            Ok(message) => message
                .headers
                .get(wire::MESSAGE_ID)
                .map(|id| id.as_str().to_owned()),
            Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => None,
            Err(error) => return Err(failed("show the stream's last message")(error)),
        }
    };
    Ok(Tail {
        created: info.created.to_string(),
        last,
        messages: info.state.messages,
        first: info.state.first_sequence,
        last_id,
    })
}

/// Removes the service's stream, so that the next look makes a new one.
pub async fn remove<S: Owner>(connection: &Connection) -> Result<(), StreamError> {
    connection
        .jetstream
        .delete_stream(S::STREAM)
        .await
        .map_err(failed("remove the stream"))?;
    Ok(())
}
