//! Figures of made-up histories: the same in whatever order the services are heard, and flagged where no service would
//! let it come to that.

mod world;

use crate::commands::release_report::ReleaseReport;
use crate::indicators::Indicators;
use mz_contracts::events::{EntitlementStopped, RecoveryReduced, StandardAdopted};
use mz_contracts::{Actor, Event as _};
use mz_http::{Caller, Role};
use mz_kernel::{Fen, OfficerId, PersonId, Stamp};
use mz_runtime::Failure;
use mz_store::Origin;
use std::collections::VecDeque;
use world::{
    Hear, Stream, Told, figures, granted, id, line, lines, listener, month, raised, settled, stretch, values,
};

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
            trace: None,
        },
        officer,
        indicators: Indicators::shipped().unwrap(),
        stretch: stretch(),
        explanations: std::collections::BTreeMap::new(),
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
