//! `minzheng parked`: the events that could not be applied.

use crate::cli::{Parked, ParkedAction};
use crate::client::{Client, ClientError};
use crate::parts::NAMES;
use crate::say;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Deserialize, Serialize)]
struct Event {
    #[serde(rename(deserialize = "consumer"))]
    service: String,
    source: String,
    aggregate: String,
    sequence: i64,
    reason: String,
    detail: String,
    attempts: i64,
    parked_at: String,
}

/// Lists or retries.
pub async fn parked(client: &Client, order: Parked) -> Result<(), ClientError> {
    match order.action {
        None => list(client, order.json).await,
        Some(ParkedAction::Retry {
            service,
            source,
            aggregate,
        }) => {
            let body = json!({ "source": source, "aggregate": aggregate });
            let path = format!("/api/{service}/parked/retry");
            let answer: Value = client.post(&path, &body).await?;
            say::line(if order.json {
                answer.to_string()
            } else {
                format!("applied: {}", answer["applied"])
            });
            Ok(())
        }
    }
}

async fn list(client: &Client, as_json: bool) -> Result<(), ClientError> {
    let mut events = Vec::new();
    for service in NAMES {
        events.extend(
            client
                .get::<Vec<Event>>(&format!("/api/{service}/parked"))
                .await?,
        );
    }
    if as_json {
        say::line(json!(events));
        return Ok(());
    }
    if events.is_empty() {
        say::line("Nothing is parked.");
    }
    for event in events {
        say::line(format!(
            "{parked_at}  {service} could not apply event {sequence} of {aggregate} from {source} ({reason}, {attempts}×)
    {detail}
    retry with: minzheng parked retry --service {service} --source {source} --aggregate {aggregate}",
            parked_at = event.parked_at,
            service = event.service,
            sequence = event.sequence,
            aggregate = event.aggregate,
            source = event.source,
            reason = event.reason,
            attempts = event.attempts,
            detail = event.detail,
        ));
    }
    Ok(())
}
