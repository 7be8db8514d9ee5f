//! The other services: what they know, and what they tell of it. The events of one aggregate come in their order; those
//! of different aggregates come in any.

use super::steps::Turn;
use mz_contracts::Code;
use mz_contracts::Event;
use mz_contracts::events::{
    Cause, DeathAnnulled, DeathRegistered, EntitlementGranted, EntitlementResumed, EntitlementStopped,
    LineItem, LinesComputed,
};
use mz_kernel::{DeathId, DivisionCode, EntitlementId, Fen, Id, LineId, Month, PersonId, RunId};
use std::collections::{BTreeMap, VecDeque};

pub(super) const PERSONS: usize = 3;
/// Lines in one event: so few that a run takes several, and one entitlement's lines stand in two of them.
const LINES_MAX: usize = 2;

/// What is told.
#[derive(Debug, Clone)]
pub(super) enum Fact {
    Granted(EntitlementGranted),
    Stopped(EntitlementStopped),
    Resumed(EntitlementResumed),
    Died(DeathRegistered),
    Annulled(DeathAnnulled),
    Lined(LinesComputed),
}

impl Fact {
    fn aggregate(&self) -> String {
        match self {
            Self::Granted(event) => event.key(),
            Self::Stopped(event) => event.key(),
            Self::Resumed(event) => event.key(),
            Self::Died(event) => event.key(),
            Self::Annulled(event) => event.key(),
            Self::Lined(event) => event.key(),
        }
    }
}

#[derive(Clone)]
struct Entitlement {
    id: EntitlementId,
    person: PersonId,
    from: Month,
    /// What ends it, and from which month on.
    ends: Vec<(Month, Cause)>,
    amounts: BTreeMap<Month, i64>,
    lines: BTreeMap<Month, Vec<(LineId, i64)>>,
}

#[derive(Clone)]
struct Death {
    id: DeathId,
    person: PersonId,
    annulled: bool,
}

#[derive(Clone)]
pub(super) struct World {
    made: u32,
    pub(super) month: Month,
    entitlements: Vec<Entitlement>,
    deaths: Vec<Death>,
    untold: Vec<VecDeque<Fact>>,
}

pub(super) fn person(number: usize) -> PersonId {
    PersonId::from_bits(1 + (number % PERSONS) as u128)
}

/// Two persons live in one township, one in another.
pub(super) fn township(of: PersonId) -> DivisionCode {
    let code = if of == person(0) { "513335100" } else { "513335101" };
    code.parse().unwrap()
}

/// An entitlement of one person in each of so many villages, and a line of one yuan for each, in one event.
pub(super) fn villages(count: u32) -> Vec<Fact> {
    let sample = LinesComputed::sample().lines.remove(0);
    let lines = (1..=count).map(|n| LineItem {
        line: LineId::from_bits(u128::from(n)),
        entitlement: EntitlementId::from_bits(u128::from(n)),
        person: person(0),
        amount: Fen::new(100),
        corrects: Vec::new(),
        ..sample.clone()
    });
    let lines = Fact::Lined(LinesComputed {
        month: "2020-03".parse().unwrap(),
        lines: lines.collect(),
        ..LinesComputed::sample()
    });
    let grants = (1..=count).map(|n| {
        Fact::Granted(EntitlementGranted {
            entitlement: EntitlementId::from_bits(u128::from(n)),
            person: person(0),
            division: format!("513335100{n:03}").parse().unwrap(),
            ..EntitlementGranted::sample()
        })
    });
    std::iter::once(lines).chain(grants).collect()
}

