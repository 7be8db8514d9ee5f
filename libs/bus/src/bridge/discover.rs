//! Which services are there: what answers `$SRV.PING` (NATS ADR-32).

use super::Bridge;
use crate::stream::{StreamError, failed};
use async_nats::Subject;
use bytes::Bytes;
use futures::StreamExt as _;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// Nobody knows how many will answer: after this long without another answer, all have.
const SILENCE: Duration = Duration::from_millis(150);

/// One running instance of a service. Instances of one service have the same name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Instance {
    /// The service, such as `funeral-reform`.
    pub name: String,
    /// The instance.
    pub id: String,
    /// The version that runs.
    pub version: String,
}

/// What an instance says of the requests that it answered.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Counted {
    /// The service.
    pub name: String,
    /// The instance.
    pub id: String,
    /// Its endpoints.
    pub endpoints: Vec<Endpoint>,
}

/// An endpoint of an instance.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Endpoint {
    /// `command` or `query`.
    pub name: String,
    /// Requests that it answered since it started.
    #[serde(rename = "num_requests")]
    pub requests: f64,
}

impl Bridge {
    /// The instances that answer now, by name. What answers in another form is no service of ours.
    pub async fn instances(&self) -> Result<Vec<Instance>, StreamError> {
        let mut found = self.discover::<Instance>("$SRV.PING").await?;
        found.sort();
        Ok(found)
    }

    /// What the instances that answer now have counted.
    pub async fn counted(&self) -> Result<Vec<Counted>, StreamError> {
        self.discover("$SRV.STATS").await
    }

    async fn discover<T: DeserializeOwned>(&self, subject: &'static str) -> Result<Vec<T>, StreamError> {
        const WHAT: &str = "look for services";
        let client = &self.connection.client;
        let inbox = Subject::from(client.new_inbox());
        let mut answers = client.subscribe(inbox.clone()).await.map_err(failed(WHAT))?;
        client
            .publish_with_reply(subject, inbox, Bytes::new())
            .await
            .map_err(failed(WHAT))?;
        let mut found = Vec::new();
        while let Ok(Some(answer)) = tokio::time::timeout(SILENCE, answers.next()).await {
            found.extend(serde_json::from_slice::<T>(&answer.payload));
        }
        Ok(found)
    }
}
