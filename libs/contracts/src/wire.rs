//! The two forms of an [`Envelope`] on the wire, after CloudEvents 1.0 and its NATS protocol binding.
//!
//! * **Binary**, on NATS: attributes in `ce-` headers, data as payload, so that filters and audits read no payload.
//! * **Structured**, in webhooks and files: one JSON object, `application/cloudevents+json`.
//!
//! Headers are plain pairs of name and value: nothing here knows a NATS client.

use crate::Envelope;
use crate::envelope::{Attributes, DecodeError, invalid};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The media type of structured mode.
pub const STRUCTURED: &str = "application/cloudevents+json";
/// The header that JetStream takes duplicates by; always the event's id.
pub const MESSAGE_ID: &str = "Nats-Msg-Id";
/// The header that marks a delivery out of a replay.
pub const REPLAY: &str = "civil-replay";
/// The header that carries the head of the publisher's journal chain.
pub const HEAD: &str = "civil-head";

/// The header and the attribute of [`Envelope::trace`].
pub const TRACE: &str = "traceparent";

/// What the relay adds to a delivery. It belongs to the delivery and not to the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marks {
    /// The epoch of the stream for which the event was published once more (D4).
    pub replay: Option<u64>,
    /// The hash at the head of the publisher's journal chain, which must not be kept beside its data alone (D1).
    pub head: Option<[u8; 32]>,
}

/// The headers of binary mode; the payload is [`Envelope::data`].
pub fn binary(envelope: &Envelope, marks: Marks) -> Vec<(&'static str, String)> {
    let mut headers = Vec::with_capacity(19);
    headers.push((MESSAGE_ID, envelope.id.to_string()));
    headers.extend(
        envelope
            .attributes()
            .map(|(name, value)| (name, percent_encode(&value))),
    );
    headers.extend(envelope.trace.map(|trace| (TRACE, trace.to_string())));
    headers.extend(marks.replay.map(|epoch| (REPLAY, epoch.to_string())));
    headers.extend(marks.head.map(|hash| (HEAD, hex(&hash))));
    headers
}

/// Reads binary mode. Headers that are not ours are ignored; names are taken in any case, as the binding says.
pub fn read_binary<'a>(
    headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    payload: &[u8],
) -> Result<(Envelope, Marks), DecodeError> {
    let (mut attributes, mut marks, mut message_id) = (Attributes::default(), Marks::default(), None);
    let mut trace = None;
    for (name, value) in headers {
        let lower = name.to_ascii_lowercase();
        if let Some(attribute) = lower.strip_prefix("ce-") {
            let value =
                percent_decode(value).ok_or_else(|| invalid(attribute, "percent-encoded UTF-8 text"))?;
            attributes.insert(attribute.to_owned(), value)?;
        } else if lower == TRACE {
            trace = value.parse().ok();
        } else if lower == REPLAY {
            let epoch = value
                .parse()
                .map_err(|_| invalid(REPLAY, "the number of an epoch"))?;
            once(&mut marks.replay, epoch, REPLAY)?;
        } else if lower == HEAD {
            let hash = unhex(value).ok_or_else(|| invalid(HEAD, "64 hexadecimal digits"))?;
            once(&mut marks.head, hash, HEAD)?;
        } else if name.eq_ignore_ascii_case(MESSAGE_ID) {
            once(&mut message_id, value, MESSAGE_ID)?;
        }
    }
    let data: &RawValue =
        serde_json::from_slice(payload).map_err(|source| DecodeError::Json { part: "data", source })?;
    let mut envelope = Envelope::from_attributes(&attributes, data.get().to_owned())?;
    envelope.trace = trace;
    match message_id {
        Some(id) if id != envelope.id.as_str() => Err(invalid(MESSAGE_ID, "the event's id")),
        _ => Ok((envelope, marks)),
    }
}

/// Writes structured mode. Fails only where [`Envelope::data`] is not JSON.
pub fn structured(envelope: &Envelope) -> Result<String, serde_json::Error> {
    struct Structured<'a>(&'a Envelope, &'a RawValue);

    impl Serialize for Structured<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut object = serializer.serialize_map(None)?;
            for (header, value) in self.0.attributes() {
                object.serialize_entry(header.strip_prefix("ce-").unwrap_or(header), &value)?;
            }
            if let Some(trace) = self.0.trace {
                object.serialize_entry(TRACE, &trace.to_string())?;
            }
            object.serialize_entry("data", self.1)?;
            object.end()
        }
    }

    serde_json::to_string(&Structured(envelope, serde_json::from_str(&envelope.data)?))
}

/// Reads structured mode. Attributes that are not ours are ignored.
pub fn read_structured(json: &str) -> Result<Envelope, DecodeError> {
    let mut members: BTreeMap<String, &RawValue> =
        serde_json::from_str(json).map_err(|source| DecodeError::Json {
            part: "event",
            source,
        })?;
    let data = members
        .remove("data")
        .ok_or(DecodeError::Missing { attribute: "data" })?;
    let mut attributes = Attributes::default();
    // A member that is null counts as absent, and one that is no text can be none of ours.
    for (name, value) in members {
        if let Ok(Some(text)) = serde_json::from_str::<Option<String>>(value.get()) {
            attributes.insert(name, text)?;
        }
    }
    Envelope::from_attributes(&attributes, data.get().to_owned())
}

fn once<T>(slot: &mut Option<T>, value: T, header: &str) -> Result<(), DecodeError> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(DecodeError::Repeated {
            attribute: header.to_owned(),
        }),
    }
}

/// Space, `"`, `%` and all outside U+0021 to U+007E as the bytes of their UTF-8 (HTTP and NATS bindings).
fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'"' | b'%' => push_percent(&mut encoded, byte),
            b'!'..=b'~' => encoded.push(char::from(byte)),
            _ => push_percent(&mut encoded, byte),
        }
    }
    encoded
}

fn push_percent(encoded: &mut String, byte: u8) {
    // Writing to a String cannot fail.
    let _ = write!(encoded, "%{byte:02X}");
}

/// None for a broken escape and for bytes that are not UTF-8.
fn percent_decode(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(if byte == b'%' {
            (nibble(bytes.next()?)? << 4) | nibble(bytes.next()?)?
        } else {
            byte
        });
    }
    String::from_utf8(decoded).ok()
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

fn hex(bytes: &[u8; 32]) -> String {
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let digits: &[u8; 64] = text.as_bytes().try_into().ok()?;
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = (nibble(pair[0])? << 4) | nibble(pair[1])?;
    }
    Some(bytes)
}