fn nth<T>(all: &mut [T], n: usize) -> Option<&mut T> {
    let count = all.len().max(1);
    all.get_mut(n % count)
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            made: 0,
            month: "2020-03".parse().unwrap(),
            entitlements: Vec::new(),
            deaths: Vec::new(),
            untold: Vec::new(),
        }
    }

    pub(super) fn entitlements(&self) -> Vec<EntitlementId> {
        self.entitlements.iter().map(|row| row.id).collect()
    }

    /// One of the facts that can be told next.
    pub(super) fn tell(&mut self, choice: usize) -> Option<Fact> {
        self.untold.retain(|queue| !queue.is_empty());
        nth(&mut self.untold, choice)?.pop_front()
    }

    pub(super) fn turn(&mut self, turn: &Turn) {
        match *turn {
            Turn::Grant { person: number } => self.grant(person(number)),
            Turn::Stop { of, months_back } => {
                let cause = self.cause("stop");
                let month = self.month.plus(-months_back);
                if let Some(row) = nth(&mut self.entitlements, of) {
                    let id = row.id;
                    self.change(|row| row.id == id, |row| row.ends.push((month, cause.clone())));
                }
            }
            Turn::Lift { of } => {
                if let Some(row) = nth(&mut self.entitlements, of) {
                    let id = row.id;
                    self.change(
                        |row| row.id == id,
                        |row| row.ends.retain(|(_, cause)| cause.fact.as_str() == "death"),
                    );
                }
            }
            Turn::Die {
                person: number,
                months_back,
            } => self.die(person(number), self.month.plus(-months_back)),
            Turn::Annul { of } => self.annul(of),
            Turn::Correct {
                of,
                months_back,
                amount,
            } => {
                let month = self.month.plus(-months_back);
                if let Some(row) = nth(&mut self.entitlements, of) {
                    row.amounts.insert(month, amount);
                }
            }
            Turn::Run { next_month } => self.run(next_month),
        }
    }

    fn id<I: Id>(&mut self) -> I {
        self.made += 1;
        I::from_bits(u128::from(self.made))
    }

    fn cause(&mut self, fact: &'static str) -> Cause {
        Cause {
            fact: Code::of(fact),
            id: self.id::<DeathId>().to_string(),
            on: self.month.first_day(),
        }
    }

    fn say(&mut self, fact: Fact) {
        let aggregate = fact.aggregate();
        let same =
            |queue: &&mut VecDeque<Fact>| queue.front().is_some_and(|first| first.aggregate() == aggregate);
        match self.untold.iter_mut().find(same) {
            Some(queue) => queue.push_back(fact),
            None => self.untold.push(VecDeque::from([fact])),
        }
    }

    fn grant(&mut self, person: PersonId) {
        let (id, from) = (self.id(), self.month.prev());
        self.entitlements.push(Entitlement {
            id,
            person,
            from,
            ends: Vec::new(),
            amounts: BTreeMap::new(),
            lines: BTreeMap::new(),
        });
        self.say(Fact::Granted(EntitlementGranted {
            entitlement: id,
            person,
            division: township(person),
            from,
            ..EntitlementGranted::sample()
        }));
    }

    /// Changes the ends of entitlements, and tells each end that moved.
    fn change(&mut self, of: impl Fn(&Entitlement) -> bool, change: impl Fn(&mut Entitlement)) {
        let mut facts = Vec::new();
        for row in self.entitlements.iter_mut().filter(|row| of(row)) {
            let before = row.end();
            change(row);
            let after = row.end();
            if before.as_ref().map(|(month, _)| month) == after.as_ref().map(|(month, _)| month) {
                continue;
            }
            facts.push(match after {
                Some((from, cause)) => Fact::Stopped(EntitlementStopped {
                    entitlement: row.id,
                    person: row.person,
                    division: township(row.person),
                    from,
                    cause,
                    ..EntitlementStopped::sample()
                }),
                None => Fact::Resumed(EntitlementResumed {
                    entitlement: row.id,
                    person: row.person,
                    division: township(row.person),
                    ..EntitlementResumed::sample()
                }),
            });
        }
        for fact in facts {
            self.say(fact);
        }
    }

    fn die(&mut self, person: PersonId, month: Month) {
        let id: DeathId = self.id();
        self.deaths.push(Death {
            id,
            person,
            annulled: false,
        });
        let died_on = month.first_day();
        self.say(Fact::Died(DeathRegistered {
            death: id,
            person,
            died_on,
            division: township(person),
            ..DeathRegistered::sample()
        }));
        let cause = Cause {
            fact: Code::of("death"),
            id: id.to_string(),
            on: died_on,
        };
        self.change(
            |row| row.person == person,
            |row| row.ends.push((month.next(), cause.clone())),
        );
    }

    fn annul(&mut self, of: usize) {
        let Some(death) = nth(&mut self.deaths, of).filter(|death| !death.annulled) else {
            return;
        };
        death.annulled = true;
        let Death { id, person, .. } = *death;
        self.say(Fact::Annulled(DeathAnnulled {
            death: id,
            person,
            division: township(person),
            ..DeathAnnulled::sample()
        }));
        self.change(
            |row| row.person == person,
            |row| row.ends.retain(|(_, cause)| cause.id != id.as_str()),
        );
    }

    /// Owed minus lined (D5), for every month up to the run's.
    fn run(&mut self, next_month: bool) {
        if next_month {
            self.month = self.month.next();
        }
        let (run, month): (RunId, Month) = (self.id(), self.month);
        let mut made = self.made;
        let mut lines = Vec::new();
        for row in &mut self.entitlements {
            for of in Month::range(row.from, month) {
                let lined = row.lines.entry(of).or_default();
                let amount = row.amounts.get(&of).copied().unwrap_or(100);
                let ended = row.ends.iter().any(|(end, _)| *end <= of);
                let owed = if ended { 0 } else { amount };
                let difference = owed - lined.iter().map(|(_, amount)| amount).sum::<i64>();
                if difference == 0 {
                    continue;
                }
                made += 1;
                let line = LineId::from_bits(u128::from(made));
                lines.push(LineItem {
                    line,
                    entitlement: row.id,
                    person: row.person,
                    month: of,
                    amount: Fen::new(difference),
                    corrects: lined.iter().map(|(line, _)| *line).collect(),
                    ..LinesComputed::sample().lines.remove(0)
                });
                lined.push((line, difference));
            }
        }
        self.made = made;
        for (chunk, lines) in (1..).zip(lines.chunks(LINES_MAX)) {
            self.say(Fact::Lined(LinesComputed {
                run,
                chunk,
                month,
                lines: lines.to_vec(),
                ..LinesComputed::sample()
            }));
        }
    }
}

impl Entitlement {
    /// The first end counts; of several in one month the one that came first.
    fn end(&self) -> Option<(Month, Cause)> {
        self.ends.iter().min_by_key(|(month, _)| *month).cloned()
    }
}
