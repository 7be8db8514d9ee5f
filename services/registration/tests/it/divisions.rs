//! The division tree.

use super::*;

mz_testkit::stories![
    a_list_is_entered_as_a_whole_or_not_at_all,
    a_reform_ends_a_township_and_names_its_successor,
    a_tree_is_read_page_by_page,
    only_an_administrator_enters_divisions,
];

async fn codes(officer: &Officer, query: &str) -> Vec<String> {
    let page = officer.get(SERVICE, &format!("/divisions{query}")).await.is(200);
    let items = page["items"].as_array().expect("a list");
    items
        .iter()
        .map(|item| item["code"].as_str().expect("a code").to_owned())
        .collect()
}

async fn a_list_is_entered_as_a_whole_or_not_at_all(stage: Stage) {
    let register = Register::start(&stage).await;
    let admin = &register.administrator;
    let rows = json!({ "divisions": [
        { "code": "513335102", "name": "措拉镇", "from": "2019-01-01" },
        { "code": "513335103201", "name": "某村", "from": "2019-01-01" },
        { "code": JIA, "name": "试甲", "from": "2019-01-01" },
    ] });
    let problem = admin
        .post(SERVICE, "/divisions", rows)
        .await
        .refused(422, "request.invalid");
    assert_eq!(
        (&problem["row"], &problem["field"]),
        (&json!(3), &json!("divisions[2].code"))
    );
    assert!(!problem.to_string().contains(JIA), "{problem}");
    let rows = json!({ "divisions": [
        { "code": "513335102", "name": "措拉镇", "from": "2019-01-01" },
        { "code": "513335103201", "name": "某村", "from": "2019-01-01" },
        { "code": "513336", "name": "乡城县", "from": "2019-01-01" },
    ] });
    let problem = admin
        .post(SERVICE, "/divisions", rows)
        .await
        .refused(422, "request.invalid");
    assert_eq!(
        (&problem["row"], &problem["field"]),
        (&json!(2), &json!("divisions[1].code"))
    );
    assert!(
        problem["detail"]
            .as_str()
            .expect("a detail")
            .ends_with("1 more rows are wrong: 3."),
        "{problem}"
    );
    assert_eq!(codes(admin, "").await, ["513335", TOWNSHIP, OTHER_TOWNSHIP]);

    // The longest list: six townships and their villages.
    let township =
        |n: usize| json!({ "code": format!("51333520{n}"), "name": format!("{n}乡"), "from": "2019-01-01" });
    let village = |n: usize| {
        let (township, number) = (n / 999, n % 999 + 1);
        json!({ "code": format!("51333520{township}{number:03}"), "name": format!("{number}村"), "from": "2019-01-01" })
    };
    let rows = |villages| {
        let rows: Vec<_> = (0..6).map(township).chain((0..villages).map(village)).collect();
        json!({ "divisions": rows })
    };
    let problem = admin
        .post(SERVICE, "/divisions", rows(4_995))
        .await
        .refused(422, "request.invalid");
    assert_eq!(problem["field"], "divisions");
    let entered = admin.post(SERVICE, "/divisions", rows(4_994)).await.is(200);
    assert_eq!(entered, json!({ "established": 5_000, "ended": 0 }));
    let again = admin.post(SERVICE, "/divisions", rows(4_994)).await.is(200);
    assert_eq!(again, json!({ "established": 0, "ended": 0 }));
    stage.finish(&[&register.running]).await;
}

async fn a_reform_ends_a_township_and_names_its_successor(stage: Stage) {
    let register = Register::start(&stage).await;
    let admin = &register.administrator;
    let rows = json!({ "divisions": [
        { "code": OTHER_TOWNSHIP, "name": "中咱镇", "kind": "镇", "from": "2019-01-01",
          "until": "2020-06-05", "successors": ["513335102"] },
        { "code": "513335102", "name": "措拉镇", "kind": "镇", "from": "2020-06-05" },
    ] });
    let entered = admin.post(SERVICE, "/divisions", rows).await.is(200);
    assert_eq!(entered, json!({ "established": 1, "ended": 1 }));
    assert_eq!(
        codes(admin, "?on=2020-06-04").await,
        ["513335", TOWNSHIP, OTHER_TOWNSHIP]
    );
    assert_eq!(
        codes(admin, "?on=2020-06-05").await,
        ["513335", TOWNSHIP, "513335102"]
    );
    let shown = admin
        .get(
            SERVICE,
            &format!("/divisions?under={OTHER_TOWNSHIP}&on=2020-06-04"),
        )
        .await
        .is(200);
    let expected = json!({
        "code": OTHER_TOWNSHIP, "name": "中咱镇", "kind": "镇", "level": "township", "parent": "513335",
        "from": "2019-01-01", "until": "2020-06-05", "successors": ["513335102"],
    });
    assert_eq!(shown["items"], json!([expected]));

    // Nobody is registered in a division before it is there, nor after.
    let officer = stage.officer(Role::TownshipOfficer, "513335");
    let somebody = |division: &str| json!({ "name": "试甲", "sex": "male", "birth_date": "1950-03-07", "division": division });
    let problem = officer
        .post(SERVICE, "/persons", somebody("513335102"))
        .await
        .refused(422, "request.invalid");
    assert_eq!(problem["field"], "division");
    officer
        .post(SERVICE, "/persons", somebody(OTHER_TOWNSHIP))
        .await
        .is(201);
    stage.today_is("2020-06-05");
    officer
        .post(SERVICE, "/persons", somebody(OTHER_TOWNSHIP))
        .await
        .refused(422, "request.invalid");
    officer
        .post(SERVICE, "/persons", somebody("513335102"))
        .await
        .is(201);
    stage.finish(&[&register.running]).await;
}

async fn a_tree_is_read_page_by_page(stage: Stage) {
    let register = Register::start(&stage).await;
    let first = register
        .maker
        .get(SERVICE, "/divisions?under=513335&limit=2")
        .await
        .is(200);
    assert_eq!(first["next"], TOWNSHIP);
    assert_eq!(
        codes(&register.maker, "?under=513335&limit=2&after=513335100").await,
        [OTHER_TOWNSHIP]
    );
    assert_eq!(codes(&register.maker, "?under=513335101").await, [OTHER_TOWNSHIP]);
    stage.finish(&[&register.running]).await;
}

async fn only_an_administrator_enters_divisions(stage: Stage) {
    let register = Register::start(&stage).await;
    let rows = json!({ "divisions": [{ "code": "513335102", "name": "措拉镇", "from": "2019-01-01" }] });
    for officer in [&register.maker, &register.checker] {
        officer
            .post(SERVICE, "/divisions", rows.clone())
            .await
            .refused(403, "caller.role");
    }
    let none = json!({ "divisions": [] });
    register
        .administrator
        .post(SERVICE, "/divisions", none)
        .await
        .refused(422, "request.invalid");
    stage.finish(&[&register.running]).await;
}
