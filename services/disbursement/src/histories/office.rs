//! The service with its own reactions and units of work, and officers who use it.

use super::steps::Act;
use super::world::{self, Fact, township};
use crate::commands::agree::{DecideAgreement, ProposeAgreement};
use crate::commands::build_batch::BuildBatch;
use crate::commands::cancel_batch::CancelBatch;
use crate::commands::decide_batch::DecideBatch;
use crate::commands::enter_results::EnterResults;
use crate::commands::propose_batch::ProposeBatch;
use crate::commands::read_bank_file::ReadBankFile;
use crate::commands::repay::Repay;
use crate::commands::set_account::SetAccount;
use crate::moves::payable;
use crate::reactions::{
    DeathIsAnnulled, DeathIsRegistered, EntitlementIsGranted, EntitlementIsResumed, EntitlementIsStopped,
    LinesAreComputed,
};
use crate::rules::account::Account;
use crate::store::{self, BatchRow, IssueRow, RecoveryFilter, RecoveryRow};
use crate::words::{AgreementKind, PaymentState, Relation};
use mz_bus::{Reaction, ReactionError};
use mz_contracts::{Actor, Code, Disbursement};
use mz_http::{Caller, File};
use mz_kernel::{
    BatchId, Date, DivisionCode, Fen, Id as _, IdSource, LineId, ManualLegalClock, ManualSystemClock, Month,
    OfficerId, Stamp,
};
use mz_runtime::Failure;
use mz_store::{Cipher, Db, Keyring, NoFaults, Origin, StoreError, Surroundings, Tx, Work, work};
use std::fmt::Write as _;
use std::sync::Arc;

pub(super) const COUNTY: &str = "513335";

pub(super) struct Office {
    pub(super) db: Db<Disbursement>,
    keyring: Arc<Keyring>,
    batches: Vec<BatchId>,
}

fn caller(number: u128) -> Caller {
    Caller {
        officer: OfficerId::from_bits(number),
        name: format!("officer {number}"),
        roles: Vec::new(),
        divisions: vec![COUNTY.parse().unwrap()],
        expires: Stamp::from_micros(0),
        purpose: None,
    }
}

fn origin() -> Origin {
    Origin {
        actor: Actor::Officer(OfficerId::from_bits(1)),
        correlation: "history".to_owned(),
        causation: None,
        trace: None,
    }
}

/// A reaction to an event, as a unit of work.
struct Heard<R: Reaction<Disbursement>>(R, R::Event);

impl<R: Reaction<Disbursement>> Work<Disbursement> for Heard<R> {
    type Output = ();
    type Error = ReactionError;

    async fn run(&self, tx: &mut Tx<Disbursement>) -> Result<(), ReactionError> {
        self.0.apply(tx, self.1.clone(), &origin()).await
    }
}

impl Office {
    pub(super) async fn open(url: &str) -> Self {
        let surroundings = Surroundings::new(
            Arc::new(ManualLegalClock::new(Date::constant(2020, 12, 1))),
            Arc::new(ManualSystemClock::new(Stamp::from_micros(1_000))),
            Arc::new(IdSource::seeded(1)),
            Arc::new(NoFaults),
        );
        Self {
            db: Db::open(url, store::MIGRATIONS, surroundings).await.unwrap(),
            keyring: Arc::new(Keyring::new(Cipher::Aes256Gcm, [1; 32], [2; 32])),
            batches: Vec::new(),
        }
    }

    pub(super) async fn hear(&self, fact: Fact) {
        let heard = match fact {
            Fact::Granted(event) => self.db.write(Heard(EntitlementIsGranted, event)).await,
            Fact::Stopped(event) => self.db.write(Heard(EntitlementIsStopped, event)).await,
            Fact::Resumed(event) => self.db.write(Heard(EntitlementIsResumed, event)).await,
            Fact::Died(event) => self.db.write(Heard(DeathIsRegistered, event)).await,
            Fact::Annulled(event) => self.db.write(Heard(DeathIsAnnulled, event)).await,
            Fact::Lined(event) => self.db.write(Heard(LinesAreComputed, event)).await,
        };
        heard.unwrap_or_else(|error| panic!("{error}: {error:?}"));
    }

