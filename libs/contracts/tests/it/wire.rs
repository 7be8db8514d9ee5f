//! Both forms of an envelope, and what is refused.

use mz_contracts::events::{DeathRegistered, PersonRegistered};
use mz_contracts::subject::of_envelope;
use mz_contracts::wire::{Marks, binary, read_binary, read_structured, structured};
use mz_contracts::{Actor, Area, DecodeError, Envelope, Event, ReadError, Recording};
use mz_kernel::{Date, DivisionCode, EventId, Id, OfficerId, Stamp, Trace};
use proptest::prelude::*;

const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn sample() -> Envelope {
    let recording = Recording {
        id: EventId::from_bits(7),
        area: Area::try_from("513335".parse::<DivisionCode>().unwrap()).unwrap(),
        time: "2020-04-08T02:00:00.000000Z".parse().unwrap(),
        legal_date: Date::constant(2020, 4, 8),
        sequence: 1,
        actor: Actor::Officer(OfficerId::from_bits(3)),
        correlation: "三月 \"100%\"".to_owned(),
        causation: None,
        trace: Some(TRACE.parse().unwrap()),
    };
    Envelope::new(&DeathRegistered::sample(), recording).unwrap()
}

fn read(headers: &[(&str, String)], payload: &[u8]) -> Result<(Envelope, Marks), DecodeError> {
    read_binary(
        headers.iter().map(|(name, value)| (*name, value.as_str())),
        payload,
    )
}

/// The sample in binary mode with one header changed, removed (`None`) or added.
fn with_header(name: &'static str, value: Option<&str>) -> Result<(Envelope, Marks), DecodeError> {
    let mut headers = binary(&sample(), Marks::default());
    headers.retain(|(other, _)| *other != name);
    headers.extend(value.map(|value| (name, value.to_owned())));
    read(&headers, sample().data.as_bytes())
}

#[test]
fn binary_mode_is_headers_that_other_clients_understand() {
    let marks = Marks {
        replay: Some(2),
        head: Some([0xab; 32]),
    };
    let expected = [
        ("Nats-Msg-Id", "evt_00000000000000000000000007"),
        ("ce-specversion", "1.0"),
        ("ce-id", "evt_00000000000000000000000007"),
        ("ce-source", "/civil/513335/funeral-reform"),
        ("ce-type", "cn.civil.funeral-reform.death.registered.v1"),
        ("ce-subject", "death_01e5cg0000000000000000d001"),
        ("ce-time", "2020-04-08T02:00:00.000000Z"),
        ("ce-datacontenttype", "application/json"),
        ("ce-legaldate", "2020-04-08"),
        ("ce-sequence", "00000000000000000001"),
        ("ce-partitionkey", "death_01e5cg0000000000000000d001"),
        ("ce-division", "513335100"),
        ("ce-actor", "off_00000000000000000000000003"),
        ("ce-correlationid", "%E4%B8%89%E6%9C%88%20%22100%25%22"),
        ("ce-dataschema", DeathRegistered::SCHEMA_ID),
        ("traceparent", TRACE),
        ("civil-replay", "2"),
        (
            "civil-head",
            "abababababababababababababababababababababababababababababababab",
        ),
    ];
    assert_eq!(
        binary(&sample(), marks),
        expected.map(|(name, value)| (name, value.to_owned()))
    );
}

#[test]
fn an_event_tells_on_which_subject_it_came() {
    assert_eq!(
        of_envelope(&sample()).as_deref(),
        Some("civil.513335.evt.funeral-reform.death.registered.v1")
    );
    let foreign = Envelope {
        source: "/other/513335/funeral-reform".to_owned(),
        ..sample()
    };
    assert_eq!(of_envelope(&foreign), None);
}

#[test]
fn structured_mode_is_one_object_of_plain_text() {
    let json: serde_json::Value = serde_json::from_str(&structured(&sample()).unwrap()).unwrap();
    assert_eq!(json["specversion"], "1.0");
    assert_eq!(json["correlationid"], "三月 \"100%\"");
    assert_eq!(json["sequence"], "00000000000000000001");
    assert_eq!(json["data"]["died_on"], "2020-01-20");
    assert_eq!(json.get("causationid"), None);
    assert_eq!(json["traceparent"], TRACE);
}

#[test]
fn a_broken_trace_is_no_reason_to_refuse_an_event() {
    let (read, _) = with_header("traceparent", Some("hello")).unwrap();
    assert_eq!(read.trace, None);
    let json = structured(&sample()).unwrap().replace(TRACE, "hello");
    assert_eq!(read_structured(&json).unwrap().trace, None);
}

#[test]
fn the_event_comes_out_only_as_what_it_is() {
    let envelope = sample();
    assert_eq!(
        envelope.read::<DeathRegistered>().unwrap(),
        DeathRegistered::sample()
    );
    assert!(matches!(
        envelope.read::<PersonRegistered>(),
        Err(ReadError::OtherType {
            expected: PersonRegistered::TYPE,
            ..
        })
    ));
    let broken = Envelope {
        data: "{}".to_owned(),
        ..envelope
    };
    assert!(matches!(
        broken.read::<DeathRegistered>(),
        Err(ReadError::Data { .. })
    ));
}

