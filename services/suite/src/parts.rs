//! The services of the suite, started together and seen as one.

use crate::suite::SuiteError;
use mz_contracts::{
    Disbursement, FuneralReform, Gateway, Insight, Notification, Owner, Registration, SocialAssistance,
};
use mz_runtime::{App, Part, Running, Service, Setting};
use std::sync::Arc;

/// The services, in the order in which they start.
pub const NAMES: [&str; 7] = [
    Registration::NAME,
    FuneralReform::NAME,
    SocialAssistance::NAME,
    Disbursement::NAME,
    Notification::NAME,
    Insight::NAME,
    Gateway::NAME,
];

/// Starts every service with its setting, all at once; answers with what the door of the gateway works with.
pub(crate) async fn start(
    settings: [Result<Setting, SuiteError>; NAMES.len()],
) -> Result<(Arc<[Box<dyn Part>]>, App<Gateway>), SuiteError> {
    let [
        registration,
        funeral,
        assistance,
        disbursement,
        notification,
        insight,
        gateway,
    ] = settings;
    let gateway = start_one(gateway::service(), gateway);
    let others = async {
        tokio::try_join!(
            boxed(registration::service(), registration),
            boxed(funeral_reform::service(), funeral),
            boxed(social_assistance::service(), assistance),
            boxed(disbursement::service(), disbursement),
            boxed(notification::service(), notification),
            boxed(insight::service(), insight),
        )
    };
    let (gateway, others) = tokio::try_join!(gateway, others)?;
    let app = gateway.app().clone();
    let parts: [Box<dyn Part>; NAMES.len()] = [
        others.0,
        others.1,
        others.2,
        others.3,
        others.4,
        others.5,
        Box::new(gateway),
    ];
    Ok((Arc::new(parts), app))
}

async fn start_one<S: Owner>(
    service: Service<S>,
    setting: Result<Setting, SuiteError>,
) -> Result<Running<S>, SuiteError> {
    Ok(service.start(setting?).await?)
}

async fn boxed<S: Owner>(
    service: Service<S>,
    setting: Result<Setting, SuiteError>,
) -> Result<Box<dyn Part>, SuiteError> {
    Ok(Box::new(start_one(service, setting).await?))
}
