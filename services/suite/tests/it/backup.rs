//! Back up while the suite works, lose everything, restore: the county's figures are the same, to the fen.

use crate::program::{Program, run};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const LAST_DAY: [&str; 2] = ["--legal-date", "2020-12-31"];
const MONTHS: [&str; 6] = ["report", "--from", "2020-01", "--to", "2020-11", "--json"];

fn minzheng(data: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_minzheng"));
    command
        .arg("--data")
        .arg(data)
        .args(args)
        .output()
        .expect("it runs")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_is_lost_and_restored_to_the_same_figures() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let (data, elsewhere) = (at("data"), at("elsewhere"));
    let simulated = Command::new(env!("CARGO_BIN_EXE_minzheng"))
        .args(["simulate", "batang-2020", "--json", "--keep"])
        .arg(&data)
        .output()
        .unwrap();
    assert!(simulated.status.success());
    for (file, passphrase) in [
        ("right", "correct horse battery"),
        ("wrong", "another horse battery"),
    ] {
        std::fs::write(at(file), passphrase).unwrap();
    }
    let text = |path: PathBuf| path.to_str().unwrap().to_owned();
    let (right, wrong, backup) = (text(at("right")), text(at("wrong")), text(at("backup")));
    let order = |what: &'static str, passphrase: &'static str| {
        let file = if passphrase == "right" {
            right.as_str()
        } else {
            wrong.as_str()
        };
        [what, backup.as_str(), "--passphrase-file", file]
    };

    // Somebody works while the copies are taken.
    let program = Arc::new(Program::start(&data, &LAST_DAY).await.expect("it starts"));
    let maker = program.token("maker", "township-officer");
    let figures: Value = serde_json::from_str(&run(&data, &MONTHS)).unwrap();
    let (done, writer) = (Arc::new(AtomicBool::new(false)), Arc::clone(&program));
    let working = tokio::spawn({
        let done = Arc::clone(&done);
        async move {
            let mut persons = 0;
            while !done.load(Ordering::Relaxed) {
                persons += 1;
                let born = json!({ "name": "试乙", "sex": "male", "birth_date": "1951-03-07", "division": "513335" });
                let key = format!("during-{persons}");
                writer
                    .post(&maker, "/api/registration/persons", &key, born)
                    .await
                    .expect("it works");
            }
            persons
        }
    });
    run(&data, &order("backup", "right"));
    done.store(true, Ordering::Relaxed);
    assert!(working.await.unwrap() > 0);
    let again = minzheng(&data, &order("backup", "right"));
    assert!(!again.status.success(), "a backup is never written over");
    Arc::into_inner(program).expect("nobody else has it").stop();
    std::fs::remove_dir_all(&data).unwrap();

    let refused = minzheng(&elsewhere, &order("restore", "wrong"));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(
        !refused.status.success() && said.contains("the passphrase does not open"),
        "{said}"
    );
    assert!(!elsewhere.exists(), "a wrong passphrase leaves nothing behind");
    run(&elsewhere, &order("restore", "right"));
    let twice = minzheng(&elsewhere, &order("restore", "right"));
    let said = String::from_utf8(twice.stderr).unwrap();
    assert!(
        !twice.status.success() && said.contains("holds a suite already"),
        "{said}"
    );

    is_the_same(&elsewhere, &figures).await;
}

/// The broker's store is gone; it is filled again, and every service agrees with every other.
async fn is_the_same(data: &Path, figures: &Value) {
    let program = Program::start(data, &LAST_DAY).await.expect("it starts");
    program.settled().await.expect("it stays alive");
    crate::broker::streams_match(&program, data).await;
    let restored: Value = serde_json::from_str(&run(data, &MONTHS)).unwrap();
    assert_eq!(restored, *figures);
    let checker = program.token("checker", "bureau-officer");
    let proof = "/api/insight/proof?through=2020-11&by=township";
    let proof = program.get(&checker, proof).await.expect("it stays alive");
    assert_eq!(
        (&proof["holds"], &proof["lined_fen"]),
        (&json!(true), &json!(346_040_900)),
        "{proof}"
    );
    run(data, &["verify-journal"]);
    program.stop();
}
