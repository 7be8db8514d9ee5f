//! NATS subjects: the one place that spells them.
//!
//! ```text
//! civil.<area>.evt.<service>.<aggregate>.<name>.v<major>    a fact, on the service's stream
//! civil.<area>.cmd.<service>.v1                             the one command subject of a service (D9)
//! civil.<area>.qry.<service>.v1                             its one query subject
//! ```
//!
//! Tokens are of `[a-z0-9-]`. No person and no aggregate id stands in a subject: subjects appear in logs,
//! advisories and monitoring, and a subject per person would cost the server memory.

use crate::{Envelope, Event, Owner};
use mz_kernel::{DivisionCode, Level};
use std::fmt;
use std::str::FromStr;

/// The root of every subject of the suite. Another grammar would take another root and run beside this one.
pub const ROOT: &str = "civil";

/// The unit whose bureau produces: a county `513335`, a prefecture `5133` or a province `51` (GB/T 2260 digits).
///
/// It is the place of the deployment. Whose a single fact is stands in its [`division`](crate::Envelope::division),
/// which may be a township or a village. Roll-ups never rewrite it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Area(DivisionCode);

/// A township or a village has no bureau of its own, so it is no area.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no area: give the county, prefecture or province whose bureau runs the suite")]
pub struct NotAnArea(pub DivisionCode);

impl TryFrom<DivisionCode> for Area {
    type Error = NotAnArea;

    fn try_from(code: DivisionCode) -> Result<Self, NotAnArea> {
        if code.level() <= Level::County {
            Ok(Self(code))
        } else {
            Err(NotAnArea(code))
        }
    }
}

impl From<Area> for DivisionCode {
    fn from(area: Area) -> Self {
        area.0
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The subject on which events of type `E` are published.
pub fn event<E: Event>(area: Area) -> String {
    let (service, aggregate, name, version) = (E::Owner::NAME, E::AGGREGATE, E::NAME, E::VERSION);
    format!("{ROOT}.{area}.evt.{service}.{aggregate}.{name}.v{version}")
}

/// The subject of an event whose type is known only by its name, [`Event::TYPE`]; none for a type that is not ours.
pub fn of_type(area: Area, event_type: &str) -> Option<String> {
    let rest = event_type.strip_prefix("cn.civil.")?;
    Some(format!("{ROOT}.{area}.evt.{rest}"))
}

/// The subject on which an event came; none where its source or its type is not ours.
pub fn of_envelope(envelope: &Envelope) -> Option<String> {
    let rest = envelope.source.strip_prefix('/')?.strip_prefix(ROOT)?;
    let (area, _) = rest.strip_prefix('/')?.split_once('/')?;
    let area = Area::try_from(area.parse::<DivisionCode>().ok()?).ok()?;
    of_type(area, &envelope.event_type)
}

/// Every event of one service: what its stream stores and what a consumer of the whole stream sees.
pub fn all_events(area: Area, service: &str) -> String {
    format!("{ROOT}.{area}.evt.{service}.>")
}

/// Where a service takes commands.
pub fn command(area: Area, service: &str) -> String {
    format!("{ROOT}.{area}.cmd.{service}.v1")
}

/// Where a service answers queries.
pub fn query(area: Area, service: &str) -> String {
    format!("{ROOT}.{area}.qry.{service}.v1")
}

/// The CloudEvents `source` of everything that a service publishes: `/civil/513335/funeral-reform`.
pub fn source(area: Area, service: &str) -> String {
    format!("/{ROOT}/{area}/{service}")
}

/// A subject taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A fact.
    Event {
        /// Whose bureau published it.
        area: Area,
        /// The owner's name.
        service: String,
        /// [`Event::AGGREGATE`].
        aggregate: String,
        /// [`Event::NAME`].
        name: String,
        /// [`Event::VERSION`].
        version: u16,
    },
    /// The command subject of a service.
    Command {
        /// Whose bureau runs it.
        area: Area,
        /// The service.
        service: String,
    },
    /// The query subject of a service.
    Query {
        /// Whose bureau runs it.
        area: Area,
        /// The service.
        service: String,
    },
}

/// Why a text is no subject of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubjectError {
    /// Another root, another number of tokens, another kind or version.
    #[error(
        "not a subject of this suite: expected {ROOT}.<area>.evt.<service>.<aggregate>.<name>.v<major> or {ROOT}.<area>.<cmd|qry>.<service>.v1"
    )]
    Grammar,
    /// The second token.
    #[error("the area of a subject is the digits of a county, prefecture or province")]
    Area,
    /// A token with other letters than `[a-z0-9-]`.
    #[error("a token of a subject is lower-case letters, digits and dashes")]
    Token,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event {
                area,
                service,
                aggregate,
                name,
                version,
            } => {
                write!(f, "{ROOT}.{area}.evt.{service}.{aggregate}.{name}.v{version}")
            }
            Self::Command { area, service } => f.write_str(&command(*area, service)),
            Self::Query { area, service } => f.write_str(&query(*area, service)),
        }
    }
}

