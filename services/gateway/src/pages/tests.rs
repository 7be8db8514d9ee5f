//! Every page judged as HTML: what a browser, a screen reader and the content policy need.

use super::frame::{Frame, Page, View};
use super::known::Known;
use super::samples::{
    all, checker, county, death_check_page, health_page, here, person_page, places, recovery_page,
};
use super::{batch, health, notices, recovery};
use askama::Template;
use serde_json::{Value, json};

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
        officer: name != "sign-in",
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

/// A reader who hears the page finds its parts: one main part, a way past the head, and headings without a leap.
#[test]
fn every_page_has_landmarks_and_headings_in_order() {
    for (name, view) in all() {
        let html = drawn(name, &view, false);
        assert!(html.contains("<html lang=\"zh-CN\""), "{name}: language");
        for part in ["<main ", "<header ", "<a class=\"mz-skip\" href=\"#main\">"] {
            assert_eq!(html.matches(part).count(), 1, "{name}: {part}");
        }
        let main = html.split("<main ").nth(1).unwrap();
        let first = main.find("<h1").unwrap();
        assert!(
            main.find("<h2").is_none_or(|second| first < second),
            "{name}: a second heading comes first"
        );
        assert!(
            !html.contains("<h3"),
            "{name}: a heading of a rank that is not used"
        );
        for table in html.split("<table>").skip(1) {
            assert!(table.starts_with("<caption"), "{name}: a table without a name");
            assert!(
                table.contains("<th scope=\"col\""),
                "{name}: a table without heads"
            );
        }
        for svg in html.split("<svg ").skip(1) {
            let head = svg.split('>').next().unwrap();
            let told = head.contains("role=\"img\"") && head.contains("aria-label=\"");
            assert!(told || head.contains("aria-hidden=\"true\""), "{name}: {head}");
        }
        for button in html.split("<button").skip(1) {
            let words = button.split('>').nth(1).and_then(|rest| rest.split('<').next());
            assert!(
                words.is_some_and(|words| !words.trim().is_empty()),
                "{name}: a button without words"
            );
        }
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
fn the_navigation_holds_what_its_reader_may_open() {
    let view = health_page();
    let links = |officer: bool, administrator: bool| {
        let frame = Frame {
            user: Some("何佳".into()),
            officer,
            administrator,
            ..Frame::default()
        };
        let html = Page {
            frame: &frame,
            view: &view,
        }
        .render()
        .unwrap();
        let nav = html
            .split("<nav ")
            .nth(1)
            .unwrap()
            .split("</nav>")
            .next()
            .unwrap()
            .to_owned();
        values(&nav, "href")
            .into_iter()
            .filter(|href| !href.contains("icons"))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        links(false, true),
        ["/persons", "/openapi.json", "/health", "/users", "/audit"]
    );
    let officers = links(true, false);
    assert!(
        officers.contains(&"/batches".to_owned()) && !officers.contains(&"/users".to_owned()),
        "{officers:?}"
    );
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
    assert!(page.contains("待局审核人员复核"));
}

#[test]
fn the_maker_of_a_batch_is_told_that_it_waits_for_somebody_else() {
    let told = |officer: &str, checks: bool| {
        let batch = here(json!({"state": "proposed", "maker": "off_maker"}));
        let officer = officer.to_owned();
        let view = batch::view("b", batch, &places(), &batch::Reader { officer, checks });
        drawn("batch", &view, false)
    };
    assert!(told("off_checker", true).contains("/batches/b/decision"));
    for (officer, checks, text) in [
        ("off_maker", true, "待另一名局审核人员决定"),
        ("off_maker", false, "待另一名局审核人员决定"),
        ("off_other", false, "待局审核人员决定"),
    ] {
        let page = told(officer, checks);
        assert!(
            page.contains(text) && !page.contains("/decision"),
            "{officer}: {page}"
        );
    }
}

#[test]
fn a_draft_can_be_cancelled_and_a_cancelled_batch_says_why() {
    let page = |batch: Value| {
        drawn(
            "batch",
            &batch::view("b", here(batch), &places(), &checker()),
            false,
        )
    };
    // Everything left it again.
    let empty = page(json!({"state": "draft", "payments": 0}));
    assert!(empty.contains("action=\"/batches/b/cancellation\"") && !empty.contains("/proposal"));
    let cancelled = page(json!({"state": "cancelled", "reason": "名册有误"}));
    assert!(cancelled.contains("已作废：名册有误") && !cancelled.contains("action=\"/batches/b/"));
    assert!(!page(json!({"state": "sealed"})).contains("/cancellation"));
}

#[test]
fn the_health_page_tells_who_is_away_what_lags_and_lets_administrators_try_again() {
    let page = drawn("health", &health_page(), false);
    assert!(page.contains("“殡葬管理”未应答") && page.contains("1 个未应答"));
    assert!(
        page.contains("滞后 3"),
        "what is not settled of social assistance"
    );
    assert!(page.contains("no such person") && page.contains("name=\"aggregate\" value=\"batch_1\""));
    let others = drawn("health", &health::view(&county(), false), false);
    assert!(
        others.contains("由管理员办理")
            && !others.contains("no such person")
            && !others.contains("/health/retry")
    );
}

#[test]
fn a_notice_names_whom_it_is_to_and_an_office_is_not_named() {
    let told = |recipient: &str, name: Option<&str>| {
        let notice = here(json!({"title": "告知书", "body": "正文。", "recipient": recipient}));
        drawn("notice", &notices::one(notice, name), false)
    };
    assert!(told("family", Some("扎*")).contains("<p>扎* 的家属：</p>"));
    assert!(told("person", Some("扎*")).contains("<p>扎*：</p>"));
    assert!(!told("office", Some("扎*")).contains("扎*"));
    assert!(!told("family", None).contains("的家属"));
}

#[test]
fn equality_is_told_only_of_three_counts_that_are_equal() {
    let told = |three_way: Value| {
        let batch = here(json!({"number": "PB", "state": "proposed", "three_way": three_way}));
        drawn("batch", &batch::view("b", batch, &places(), &checker()), false)
    };
    assert!(told(json!({"roster": 1, "townships": 1, "bank_file": 1})).contains("名册 = 分乡镇 = 银行文件"));
    assert!(told(json!({"roster": 1, "townships": 1, "bank_file": 2})).contains("不一致"));
    let waiting = told(json!(null));
    assert!(!waiting.contains("一致") && waiting.contains("待核"));
}

#[test]
fn a_page_without_its_service_says_what_is_missing() {
    let view = batch::view("b1", Known::Missing, &places(), &checker());
    let html = drawn("batch", &view, false);
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

/// A county in which a township has ended that a recovery of 2020 lies in.
struct TownshipEnded;

impl super::ask::Ask for TownshipEnded {
    async fn ask(&self, service: &'static str, path: String) -> (u16, Vec<u8>) {
        let answer = match (service, &*path) {
            ("registration", "/divisions?under=513335214&on=2020-03-18&limit=1") => {
                json!({"items": [{"code": "513335214", "name": "旧乡"}]})
            }
            ("registration", "/divisions?limit=500") => {
                json!({"items": [{"code": "513335100", "name": "夏邛镇"}]})
            }
            ("registration", _) => json!({"items": []}),
            _ => json!({"items": [
                {"recovery": "r1", "person": "per_1", "division": "513335214", "raised_on": "2020-03-18", "months": ["2020-02"]},
                {"recovery": "r2", "person": "per_2", "division": "513335100", "raised_on": "2020-03-18"},
            ]}),
        };
        (200, answer.to_string().into_bytes())
    }
}

#[tokio::test]
async fn a_township_that_has_ended_is_named_in_the_rows_of_its_time() {
    let view = super::ask::recoveries(&TownshipEnded, "513335", "").await;
    let html = drawn("recoveries", &view, false);
    assert!(html.contains("旧乡") && html.contains("夏邛镇"), "{html}");
    assert!(!html.contains("513335214"), "{html}");
}

/// A county in which nothing was paid yet.
struct TwoHeld;

impl super::ask::Ask for TwoHeld {
    async fn ask(&self, service: &'static str, path: String) -> (u16, Vec<u8>) {
        let answer = match (service, &*path) {
            ("disbursement", "/held?division=513335&after=ent_1&limit=50") => json!({"items": [
                {"person": "per_3", "division": "513335100", "months": ["2020-03", "2020-04"], "amount": 140_400, "reason": "no-account"},
                {"person": "per_4", "division": "513335100", "months": ["2020-04"], "amount": 70_200, "reason": "entitlement-stopped",
                 "cause": {"fact": "death", "on": "2020-03-18"}},
            ], "next": "ent_4"}),
            ("disbursement", "/batches?division=513335&after=b_1&limit=50") => {
                json!({"items": [{"batch": "b_2", "number": "PB-202004-TK-01"}], "next": "b_9"})
            }
            ("registration", _) => json!({"items": [{"code": "513335100", "name": "夏邛镇"}]}),
            _ => return (404, Vec::new()),
        };
        (200, answer.to_string().into_bytes())
    }
}

#[tokio::test]
async fn who_is_not_paid_stands_beside_the_batches_with_the_reason() {
    let view = super::ask::batches(&TwoHeld, "513335", "b_1", "ent_1").await;
    let html = drawn("batches", &view, false);
    for told in [
        "暂缓明细",
        "href=\"/persons/per_3\"",
        "夏邛镇",
        "2020-03、2020-04",
        "未登记账户",
        "1,404.00",
        "待遇已终止",
        "因 死亡登记（2020年3月18日）",
    ] {
        assert!(html.contains(told), "{told}: {html}");
    }
    // Each list goes on where it is, and the other stays.
    for next in ["after=b_9", "after=b_1", "held=ent_4", "held=ent_1"] {
        assert!(html.contains(next), "{next}: {html}");
    }
}

#[test]
fn figures_are_written_with_commas_and_cases_with_working_days() {
    let page = |wanted: &str| {
        let (name, view) = all().into_iter().find(|(name, _)| *name == wanted).unwrap();
        drawn(name, &view, false)
    };
    let reports = page("reports");
    assert!(
        reports.contains(">5,850<") && !reports.contains("5850"),
        "{reports}"
    );
    let cases = page("cases");
    assert!(
        cases.contains("剩 11 个工作日") && cases.contains("超期 3 个工作日"),
        "{cases}"
    );
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
