//! The page of the services' health: what is found through NATS, and what is not.

use crate::house::{House, PASSWORD};
use mz_testkit::Stage;

mz_testkit::stories![the_page_tells_which_services_are_found_and_which_are_away];

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