    /// Does what is asked for, if the service does not refuse it.
    pub(super) async fn act(&mut self, act: &Act, month: Month) {
        match act {
            Act::Account { person } => self.account(*person).await,
            Act::Build { county } => {
                let division = if *county {
                    COUNTY.parse().unwrap()
                } else {
                    township(world::person(1))
                };
                self.build(division, month).await;
            }
            Act::Pay { outcomes } => {
                if let Some(batch) = self.build(COUNTY.parse().unwrap(), month).await {
                    self.propose(batch).await;
                    self.decide(batch, true).await;
                    self.answer(batch, outcomes).await;
                }
            }
            Act::Propose { batch } => {
                if let Some(batch) = self.batch(*batch) {
                    self.propose(batch).await;
                }
            }
            Act::Decide { batch, agree } => {
                if let Some(batch) = self.batch(*batch) {
                    self.decide(batch, *agree).await;
                }
            }
            Act::Cancel { batch } => {
                if let Some(batch) = self.batch(*batch) {
                    self.cancel(batch).await;
                }
            }
            Act::Answer { batch, outcomes } => {
                if let Some(batch) = self.batch(*batch) {
                    self.answer(batch, outcomes).await;
                }
            }
            Act::Repay { of, amount } => {
                if let Some(row) = self.recovery(*of).await {
                    self.ask(Repay {
                        officer: caller(1),
                        recovery: row.id,
                        amount: Fen::new(*amount),
                        received_on: Date::constant(2020, 12, 1),
                        receipt: row.entries.to_string(),
                        origin: origin(),
                    })
                    .await;
                }
            }
            Act::Agree {
                of,
                kind,
                amount,
                agree,
            } => self.agree(*of, *kind, *amount, *agree).await,
        }
    }

    async fn account(&self, person: usize) {
        let person = world::person(person);
        self.ask(SetAccount {
            maker: caller(1),
            keyring: Arc::clone(&self.keyring),
            person,
            division: township(person),
            holder: "试甲".to_owned(),
            bank: "中国农业银行".to_owned(),
            account: Account::parse("6228480000000921").unwrap(),
            relation: Relation::OneSelf,
            origin: origin(),
        })
        .await;
    }

    pub(super) async fn build(&mut self, division: DivisionCode, month: Month) -> Option<BatchId> {
        let work = BuildBatch {
            maker: caller(1),
            month,
            programme: Code::of("tekun"),
            division,
            origin: origin(),
        };
        let batch = self.ask(work).await?.batch;
        self.batches.push(batch);
        Some(batch)
    }

    async fn propose(&self, batch: BatchId) {
        let maker = caller(1);
        self.ask(ProposeBatch { maker, batch }).await;
    }

    async fn decide(&self, batch: BatchId, agree: bool) {
        self.ask(DecideBatch {
            checker: caller(2),
            keyring: Arc::clone(&self.keyring),
            batch,
            agree,
            reasons: vec!["checked".to_owned()],
            origin: origin(),
        })
        .await;
    }

    async fn cancel(&self, batch: BatchId) {
        self.ask(CancelBatch {
            officer: caller(1),
            batch,
            reasons: vec!["built too early".to_owned()],
            origin: origin(),
        })
        .await;
    }

