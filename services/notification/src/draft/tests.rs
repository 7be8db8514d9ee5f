//! The sample of every event, worded in every circumstance of the person; kept as a file that officers can read.

use super::*;
use crate::calls::TABLE;
use crate::facts::{Death, Entitlement};
use mz_contracts::{CATALOGUE, Code};
use std::fmt::Write as _;

const PACK: &str = r#"
    division = "513335"
    name = "巴塘县"
    parameter = [
        { key = "burial-relief.tekun", unit = "fen", from = "2019-01", value = 300000, document = "试1号" },
    ]
"#;

fn desk() -> Desk {
    Desk {
        policy: Arc::new(Policy::parse([("1.toml", PACK)]).unwrap()),
        laws: Arc::new(Laws::embedded().unwrap()),
        words: Arc::new(Words::embedded().unwrap()),
        county: "513335".parse().unwrap(),
    }
}

fn supported(mode: &str) -> Facts {
    let entitlement = Entitlement {
        programme: Code::of("tekun"),
        mode: Some(mode.parse().unwrap()),
        first_month: "2020-01".parse().unwrap(),
        ended: None,
    };
    Facts { entitlements: vec![entitlement], ..Facts::default() }
}

fn dead() -> Facts {
    let death = Death {
        died_on: "2020-01-20".parse().unwrap(),
        registered_on: "2020-04-08".parse().unwrap(),
        annulled_on: None,
    };
    Facts { deaths: vec![death], ..Facts::default() }
}

/// A sample with each circumstance that changes its words.
fn variants(event_type: &str, sample: &Value) -> Vec<Value> {
    let with = |field: &str, values: &[Value]| {
        let one = |value: &Value| {
            let mut changed = sample.clone();
            changed[field] = value.clone();
            changed
        };
        values.iter().map(one).collect::<Vec<_>>()
    };
    match event_type.rsplit('.').nth(1) {
        Some("decided") => with("outcome", &["granted".into(), "refused".into()]),
        Some("account-set") => with("corrected", &[false.into(), true.into()]),
        Some("reduced") => {
            let mut all = with("by", &["offset".into(), "repayment".into(), "waiver".into()]);
            all[0]["outstanding"] = 70_200.into();
            all
        }
        _ => vec![sample.clone()],
    }
}

#[test]
fn every_notice_reads_as_it_did() {
    let desk = desk();
    let people = [
        ("", Facts::default()),
        ("【集中供养】", supported("centralised")),
        ("【分散供养】", supported("dispersed")),
        ("【已登记死亡】", dead()),
    ];
    let mut text = String::new();
    for call in TABLE {
        let entry = CATALOGUE.iter().find(|entry| entry.event_type == call.event).unwrap();
        let sample = (entry.sample)().unwrap();
        for data in variants(call.event, &sample).into_iter().flat_map(call.parts) {
            let occasion = Occasion {
                event_type: call.event.to_owned(),
                on: "2020-04-10".parse().unwrap(),
                division: "513335100".parse().unwrap(),
                data,
            };
            for to in call.notices {
                let mut told = Vec::new();
                for (who, facts) in &people {
                    let draft = desk.draft(*to, &occasion, facts, occasion.on).unwrap();
                    if !told.contains(&draft) {
                        let recipient = match draft.recipient {
                            Recipient::Person => "本人",
                            Recipient::Family => "家属",
                            Recipient::Office => "单位",
                        };
                        let Draft { division, template, worded, .. } = &draft;
                        let Worded { title, words } = worded;
                        writeln!(text, "## {template} → {recipient} {division}{who}\n{title}\n{words}\n").unwrap();
                        told.push(draft);
                    }
                }
            }
        }
    }
    mz_testkit::golden(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/notices.txt"), &text);
}

#[test]
fn a_notice_goes_to_the_township_of_the_home_or_else_of_the_event() {
    let desk = desk();
    let occasion = Occasion {
        event_type: "any".to_owned(),
        on: "2020-04-10".parse().unwrap(),
        division: "513335".parse().unwrap(),
        data: Value::Null,
    };
    let at_home = Facts { home: Some("513335100201".parse().unwrap()), ..Facts::default() };
    let inbox = |to, facts: &Facts| desk.inbox(to, &occasion, facts).to_string();
    assert_eq!(inbox(To::Office, &at_home), "513335100");
    assert_eq!(inbox(To::Office, &Facts::default()), "513335");
    assert_eq!(inbox(To::Bureau, &at_home), "513335");
}
