//! Officers who work: cases from the application to the account, deaths and stops, and the month's money.

use crate::Done;
use crate::ledger::{By, text};
use crate::program::{Refused, Way};
use fastrand::Rng;
use mz_kernel::{Date, Month};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

const REGISTRATION: &str = "/api/registration";
const ASSISTANCE: &str = "/api/social-assistance";
const FUNERAL: &str = "/api/funeral-reform";
const DISBURSEMENT: &str = "/api/disbursement";
/// Between two of the chief's rounds.
const ROUND: Duration = Duration::from_secs(1);
/// Of a hundred persons, so many die, and of the others so many are stopped.
const DYING: u8 = 15;
const STOPPED: u8 = 10;

/// A township officer and a bureau officer, at one case after the other.
pub(crate) struct Desk {
    pub(crate) way: Arc<Way>,
    pub(crate) number: usize,
    pub(crate) random: Rng,
    pub(crate) today: watch::Receiver<Date>,
}

impl Desk {
    /// Works until `stop`; a person in hand is finished.
    pub(crate) async fn work(mut self, stop: CancellationToken) -> Done<()> {
        let mut persons = 0_u64;
        while !stop.is_cancelled() {
            persons += 1;
            self.person(persons).await?;
        }
        Ok(())
    }

    async fn person(&mut self, n: u64) -> Done<()> {
        let key = |what: &str| format!("desk-{}-{n}-{what}", self.number);
        let division = &self.way.start.county;
        let (class, year) = (
            ["rural", "urban"][self.random.usize(..2)],
            self.random.i32(1930..1960),
        );
        let born = json!({
            "name": "试甲", "sex": "female", "birth_date": format!("{year}-03-07"), "division": division,
        });
        let person = self
            .post(
                By::Maker,
                &format!("{REGISTRATION}/persons"),
                &key("person"),
                born,
            )
            .await?;
        let person = text(&person, "person")?;
        let applied = json!({
            "programme": "tekun", "person": person, "class": class, "mode": "dispersed", "division": division,
        });
        let case = self
            .post(By::Maker, &format!("{ASSISTANCE}/cases"), &key("case"), applied)
            .await?;
        let case = format!("{ASSISTANCE}/cases/{}", text(&case, "case")?);
        let grant = json!({ "outcome": "grant", "reasons": ["meets-the-conditions"] });
        self.post(
            By::Maker,
            &format!("{case}/proposal"),
            &key("proposal"),
            grant.clone(),
        )
        .await?;
        let decided = self
            .post(By::Checker, &format!("{case}/decision"), &key("decision"), grant)
            .await?;
        let account = json!({
            "person": person, "division": division, "holder": "试甲", "bank": "农村信用社",
            "account": format!("99{:06}{n:08}", self.number),
        });
        self.post(
            By::Maker,
            &format!("{DISBURSEMENT}/payees"),
            &key("payee"),
            account,
        )
        .await?;
        let chance = self.random.u8(..100);
        if chance < DYING {
            let days = self.random.u8(..90);
            let today = *self.today.borrow();
            let died_on = (0..days).fold(today, |day, _| day.yesterday().unwrap_or(day));
            let death = json!({ "person": person, "died_on": died_on });
            self.post(By::Maker, &format!("{FUNERAL}/deaths"), &key("death"), death)
                .await?;
        } else if chance < DYING + STOPPED {
            let stops = format!(
                "{ASSISTANCE}/entitlements/{}/stops",
                text(&decided, "entitlement")?
            );
            let from = Month::of(*self.today.borrow()).next();
            let stop = json!({ "from": from, "reason": "voluntary" });
            let stop = self.post(By::Maker, &stops, &key("stop"), stop).await?;
            let decision = format!("{stops}/{}/decision", text(&stop, "stop")?);
            let agreed = json!({ "agree": true, "reasons": ["checked"] });
            self.post(By::Checker, &decision, &key("stop-decision"), agreed)
                .await?;
        }
        Ok(())
    }

    async fn post(&self, by: By, path: &str, key: &str, body: Value) -> Done<Value> {
        let answer = self.way.post(by, path, key, body).await?;
        answer.map_err(|Refused { code }| format!("POST {path} ({key}) was refused: {code}").into())
    }
}

