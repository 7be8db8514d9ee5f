//! What is told of money: batches, what left them, what came back from the bank, and what was paid too much.

use super::*;
use mz_contracts::Disbursement;

mz_testkit::stories![
    a_late_death_tells_the_office_of_the_held_line_and_the_family_of_the_recovery,
    a_returned_payment_tells_the_person_and_the_office,
];

const BOOKS: &str = "disbursement";

/// The bureau with the service that pays.
struct Paying {
    bureau: Bureau,
    books: Running<Disbursement>,
    notification: Running<Notification>,
}

impl Paying {
    async fn start(stage: Stage) -> Paying {
        let bureau = Bureau::start(stage).await;
        let books = disbursement::service().start(bureau.stage.setting(BOOKS).await);
        let books = books.await.expect("it starts");
        let notification = bureau.notification().await;
        Paying {
            bureau,
            books,
            notification,
        }
    }

    async fn settled(&self) {
        let [persons, deaths, assistance, notification] = self.bureau.parts(&self.notification);
        let all = [
            persons,
            deaths,
            assistance,
            &self.books as &dyn Part,
            notification,
        ];
        self.bureau.stage.settled(&all).await;
    }

    async fn finish(self) {
        let Paying {
            bureau,
            books,
            notification,
        } = self;
        let Bureau {
            stage,
            persons,
            deaths,
            assistance,
            ..
        } = bureau;
        Box::pin(stage.finish(&[&persons, &deaths, &assistance, &books, &notification])).await;
    }

    /// Somebody with an account and a benefit from January 2020 on.
    async fn person(&self) -> String {
        let person = self.bureau.person().await;
        let account = json!({
            "person": person, "division": TOWNSHIP, "holder": "试甲", "bank": "农商银行", "account": "6200000000000921",
        });
        self.bureau.maker.post(BOOKS, "/payees", account).await.is(201);
        self.bureau.grant(&person).await;
        person
    }

    /// Runs a month, and builds the batch of what it wrote.
    async fn batch(&self, month: &str) -> String {
        let run = json!({ "month": month });
        self.bureau.checker.post(ASSISTANCE, "/runs", run).await.is(201);
        self.settled().await;
        let batch = json!({ "month": month, "division": TOWNSHIP, "programme": "tekun" });
        text(
            &self.bureau.maker.post(BOOKS, "/batches", batch).await.is(201),
            "batch",
        )
    }

    /// Seals a batch, and enters the bank's answer for its only payment.
    async fn answered(&self, batch: &str, answer: &str) {
        let (maker, checker) = (&self.bureau.maker, &self.bureau.checker);
        let path = format!("/batches/{batch}");
        maker
            .post(BOOKS, &format!("{path}/proposal"), json!({}))
            .await
            .is(200);
        let agree = json!({ "agree": true, "reasons": ["checked"] });
        checker
            .post(BOOKS, &format!("{path}/decision"), agree)
            .await
            .is(200);
        let number = text(&checker.get(BOOKS, &path).await.is(200), "number");
        let payments = checker.get(BOOKS, &format!("{path}/payments")).await.is(200);
        let payment = text(&payments["items"][0], "payment");
        let file = format!(
            "批次号,{number},笔数,1,总金额,702.00\n序号,支付编号,金额,结果,原因\n1,{payment},702.00,{answer}\n"
        );
        let file = json!({ "file": file });
        checker
            .post(BOOKS, &format!("{path}/results"), file)
            .await
            .is(200);
        self.settled().await;
    }

    /// The notices to offices of the county and of its townships, by template.
    async fn of_offices(&self) -> Vec<(String, String)> {
        let path = format!("/notices?division={}", Stage::COUNTY);
        let page = self.bureau.checker.get(SERVICE, &path).await.is(200);
        let items = page["items"].as_array().expect("items");
        let mut told: Vec<_> = items
            .iter()
            .map(|item| (text(item, "template"), text(item, "body")))
            .collect();
        told.sort();
        told
    }
}

fn body<'a>(told: &'a [(String, String)], template: &str) -> &'a str {
    let found = told.iter().find(|(code, _)| code == template);
    &found.unwrap_or_else(|| panic!("no {template} in {told:?}")).1
}

async fn a_late_death_tells_the_office_of_the_held_line_and_the_family_of_the_recovery(stage: Stage) {
    let paying = Box::pin(Paying::start(stage)).await;
    let person = paying.person().await;
    for month in ["2020-01", "2020-02"] {
        paying.bureau.stage.today_is(&format!("{month}-28"));
        let batch = paying.batch(month).await;
        paying.answered(&batch, "成功,").await;
    }
    paying.bureau.stage.today_is("2020-03-10");
    paying.batch("2020-03").await;
    paying.bureau.stage.today_is("2020-03-17");
    paying.bureau.dies(&person, "2020-01-20").await;
    paying.settled().await;
    let offices = paying.of_offices().await;
    let held = body(&offices, "lines-withdrawn");
    assert!(
        held.starts_with("一名人员的待发款项702.00元已从发放批次中拦截，原因：死亡"),
        "{held}"
    );
    let sealed = offices.iter().filter(|(code, _)| code == "batch-sealed").count();
    assert_eq!(sealed, 2, "one for each batch, none for a line");

    let run = json!({ "month": "2020-03" });
    paying.bureau.checker.post(ASSISTANCE, "/runs", run).await.is(201);
    paying.settled().await;
    let notices = paying.bureau.notices(&person).await;
    let raised = notices
        .iter()
        .find(|notice| notice["template"] == "recovery-raised");
    let raised = raised.expect("the family is told");
    assert_eq!(raised["recipient"], "family");
    let words = text(raised, "body");
    assert!(words.contains("2020年2月共多发702.00元"), "{words}");
    let offices = paying.of_offices().await;
    let office = body(&offices, "recovery-office");
    assert!(
        office.contains("2020年2月多发702.00元，已于2020年3月17日列入追缴"),
        "{office}"
    );
    paying.finish().await;
}

async fn a_returned_payment_tells_the_person_and_the_office(stage: Stage) {
    let paying = Box::pin(Paying::start(stage)).await;
    let person = paying.person().await;
    paying.bureau.stage.today_is("2020-01-28");
    let batch = paying.batch("2020-01").await;
    paying.answered(&batch, "退回,账户已销户").await;
    let notices = paying.bureau.notices(&person).await;
    let returned = notices
        .iter()
        .find(|notice| notice["template"] == "payment-returned");
    let returned = returned.expect("the person is told");
    assert_eq!(returned["recipient"], "person");
    let words = text(returned, "body");
    assert!(
        words.contains("702.00元未能发放，已由银行退回，原因：账户已销户"),
        "{words}"
    );
    let offices = paying.of_offices().await;
    assert!(body(&offices, "payments-returned").contains("有1笔共702.00元被银行退回"));
    paying.finish().await;
}
