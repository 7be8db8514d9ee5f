//! What the services of a bureau have in common, whether they share a process or not.

use crate::{County, SecretsError, Setting, WallClock};
use mz_bus::{Address, Pause};
use mz_contracts::subject::{Area, NotAnArea};
use mz_http::{Access, TokenVerifier};
use mz_kernel::{Calendar, IdSource, LegalClock, SystemClock};
use mz_policy::Policy;
use mz_store::{Faults, Keyring, Surroundings};
use std::sync::Arc;

/// A bureau's law, clocks and callers; [`Bureau::setting`] adds what is a service's own.
#[derive(Clone)]
pub struct Bureau {
    area: Area,
    policy: Arc<Policy>,
    calendar: Arc<Calendar>,
    legal: Arc<dyn LegalClock>,
    faults: Arc<dyn Faults>,
    access: Access,
    pause: Pause,
}

/// Why no service of a bureau can be started.
#[derive(Debug, thiserror::Error)]
pub enum BureauError {
    /// The county's code.
    #[error("the county's code cannot be used")]
    Area(#[from] NotAnArea),
}

impl Bureau {
    /// The bureau of a county. Callers are believed whose tokens `verifier` believes.
    pub fn new(
        county: &County,
        legal: Arc<dyn LegalClock>,
        verifier: TokenVerifier,
        faults: Arc<dyn Faults>,
    ) -> Result<Self, BureauError> {
        Ok(Self {
            area: Area::try_from(county.code)?,
            policy: Arc::new(county.policy.clone()),
            calendar: Arc::new(county.calendar.clone()),
            legal,
            faults,
            access: Access {
                verifier,
                clock: Arc::new(WallClock),
            },
            pause: Pause::default(),
        })
    }

    /// Whose bureau it is.
    pub fn area(&self) -> Area {
        self.area
    }

    /// Holds what its services apply of each other's events still.
    pub fn pause(&self) -> &Pause {
        &self.pause
    }

    /// How its services recognise callers.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// Where and with what one of its services runs. Each has a generator of ids of its own: services must never make
    /// the same id, nor wait for one another.
    pub fn setting(
        &self,
        instance: &str,
        database: String,
        nats: Address,
        keyring: Keyring,
    ) -> Result<Setting, SecretsError> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|_| SecretsError::NoRandomBytes)?;
        let system: Arc<dyn SystemClock> = Arc::new(WallClock);
        Ok(Setting {
            database,
            nats,
            area: self.area,
            instance: instance.to_owned(),
            surroundings: Surroundings::new(
                Arc::clone(&self.legal),
                system,
                Arc::new(IdSource::new(seed)),
                Arc::clone(&self.faults),
            ),
            policy: Arc::clone(&self.policy),
            calendar: Arc::clone(&self.calendar),
            keyring: Arc::new(keyring),
            access: self.access.clone(),
            pause: self.pause.clone(),
        })
    }
}