#[test]
fn a_bad_attribute_is_named() {
    for (header, value, problem) in [
        ("ce-id", None, "attribute `id` is missing"),
        ("ce-subject", Some(""), "attribute `subject` is missing"),
        (
            "ce-specversion",
            Some("0.3"),
            "attribute `specversion` is not 1.0",
        ),
        (
            "ce-datacontenttype",
            Some("text/xml"),
            "attribute `datacontenttype` is not application/json",
        ),
        (
            "ce-id",
            Some("per_00000000000000000000000007"),
            "attribute `id` is not an event's id",
        ),
        (
            "ce-sequence",
            Some("1"),
            "attribute `sequence` is not a number of 20 digits",
        ),
        (
            "ce-sequence",
            Some("99999999999999999999"),
            "attribute `sequence` is not a number below 2^64",
        ),
        (
            "ce-time",
            Some("2020-04-08"),
            "attribute `time` is not an instant like 2026-11-24T10:00:00.000000Z",
        ),
        (
            "ce-division",
            Some("5"),
            "attribute `division` is not a division's code",
        ),
        (
            "ce-actor",
            Some("root"),
            "attribute `actor` is not an officer's id or `system`",
        ),
        (
            "ce-causationid",
            Some("x"),
            "attribute `causationid` is not an event's id",
        ),
        (
            "ce-correlationid",
            Some("%E4%B8"),
            "attribute `correlationid` is not percent-encoded UTF-8 text",
        ),
        (
            "ce-correlationid",
            Some("%4"),
            "attribute `correlationid` is not percent-encoded UTF-8 text",
        ),
        (
            "Nats-Msg-Id",
            Some("evt_1"),
            "attribute `Nats-Msg-Id` is not the event's id",
        ),
        ("CE-ID", Some("x"), "attribute `id` is given twice"),
        (
            "civil-replay",
            Some("-1"),
            "attribute `civil-replay` is not the number of an epoch",
        ),
        (
            "civil-head",
            Some("ab"),
            "attribute `civil-head` is not 64 hexadecimal digits",
        ),
    ] {
        let error = with_header(header, value).unwrap_err();
        assert_eq!(error.to_string(), problem, "{header}: {value:?}");
    }
}

#[test]
fn what_is_not_ours_is_ignored() {
    assert_eq!(with_header("ce-traceparent", Some("00-1")).unwrap().0, sample());
    assert_eq!(with_header("Nats-Msg-Id", None).unwrap().0, sample());
    let json = structured(&sample())
        .unwrap()
        .replacen('{', r#"{"severity":3,"causationid":null,"#, 1);
    assert_eq!(read_structured(&json).unwrap(), sample());
}

#[test]
fn a_payload_that_is_no_json_is_refused() {
    let headers = binary(&sample(), Marks::default());
    for payload in [&b""[..], b"{", b"{} {}", b"\xff"] {
        assert!(
            matches!(
                read(&headers, payload),
                Err(DecodeError::Json { part: "data", .. })
            ),
            "{payload:?}"
        );
    }
    assert!(matches!(
        read_structured("[]"),
        Err(DecodeError::Json { part: "event", .. })
    ));
    assert!(matches!(
        read_structured("{}"),
        Err(DecodeError::Missing { attribute: "data" })
    ));
}

fn any_actor() -> impl Strategy<Value = Actor> {
    prop_oneof![
        Just(Actor::System),
        any::<u128>().prop_map(|bits| Actor::Officer(OfficerId::from_bits(bits)))
    ]
}

prop_compose! {
    fn any_envelope()(
        (id, micros, sequence) in (any::<u128>(), any::<i64>(), any::<u64>()),
        (year, month, day) in (1i16..=9999, 1i8..=12, 1i8..=28),
        (source, event_type, subject, correlation) in ("\\PC+", "\\PC+", "(?s).+", "(?s).+"),
        division in "[1-9][0-9]([0-9][1-9]([0-9]{2}([0-9]{2}[1-9])?)?)?",
        actor in any_actor(),
        causation in any::<Option<u128>>(),
        trace in proptest::option::of((1_u128.., 1_u64.., any::<bool>())),
        text in any::<String>(),
    ) -> Envelope {
        Envelope {
            id: EventId::from_bits(id),
            source, event_type, subject, sequence, actor, correlation,
            time: Stamp::from_micros(micros),
            legal_date: Date::constant(year, month, day),
            division: division.parse().unwrap(),
            causation: causation.map(EventId::from_bits),
            trace: trace.map(|(trace, span, sampled)| Trace { trace, span, sampled }),
            data: serde_json::json!({ "text": text }).to_string(),
        }
    }
}

proptest! {
    #[test]
    fn both_modes_give_back_what_they_took(
        envelope in any_envelope(),
        (replay, head) in any::<(Option<u64>, Option<[u8; 32]>)>(),
    ) {
        let marks = Marks { replay, head };
        let headers = binary(&envelope, marks);
        for (name, value) in &headers {
            prop_assert!(value.bytes().all(|b| matches!(b, b'!'..=b'~')), "{name}: {value}");
        }
        let (read, read_marks) = read(&headers, envelope.data.as_bytes()).unwrap();
        prop_assert_eq!(&read, &envelope);
        prop_assert_eq!(read_marks, marks);
        prop_assert_eq!(&read_structured(&structured(&envelope).unwrap()).unwrap(), &envelope);
    }
}
