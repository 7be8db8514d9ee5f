//! A fact and a run in each other's way. On SQLite one waits for the other; on PostgreSQL a fact can be under way while
//! a run is opened, settled and finished without it.

use crate::bureau::{Bureau, expected};
use futures::FutureExt as _;
use mz_contracts::SocialAssistance;
use mz_kernel::Stamp;
use mz_store::{Faults, Step, StoreError, Tx, work};
use mz_testkit::Stage;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

/// Holds the next reaction up once it has written its effect, and tells so: until it is let go.
struct HoldUp {
    next: Mutex<Option<(Sender<()>, Receiver<()>)>>,
}

impl Faults for HoldUp {
    fn reach(&self, _: &'static str, step: Step) -> Result<(), StoreError> {
        let next = if step == Step::Apply {
            self.next.lock().unwrap().take()
        } else {
            None
        };
        if let Some((here, go)) = next {
            here.send(()).unwrap();
            go.recv().unwrap();
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_death_that_a_run_overtook_is_recorded_after_it() {
    let name = concat!(
        module_path!(),
        "::a_death_that_a_run_overtook_is_recorded_after_it"
    );
    let Some(stage) = Stage::on_postgres(name).await else {
        return;
    };
    let hold_up = Arc::new(HoldUp {
        next: Mutex::new(None),
    });
    let bureau = Bureau::start_with(stage, Arc::clone(&hold_up) as Arc<dyn Faults>).await;
    let person = bureau.person().await;
    bureau.grant(&person, "urban").await;
    bureau.stage.today_is("2020-02-28");
    bureau.settled().await;

    let ((here, arrived), (go, goes)) = (channel(), channel());
    *hold_up.next.lock().unwrap() = Some((here, goes));
    bureau.dies(&person, "2020-01-20").await;
    tokio::task::spawn_blocking(move || arrived.recv().unwrap())
        .await
        .unwrap();
    // The death is written and not committed: the run does not see it, and pays February.
    let run = bureau.run("2020-02").await;
    let paid = expected(&[("2020-01", 702, "back-pay"), ("2020-02", 702, "current")]);
    assert_eq!(bureau.lines(&person).await, paid);
    go.send(()).unwrap();
    bureau.settled().await;

    let known_at: Stamp = run["known_at"].as_str().unwrap().parse().unwrap();
    let recorded_at = bureau.assistance.app().db.read(work(recorded_at)).await.unwrap();
    assert!(recorded_at > known_at, "{recorded_at} is not after {known_at}");
    assert_eq!(bureau.run("2020-02").await["take_back"], -70_200);
    bureau.finish().await;
}

/// When the only death was recorded.
fn recorded_at(tx: &mut Tx<SocialAssistance>) -> futures::future::BoxFuture<'_, Result<Stamp, StoreError>> {
    tx.query("SELECT recorded_at FROM death").scalar().boxed()
}
