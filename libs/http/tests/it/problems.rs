//! Problems on the wire, and the pages of their codes.

use super::*;
use std::collections::BTreeSet;

#[test]
fn the_pages_are_those_of_the_codes_and_say_what_to_do() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("problems");
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap());
    let codes: BTreeSet<_> = codes::PROBLEMS
        .iter()
        .map(|code| format!("{}.md", code.code()))
        .collect();
    assert_eq!(files.collect::<BTreeSet<_>>(), codes);
    assert_eq!(codes.len(), codes::PROBLEMS.len(), "a code is declared twice");
    for code in codes::PROBLEMS {
        let sections: Vec<_> = code.page().lines().filter(|line| line.starts_with('#')).collect();
        let title = format!("# {}", code.title());
        assert_eq!(
            sections,
            [title.as_str(), "## What happened", "## What to do"],
            "{}",
            code.code()
        );
        assert!(
            code.page().contains(&format!("`{}`", code.code())),
            "{} is not named on its page",
            code.code()
        );
    }
}

#[tokio::test]
async fn the_address_in_a_problem_leads_to_its_page() {
    let suite = Suite::new();
    let problem = suite.get("/nowhere", "").await.problem(404, "route.unknown");
    let page = suite.get(problem["type"].as_str().unwrap(), "").await;
    assert_eq!(page.header("content-type"), Some("text/markdown; charset=utf-8"));
    assert_eq!(page.text, codes::NO_ROUTE.page());
    suite
        .get("/problems/none", "")
        .await
        .problem(404, "record.not-found");
}

#[tokio::test]
async fn a_method_that_the_address_does_not_know_is_told_those_that_it_knows() {
    let suite = Suite::new();
    let answer = suite
        .send(Request::put("/lines").body(Body::empty()).unwrap())
        .await;
    answer.problem(405, "route.method");
    assert_eq!(answer.header("allow"), Some("GET,HEAD"));
}

#[tokio::test]
async fn a_defect_is_not_explained_to_the_caller() {
    let answer = Suite::new().get("/broken", "").await;
    answer.problem(500, "service.internal");
    assert!(!answer.text.contains("cause"), "{}", answer.text);
}

#[tokio::test]
async fn an_absent_service_says_when_to_come_back() {
    let answer = Suite::new().get("/away", "").await;
    answer.problem(503, "service.unavailable");
    assert_eq!(answer.header("retry-after"), Some("2"));
}

#[test]
fn a_problem_names_field_and_row_where_there_are_such() {
    let problem = Problem::invalid("birth_date", "Expected a date.").at_row(17);
    let body = serde_json::to_value(problem.body()).unwrap();
    assert_eq!((&body["field"], &body["row"]), (&json!("birth_date"), &json!(17)));
    let plain = serde_json::to_value(Problem::not_found("Nothing.").body()).unwrap();
    assert_eq!(
        plain,
        json!({
            "type": "/problems/record.not-found",
            "title": "There is no such record",
            "status": 404,
            "detail": "Nothing.",
            "code": "record.not-found",
        })
    );
}
