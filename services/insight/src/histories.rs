//! Figures of made-up histories: the same in whatever order the services are heard, and flagged where no service would
//! let it come to that.

use crate::commands::release_report::ReleaseReport;
use crate::figures::FigureView;
use crate::indicators::Indicators;
use crate::queries::figure;
use crate::store::{self, Fact, Stretch};
use mz_contracts::events::{
    BatchSettled, CaseAccepted, CaseDecided, EntitlementGranted, EntitlementStopped, LineItem, LinesComputed,
    PaymentOutcome, PaymentResult, RecoveryRaised, RecoveryReduced, StandardAdopted,
};
use mz_contracts::{Actor, Event as _, Insight};
use mz_http::{Caller, Role};
use mz_kernel::{
    BatchId, CaseId, Date, EntitlementId, Fen, Id, IdSource, LineId, ManualLegalClock, ManualSystemClock,
    Month, OfficerId, PaymentId, PersonId, RecoveryId, Stamp,
};
use mz_runtime::Failure;
use mz_store::{Db, NoFaults, Origin, StoreError, Surroundings, Tx, Work};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use tempfile::TempDir;

/// An event of one of the services that are listened to.
#[derive(Clone)]
enum Told {
    Accepted(CaseAccepted),
    Decided(CaseDecided),
    Granted(EntitlementGranted),
    Stopped(EntitlementStopped),
    Standard(StandardAdopted),
    Lines(LinesComputed),
    Settled(BatchSettled),
    Raised(RecoveryRaised),
    Reduced(RecoveryReduced),
}

/// Events that come in their order, beside others that come in theirs: those of one service.
type Stream = Vec<Told>;

struct Hear(Stream);

impl Work<Insight> for Hear {
    type Output = ();
    type Error = StoreError;

    async fn run(&self, tx: &mut Tx<Insight>) -> Result<(), StoreError> {
        for told in &self.0 {
            let known = match told {
                Told::Accepted(event) => event.hear(tx).await?,
                Told::Decided(event) => event.hear(tx).await?,
                Told::Granted(event) => event.hear(tx).await?,
                Told::Stopped(event) => event.hear(tx).await?,
                Told::Standard(event) => event.hear(tx).await?,
                Told::Lines(event) => event.hear(tx).await?,
                Told::Settled(event) => event.hear(tx).await?,
                Told::Raised(event) => event.hear(tx).await?,
                Told::Reduced(event) => event.hear(tx).await?,
            };
            assert!(known);
        }
        Ok(())
    }
}

/// Every figure of the county from January to April, each with all its breakdowns.
struct ReadAll;

impl Work<Insight> for ReadAll {
    type Output = Vec<FigureView>;
    type Error = Failure;

    async fn run(&self, tx: &mut Tx<Insight>) -> Result<Vec<FigureView>, Failure> {
        let indicators = Indicators::shipped()?;
        let mut all = Vec::new();
        for indicator in indicators.all() {
            all.push(figure(tx, indicators, indicator, stretch(), &indicator.breakdowns).await?);
        }
        Ok(all)
    }
}

fn stretch() -> Stretch {
    Stretch {
        from: month(1),
        to: month(4),
        division: "513335".parse().unwrap(),
    }
}

fn month(number: i8) -> Month {
    Month::new(2020, number).unwrap()
}

fn id<I: Id>(number: u128) -> I {
    I::from_bits(number)
}

/// The database of a listener, which lives as long as its folder.
async fn listener() -> (Db<Insight>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let surroundings = Surroundings::new(
        Arc::new(ManualLegalClock::new(Date::constant(2020, 4, 20))),
        Arc::new(ManualSystemClock::new(Stamp::from_micros(1_000))),
        Arc::new(IdSource::seeded(1)),
        Arc::new(NoFaults),
    );
    let url = format!("sqlite:{}", folder.path().join("insight.db").display());
    let db = Db::open(&url, store::MIGRATIONS, surroundings).await.unwrap();
    (db, folder)
}

async fn figures(order: Stream) -> Vec<FigureView> {
    let (db, _folder) = listener().await;
    db.write(Hear(order)).await.unwrap();
    let figures = db
        .read(ReadAll)
        .await
        .map_err(|Failure(problem)| problem)
        .unwrap();
    db.close().await;
    figures
}

fn values(figures: &[FigureView]) -> BTreeMap<&str, i64> {
    let values = figures.iter();
    values
        .filter_map(|figure| Some((figure.indicator.as_str(), figure.value?)))
        .collect()
}

