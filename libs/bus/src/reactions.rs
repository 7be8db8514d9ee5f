//! What a service does when another service tells it a fact: a list of reactions, one for each type of event.

use crate::Pause;
use futures::future::BoxFuture;
use mz_contracts::{CATALOGUE, Envelope, Event, Owner, ReadError};
use mz_store::{Origin, StoreError, Tx};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Why an event was not applied.
#[derive(Debug, thiserror::Error)]
pub enum ReactionError {
    /// The database; repeated for as long as it takes.
    #[error("the database could not be used")]
    Store(#[from] StoreError),
    /// It cannot be applied as it stands: a person has to look. The event is parked.
    #[error("{0}")]
    Refused(String),
    /// Its data breaks its contract.
    #[error("the event cannot be read")]
    Unreadable(#[from] ReadError),
}

impl ReactionError {
    /// Why an event is parked, in one word: its own fault, or somebody else's that stays.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Refused(_) | Self::Unreadable(_) => "refused",
            Self::Store(_) => "failed",
        }
    }
}

/// One reaction of service `S`: an event becomes a change in the service's own database.
///
/// It runs in the transaction that also remembers the event, so it counts once however often the event arrives.
/// Events of other aggregates may come before or after: a reaction records a dated fact and recomputes.
pub trait Reaction<S>: Send + Sync + 'static {
    /// What it reacts to.
    type Event: Event;
    /// Applies the event. `origin` is what the reaction's own events carry: caused by this one.
    fn apply(
        &self,
        tx: &mut Tx<S>,
        event: Self::Event,
        origin: &Origin,
    ) -> impl Future<Output = Result<(), ReactionError>> + Send;
}

/// What runs a reaction of any type.
pub(crate) trait Erased<S>: Send + Sync {
    fn apply<'t>(
        &'t self,
        tx: &'t mut Tx<S>,
        envelope: &'t Envelope,
        origin: &'t Origin,
    ) -> BoxFuture<'t, Result<(), ReactionError>>;
}

struct Typed<R>(R);

impl<S: 'static, R: Reaction<S>> Erased<S> for Typed<R> {
    fn apply<'t>(
        &'t self,
        tx: &'t mut Tx<S>,
        envelope: &'t Envelope,
        origin: &'t Origin,
    ) -> BoxFuture<'t, Result<(), ReactionError>> {
        Box::pin(async move {
            let event = envelope.read::<R::Event>()?;
            self.0.apply(tx, event, origin).await
        })
    }
}

/// What a service does with every event of all others, whatever its type: it notes that it happened.
///
/// It runs as a [`Reaction`] does, in the transaction that remembers the event.
pub trait Witness<S>: Send + Sync + 'static {
    /// Notes the event, of which only the envelope is known; its data is JSON text.
    fn witness(
        &self,
        tx: &mut Tx<S>,
        envelope: &Envelope,
        origin: &Origin,
    ) -> impl Future<Output = Result<(), ReactionError>> + Send;
}

struct Witnessing<W>(W);

impl<S: 'static, W: Witness<S>> Erased<S> for Witnessing<W> {
    fn apply<'t>(
        &'t self,
        tx: &'t mut Tx<S>,
        envelope: &'t Envelope,
        origin: &'t Origin,
    ) -> BoxFuture<'t, Result<(), ReactionError>> {
        Box::pin(self.0.witness(tx, envelope, origin))
    }
}

/// The reactions of service `S`. It reads the whole stream of each service that owns one of the events.
pub struct Reactions<S> {
    by_type: BTreeMap<&'static str, Arc<dyn Erased<S>>>,
    witness: Option<Arc<dyn Erased<S>>>,
    sources: BTreeMap<&'static str, &'static str>,
    pause: Pause,
}

impl<S> Clone for Reactions<S> {
    fn clone(&self) -> Self {
        Self {
            by_type: self.by_type.clone(),
            witness: self.witness.clone(),
            sources: self.sources.clone(),
            pause: self.pause.clone(),
        }
    }
}

impl<S> Default for Reactions<S> {
    fn default() -> Self {
        Self {
            by_type: BTreeMap::new(),
            witness: None,
            sources: BTreeMap::new(),
            pause: Pause::default(),
        }
    }
}

/// What is to be done with an event of some type.
pub(crate) enum Handling<S> {
    React(Arc<dyn Erased<S>>),
    Ignore,
    /// A version of an event that we react to, but not one that we know.
    OtherVersion,
}

impl<S: 'static> Reactions<S> {
    /// No reactions.
    pub fn none() -> Self {
        Self::default()
    }

    /// Nothing is applied while this is held.
    #[must_use]
    pub fn paused_by(self, pause: &Pause) -> Self {
        Self {
            pause: pause.clone(),
            ..self
        }
    }

    pub(crate) fn pause(&self) -> &Pause {
        &self.pause
    }

    /// Adds a reaction.
    #[must_use]
    pub fn on<R: Reaction<S>>(mut self, reaction: R) -> Self {
        self.by_type.insert(R::Event::TYPE, Arc::new(Typed(reaction)));
        self.sources.insert(
            <<R::Event as Event>::Owner as mz_contracts::Owner>::NAME,
            <<R::Event as Event>::Owner as mz_contracts::Owner>::STREAM,
        );
        self
    }

    /// Adds what is done with every event of all other services, before the reaction to its type if there is one.
    #[must_use]
    pub fn witnessed_by<W: Witness<S>>(mut self, witness: W) -> Self
    where
        S: Owner,
    {
        self.witness = Some(Arc::new(Witnessing(witness)));
        let others = CATALOGUE.iter().filter(|entry| entry.service != S::NAME);
        self.sources
            .extend(others.map(|entry| (entry.service, entry.stream)));
        self
    }

    /// The services whose streams are read, with their streams.
    pub fn sources(&self) -> impl Iterator<Item = (&'static str, &'static str)> + '_ {
        self.sources.iter().map(|(name, stream)| (*name, *stream))
    }

    /// The types that are reacted to.
    pub fn types(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.by_type.keys().copied()
    }

    /// What notes every event, if something does.
    pub(crate) fn witness(&self) -> Option<&dyn Erased<S>> {
        self.witness.as_deref()
    }

    pub(crate) fn handling(&self, event_type: &str) -> Handling<S> {
        if let Some(reaction) = self.by_type.get(event_type) {
            return Handling::React(Arc::clone(reaction));
        }
        let stem = |ty: &str| ty.rsplit_once(".v").map(|(stem, _)| stem.to_owned());
        let wanted = stem(event_type);
        if wanted.is_some() && self.by_type.keys().any(|known| stem(known) == wanted) {
            Handling::OtherVersion
        } else {
            Handling::Ignore
        }
    }
}

impl<S: 'static> Handling<S> {
    pub(crate) async fn run(
        &self,
        tx: &mut Tx<S>,
        envelope: &Envelope,
        origin: &Origin,
    ) -> Result<(), ReactionError> {
        match self {
            Self::React(reaction) => reaction.apply(tx, envelope, origin).await,
            Self::Ignore => Ok(()),
            Self::OtherVersion => Err(ReactionError::Refused(format!(
                "{} is a version that this program does not know; update the program and retry",
                envelope.event_type
            ))),
        }
    }
}