/// The head of the bureau: runs the month again and again, pays it, and lets the legal date go on.
pub(crate) struct Chief {
    pub(crate) way: Arc<Way>,
    pub(crate) random: Rng,
    pub(crate) today: watch::Sender<Date>,
    /// How long a month lasts here.
    pub(crate) month: Duration,
}

impl Chief {
    /// Works until `stop`.
    pub(crate) async fn work(mut self, stop: CancellationToken) -> Done<()> {
        let (mut begun, mut round) = (Instant::now(), 0_u64);
        loop {
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                () = tokio::time::sleep(ROUND) => {}
            }
            round += 1;
            self.pay(round).await?;
            if begun.elapsed() > self.month {
                begun = Instant::now();
                self.next_month().await?;
            }
        }
    }

    async fn next_month(&self) -> Done<()> {
        let next = Month::of(*self.today.borrow()).next().first_day();
        let key = format!("chief-date-{next}");
        // Nobody may start a suite at the old date any more, before the running one is moved.
        self.today.send_replace(next);
        match self
            .way
            .post(By::Administrator, "/suite/clock", &key, json!({ "date": next }))
            .await?
        {
            Ok(_) => Ok(()),
            // A suite that was started anew stands there already.
            Err(Refused { code }) if code.starts_with("422") => Ok(()),
            Err(Refused { code }) => Err(format!("the legal date {next} was refused: {code}").into()),
        }
    }

    /// The month's run, a batch of what is payable, and the bank's answer to it. What others do at the same time may take
    /// a batch back to its draft: then it is left to the next round.
    async fn pay(&mut self, round: u64) -> Done<()> {
        let month = Month::of(*self.today.borrow());
        let key = |what: &str| format!("chief-{round}-{what}");
        let run = json!({ "month": month });
        self.way
            .post(By::Checker, &format!("{ASSISTANCE}/runs"), &key("run"), run)
            .await?
            .map_err(|Refused { code }| format!("the run of {month} was refused: {code}"))?;
        let batch = json!({ "month": month, "division": self.way.start.county, "programme": "tekun" });
        let built = self
            .way
            .post(
                By::Maker,
                &format!("{DISBURSEMENT}/batches"),
                &key("batch"),
                batch,
            )
            .await?;
        let Ok(batch) = built else {
            return Ok(());
        };
        let batch = format!("{DISBURSEMENT}/batches/{}", text(&batch, "batch")?);
        let proposed = self
            .way
            .post(
                By::Maker,
                &format!("{batch}/proposal"),
                &key("proposal"),
                json!({}),
            )
            .await?;
        let agreed = json!({ "agree": true, "reasons": ["checked"] });
        if proposed.is_ok()
            && self
                .way
                .post(
                    By::Checker,
                    &format!("{batch}/decision"),
                    &key("decision"),
                    agreed,
                )
                .await?
                .is_ok()
        {
            let file = self.way.get(By::Checker, &format!("{batch}/bank-file")).await?;
            let answered = json!({ "file": self.bank(file.as_str().unwrap_or_default()) });
            self.way
                .post(
                    By::Checker,
                    &format!("{batch}/results"),
                    &key("results"),
                    answered,
                )
                .await?
                .map_err(|Refused { code }| format!("the bank's answer was refused: {code}"))?;
        }
        Ok(())
    }

    /// The bank pays nearly everything.
    fn bank(&mut self, file: &str) -> String {
        let mut lines = file.lines();
        let control = lines.next().unwrap_or_default();
        let rows = lines
            .skip(1)
            .filter_map(|line| match line.split(',').collect::<Vec<_>>()[..] {
                [n, payment, _, _, _, amount, ..] => {
                    let result = if self.random.u8(..100) < 3 {
                        "退回,账户冻结"
                    } else {
                        "成功,"
                    };
                    Some(format!("{n},{payment},{amount},{result}\n"))
                }
                _ => None,
            });
        let rows: String = rows.collect();
        format!("{control}\n序号,支付编号,金额,结果,原因\n{rows}")
    }
}