    async fn answer(&self, batch: BatchId, outcomes: &[u8]) {
        let (row, issues) = self.issues(batch).await;
        let mut total = Fen::ZERO;
        let mut rows = String::new();
        let mut n = 0;
        let open = issues.iter().filter(|issue| issue.outcome.is_none());
        for (issue, outcome) in open.zip(outcomes.iter().cycle()) {
            let said = match outcome {
                0 => continue,
                1 | 2 => "paid,",
                _ => "returned,other",
            };
            n += 1;
            total = total.checked_add(issue.amount).unwrap();
            writeln!(rows, "{n},{},{},{said}", issue.payment, issue.amount).unwrap();
        }
        let number = row.number;
        let file = format!("批次号,{number},笔数,{n},总金额,{total}\n序号,支付编号,金额,结果,原因\n{rows}");
        self.ask(EnterResults {
            officer: caller(1),
            batch,
            file: File(file.into()),
            origin: origin(),
        })
        .await;
    }

    async fn agree(&self, of: usize, kind: AgreementKind, amount: i64, agree: bool) {
        let Some(RecoveryRow { id: recovery, .. }) = self.recovery(of).await else {
            return;
        };
        let work = ProposeAgreement {
            maker: caller(1),
            recovery,
            kind,
            amount: Fen::new(amount),
            ground: "consent".to_owned(),
        };
        if let Some(proposed) = self.ask(work).await {
            self.ask(DecideAgreement {
                checker: caller(2),
                recovery,
                kind,
                agreement: proposed.agreement,
                agree,
                reasons: vec!["checked".to_owned()],
                origin: origin(),
            })
            .await;
        }
    }

    /// What was sealed is what can be read, whatever came later.
    pub(super) async fn read_bank_files(&self) {
        for batch in &self.batches {
            self.ask(ReadBankFile {
                reader: caller(1),
                keyring: Arc::clone(&self.keyring),
                batch: *batch,
            })
            .await;
        }
    }

    fn batch(&self, n: usize) -> Option<BatchId> {
        self.batches.get(n % self.batches.len().max(1)).copied()
    }

    /// The answer, or none where the service refuses. That it fails is never right.
    async fn ask<W: Work<Disbursement, Error = Failure>>(&self, work: W) -> Option<W::Output> {
        match self.db.write(work).await {
            Ok(output) => Some(output),
            Err(Failure(problem)) => {
                assert!(problem.status().is_client_error(), "{problem:?}");
                None
            }
        }
    }

    async fn issues(&self, batch: BatchId) -> (BatchRow, Vec<IssueRow>) {
        let read = work(move |tx: &mut Tx<Disbursement>| {
            Box::pin(async move {
                let row = store::batch(tx, batch).await?.expect("a batch that was built");
                Ok::<_, StoreError>((row, store::issues(tx, batch).await?))
            })
        });
        self.db.read(read).await.unwrap()
    }

    /// Lines of open batches that the facts do not allow to be paid.
    pub(super) async fn held_in_open_batches(&self) -> Vec<LineId> {
        let read = work(|tx: &mut Tx<Disbursement>| {
            Box::pin(async move {
                let persons = [0, 1, 2].map(world::person);
                let open = store::open_payments_of(tx, &persons).await?;
                let mut payments = store::payments(tx, open).await?;
                payments.retain(|_, row| row.state == PaymentState::Open);
                let mut lines = store::lines_in(tx, payments.into_keys()).await?;
                let facts = store::facts_of(tx, &lines).await?;
                lines.retain(|line| payable(&facts, line).is_some());
                Ok::<_, StoreError>(lines.into_iter().map(|line| line.id).collect())
            })
        });
        self.db.read(read).await.unwrap()
    }

    pub(super) async fn recoveries(&self) -> Vec<RecoveryRow> {
        let filter = RecoveryFilter {
            person: None,
            division: COUNTY.parse().unwrap(),
            open: None,
        };
        let read = work(move |tx: &mut Tx<Disbursement>| {
            let filter = filter.clone();
            Box::pin(async move { store::recoveries_listed(tx, &filter, "", 1_000).await })
        });
        self.db.read(read).await.unwrap()
    }

    async fn recovery(&self, n: usize) -> Option<RecoveryRow> {
        let mut rows = self.recoveries().await;
        let n = n % rows.len().max(1);
        (n < rows.len()).then(|| rows.swap_remove(n))
    }
}
