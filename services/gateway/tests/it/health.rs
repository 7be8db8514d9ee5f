//! The page of the services' health: what is found through NATS, and what is not.

use crate::house::{House, PASSWORD};
use mz_testkit::Stage;

mz_testkit::stories![
    the_page_tells_which_services_are_found_and_which_are_away,
    administrators_have_parked_events_tried_again,
];

async fn the_page_tells_which_services_are_found_and_which_are_away(stage: Stage) {
    let house = House::open(stage).await;
    house.account("zhaxi", "township-officer", Stage::COUNTY).await;
    let cookie = house.sign_in("zhaxi", PASSWORD).await;
    let page = house.page(&cookie, "/health").await;
    assert_eq!(page.status, 200);
    let away = mz_contracts::OWNERS.len() - 2;
    assert!(page.text.contains(&format!("{away} 个未应答")), "{}", page.text);
    assert!(page.text.contains("“资金发放”未应答"), "{}", page.text);
    assert!(!page.text.contains("“人员登记”未应答"), "{}", page.text);
    // The version that was found is the one that runs.
    assert!(page.text.contains(env!("CARGO_PKG_VERSION")), "{}", page.text);
    let nobody = house.page("", "/health").await;
    assert_eq!(nobody.leads_to(), "/sign-in?next=%2Fhealth");
    house.close().await;
}

async fn administrators_have_parked_events_tried_again(stage: Stage) {
    let house = House::open(stage).await;
    house.account("zhaxi", "township-officer", Stage::COUNTY).await;
    house.account("guan", "administrator", Stage::COUNTY).await;
    let (zhaxi, guan) = (
        house.sign_in("zhaxi", PASSWORD).await,
        house.sign_in("guan", PASSWORD).await,
    );
    assert_eq!(house.page(&guan, "/").await.leads_to(), "/health");
    let retry = |cookie: &str, service: &'static str| {
        let (house, cookie) = (&house, cookie.to_owned());
        async move {
            let fields = [
                ("service", service),
                ("source", "funeral-reform"),
                ("aggregate", "none"),
            ];
            house.form(&cookie, "/health", "/health/retry", &fields).await
        }
    };
    // Nothing is parked: all of nothing is applied.
    let tried = retry(&guan, "registration").await;
    assert_eq!((tried.status, tried.leads_to()), (303, "/health?done=retried"));
    let shown = house.page(&guan, "/health?done=retried").await;
    assert!(shown.text.contains("已重新处理"), "{}", shown.text);
    let refused = retry(&zhaxi, "registration").await;
    assert_eq!(refused.status, 403);
    assert!(
        refused.text.contains("您的岗位不能办理此事项"),
        "{}",
        refused.text
    );
    assert_eq!(retry(&guan, "nobody").await.status, 422);
    house.close().await;
}
