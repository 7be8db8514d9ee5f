//! Every page from sample answers.

mod office;

pub(super) use office::{county, health_page};

use super::frame::{Note, Tone, View};
use super::known::{Known, Places};
use super::orders::Fields;
use super::{
    batch, batches, cases, deaths, notices, overview, payees, persons, recoveries, recovery, sign_in,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

pub(super) fn here<T: DeserializeOwned>(answer: Value) -> Known<T> {
    Known::Here(serde_json::from_value(answer).unwrap())
}

pub(super) fn places() -> Places {
    let names = [
        ("513335", "巴塘县"),
        ("513335100", "夏邛镇"),
        ("513335101", "中咱镇"),
        ("513335102", "措拉镇"),
        ("513335200", "拉哇乡"),
    ];
    Places(
        names
            .map(|(code, name)| (code.to_owned(), name.to_owned()))
            .into(),
    )
}

fn case(number: u32, state: &str, days: u32) -> Value {
    let (left, by) = if state == "overdue" {
        (json!(null), json!(days))
    } else {
        (json!(days), json!(null))
    };
    json!({
        "case": format!("case_01e5cg0000000000000000c{number:03}"), "person": "per_01e5cg0000000000000000p001",
        "programme": "tekun", "class": "rural", "division": "513335100", "stage": "accepted",
        "accepted_on": "2020-03-02", "clock": {"state": state, "left": left, "by": by}
    })
}

fn overview_page() -> View {
    let series: Vec<Value> = (1..=12)
        .map(|month: u32| json!({"month": format!("2020-{month:02}"), "accepted": 80 + month * 7 % 40, "finished": 75 + month * 11 % 45}))
        .collect();
    overview::view(overview::Data {
        today: "2020-04-10".parse().unwrap(),
        overview: here(json!({
            "accepted": 28, "person_times": 542, "paid": 31_338_900,
            "open": [{"division": "513335100", "cases": 34}, {"division": "513335101", "cases": 21}, {"division": "513335102", "cases": 9}],
            "series": series,
            "money": [{"programme": "tekun", "amount": 31_338_900}, {"programme": "dibao", "amount": 12_000_050}],
            "near_due": [case(1, "overdue", 3), case(2, "running", 2), case(3, "running", 11), case(4, "paused", 9)]
        })),
        unread: Known::Here(4),
        places: places(),
    })
}

pub(super) fn person_page() -> View {
    let line = |month: &str, kind: &str, amount: i64| json!({"month": month, "kind": kind, "amount": amount});
    let step = |id: &str, kind: &str, service: &str, on: &str, title: &str, cause: Value| json!({"event": id, "type": kind, "service": service, "on": on, "title": title, "cause": cause});
    persons::view(persons::Data {
        id: "per_01e5cg0000000000000000p001".into(),
        person: here(json!({
            "name": "扎*", "number": "990101********001X", "sex": "male", "birth_date": "1941-05-03",
            "division": "513335100", "deceased_on": "2020-01-20"
        })),
        entitlements: here(json!([{
            "programme": "tekun", "class": "rural", "mode": "dispersed", "from": "2019-06", "until": "2020-02",
            "stops": [{"from": "2020-02", "reason": "death", "state": "agreed"}]
        }])),
        lines: here(json!([
            line("2020-01", "current", 70_200),
            line("2020-02", "current", 70_200),
            line("2020-03", "current", 70_200),
            line("2020-02", "take-back", -70_200),
            line("2020-03", "take-back", -70_200)
        ])),
        payees: here(json!([{
            "bank": "农商银行", "account": "****0921", "holder": "扎*", "relation": "self", "set_on": "2019-06-11", "current": true
        }])),
        payments: here(json!([{
            "batch": "batch_01e5cg0000000000000000b001", "month": "2020-02", "amount": 70_200, "state": "paid", "account": "****0921"
        }])),
        recoveries: here(json!([{
            "recovery": "rec_01e5cg0000000000000000r001", "person": "per_01e5cg0000000000000000p001", "division": "513335100",
            "state": "raised", "reason": "death", "raised_on": "2020-03-18", "amount": 70_200, "outstanding": 70_200
        }])),
        notices: here(json!([{"notice": "notice_1", "title": "遗属告知书", "issued_on": "2020-03-18"}])),
        timeline: here(json!([
            step(
                "ev1",
                "entitlement.granted",
                "social-assistance",
                "2019-06-11",
                "予以确认特困人员救助供养",
                json!(null)
            ),
            step(
                "ev2",
                "death.registered",
                "funeral-reform",
                "2020-01-20",
                "登记死亡",
                json!(null)
            ),
            step(
                "ev3",
                "entitlement.stopped",
                "social-assistance",
                "2020-03-18",
                "待遇自2020年2月起终止",
                json!({"event": "ev2"})
            ),
            step(
                "ev4",
                "batch.lines-withdrawn",
                "disbursement",
                "2020-03-18",
                "3月发放从批次中拦截",
                json!({"event": "ev3"})
            ),
            step(
                "ev5",
                "recovery.raised",
                "disbursement",
                "2020-03-31",
                "发起追回 702.00 元",
                json!({"event": "ev3"})
            ),
        ])),
        places: places(),
    })
}

/// An officer of the bureau who has proposed nothing.
pub(super) fn checker() -> batch::Reader {
    batch::Reader {
        officer: "off_checker".into(),
        checks: true,
    }
}

pub(super) fn batch_page(state: &str) -> View {
    let town = |code: &str, persons: u64, amount: i64, previous: i64, held: u64| {
        json!({"division": code, "persons": persons, "payments": persons, "amount": amount, "previous_amount": previous,
               "difference": amount - previous, "held": held})
    };
    let batch = json!({
        "number": "PB-202004-TK-01", "month": "2020-04", "programme": "tekun", "division": "513335", "state": state,
        "maker": "off_maker", "maker_name": "何佳", "payments": 542, "persons": 542, "amount": 31_338_900,
        "township": [town("513335100", 200, 11_000_000, 11_070_200, 1), town("513335101", 180, 10_338_900, 10_338_900, 0), town("513335102", 162, 10_000_000, 9_900_000, 0)],
        "withdrawn": [{"person": "per_01e5cg0000000000000000p001", "amount": 70_200, "reason": "death", "cause": {"fact": "death", "on": "2020-01-20"}}],
        "three_way": {"roster": 31_338_900, "townships": 31_338_900, "bank_file": 31_338_900},
        "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "paid": 31_000_000, "returned": 70_200, "pending": 268_700
    });
    batch::view(
        "batch_01e5cg0000000000000000b001",
        here(batch),
        &places(),
        &checker(),
    )
}

pub(super) fn death_page() -> View {
    let entry = deaths::Entry {
        died_on: "2020-05-01".into(),
        ..deaths::Entry::default()
    };
    let today = "2020-03-17".parse().unwrap();
    let why = entry.day(today).unwrap_err();
    deaths::form("per_01e5cg0000000000000000p001", &entry, today, vec![why])
}

pub(super) fn death_check_page() -> View {
    let payment = |month: &str, state: &str| json!({"month": month, "state": state, "amount": 70_200});
    deaths::check(deaths::Check {
        id: "per_01e5cg0000000000000000p001".into(),
        entry: deaths::Entry {
            died_on: "2020-01-20".into(),
            place: "家中".into(),
            source: "village-report".into(),
        },
        day: "2020-01-20".parse().unwrap(),
        today: "2020-03-17".parse().unwrap(),
        person: here(json!({"name": "扎*", "division": "513335100"})),
        entitlements: here(json!([{"programme": "tekun", "class": "rural", "from": "2019-06"}])),
        payments: here(json!([
            payment("2020-01", "paid"),
            payment("2020-02", "paid"),
            payment("2020-03", "open")
        ])),
    })
}

pub(super) fn recovery_page() -> View {
    let waiver = json!({"agreement": "agr_1", "kind": "waiver", "amount": 10_000, "ground": "家庭困难", "pending": true});
    let recovery = here(json!({
        "person": "per_01e5cg0000000000000000p001", "division": "513335100", "state": "open", "raised_on": "2020-03-18",
        "amount": 70_200, "outstanding": 50_000, "months": ["2020-02"], "agreements": [waiver],
        "ledger": [{"kind": "repayment", "amount": 20_200, "entered_on": "2020-04-02", "note": "票据 01"}]
    }));
    recovery::view(
        "rec_01e5cg0000000000000000r001",
        recovery,
        &places(),
        "2020-04-10".parse().unwrap(),
        true,
    )
}

pub(super) fn all() -> Vec<(&'static str, View)> {
    let cases_data = cases::Data {
        cases: here(json!([
            case(3, "running", 11),
            case(1, "overdue", 3),
            case(2, "running", 2)
        ])),
        places: places(),
        stage: "accepted".into(),
        next: Some("/cases?after=case_1".into()),
    };
    vec![
        ("sign-in", sign_in::view(Some(Note::new(Tone::Bad, "用户名或密码不正确。")), "/")),
        ("overview", overview_page()),
        ("search", persons::search(Some("没有找到该号码对应的人员。"))),
        ("person", person_page()),
        ("cases", cases::view(cases_data)),
        (
            "batches",
            batches::list(batches::Data {
                batches: here(
                    json!([{"batch": "b1", "number": "PB-202004-TK-01", "month": "2020-04", "programme": "tekun", "division": "513335", "state": "proposed", "payments": 542, "amount": 31_338_900}]),
                ),
                next: None,
                held: here(json!([
                    {"person": "per_3", "division": "513335100", "programme": "tekun", "months": ["2020-03", "2020-04"], "amount": 140_400, "reason": "no-account", "since": "2020-03"},
                    {"person": "per_4", "division": "513335100", "programme": "tekun", "months": ["2020-04"], "amount": 70_200, "reason": "death", "cause": {"fact": "death", "id": "death_1", "on": "2020-04-02"}, "since": "2020-04"},
                ])),
                held_next: None,
                places: places(),
            }),
        ),
        (
            "batch-new",
            batches::new(batches::Scope {
                month: "2020-04".into(),
                division: "513335".into(),
                divisions: places().within(&["513335".parse().unwrap()]),
                may_run: true,
            }),
        ),
        ("batch-draft", batch_page("draft")),
        ("batch-proposed", batch_page("proposed")),
        ("batch-sealed", batch_page("sealed")),
        ("batch-missing", batch::view("b1", Known::Missing, &places(), &checker())),
        (
            "notices",
            notices::view(notices::Data {
                notices: here(json!([{"notice": "n1", "title": "追回告知", "issued_on": "2020-03-18"}])),
                next: None,
            }),
        ),
        (
            "notice",
            notices::one(
                here(
                    json!({"notice": "n1", "title": "追回告知", "body": "第一段。\n第二段。", "recipient": "family", "person": "per_1"}),
                ),
                Some("扎*"),
            ),
        ),
        (
            "recoveries",
            recoveries::view(recoveries::Data {
                recoveries: Known::Refused,
                places: places(),
                next: None,
            }),
        ),
        (
            "account",
            payees::form("per_1", here(json!({"name": "扎*", "division": "513335100"})), &Fields::default(), None),
        ),
        ("death", death_page()),
        ("death-check", death_check_page()),
        ("recovery", recovery_page()),
    ]
    .into_iter()
    .chain(office::of_the_office())
    .collect()
}