/// A grant with its case: person, case and entitlement have the same number.
fn granted(person: u128, entitlement: u128, division: &str) -> Stream {
    let (case, person) = (id::<CaseId>(entitlement), id::<PersonId>(person));
    let division = division.parse().unwrap();
    let accepted = CaseAccepted {
        case,
        person,
        division,
        ..CaseAccepted::sample()
    };
    let decided = CaseDecided {
        case,
        person,
        division,
        decided_on: Date::constant(2020, 1, 3),
        ..CaseDecided::sample()
    };
    let granted = EntitlementGranted {
        entitlement: id(entitlement),
        case,
        person,
        division,
        ..EntitlementGranted::sample()
    };
    vec![
        Told::Accepted(accepted),
        Told::Decided(decided),
        Told::Granted(granted),
    ]
}

/// A line: its number, the entitlement's and the person's, the month, and fen.
fn line(number: u128, (entitlement, person): (u128, u128), of: i8, amount: i64) -> LineItem {
    LineItem {
        line: id(number),
        entitlement: id(entitlement),
        person: id(person),
        month: month(of),
        amount: Fen::new(amount),
        corrects: Vec::new(),
        ..LinesComputed::sample().lines[0].clone()
    }
}

fn lines(run: i8, lines: Vec<LineItem>) -> Told {
    Told::Lines(LinesComputed {
        month: month(run),
        lines,
        ..LinesComputed::sample()
    })
}

/// The bank's answer for one payment of a batch.
fn settled(batch: u128, payment: u128, person: u128, amount: i64, is_paid: bool, lines: &[u128]) -> Told {
    let outcome = if is_paid {
        PaymentOutcome::Paid
    } else {
        PaymentOutcome::Returned
    };
    let result = PaymentResult {
        payment: id::<PaymentId>(payment),
        person: id(person),
        amount: Fen::new(amount),
        outcome,
        reason: None,
        lines: lines.iter().copied().map(id::<LineId>).collect(),
    };
    Told::Settled(BatchSettled {
        batch: id::<BatchId>(batch),
        month: month(2),
        payments: vec![result],
        ..BatchSettled::sample()
    })
}

fn raised(number: u128, (entitlement, person): (u128, u128), amount: i64, lines: &[u128]) -> Told {
    Told::Raised(RecoveryRaised {
        recovery: id::<RecoveryId>(number),
        entitlement: id::<EntitlementId>(entitlement),
        person: id(person),
        amount: Fen::new(amount),
        lines: lines.iter().copied().map(id::<LineId>).collect(),
        ..RecoveryRaised::sample()
    })
}

/// One person dies in January, which is known in April: of the months that were lined February was paid, March not.
/// Another was paid for January, and was to get 65 yuan more when all of January was taken back. A third was paid in
/// the second try, and repaid half of what another month had been too much.
fn history() -> [Stream; 2] {
    let (one, two, three) = ((1, 1), (2, 2), (3, 3));
    let mut assistance = vec![Told::Standard(StandardAdopted {
        key: mz_contracts::Code::of("tekun.standard.urban"),
        from: month(1),
        amount: Fen::new(70_200),
        ..StandardAdopted::sample()
    })];
    assistance.extend(granted(1, 1, "513335100"));
    assistance.extend(granted(2, 2, "513335101"));
    assistance.extend(granted(3, 3, "513335100"));
    let of = |number: u128, of, month, amount| line(number, of, month, amount);
    assistance.push(lines(
        2,
        vec![
            of(11, one, 1, 70_200),
            of(12, one, 2, 70_200),
            of(21, two, 1, 70_200),
            of(31, three, 1, 70_200),
            of(32, three, 2, 70_200),
        ],
    ));
    assistance.push(lines(3, vec![of(13, one, 3, 70_200), of(22, two, 1, 6_500)]));
    assistance.push(Told::Stopped(EntitlementStopped {
        entitlement: id(1),
        person: id(1),
        ..EntitlementStopped::sample()
    }));
    let back = vec![
        of(14, one, 2, -70_200),
        of(15, one, 3, -70_200),
        of(23, two, 1, -76_700),
        of(33, three, 2, -70_200),
    ];
    assistance.push(lines(4, back));
    let books = vec![
        settled(1, 1, 1, 140_400, true, &[11, 12]),
        settled(1, 2, 2, 70_200, true, &[21]),
        settled(1, 3, 3, 140_400, false, &[31, 32]),
        settled(2, 3, 3, 140_400, true, &[31, 32]),
        raised(1, one, 70_200, &[14]),
        raised(2, two, 70_200, &[23]),
        raised(3, three, 70_200, &[33]),
        Told::Reduced(RecoveryReduced {
            recovery: id(3),
            outstanding: Fen::new(35_100),
            ..RecoveryReduced::sample()
        }),
    ];
    [assistance, books]
}

