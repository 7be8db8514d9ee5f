//! What a random history is made of.

use crate::words::AgreementKind;
use proptest::prelude::*;

/// One step of a history.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// Something happens elsewhere.
    Turn(Turn),
    /// Facts that were not told yet arrive, each chosen among those that can come next.
    Hear(Vec<usize>),
    /// An officer does something.
    Act(Act),
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => turn().prop_map(Step::Turn),
        3 => prop::collection::vec(0_usize..8, 4..12).prop_map(Step::Hear),
        5 => act().prop_map(Step::Act),
    ]
}

/// Something happens elsewhere. Numbers choose among what there is.
#[derive(Debug, Clone)]
pub(super) enum Turn {
    Grant {
        person: usize,
    },
    Stop {
        of: usize,
        months_back: i32,
    },
    Lift {
        of: usize,
    },
    Die {
        person: usize,
        months_back: i32,
    },
    Annul {
        of: usize,
    },
    Correct {
        of: usize,
        months_back: i32,
        amount: i64,
    },
    Run {
        next_month: bool,
    },
}

/// What officers do. Numbers choose among what there is.
#[derive(Debug, Clone)]
pub(super) enum Act {
    Account {
        person: usize,
    },
    Build {
        county: bool,
    },
    Propose {
        batch: usize,
    },
    Decide {
        batch: usize,
        agree: bool,
    },
    Cancel {
        batch: usize,
    },
    /// Builds a batch, seals it and enters the bank's answer.
    Pay {
        outcomes: Vec<u8>,
    },
    /// The bank's answer: of each payment none, that it was paid, or that it came back.
    Answer {
        batch: usize,
        outcomes: Vec<u8>,
    },
    Repay {
        of: usize,
        amount: i64,
    },
    Agree {
        of: usize,
        kind: AgreementKind,
        amount: i64,
        agree: bool,
    },
}

pub(super) fn turn() -> impl Strategy<Value = Turn> {
    let (of, months_back) = (0_usize..4, 0_i32..4);
    prop_oneof![
        2 => of.clone().prop_map(|person| Turn::Grant { person }),
        2 => (of.clone(), months_back.clone()).prop_map(|(of, months_back)| Turn::Stop { of, months_back }),
        2 => of.clone().prop_map(|of| Turn::Lift { of }),
        2 => (of.clone(), months_back.clone()).prop_map(|(person, months_back)| Turn::Die { person, months_back }),
        2 => of.clone().prop_map(|of| Turn::Annul { of }),
        3 => (of, months_back, 0_i64..300)
            .prop_map(|(of, months_back, amount)| Turn::Correct { of, months_back, amount }),
        6 => any::<bool>().prop_map(|next_month| Turn::Run { next_month }),
    ]
}

pub(super) fn act() -> impl Strategy<Value = Act> {
    let (of, amount) = (0_usize..4, 1_i64..200);
    let outcomes = prop::collection::vec(0_u8..4, 1..5);
    let kind = prop_oneof![Just(AgreementKind::Offset), Just(AgreementKind::Waiver)];
    prop_oneof![
        3 => of.clone().prop_map(|person| Act::Account { person }),
        4 => any::<bool>().prop_map(|county| Act::Build { county }),
        8 => outcomes.clone().prop_map(|outcomes| Act::Pay { outcomes }),
        3 => of.clone().prop_map(|batch| Act::Propose { batch }),
        4 => (of.clone(), prop::bool::weighted(0.8)).prop_map(|(batch, agree)| Act::Decide { batch, agree }),
        2 => of.clone().prop_map(|batch| Act::Cancel { batch }),
        4 => (of.clone(), outcomes)
            .prop_map(|(batch, outcomes)| Act::Answer { batch, outcomes }),
        2 => (of.clone(), amount.clone()).prop_map(|(of, amount)| Act::Repay { of, amount }),
        4 => (of, kind, amount, prop::bool::weighted(0.8))
            .prop_map(|(of, kind, amount, agree)| Act::Agree { of, kind, amount, agree }),
    ]
}
