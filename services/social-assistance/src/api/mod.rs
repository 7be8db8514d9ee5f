//! Routes and wire types.

mod cases;
mod entitlements;
mod runs;
mod standards;

use crate::problems::PROBLEMS;
use axum::Router;
use axum::extract::State;
use mz_contracts::SocialAssistance;
use mz_http::Api;
use mz_runtime::App;

type Assistance = State<App<SocialAssistance>>;

pub(crate) fn routes(app: App<SocialAssistance>) -> Router {
    app.api(api())
}

fn api() -> Api<App<SocialAssistance>> {
    let api = cases(Api::new(PROBLEMS));
    let api = entitlements(api);
    standards(api)
        .get("/runs", runs::list_runs, "Runs, a page at a time")
        .post("/runs", runs::run_month, "Runs a month to its end")
        .get("/runs/{run}", runs::show_run, "A run")
        .get(
            "/lines",
            runs::list_lines,
            "Lines in the order in which they were written",
        )
        .get(
            "/proof",
            runs::show_proof,
            "What was owed, computed anew, beside what was lined",
        )
}

fn cases(api: Api<App<SocialAssistance>>) -> Api<App<SocialAssistance>> {
    api.get("/cases", cases::list_cases, "Cases, a page at a time")
        .post("/cases", cases::accept_case, "Takes an application in")
        .get("/cases/{case}", cases::show_case, "A case")
        .post(
            "/cases/{case}/pauses",
            cases::pause,
            "Pauses the legal clock of a case",
        )
        .post(
            "/cases/{case}/resumption",
            cases::resume,
            "Lets the clock of a case run again",
        )
        .post("/cases/{case}/withdrawal", cases::withdraw, "Withdraws a case")
        .post(
            "/cases/{case}/proposal",
            cases::propose,
            "Proposes how to decide a case",
        )
        .post(
            "/cases/{case}/decision",
            cases::decide,
            "Decides a case as its checker",
        )
}

fn entitlements(api: Api<App<SocialAssistance>>) -> Api<App<SocialAssistance>> {
    api.get(
        "/entitlements",
        entitlements::list_entitlements,
        "Entitlements of a person",
    )
    .get(
        "/entitlements/{entitlement}",
        entitlements::show_entitlement,
        "An entitlement",
    )
    .post(
        "/entitlements/{entitlement}/stops",
        entitlements::propose_stop,
        "Proposes that an entitlement end",
    )
    .post(
        "/entitlements/{entitlement}/stops/{stop}/decision",
        entitlements::decide_stop,
        "Decides on a stop as its checker",
    )
}

fn standards(api: Api<App<SocialAssistance>>) -> Api<App<SocialAssistance>> {
    api.get("/standards", standards::list_standards, "Standards")
        .post("/standards", standards::propose_standard, "Proposes a standard")
        .get(
            "/standards/{standard}/preview",
            standards::preview_standard,
            "What adopting a standard would change",
        )
        .post(
            "/standards/{standard}/decision",
            standards::decide_standard,
            "Decides on a standard as its checker",
        )
}

#[cfg(test)]
mod tests {
    use super::api;
    use mz_http::openapi::faults;

    #[test]
    fn the_document_holds_together() {
        let document = api().document("social-assistance", "0.0.0");
        assert_eq!(faults(&document), Vec::<String>::new());
    }
}