impl FromStr for Subject {
    type Err = SubjectError;

    fn from_str(text: &str) -> Result<Self, SubjectError> {
        let tokens: Vec<&str> = text.split('.').collect();
        let [ROOT, area, kind, rest @ ..] = tokens.as_slice() else {
            return Err(SubjectError::Grammar);
        };
        let area = area.parse::<DivisionCode>().map_err(|_| SubjectError::Area)?;
        let area = Area::try_from(area).map_err(|_| SubjectError::Area)?;
        match (*kind, rest) {
            ("evt", [service, aggregate, name, version]) => Ok(Self::Event {
                area,
                service: token(service)?,
                aggregate: token(aggregate)?,
                name: token(name)?,
                version: major(version)?,
            }),
            ("cmd", [service, "v1"]) => Ok(Self::Command {
                area,
                service: token(service)?,
            }),
            ("qry", [service, "v1"]) => Ok(Self::Query {
                area,
                service: token(service)?,
            }),
            _ => Err(SubjectError::Grammar),
        }
    }
}

/// Whether a text may stand between two dots of a subject.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn token(text: &str) -> Result<String, SubjectError> {
    if is_token(text) {
        Ok(text.to_owned())
    } else {
        Err(SubjectError::Token)
    }
}

/// `v1`, `v12`: no sign, no leading zero, so that one version has one subject.
fn major(text: &str) -> Result<u16, SubjectError> {
    let version = text
        .strip_prefix('v')
        .and_then(|digits| digits.parse().ok())
        .ok_or(SubjectError::Grammar)?;
    if version > 0 && text == format!("v{version}") {
        Ok(version)
    } else {
        Err(SubjectError::Grammar)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::PersonNumberCorrected;
    use crate::{CATALOGUE, FuneralReform};

    fn area(code: &str) -> Result<Area, NotAnArea> {
        Area::try_from(code.parse::<DivisionCode>().unwrap())
    }

    #[test]
    fn the_subjects_of_a_service() {
        let county = area("513335").unwrap();
        assert_eq!(
            event::<PersonNumberCorrected>(county),
            "civil.513335.evt.registration.person.number-corrected.v1"
        );
        assert_eq!(
            all_events(county, FuneralReform::NAME),
            "civil.513335.evt.funeral-reform.>"
        );
        assert_eq!(
            command(county, FuneralReform::NAME),
            "civil.513335.cmd.funeral-reform.v1"
        );
        assert_eq!(
            query(county, FuneralReform::NAME),
            "civil.513335.qry.funeral-reform.v1"
        );
        assert_eq!(
            source(county, FuneralReform::NAME),
            "/civil/513335/funeral-reform"
        );
    }

    #[test]
    fn a_county_a_prefecture_and_a_province_are_areas_and_a_township_is_none() {
        for code in ["51", "5133", "513335"] {
            assert_eq!(area(code).unwrap().to_string(), code);
        }
        assert_eq!(area("513335100"), Err(NotAnArea("513335100".parse().unwrap())));
    }

    #[test]
    fn subjects_come_back_as_they_went() {
        for text in [
            "civil.513335.evt.registration.person.number-corrected.v1",
            "civil.51.evt.funeral-reform.death.registered.v12",
            "civil.5133.cmd.funeral-reform.v1",
            "civil.513335.qry.social-assistance.v1",
        ] {
            assert_eq!(text.parse::<Subject>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn other_subjects_are_refused() {
        for (text, error) in [
            ("", SubjectError::Grammar),
            ("civil2.513335.cmd.registration.v1", SubjectError::Grammar),
            ("civil.513335.dlq.registration.v1", SubjectError::Grammar),
            ("civil.513335.cmd.registration.v2", SubjectError::Grammar),
            (
                "civil.513335.evt.registration.person.registered",
                SubjectError::Grammar,
            ),
            (
                "civil.513335.evt.registration.person.registered.v01",
                SubjectError::Grammar,
            ),
            (
                "civil.513335.evt.registration.person.registered.v+1",
                SubjectError::Grammar,
            ),
            (
                "civil.513335.evt.registration.person.registered.v0",
                SubjectError::Grammar,
            ),
            (
                "civil.*.evt.registration.person.registered.v1",
                SubjectError::Area,
            ),
            (
                "civil.513335100.evt.registration.person.registered.v1",
                SubjectError::Area,
            ),
            (
                "civil.513335.evt.registration.Person.registered.v1",
                SubjectError::Token,
            ),
            (
                "civil.513335.evt.registration..registered.v1",
                SubjectError::Token,
            ),
            ("civil.513335.cmd.登记.v1", SubjectError::Token),
        ] {
            assert_eq!(text.parse::<Subject>(), Err(error), "{text}");
        }
    }

    #[test]
    fn every_event_has_a_subject_of_good_tokens() {
        for entry in CATALOGUE {
            for token in [entry.service, entry.aggregate, entry.name] {
                assert!(is_token(token), "{token} of {}", entry.event_type);
            }
        }
    }
}
