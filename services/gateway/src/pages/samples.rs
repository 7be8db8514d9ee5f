//! Every page from sample answers, judged as HTML: what a browser, a screen reader and the content policy need.

use super::frame::{Frame, Page, View};
use super::known::{Known, Places};
use super::{
    batch, batches, cases, deaths, health, notices, overview, persons, recoveries, recovery, reports, sign_in,
};
use askama::Template;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn here<T: DeserializeOwned>(answer: Value) -> Known<T> {
    Known::Here(serde_json::from_value(answer).unwrap())
}

fn places() -> Places {
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

fn person_page() -> View {
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

fn batch_page(state: &str) -> View {
    let town = |code: &str, persons: u64, amount: i64, previous: i64, held: u64| {
        json!({"division": code, "persons": persons, "payments": persons, "amount": amount, "previous_amount": previous,
               "difference": amount - previous, "held": held})
    };
    let batch = json!({
        "number": "PB-202004-TK-01", "month": "2020-04", "programme": "tekun", "division": "513335", "state": state,
        "maker": "何佳", "payments": 542, "persons": 542, "amount": 31_338_900,
        "township": [town("513335100", 200, 11_000_000, 11_070_200, 1), town("513335101", 180, 10_338_900, 10_338_900, 0), town("513335102", 162, 10_000_000, 9_900_000, 0)],
        "withdrawn": [{"person": "per_01e5cg0000000000000000p001", "amount": 70_200, "reason": "death", "cause": {"fact": "death", "on": "2020-01-20"}}],
        "three_way": {"roster": 31_338_900, "townships": 31_338_900, "bank_file": 31_338_900},
        "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "paid": 31_000_000, "returned": 70_200, "pending": 268_700
    });
    batch::view("batch_01e5cg0000000000000000b001", here(batch), &places())
}

fn death_page() -> View {
    let entry = deaths::Entry {
        died_on: "2020-05-01".into(),
        ..deaths::Entry::default()
    };
    let today = "2020-03-17".parse().unwrap();
    let why = entry.day(today).unwrap_err();
    deaths::form("per_01e5cg0000000000000000p001", &entry, today, vec![why])
}

fn death_check_page() -> View {
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

fn recovery_page() -> View {
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

fn health_page() -> View {
    let service = |name: &str, settled: Value, waits: Value, parked: u64| json!({"service": name, "relayed": 18_204, "unsealed": 0, "settled": settled, "consumer_waits": waits, "parked": parked});
    health::view(here(json!({"state": "degraded", "services": [
        service("registration", json!({"funeral-reform": 32}), json!({}), 0),
        service("social-assistance", json!({"registration": 912, "funeral-reform": 32}), json!({}), 0),
        service("disbursement", json!({"social-assistance": 402, "funeral-reform": 32}), json!({"social-assistance": "reconnecting"}), 0),
        service("funeral-reform", json!({}), json!({}), 0),
        service("insight", json!({"disbursement": 88, "social-assistance": 402}), json!({}), 0),
        service("notification", json!({"disbursement": 88}), json!({}), 1),
        service("gateway", json!({}), json!({}), 0),
    ]})))
}

fn all() -> Vec<(&'static str, View)> {
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
    let figure = json!([{"indicator": "tekun_rural_paid", "title": "农村特困资金", "unit": "fen", "value": 31_338_900}]);
    vec![
        ("sign-in", sign_in::view(Some("用户名或密码不正确。"), "/")),
        ("overview", overview_page()),
        ("search", persons::search(Some("没有找到该号码对应的人员。"))),
        ("person", person_page()),
        ("cases", cases::view(cases_data)),
        (
            "batches",
            batches::list(
                here(
                    json!([{"batch": "b1", "number": "PB-202004-TK-01", "month": "2020-04", "programme": "tekun", "division": "513335", "state": "proposed", "payments": 542, "amount": 31_338_900}]),
                ),
                &places(),
                None,
            ),
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
        ("batch-missing", batch::view("b1", Known::Missing, &places())),
        (
            "notices",
            notices::view(notices::Data {
                notices: here(json!([{"notice": "n1", "title": "追回告知", "issued_on": "2020-03-18"}])),
                next: None,
            }),
        ),
        (
            "notice",
            notices::one(here(
                json!({"notice": "n1", "title": "追回告知", "body": "第一段。\n第二段。", "person": "per_1"}),
            )),
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
            "reports",
            reports::view(reports::Data {
                from: "2020-01".into(),
                to: "2020-12".into(),
                figures: here(figure),
            }),
        ),
        ("health", health_page()),
        ("death", death_page()),
        ("death-check", death_check_page()),
        ("recovery", recovery_page()),
    ]
}

fn drawn(name: &str, view: &View, big: bool) -> String {
    let user = (name != "sign-in").then(|| "何佳 · 社会救助科".to_owned());
    let frame = Frame {
        office: "巴塘县民政综合平台".into(),
        user,
        csrf: "token".into(),
        key: "key".into(),
        big,
        path: "/".into(),
        unread: Some(4),
        administrator: name != "person",
    };
    Page { frame: &frame, view }.render().unwrap()
}

/// The values of an attribute in a page.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let start = format!(" {attribute}=\"");
    html.split(&start)
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

#[test]
fn every_page_keeps_the_content_policy() {
    for (name, view) in all() {
        let html = drawn(name, &view, false);
        assert!(values(&html, "style").is_empty(), "{name}: style attribute");
        assert!(!html.contains("<style"), "{name}: inline style");
        assert!(!html.contains("<script>"), "{name}: inline script");
        for attribute in ["href", "src", "action"] {
            for value in values(&html, attribute) {
                assert!(
                    value.starts_with('#') || (value.starts_with('/') && !value.starts_with("//")),
                    "{name}: {value}"
                );
            }
        }
        for handler in ["onclick", "onload", "onsubmit", "onchange"] {
            assert!(values(&html, handler).is_empty(), "{name}: {handler}");
        }
    }
}

#[test]
fn every_page_has_one_first_heading_and_unique_ids() {
    for (name, view) in all() {
        let html = drawn(name, &view, false);
        assert_eq!(html.matches("<h1").count(), 1, "{name}");
        let mut ids = values(&html, "id");
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "{name}: an id stands twice");
    }
}

#[test]
fn every_field_has_a_label_and_every_sent_form_its_token() {
    for (name, view) in all() {
        let html = drawn(name, &view, false);
        for tag in ["<input ", "<select ", "<textarea "] {
            for rest in html.split(tag).skip(1) {
                let field = rest.split('>').next().unwrap();
                if field.contains("type=\"hidden\"") {
                    continue;
                }
                let field = format!(" {field}");
                let id = values(&field, "id")[0];
                assert!(
                    html.contains(&format!("<label for=\"{id}\"")),
                    "{name}: {id} has no label"
                );
            }
        }
        for form in html.split("<form ").skip(1) {
            let form = form.split("</form>").next().unwrap();
            assert!(
                !form.contains("method=\"post\"") || form.contains("name=\"csrf\""),
                "{name}: {form}"
            );
        }
    }
}

#[test]
fn large_letters_are_the_servers_doing() {
    let (name, view) = &all()[1];
    assert!(drawn(name, view, true).contains("class=\"mz-big\""));
    assert!(!drawn(name, view, false).contains("mz-big"));
}

#[test]
fn the_chain_of_causes_is_told_and_linked() {
    let html = drawn("person", &person_page(), false);
    let recovery = html
        .split("id=\"e-ev5\"")
        .nth(1)
        .unwrap()
        .split("</li>")
        .next()
        .unwrap();
    let stop = recovery.find("href=\"#e-ev3\"").unwrap();
    let death = recovery.find("href=\"#e-ev2\"").unwrap();
    assert!(stop < death, "the nearest cause comes first");
}

#[test]
fn the_check_of_a_death_tells_open_money_from_paid_money_and_leaves_the_month_of_death_out() {
    let html = drawn("death-check", &death_check_page(), false);
    let part = |from: &str, to: &str| {
        html.split(from)
            .nth(1)
            .unwrap()
            .split(to)
            .next()
            .unwrap()
            .to_owned()
    };
    let (open, paid) = (
        part("将从未封存批次中拦截", "已经付出"),
        part("死亡次月以后已经付出", "将发出的告知"),
    );
    assert!(open.contains("2020-03") && !open.contains("2020-02"), "{open}");
    assert!(paid.contains("2020-02") && !paid.contains("2020-01"), "{paid}");
    assert!(html.contains("name=\"died_on\" value=\"2020-01-20\""));
}

#[test]
fn only_who_checks_is_given_the_form_of_a_decision() {
    let page = drawn("recovery", &recovery_page(), false);
    assert!(page.contains("/waivers/agr_1/decision"));
    let recovery = here(
        json!({"outstanding": 1, "agreements": [{"agreement": "agr_1", "kind": "waiver", "pending": true}]}),
    );
    let maker = recovery::view("r", recovery, &places(), "2020-04-10".parse().unwrap(), false);
    let page = drawn("recovery", &maker, false);
    assert!(!page.contains("decision") && !page.contains("/repayments"));
}

#[test]
fn equality_is_told_only_of_three_counts_that_are_equal() {
    let told = |three_way: Value| {
        let batch = here(json!({"number": "PB", "state": "proposed", "three_way": three_way}));
        drawn("batch", &batch::view("b", batch, &places()), false)
    };
    assert!(told(json!({"roster": 1, "townships": 1, "bank_file": 1})).contains("名册 = 分乡镇 = 银行文件"));
    assert!(told(json!({"roster": 1, "townships": 1, "bank_file": 2})).contains("不一致"));
    let waiting = told(json!(null));
    assert!(!waiting.contains("一致") && waiting.contains("待核"));
}

#[test]
fn a_page_without_its_service_says_what_is_missing() {
    let html = drawn("batch", &batch::view("b1", Known::Missing, &places()), false);
    assert!(html.contains("“资金发放”服务暂未应答，本页缺少批次内容"));
}

/// Answers of a county in which only registration is up.
struct OnlyRegistration;

impl super::ask::Ask for OnlyRegistration {
    async fn ask(&self, service: &'static str, path: String) -> (u16, Vec<u8>) {
        match service {
            "registration" if path.starts_with("/persons/") => (
                200,
                json!({"name": "扎*", "division": "513335100"})
                    .to_string()
                    .into_bytes(),
            ),
            "registration" => (
                200,
                json!({"items": [{"code": "513335100", "name": "夏邛镇"}]})
                    .to_string()
                    .into_bytes(),
            ),
            _ => (503, Vec::new()),
        }
    }
}

#[tokio::test]
async fn one_service_is_enough_for_a_page() {
    let view = super::ask::person(&OnlyRegistration, "per_1").await;
    let html = drawn("person", &view, false);
    assert!(html.contains("扎*") && html.contains("夏邛镇"));
    for missing in ["待遇", "发放记录", "追回记录", "通知", "办理过程"] {
        assert!(html.contains(&format!("本页缺少{missing}")), "{missing}");
    }
}
