//! A history under way: the other services, and the service with its officers.

use super::office::{COUNTY, Office};
use super::steps::{Act, Step, Turn};
use super::told::Told;
use super::world::{self, World};
use crate::queries::ShowProof;
use crate::store::{self, Level};
use mz_contracts::Disbursement;
use mz_kernel::{EntitlementId, Fen, Month};
use mz_runtime::Failure;
use mz_store::{Tx, Work, work};
use serde_json::{Value, json};

/// Everybody has an entitlement and an account, and there is something to pay.
pub(super) fn beginning() -> Vec<Step> {
    let persons = 0..world::PERSONS;
    let grants = persons.clone().map(|person| Step::Turn(Turn::Grant { person }));
    let accounts = persons.map(|person| Step::Act(Act::Account { person }));
    let run = Step::Turn(Turn::Run { next_month: false });
    grants
        .chain(accounts)
        .chain([run, Step::Hear(vec![0; 8])])
        .collect()
}

struct Books {
    through: Month,
}

impl Work<Disbursement> for Books {
    type Output = Vec<Value>;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Disbursement>) -> Result<Vec<Value>, Failure> {
        let mut all = Vec::new();
        for level in [Level::Whole, Level::Township, Level::Person] {
            let show = ShowProof {
                through: self.through,
                division: COUNTY.parse().unwrap(),
                level,
            };
            all.push(serde_json::to_value(show.run(tx).await?).unwrap());
        }
        Ok(all)
    }
}

/// A history under way.
pub(super) struct History {
    pub(super) world: World,
    pub(super) office: Office,
    /// The sum of the lines that arrived, counted apart from the books.
    lined: i64,
}

impl History {
    pub(super) async fn begin(url: &str) -> Self {
        Self {
            world: World::new(),
            office: Office::open(url).await,
            lined: 0,
        }
    }

    pub(super) async fn step(&mut self, step: &Step) {
        match step {
            Step::Turn(turn) => self.world.turn(turn),
            Step::Hear(choices) => self.hear(choices).await,
            Step::Act(act) => self.office.act(act, self.world.month).await,
        }
    }

    async fn hear(&mut self, choices: &[usize]) {
        for choice in choices {
            let Some(fact) = self.world.tell(*choice) else {
                return;
            };
            if let world::Fact::Lined(event) = &fact {
                self.lined += event.lines.iter().map(|line| line.amount.get()).sum::<i64>();
            }
            self.office.hear(fact).await;
        }
    }

    /// Hears what is left, in the order of the choices, round and round.
    pub(super) async fn hear_all(&mut self, choices: &[usize]) {
        for choice in choices.iter().cycle().take(1_000) {
            self.hear(&[*choice]).await;
        }
    }

    /// The proofs of the county, its townships and its persons.
    async fn books(&self, through: Month) -> Vec<Value> {
        let books = self.office.db.read(Books { through }).await;
        books.unwrap_or_else(|Failure(problem)| panic!("{problem:?}"))
    }

    /// What the service told the others is what its books say.
    pub(super) async fn check_told(&self) -> Told {
        let told = Told::by(&self.office).await;
        let recoveries = self.office.recoveries().await;
        let recoveries = recoveries
            .iter()
            .map(|row| (row.id, (row.amount, row.outstanding)));
        assert_eq!(told.recoveries, recoveries.collect());
        assert_eq!(told.paid, self.books(self.world.month).await[0]["paid_fen"]);
        told
    }

    pub(super) async fn check(&self, through: Month) {
        let books = self.books(through).await;
        for proof in &books {
            assert!(holds(proof), "through {through}: {proof:#}");
            let rows = proof["rows"].as_array().map_or(&[][..], Vec::as_slice);
            assert!(rows.iter().all(holds), "through {through}: {proof:#}");
            for (name, sum) in proof
                .as_object()
                .unwrap()
                .iter()
                .filter(|(name, _)| name.ends_with("_fen"))
            {
                let added: i64 = rows.iter().map(|row| fen(row, name)).sum();
                assert!(
                    proof["rows"].is_null() || *sum == added,
                    "{name} through {through}: {proof:#}"
                );
            }
        }
        if through == self.world.month {
            assert_eq!(books[0]["lined_fen"], self.lined, "{:#}", books[0]);
        }
        assert_eq!(self.office.held_in_open_batches().await, []);
        for row in self.office.recoveries().await {
            assert!((Fen::ZERO..=row.amount).contains(&row.outstanding), "{row:?}");
        }
    }

    /// How the lines, the recoveries and every person's money stand.
    pub(super) async fn state(&self) -> Value {
        let of: Vec<EntitlementId> = self.world.entitlements();
        let lines = work(move |tx: &mut Tx<Disbursement>| {
            let of = of.clone();
            Box::pin(async move { store::lines_of(tx, &of).await })
        });
        let lines = self.office.db.read(lines).await.unwrap();
        let lines: Vec<_> = lines
            .iter()
            .map(|row| json!([row.id, row.rest, row.held]))
            .collect();
        let recoveries = self.office.recoveries().await;
        let mut recoveries: Vec<_> = recoveries
            .iter()
            .map(|row| {
                json!([
                    row.run,
                    row.entitlement,
                    row.amount,
                    row.outstanding,
                    row.months.0,
                    row.lines.0
                ])
            })
            .collect();
        recoveries.sort_by_key(Value::to_string);
        let through = self.world.month;
        let books = self.books(through).await;
        json!({ "lines": lines, "recoveries": recoveries, "persons": books[2] })
    }
}

fn fen(proof: &Value, name: &str) -> i64 {
    proof[name].as_i64().unwrap()
}

/// The identities of D5, by the sums that are told, and by what the service says of them.
fn holds(proof: &Value) -> bool {
    let of = |name: &str| fen(proof, &format!("{name}_fen"));
    proof["holds"] == true
        && of("lined") + of("recovery_raised") - of("offset") == of("batched") + of("held")
        && of("batched") == of("paid") + of("returned") + of("pending")
        && of("recovery_raised") == of("repaid") + of("offset") + of("waived") + of("outstanding")
}
