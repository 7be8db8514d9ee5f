//! What leaves the register, and what stays on its disk.

use super::*;
use async_nats::jetstream;
use mz_store::work;
use std::path::{Path, PathBuf};

mz_testkit::stories![neither_name_nor_number_stands_in_the_clear_anywhere];

const NAME: &str = "试验甲";

async fn neither_name_nor_number_stands_in_the_clear_anywhere(stage: Stage) {
    let register = Register::start(&stage).await;
    let id = register.person(NAME, YI).await;
    let path = format!("/persons/{id}/number-corrections");
    let right = json!({ "document": document(JIA), "reason": "typing-error" });
    let correction = register.maker.post(SERVICE, &path, right).await.is(201);
    let path = format!(
        "{path}/{}/decision",
        correction["correction"].as_str().expect("an id")
    );
    let agree = json!({ "agree": true, "reasons": ["the card was seen"] });
    register.checker.post(SERVICE, &path, agree).await.is(200);
    stage.settled(&[&register.running]).await;

    // The stream has three divisions, the person, and the correction.
    let context = jetstream::new(stage.nats().client().await);
    let stream = context
        .get_stream("EVT-REGISTRATION")
        .await
        .expect("the relay has made its stream");
    let mut subjects = Vec::new();
    for sequence in 1..=5 {
        let message = stream.get_raw_message(sequence).await.expect("a message");
        subjects.push(message.subject.to_string());
        for text in [
            String::from_utf8_lossy(&message.payload).into_owned(),
            format!("{:?}", message.headers),
        ] {
            assert_clear_of_secrets(&text);
        }
    }
    let subject = |event: &str| format!("civil.513335.evt.registration.{event}.v1");
    assert_eq!(
        subjects[2..],
        [
            subject("division.established"),
            subject("person.registered"),
            subject("person.number-corrected")
        ]
    );
    let registered = stream.get_raw_message(4).await.expect("a message");
    let data: Value = serde_json::from_slice(&registered.payload).expect("JSON");
    let expected = json!({
        "person": id, "division": TOWNSHIP, "birth_date": "1936-12-01", "sex": "female", "has_number": true,
    });
    assert_eq!(data, expected);
    assert!(stream.get_raw_message(6).await.is_err(), "and nothing else");

    // Nor a digest of the request that anybody could find the number for, by trying them all.
    let body = person(NAME, YI).to_string();
    let digest = mz_http::fingerprint("POST", "/persons", body.as_bytes());
    for row in journal(&register).await {
        assert_clear_of_secrets(&row);
        assert!(!row.contains(&digest), "{row}");
    }
    // SQLite's files with their logs (none on PostgreSQL), and the broker's store.
    for folder in [stage.folder().to_owned(), stage.nats().server().store()] {
        for file in files(&folder) {
            let bytes = std::fs::read(&file).unwrap_or_default();
            for secret in [NAME, JIA, YI] {
                let found = bytes
                    .windows(secret.len())
                    .any(|window| window == secret.as_bytes());
                assert!(!found, "{} holds {secret} in the clear", file.display());
            }
        }
    }
    stage.finish(&[&register.running]).await;
}

#[track_caller]
fn assert_clear_of_secrets(text: &str) {
    for secret in [NAME, JIA, YI] {
        assert!(!text.contains(secret), "{text}");
    }
}

/// Every text of the journal, and of the answers that were remembered.
async fn journal(register: &Register) -> Vec<String> {
    const ALL: &str = "SELECT data, correlation || ' ' || aggregate FROM journal \
        UNION ALL SELECT output, key || ' ' || fingerprint FROM answered";
    let all = work(|tx| Box::pin(async move { tx.query(ALL).all::<(String, String)>().await }));
    let rows = register
        .running
        .app()
        .db
        .read(all)
        .await
        .expect("the journal can be read");
    assert!(rows.len() > 5, "{rows:?}");
    rows.into_iter()
        .map(|(data, rest)| format!("{data} {rest}"))
        .collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path());
    entries
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .collect()
}
