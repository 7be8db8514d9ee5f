//! `minzheng parked`: the events that could not be applied.

use crate::cli::{Parked, ParkedAction};
use crate::client::{Client, ClientError};
use crate::say;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Event {
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
            let body = json!({ "service": service, "source": source, "aggregate": aggregate });
            let answer: Value = client.post("/suite/parked/retry", &body).await?;
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
    if as_json {
        say::line(client.get::<Value>("/suite/parked").await?);
        return Ok(());
    }
    let events: Vec<Event> = client.get("/suite/parked").await?;
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
