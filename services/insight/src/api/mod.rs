//! Routes and wire types.

mod figures;
mod overview;
mod proof;
mod reports;
mod timeline;

use axum::Router;
use axum::extract::State;
use mz_contracts::Insight;
use mz_http::Api;
use mz_runtime::App;

type Records = State<App<Insight>>;

pub(crate) fn routes(app: App<Insight>) -> Router {
    app.api(api())
}

fn api() -> Api<App<Insight>> {
    Api::new(&[])
        .get(
            "/persons/{person}/timeline",
            timeline::show_timeline,
            "What happened to a person and why, oldest first, a page at a time",
        )
        .get(
            "/overview",
            overview::show_overview,
            "This month, and what is open",
        )
        .get(
            "/proof",
            proof::show_proof,
            "Whether the money holds together, over two services",
        )
        .get("/figures", figures::show_figures, "What the indicators count")
        .get(
            "/figures/rows",
            figures::open_figure,
            "The rows behind one figure, a page at a time",
        )
        .get(
            "/reports",
            reports::list_reports,
            "Released reports, the latest first, a page at a time",
        )
        .post(
            "/reports",
            reports::release_report,
            "Releases a report: freezes its figures and checks them",
        )
        .get(
            "/reports/{report}",
            reports::show_report,
            "A report with its figures and flags",
        )
        .get(
            "/reports/{report}/figures/{indicator}/rows",
            reports::open_report_figure,
            "The rows that made a figure of a report, a page at a time",
        )
}

#[cfg(test)]
mod tests {
    use super::api;
    use mz_http::openapi::faults;

    #[test]
    fn the_document_holds_together() {
        let document = api().document("insight", "0.0.0");
        assert_eq!(faults(&document), Vec::<String>::new());
    }
}