/// The events of both streams, each in its order, mixed by the bits of a number.
fn mixed(streams: [Stream; 2], mut bits: u64) -> Stream {
    let [mut one, mut other] = streams.map(VecDeque::from);
    let mut all = Vec::new();
    while !(one.is_empty() && other.is_empty()) {
        let (first, second) = if bits & 1 == 0 {
            (&mut one, &mut other)
        } else {
            (&mut other, &mut one)
        };
        all.extend(first.pop_front().or_else(|| second.pop_front()));
        bits = bits.rotate_right(1);
    }
    all
}

#[tokio::test]
async fn any_order_of_the_services_gives_the_same_figures() {
    let expected = figures(mixed(history(), 0)).await;
    let told = values(&expected);
    for (indicator, value) in [
        ("tekun_urban_person_times", 2),
        ("tekun_lined", 140_400),
        ("tekun_urban_paid", 140_400),
        ("tekun_unpaid", 0),
        ("payments_paid", 351_000),
        ("payments_returned", 1),
        ("recoveries_raised", 210_600),
        ("recoveries_outstanding", 175_500),
        ("tekun_new_persons", 3),
        ("tekun_deaths", 1),
    ] {
        assert_eq!(told.get(indicator), Some(&value), "{indicator}");
    }
    for bits in [
        u64::MAX,
        0x5555_5555_5555_5555,
        0x1357_9BDF_0246_8ACE,
        0xF0F0_1234_0FF1_CE77,
    ] {
        assert_eq!(figures(mixed(history(), bits)).await, expected, "{bits:x}");
    }
}

#[tokio::test]
async fn what_is_told_twice_counts_once() {
    let once = mixed(history(), 0);
    let twice: Stream = once.iter().chain(&once).cloned().collect();
    assert_eq!(figures(twice).await, figures(once).await);
}

#[tokio::test]
async fn what_the_bank_returned_is_unpaid_unless_a_recovery_claims_it() {
    let mut told = granted(1, 1, "513335100");
    told.push(lines(
        2,
        vec![line(11, (1, 1), 1, 70_200), line(12, (1, 1), 2, 70_200)],
    ));
    told.push(settled(1, 1, 1, 140_400, false, &[11, 12]));
    let before = figures(told.clone()).await;
    assert_eq!(
        (
            values(&before)["tekun_urban_paid"],
            values(&before)["tekun_unpaid"]
        ),
        (0, 140_400)
    );
    told.push(lines(3, vec![line(13, (1, 1), 2, -70_200)]));
    told.push(raised(1, (1, 1), 70_200, &[13]));
    let after = figures(told).await;
    assert_eq!(
        (values(&after)["tekun_urban_paid"], values(&after)["tekun_unpaid"]),
        (0, 70_200)
    );
}

#[tokio::test]
async fn somebody_in_two_townships_is_flagged_with_their_month() {
    let mut told = granted(1, 1, "513335100");
    told.extend(granted(1, 2, "513335101"));
    told.push(lines(
        2,
        vec![line(11, (1, 1), 2, 70_200), line(21, (2, 1), 2, 70_200)],
    ));
    let (db, _folder) = listener().await;
    db.write(Hear(told)).await.unwrap();
    let officer = Caller {
        officer: id::<OfficerId>(1),
        name: String::new(),
        roles: vec![Role::BureauOfficer],
        divisions: vec![stretch().division],
        expires: Stamp::from_micros(i64::MAX),
        purpose: None,
    };
    let work = ReleaseReport {
        origin: Origin {
            actor: Actor::Officer(officer.officer),
            correlation: "story".to_owned(),
            causation: None,
        },
        officer,
        indicators: Indicators::shipped().unwrap(),
        stretch: stretch(),
    };
    let report = db.write(work).await.map_err(|Failure(problem)| problem).unwrap();
    let flags = serde_json::to_value(&report).unwrap()["flags"].take();
    let of = |check: &str| -> Vec<String> {
        let flags = flags
            .as_array()
            .unwrap()
            .iter()
            .filter(|flag| flag["check"] == check);
        flags
            .map(|flag| flag["indicator"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        of("counted-twice"),
        ["tekun_person_times", "tekun_urban_person_times"]
    );
    assert!(of("cross-footing").contains(&"tekun_urban_person_times".to_owned()));
    let text = flags.to_string();
    let person = id::<PersonId>(1);
    assert!(text.contains(&format!("{person} 2020-02（2 个乡镇）")), "{text}");
    db.close().await;
}
