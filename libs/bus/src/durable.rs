//! The broker's memory of what a consumer has read, and how far it is believed.
//!
//! The consumer's own database decides what was settled. The durable only saves that everything is read again after
//! each start; where the two differ it is made anew, and the gate drops what comes twice.

use crate::Connection;
use crate::consumer::MESSAGES_A_COMMIT_MAX;
use crate::stream::{StreamError, failed};
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, PullConsumer, pull};
use async_nats::jetstream::stream::Stream;
use std::time::Duration;

/// Who reads what.
pub(crate) struct Reads<'c> {
    pub(crate) connection: &'c Connection,
    /// The reading service: the durable's name.
    pub(crate) consumer: &'static str,
    /// The service whose stream it is.
    pub(crate) source: &'static str,
    /// Its stream.
    pub(crate) stream: &'static str,
}

impl Reads<'_> {
    /// Makes the durable if it is not there: after the broker was lost it starts at the beginning, and the gate
    /// drops what is known. Answers also the position that it delivers next.
    ///
    /// What was delivered and never acknowledged would come again only after `ack_wait`, behind later messages, and
    /// an acknowledgement of those would cover it, applied or not. Such a durable is made anew at its floor. And
    /// what was acknowledged would not come again at all: where our database was restored from a backup it knows
    /// less (`known`) than the broker believes, and the durable is made anew behind what it knows.
    pub(crate) async fn durable(&self, known: u64) -> Result<(PullConsumer, u64), StreamError> {
        let stream = self
            .connection
            .jetstream
            .get_stream(self.stream)
            .await
            .map_err(failed("give the source's stream"))?;
        let found = self.open(&stream, DeliverPolicy::All).await?;
        let info = found.cached_info();
        let floor = info.ack_floor.stream_sequence;
        if info.num_ack_pending == 0 && floor <= known {
            return Ok((found, floor + 1));
        }
        stream
            .delete_consumer(self.consumer)
            .await
            .map_err(failed("give the durable consumer"))?;
        let next = floor.min(known) + 1;
        let behind_known = DeliverPolicy::ByStartSequence { start_sequence: next };
        Ok((self.open(&stream, behind_known).await?, next))
    }

    async fn open(&self, stream: &Stream, from: DeliverPolicy) -> Result<PullConsumer, StreamError> {
        let config = pull::Config {
            durable_name: Some(self.consumer.to_owned()),
            deliver_policy: from,
            // Messages are settled in the order of the stream, so one acknowledgement stands for all before it.
            ack_policy: AckPolicy::All,
            // What a process that died had in hand comes again this soon; a slower batch comes twice, and the gate
            // drops it.
            ack_wait: Duration::from_secs(5),
            max_ack_pending: 4 * i64::from(MESSAGES_A_COMMIT_MAX),
            description: Some(format!("{} reads {}", self.consumer, self.source)),
            ..pull::Config::default()
        };
        stream
            .get_or_create_consumer(self.consumer, config)
            .await
            .map_err(failed("give the durable consumer"))
    }
}
