//! What travels with every event: CloudEvents 1.0 attributes and our extensions, as one struct.

use crate::subject::{self, Area};
use crate::{Event, Owner, wire};
use mz_kernel::{Date, DivisionCode, EventId, OfficerId, Stamp, Trace};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// An event with everything that is known about it, before or after the wire. [`crate::wire`] has its two forms.
///
/// `partitionkey` and `dataschema` are not kept: they follow from [`Self::subject`] and [`Self::event_type`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// `id`: given in the transaction that made the event, the same in every delivery of it.
    pub id: EventId,
    /// `source`: `/civil/<area>/<service>`, see [`subject::source`].
    pub source: String,
    /// `type`: [`Event::TYPE`].
    pub event_type: String,
    /// `subject`: [`Event::key`], the aggregate.
    pub subject: String,
    /// `time`: when the fact was recorded. When it happened stands in the data.
    pub time: Stamp,
    /// `legaldate`: the legal date on which it was recorded (D11).
    pub legal_date: Date,
    /// `sequence`: the number of this event among those of its source and subject, from 1 without a hole.
    pub sequence: u64,
    /// `division`: whose it is.
    pub division: DivisionCode,
    /// `actor`: who did it.
    pub actor: Actor,
    /// `correlationid`: the same for everything that one request set in motion.
    pub correlation: String,
    /// `causationid`: the event that this one reacts to.
    pub causation: Option<EventId>,
    /// `traceparent`: the operation that made the event (CloudEvents' Distributed Tracing extension). In binary mode
    /// it is the transport's own header of that name. What is none counts as absent: it is no part of the fact.
    pub trace: Option<Trace>,
    /// `data`: JSON text.
    pub data: String,
}

/// Who did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Actor {
    /// The suite: a schedule or a reaction. Its text is `system`.
    System,
    /// An account of a person or an agency. Its text is the id.
    Officer(OfficerId),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.pad("system"),
            Self::Officer(id) => id.fmt(f),
        }
    }
}

impl FromStr for Actor {
    type Err = mz_kernel::IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "system" {
            Ok(Self::System)
        } else {
            text.parse().map(Self::Officer)
        }
    }
}

/// What the store knows of an event beside the event itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// See [`Envelope::id`].
    pub id: EventId,
    /// Whose bureau runs the service.
    pub area: Area,
    /// See [`Envelope::time`].
    pub time: Stamp,
    /// See [`Envelope::legal_date`].
    pub legal_date: Date,
    /// See [`Envelope::sequence`].
    pub sequence: u64,
    /// See [`Envelope::actor`].
    pub actor: Actor,
    /// See [`Envelope::correlation`].
    pub correlation: String,
    /// See [`Envelope::causation`].
    pub causation: Option<EventId>,
    /// See [`Envelope::trace`].
    pub trace: Option<Trace>,
}

/// Why an envelope does not give the event asked for.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It holds another event.
    #[error("the envelope holds {found}, not {expected}")]
    OtherType {
        /// The type asked for.
        expected: &'static str,
        /// The type that it holds.
        found: String,
    },
    /// Its data breaks the type's contract.
    #[error("the data of {event_type} does not have the fields of that type")]
    Data {
        /// The type.
        event_type: &'static str,
        /// Which field, and what was expected.
        #[source]
        source: serde_json::Error,
    },
}

/// Why what arrived is no event of ours.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// An attribute that every event carries is not there.
    #[error("attribute `{attribute}` is missing")]
    Missing {
        /// The CloudEvents name.
        attribute: &'static str,
    },
    /// An attribute holds something else than it must.
    #[error("attribute `{attribute}` is not {expected}")]
    Invalid {
        /// The CloudEvents name, or the header's where it is no attribute.
        attribute: String,
        /// What it has to be.
        expected: &'static str,
    },
    /// An attribute stands there twice: which one holds?
    #[error("attribute `{attribute}` is given twice")]
    Repeated {
        /// The CloudEvents name, or the header's where it is no attribute.
        attribute: String,
    },
    /// The data, or the whole in structured mode, is not JSON.
    #[error("the {part} is not JSON")]
    Json {
        /// `data` or `event`.
        part: &'static str,
        /// Where it breaks.
        #[source]
        source: serde_json::Error,
    },
}

const TYPE_PREFIX: &str = "cn.civil.";
const SCHEMA_PREFIX: &str = "urn:civil:contract:";

impl Envelope {
    /// Puts an event into its envelope.
    pub fn new<E: Event>(event: &E, recording: Recording) -> Result<Self, serde_json::Error> {
        let Recording {
            id,
            area,
            time,
            legal_date,
            sequence,
            actor,
            correlation,
            causation,
            trace,
        } = recording;
        Ok(Self {
            id,
            source: subject::source(area, E::Owner::NAME),
            event_type: E::TYPE.to_owned(),
            subject: event.key(),
            time,
            legal_date,
            sequence,
            division: *event.division(),
            actor,
            correlation,
            causation,
            trace,
            data: serde_json::to_string(event)?,
        })
    }

    /// Whether it holds an `E`.
    pub fn holds<E: Event>(&self) -> bool {
        self.event_type == E::TYPE
    }

