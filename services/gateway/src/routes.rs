//! The console's routes. A form is answered with a redirect to the page that shows its outcome; a refused one with its
//! page and the reason.

mod accounts;
mod batches;
mod deaths;
mod office;
mod payees;
mod persons;
mod recoveries;

pub(crate) use office::{health, sign_in_refused, unknown};

use crate::assets;
use crate::door::Door;
use crate::visit::FORM_BYTES_MAX;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

/// Every page, for the door to mount.
pub(crate) fn routes() -> Router<Door> {
    Router::new()
        .route("/", get(office::overview))
        .route("/sign-in", get(office::show_sign_in))
        .route("/display", post(office::display))
        .route("/cases", get(office::cases))
        .route("/health/retry", post(office::retry))
        .route("/reports", get(office::reports))
        .route("/reports/rows", get(office::figure_rows))
        .route("/notices", get(office::notices))
        .route("/notices/{notice}", get(office::notice))
        .route("/notices/{notice}/read", post(office::read_notice))
        .route("/users", get(accounts::list).post(accounts::open))
        .route("/users/{user}", get(accounts::show))
        .route("/users/{user}/changes", post(accounts::change))
        .route("/users/{user}/password", post(accounts::set_password))
        .route("/users/{user}/closure", post(accounts::close))
        .route("/audit", get(accounts::audit))
        .route(
            "/password",
            get(accounts::own_password).post(accounts::choose_password),
        )
        .merge(of_persons())
        .merge(of_money())
        .route("/assets/{hash}/{name}", get(assets::serve))
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
}

fn of_persons() -> Router<Door> {
    Router::new()
        .route("/persons", get(persons::search).post(persons::look_up))
        .route("/persons/{person}", get(persons::show))
        .route("/persons/{person}/purpose", post(persons::state_purpose))
        .route("/persons/{person}/account", get(payees::form).post(payees::set))
        .route(
            "/persons/{person}/death",
            get(deaths::form).post(deaths::register),
        )
        .route("/persons/{person}/death/check", post(deaths::check))
}

fn of_money() -> Router<Door> {
    Router::new()
        .route("/runs", post(batches::run_month))
        .route("/batches", get(batches::list).post(batches::build))
        .route("/batches/new", get(batches::new))
        .route("/batches/{batch}", get(batches::show))
        .route("/batches/{batch}/payments", get(batches::roster))
        .route("/batches/{batch}/proposal", post(batches::propose))
        .route("/batches/{batch}/decision", post(batches::decide))
        .route("/batches/{batch}/cancellation", post(batches::cancel))
        .route("/batches/{batch}/results", post(batches::enter_results))
        .route("/batches/{batch}/bank-file", get(batches::bank_file))
        .route("/recoveries", get(recoveries::list))
        .route("/recoveries/{recovery}", get(recoveries::show))
        .route("/recoveries/{recovery}/repayments", post(recoveries::repay))
        .route("/recoveries/{recovery}/offsets", post(recoveries::propose_offset))
        .route("/recoveries/{recovery}/waivers", post(recoveries::propose_waiver))
        .route(
            "/recoveries/{recovery}/{kind}/{agreement}/decision",
            post(recoveries::decide),
        )
}
