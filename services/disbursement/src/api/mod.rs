//! Routes and wire types.

mod agreements;
mod batches;
mod money;

use crate::problems::PROBLEMS;
use axum::Router;
use axum::extract::State;
use mz_contracts::Disbursement;
use mz_http::Api;
use mz_runtime::App;

type Books = State<App<Disbursement>>;

pub(crate) fn routes(app: App<Disbursement>) -> Router {
    app.api(api())
}

fn api() -> Api<App<Disbursement>> {
    batches(money(Api::new(PROBLEMS)))
}

fn money(api: Api<App<Disbursement>>) -> Api<App<Disbursement>> {
    api.get("/payees", money::list_accounts, "Accounts of a person, masked")
        .post(
            "/payees",
            money::set_account,
            "Sets where a person is paid, or corrects it",
        )
        .get("/payments", money::list_payments, "Payments of a person")
        .get(
            "/held",
            money::list_held,
            "Who is not paid and why, a page at a time",
        )
        .get(
            "/recoveries",
            money::list_recoveries,
            "Recoveries, a page at a time",
        )
        .get(
            "/recoveries/{recovery}",
            money::show_recovery,
            "A recovery with its ledger",
        )
        .post(
            "/recoveries/{recovery}/repayments",
            money::repay,
            "Enters what was paid back",
        )
        .post(
            "/recoveries/{recovery}/offsets",
            agreements::propose_offset,
            "Proposes what is kept back a month",
        )
        .post(
            "/recoveries/{recovery}/offsets/{agreement}/decision",
            agreements::decide_offset,
            "Decides on an offset as its checker",
        )
        .post(
            "/recoveries/{recovery}/waivers",
            agreements::propose_waiver,
            "Proposes what is given up",
        )
        .post(
            "/recoveries/{recovery}/waivers/{agreement}/decision",
            agreements::decide_waiver,
            "Decides on a waiver as its checker",
        )
        .get("/proof", money::show_proof, "Whether the books hold together")
}

fn batches(api: Api<App<Disbursement>>) -> Api<App<Disbursement>> {
    api.get("/batches", batches::list_batches, "Batches, a page at a time")
        .post(
            "/batches",
            batches::build_batch,
            "Builds a batch of all that is payable",
        )
        .get("/batches/{batch}", batches::show_batch, "A batch")
        .get(
            "/batches/{batch}/payments",
            batches::list_batch_payments,
            "Payments of a batch, a page at a time",
        )
        .post(
            "/batches/{batch}/proposal",
            batches::propose,
            "Proposes a batch for sealing",
        )
        .post(
            "/batches/{batch}/decision",
            batches::decide,
            "Decides on a batch as its checker",
        )
        .post(
            "/batches/{batch}/cancellation",
            batches::cancel,
            "Cancels a batch that is not sealed",
        )
        .get(
            "/batches/{batch}/bank-file",
            batches::bank_file,
            "The bank file of a sealed batch, in clear",
        )
        .post(
            "/batches/{batch}/results",
            batches::enter_results,
            "Enters the bank's answer",
        )
}

#[cfg(test)]
mod tests {
    use super::api;
    use mz_http::openapi::faults;

    #[test]
    fn the_document_holds_together() {
        let document = api().document("disbursement", "0.0.0");
        assert_eq!(faults(&document), Vec::<String>::new());
    }
}