    /// Takes the event out.
    pub fn read<E: Event>(&self) -> Result<E, ReadError> {
        if !self.holds::<E>() {
            return Err(ReadError::OtherType {
                expected: E::TYPE,
                found: self.event_type.clone(),
            });
        }
        serde_json::from_str(&self.data).map_err(|source| ReadError::Data {
            event_type: E::TYPE,
            source,
        })
    }

    /// `dataschema`: [`Event::SCHEMA_ID`]; none for a type that is not ours.
    pub fn data_schema(&self) -> Option<String> {
        Some(format!(
            "{SCHEMA_PREFIX}{}",
            self.event_type.strip_prefix(TYPE_PREFIX)?
        ))
    }

    /// All attributes under their header names, `ce-` and the CloudEvents name.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = (&'static str, Cow<'_, str>)> {
        fn text<'a>(value: impl fmt::Display) -> Cow<'a, str> {
            Cow::Owned(value.to_string())
        }
        let always = [
            ("ce-specversion", Cow::Borrowed("1.0")),
            ("ce-id", Cow::Borrowed(self.id.as_str())),
            ("ce-source", Cow::Borrowed(&*self.source)),
            ("ce-type", Cow::Borrowed(&*self.event_type)),
            ("ce-subject", Cow::Borrowed(&*self.subject)),
            ("ce-time", text(self.time)),
            ("ce-datacontenttype", Cow::Borrowed("application/json")),
            ("ce-legaldate", text(self.legal_date)),
            // The sequence extension asks for an order by characters: as many digits as the largest number has.
            ("ce-sequence", text(format_args!("{:020}", self.sequence))),
            ("ce-partitionkey", Cow::Borrowed(&*self.subject)),
            ("ce-division", Cow::Borrowed(self.division.as_str())),
            ("ce-actor", text(self.actor)),
            ("ce-correlationid", Cow::Borrowed(&*self.correlation)),
        ];
        let schema = self
            .data_schema()
            .map(|schema| ("ce-dataschema", Cow::Owned(schema)));
        let causation = self.causation.map(|cause| ("ce-causationid", text(cause)));
        always.into_iter().chain(schema).chain(causation)
    }

    /// Builds an envelope from attributes under their CloudEvents names.
    pub(crate) fn from_attributes(attributes: &Attributes, data: String) -> Result<Self, DecodeError> {
        let event = Self {
            id: attributes.parse("id", "an event's id")?,
            source: attributes.text("source")?,
            event_type: attributes.text("type")?,
            subject: attributes.text("subject")?,
            time: attributes.parse("time", "an instant like 2026-11-24T10:00:00.000000Z")?,
            legal_date: attributes.parse("legaldate", "a date like 2026-11-24")?,
            sequence: attributes.sequence()?,
            division: attributes.parse("division", "a division's code")?,
            actor: attributes.parse("actor", "an officer's id or `system`")?,
            correlation: attributes.text("correlationid")?,
            causation: (attributes.0.contains_key("causationid"))
                .then(|| attributes.parse("causationid", "an event's id"))
                .transpose()?,
            trace: attributes.0.get(wire::TRACE).and_then(|text| text.parse().ok()),
            data,
        };
        match (
            attributes.text("specversion")?.as_str(),
            attributes.0.get("datacontenttype"),
        ) {
            ("1.0", None) => Ok(event),
            ("1.0", Some(media)) if media.eq_ignore_ascii_case("application/json") => Ok(event),
            ("1.0", Some(_)) => Err(invalid("datacontenttype", "application/json")),
            _ => Err(invalid("specversion", "1.0")),
        }
    }
}

/// Attributes as they arrived, decoded, under their CloudEvents names.
#[derive(Debug, Default)]
pub(crate) struct Attributes(BTreeMap<String, String>);

impl Attributes {
    pub(crate) fn insert(&mut self, name: String, value: String) -> Result<(), DecodeError> {
        match self.0.insert(name.clone(), value) {
            None => Ok(()),
            Some(_) => Err(DecodeError::Repeated { attribute: name }),
        }
    }

    /// CloudEvents knows no empty attribute.
    fn get(&self, attribute: &'static str) -> Result<&str, DecodeError> {
        let value = self.0.get(attribute).ok_or(DecodeError::Missing { attribute })?;
        if value.is_empty() {
            Err(DecodeError::Missing { attribute })
        } else {
            Ok(value)
        }
    }

    fn text(&self, attribute: &'static str) -> Result<String, DecodeError> {
        self.get(attribute).map(str::to_owned)
    }

    fn parse<T: FromStr>(&self, attribute: &'static str, expected: &'static str) -> Result<T, DecodeError> {
        self.get(attribute)?
            .parse()
            .map_err(|_| invalid(attribute, expected))
    }

    fn sequence(&self) -> Result<u64, DecodeError> {
        const DIGITS: usize = 20;
        let text = self.get("sequence")?;
        if text.len() != DIGITS || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(invalid("sequence", "a number of 20 digits"));
        }
        text.parse()
            .map_err(|_| invalid("sequence", "a number below 2^64"))
    }
}

pub(crate) fn invalid(attribute: &str, expected: &'static str) -> DecodeError {
    DecodeError::Invalid {
        attribute: attribute.to_owned(),
        expected,
    }
}
