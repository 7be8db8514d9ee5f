//! What an event is, and the `event!` declaration that makes one.

use crate::owner::Owner;
use mz_kernel::DivisionCode;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A fact that one service tells to all others.
///
/// Implemented only by the `event!` declarations of this crate that are listed in
/// [`CATALOGUE`](crate::CATALOGUE): an event that the catalogue does not know does not compile.
pub trait Event:
    crate::catalogue::Catalogued + Serialize + DeserializeOwned + JsonSchema + Clone + Send + Sync + 'static
{
    /// The one service that publishes it.
    type Owner: Owner;
    /// The CloudEvents type, such as `cn.civil.funeral-reform.death.registered.v1`.
    const TYPE: &'static str;
    /// The kind of thing that it is about, such as `death`.
    const AGGREGATE: &'static str;
    /// What happened, in the past tense, such as `registered`.
    const NAME: &'static str;
    /// The version of its fields. A released version may gain optional fields and nothing else.
    const VERSION: u16;
    /// The fields that make [`Event::key`], joined by `/`, such as `death`.
    const KEYED_BY: &'static str;
    /// The identifier of its JSON Schema, such as `urn:civil:contract:funeral-reform.death.registered.v1`.
    const SCHEMA_ID: &'static str;
    /// What it says, in the words of its declaration.
    const ABOUT: &'static str;

    /// The aggregate that it is about. Events of one key are numbered 1, 2, 3 … and arrive in that order.
    fn key(&self) -> String;

    /// The division that it belongs to: who may see it, and whose figures it counts in.
    fn division(&self) -> &DivisionCode;

    /// An example with every field filled, as it stands in the documentation. Its persons do not exist.
    fn sample() -> Self;
}

/// The events that service `O` may publish: those that it owns.
///
/// The store asks for it, so that a service that publishes another service's event does not compile:
///
/// ```
/// use mz_contracts::{Event, FuneralReform, Owner, PublishedBy, events::DeathRegistered};
///
/// fn emit<S: Owner>(event: &impl PublishedBy<S>) -> String {
///     event.key()
/// }
///
/// emit::<FuneralReform>(&DeathRegistered::sample());
/// ```
///
/// ```compile_fail,E0271
/// use mz_contracts::{Event, Owner, PublishedBy, SocialAssistance, events::DeathRegistered};
///
/// fn emit<S: Owner>(event: &impl PublishedBy<S>) -> String {
///     event.key()
/// }
///
/// emit::<SocialAssistance>(&DeathRegistered::sample());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event that `{O}` publishes",
    note = "only what is declared with `event!` in libs/contracts is published, and only by its owner"
)]
pub trait PublishedBy<O: Owner>: Event<Owner = O> {}

impl<O: Owner, E: Event<Owner = O>> PublishedBy<O> for E {}

/// Declares one event: its struct, its [`Event`] implementation and its sample.
///
/// `death.registered` may have dashes in either part. `keyed by a / b` makes a key of several fields. `in` names
/// the field that holds the division. A field that may be missing is an `Option` with
/// `#[serde(skip_serializing_if = "Option::is_none")]`; a test of the catalogue insists.
macro_rules! event {
    (
        $(#[doc = $about:literal])+
        pub struct $Event:ident $version:ident of $Owner:ident
        at $aggregate:ident $(- $aggregate_more:ident)* . $name:ident $(- $name_more:ident)*
        keyed by $key:ident $(/ $key_more:ident)* in $division:ident
        { $($(#[$meta:meta])* $field:ident: $ty:ty,)+ }
        sample $sample:tt
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        pub struct $Event {
            $($(#[$meta])* pub $field: $ty,)+
        }

        impl $crate::Event for $Event {
            type Owner = $crate::owner::$Owner;
            const TYPE: &'static str = concat!(
                "cn.civil.", owner_name!($Owner), ".",
                stringify!($aggregate), $("-", stringify!($aggregate_more),)* ".",
                stringify!($name), $("-", stringify!($name_more),)* ".", stringify!($version)
            );
            const AGGREGATE: &'static str = concat!(stringify!($aggregate) $(, "-", stringify!($aggregate_more))*);
            const NAME: &'static str = concat!(stringify!($name) $(, "-", stringify!($name_more))*);
            const VERSION: u16 = event!(@number $version);
            const KEYED_BY: &'static str = concat!(stringify!($key) $(, "/", stringify!($key_more))*);
            const SCHEMA_ID: &'static str = concat!(
                "urn:civil:contract:", owner_name!($Owner), ".",
                stringify!($aggregate), $("-", stringify!($aggregate_more),)* ".",
                stringify!($name), $("-", stringify!($name_more),)* ".", stringify!($version)
            );
            const ABOUT: &'static str = concat!($($about),+).trim_ascii();

            fn key(&self) -> String {
                [self.$key.to_string() $(, self.$key_more.to_string())*].join("/")
            }

            fn division(&self) -> &mz_kernel::DivisionCode {
                &self.$division
            }

            fn sample() -> Self {
                $crate::event::from_sample(serde_json::json!($sample))
            }
        }
    };
    (@number v1) => { 1 };
    (@number v2) => { 2 };
    (@number v3) => { 3 };
}

/// Reads the sample of a declaration.
#[expect(
    clippy::expect_used,
    reason = "a constant of the source text; a test reads the sample of every event"
)]
pub(crate) fn from_sample<E: DeserializeOwned>(sample: serde_json::Value) -> E {
    serde_json::from_value(sample).expect("the sample of an event must be an event")
}
