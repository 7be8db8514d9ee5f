//! Who may say where a person is paid.

use super::*;
use bureau::TOWNSHIP;
use mz_http::Role;

mz_testkit::stories![nobody_sets_an_account_for_a_person_of_another_division];

const OTHER_TOWNSHIP: &str = "513335101";

async fn nobody_sets_an_account_for_a_person_of_another_division(stage: Stage) {
    let bureau = Bureau::start(stage).await;
    let person = bureau.person().await;
    let account = |person: &str, division: Option<&str>| {
        json!({
            "person": person, "division": division, "holder": "试甲", "bank": "中国农业银行",
            "account": "6228480000000921",
        })
    };
    let stranger = bureau.stage.officer(Role::TownshipOfficer, OTHER_TOWNSHIP);
    // Before there is an account, and after.
    for corrected in [false, true] {
        for division in [None, Some(TOWNSHIP), Some(OTHER_TOWNSHIP)] {
            let refused = stranger
                .post(SERVICE, "/payees", account(&person, division))
                .await;
            refused.refused(403, "caller.division");
        }
        let nobody = bureau
            .maker
            .post(
                SERVICE,
                "/payees",
                account("per_01e5cg0000000000000000y001", None),
            )
            .await;
        nobody.refused(422, "payee.person-unknown");
        let elsewhere = account(&person, Some(OTHER_TOWNSHIP));
        let elsewhere = bureau.checker.post(SERVICE, "/payees", elsewhere).await;
        let elsewhere = elsewhere.refused(422, "request.invalid");
        assert_eq!(elsewhere["field"], "division", "{elsewhere:#}");
        let told = u64::from(corrected);
        assert_eq!(bureau.told().await, told);
        let known = bureau
            .maker
            .get(SERVICE, &format!("/payees?person={person}"))
            .await
            .is(200);
        assert_eq!(
            known["items"].as_array().map(Vec::len),
            Some(usize::from(corrected)),
            "{known:#}"
        );
        if corrected {
            assert_eq!(known["items"][0]["division"], TOWNSHIP);
        } else {
            let set = bureau.maker.post(SERVICE, "/payees", account(&person, None));
            set.await.is(201);
        }
    }
    bureau.finish("2020-01").await;
}
