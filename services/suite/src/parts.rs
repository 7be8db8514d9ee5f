//! The services of the suite, started together and seen as one.

use crate::county::County;
use crate::suite::SuiteError;
use mz_bus::bridge::{Bridge, Request};
use mz_contracts::{FuneralReform, Owner, Registration, SocialAssistance};
use mz_runtime::{Part, Setting};
use std::sync::Arc;

/// The services, in the order in which they start.
pub const NAMES: [&str; 3] = [Registration::NAME, FuneralReform::NAME, SocialAssistance::NAME];

/// Starts every service with its setting, all at once.
pub(crate) async fn start(
    settings: [Result<Setting, SuiteError>; 3],
) -> Result<(Arc<[Box<dyn Part>]>, Bridge), SuiteError> {
    let [registration, funeral, assistance] = settings;
    let (registration, funeral, assistance) = tokio::try_join!(
        async { Ok::<_, SuiteError>(registration::service().start(registration?).await?) },
        async { Ok(funeral_reform::service().start(funeral?).await?) },
        async { Ok(social_assistance::service().start(assistance?).await?) },
    )?;
    let bridge = registration.app().bridge.clone();
    let parts: [Box<dyn Part>; 3] = [Box::new(registration), Box::new(funeral), Box::new(assistance)];
    Ok((Arc::new(parts), bridge))
}

/// Loads the county's divisions; those that are known stay as they are.
pub(crate) async fn load_divisions(
    bridge: &Bridge,
    administrator: &str,
    county: &County,
) -> Result<(), SuiteError> {
    let body = serde_json::json!({ "divisions": county.divisions }).to_string();
    let request = Request {
        method: "POST".to_owned(),
        path: "/divisions".to_owned(),
        headers: vec![
            ("authorization".to_owned(), format!("Bearer {administrator}")),
            ("content-type".to_owned(), "application/json".to_owned()),
            // The same content is the same request: nothing is written at the second start.
            (
                "idempotency-key".to_owned(),
                format!(
                    "county-{}",
                    mz_http::fingerprint("POST", "/divisions", body.as_bytes())
                ),
            ),
        ],
        body: body.into(),
    };
    let answer = bridge
        .call(Registration::NAME, request)
        .await
        .map_err(|error| SuiteError::Divisions(mz_kernel::chain(&error)))?;
    match answer.status {
        200..=299 => Ok(()),
        status => Err(SuiteError::Divisions(format!(
            "{status}: {}",
            String::from_utf8_lossy(&answer.body)
        ))),
    }
}
