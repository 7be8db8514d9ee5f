//! A number that was typed wrongly and corrected: neither person sees or inherits the other's case.

use crate::program::Program;
use crate::walk::{FIRST_DAY, Officers};
use serde_json::{Value, json};

/// Synthetic: region 990101 belongs to nobody.
const OF_FIRST: &str = "990101194611220010";
const OF_SECOND: &str = "990101195806300314";

fn person(name: &str, number: &str) -> Value {
    json!({ "name": name, "document": { "type": "resident-id", "number": number }, "division": "513335" })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_typed_wrongly_hands_nobody_anothers_case() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(folder.path(), &["--legal-date", FIRST_DAY])
        .await
        .expect("it starts");
    let Officers { maker, checker, .. } = &Officers::of(&program);
    let persons = "/api/registration/persons";
    let cases = "/api/social-assistance/cases";

    // The first is registered under the second's number, and gets a case.
    let first = program
        .post(maker, persons, "first", person("试甲", OF_SECOND))
        .await
        .unwrap();
    let first = first["person"].as_str().unwrap().to_owned();
    let case = json!({ "programme": "tekun", "person": first, "class": "rural", "mode": "dispersed", "division": "513335" });
    let case = program.post(maker, cases, "case", case).await.unwrap();
    let case = case["case"].as_str().unwrap().to_owned();
    let grant = json!({ "outcome": "grant", "reasons": ["meets-the-conditions"] });
    program
        .post(maker, &format!("{cases}/{case}/proposal"), "p", grant.clone())
        .await
        .unwrap();
    program
        .post(checker, &format!("{cases}/{case}/decision"), "d", grant)
        .await
        .unwrap();

    // The second comes: the number is held, the holder is not told, and no case is handed out.
    let (status, refused) = program
        .send(maker, persons, "second", person("试乙", OF_SECOND))
        .await
        .unwrap();
    assert_eq!(
        (status, refused["code"].as_str()),
        (422, Some("identity.number-held")),
        "{refused}"
    );
    for secret in [first.as_str(), "试甲", OF_SECOND] {
        assert!(!refused.to_string().contains(secret), "{refused}");
    }

    // The first's number is corrected, by one officer and another.
    let corrections = format!("{persons}/{first}/number-corrections");
    let right = json!({ "document": { "type": "resident-id", "number": OF_FIRST }, "reason": "typed-from-the-wrong-card" });
    let correction = program.post(maker, &corrections, "correct", right).await.unwrap();
    let correction = correction["correction"].as_str().unwrap().to_owned();
    let agree = json!({ "agree": true, "reasons": ["seen the card"] });
    program
        .post(
            checker,
            &format!("{corrections}/{correction}/decision"),
            "agree",
            agree,
        )
        .await
        .unwrap();

    // Now the second gets an id of their own, and has no case; the first keeps theirs.
    let second = program
        .post(maker, persons, "second-again", person("试乙", OF_SECOND))
        .await
        .unwrap();
    let second = second["person"].as_str().unwrap().to_owned();
    assert_ne!(first, second);
    for (number, owner) in [(OF_FIRST, &first), (OF_SECOND, &second)] {
        let document = json!({ "document": { "type": "resident-id", "number": number } });
        let found = program
            .post(maker, &format!("{persons}/lookup"), "look", document)
            .await
            .unwrap();
        assert_eq!(found["person"], json!(owner));
    }
    let entitlements = async |person: &str| {
        let path = format!("/api/social-assistance/entitlements?person={person}");
        program.get(checker, &path).await.unwrap()["items"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!((entitlements(&first).await, entitlements(&second).await), (1, 0));
    program.settled().await.unwrap();
    program.stop();
    nothing_in_the_clear(folder.path());
}

/// Neither number nor name stands in clear anywhere below the data folder: databases, streams, logs.
fn nothing_in_the_clear(data: &std::path::Path) {
    for secret in [OF_FIRST, OF_SECOND, "试甲", "试乙"] {
        assert_eq!(
            find(data, secret.as_bytes()),
            None,
            "{secret} was left in the clear"
        );
    }
}

fn find(folder: &std::path::Path, needle: &[u8]) -> Option<std::path::PathBuf> {
    std::fs::read_dir(folder).unwrap().flatten().find_map(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return find(&path, needle);
        }
        let bytes = std::fs::read(&path).unwrap();
        bytes
            .windows(needle.len())
            .any(|window| window == needle)
            .then_some(path)
    })
}
