//! The table of worked cases, `tests/golden/tekun.txt`: facts in the order in which they are recorded, and what each
//! run then writes. The facts are written by hand and are read here; the indented lines are computed, and compared.

use super::{Class, Ending, Facts, Ground, Kind, Standard, Standards, StopReason, ends_by_death, lines};
use mz_casework::{Cause, Lined, NewLine, Run};
use mz_kernel::{Date, DeathId, Fen, Id, LineId, Month, Stamp};
use mz_policy::Policy;
use std::collections::BTreeMap;
use std::fmt::{Debug, Write as _};
use std::str::FromStr;

const TABLE: &str = "tests/golden/tekun.txt";
const COMPUTED: &str = "    ";

#[test]
fn worked_cases() {
    let table = std::fs::read_to_string(TABLE).unwrap();
    let mut case = Case::new();
    let mut text = String::new();
    for line in table.lines().filter(|line| !line.starts_with(COMPUTED)) {
        writeln!(text, "{line}").unwrap();
        if line.starts_with("== ") {
            case = Case::new();
        } else if line.starts_with("20") {
            let words: Vec<&str> = line.split_whitespace().collect();
            case.step(&words, &mut text)
                .unwrap_or_else(|| panic!("what does this say? {line}"));
        }
    }
    mz_testkit::golden::check(TABLE, &text);
}

/// One person's entitlement, and all that is recorded about it.
struct Case {
    facts: Option<Facts>,
    standards: Standards,
    lined: Vec<Lined>,
    /// What a fact is called in the table, by its kind and id.
    names: BTreeMap<(String, String), String>,
    last_month: String,
    recheck: i32,
    steps: u32,
}

impl Case {
    fn new() -> Case {
        Case {
            facts: None,
            standards: Standards::default(),
            lined: Vec::new(),
            names: BTreeMap::new(),
            last_month: "death-month".to_owned(),
            recheck: 24,
            steps: 0,
        }
    }

    /// Records a fact, or runs a month and writes down what comes of it; none for what cannot be read.
    fn step(&mut self, words: &[&str], text: &mut String) -> Option<()> {
        let (day, rest) = words.split_first()?;
        self.steps += 1;
        let at: Stamp = instant(day, self.steps);
        match rest {
            ["law", "last-month", choice] => (*choice).clone_into(&mut self.last_month),
            ["law", "recheck-months", months] => self.recheck = read(months),
            ["standard", name, class, division, "from", month, yuan] => {
                let id = self.name("standard", name);
                let (key, from) = (read::<Class>(class).standard(), read(month));
                let standard = Standard {
                    id,
                    from,
                    amount: read(yuan),
                    recorded_at: at,
                };
                self.standards.adopt(key, read(division), standard);
            }
            ["grant", name, class, division, "from", month] => {
                let case = self.name("decision", name);
                let (class, division, from) = (read(class), read(division), read(month));
                let endings = Vec::new();
                self.facts = Some(Facts {
                    case,
                    class,
                    division,
                    from,
                    recorded_at: at,
                    endings,
                });
            }
            ["stop", name, "from", month] => {
                let ground = Ground::Stop {
                    id: self.name("stop", name),
                    reason: StopReason::Voluntary,
                    agreed_on: read(day),
                };
                self.end(Ending {
                    from: read(month),
                    ground,
                    recorded_at: at,
                })?;
            }
            ["death", name, "on", died_on] => {
                let (id, died_on) = (self.name("death", name), read(died_on));
                self.names.insert(
                    ("death-annulled".to_owned(), id_text(&id)),
                    format!("{name} annulled"),
                );
                let from = self.ends_by_death(died_on)?;
                let ground = Ground::Death {
                    id,
                    died_on,
                    annulled_at: None,
                };
                self.end(Ending {
                    from,
                    ground,
                    recorded_at: at,
                })?;
            }
            ["annulled", name] => self.annul(name, at)?,
            ["run", month] => self.run(read(month), at, text)?,
            ["run", month, "as", "known", "on", known] => {
                self.run(read(month), instant(known, 999_999), text)?;
            }
            _ => return None,
        }
        Some(())
    }

    /// An id that the table calls by a name of its own.
    fn name<I: Id>(&mut self, kind: &str, name: &str) -> I {
        let id = I::from_bits(u128::from(self.steps));
        self.names
            .insert((kind.to_owned(), id.as_str().to_owned()), name.to_owned());
        id
    }

    fn end(&mut self, ending: Ending) -> Option<()> {
        let endings = &mut self.facts.as_mut()?.endings;
        endings.push(ending);
        // As they are loaded.
        endings.sort_by_key(|ending| matches!(ending.ground, Ground::Death { .. }));
        Some(())
    }

    fn annul(&mut self, name: &str, at: Stamp) -> Option<()> {
        let names = &self.names;
        let is_meant = |id: &DeathId| {
            names
                .get(&("death".to_owned(), id_text(id)))
                .is_some_and(|n| n == name)
        };
        let endings = &mut self.facts.as_mut()?.endings;
        endings.iter_mut().find_map(|ending| match &mut ending.ground {
            Ground::Death { id, annulled_at, .. } if is_meant(id) => {
                *annulled_at = Some(at);
                Some(())
            }
            _ => None,
        })
    }

    fn ends_by_death(&self, died_on: Date) -> Option<Month> {
        let pack = format!(
            "division = \"513335\"\nname = \"巴塘县\"\n[[parameter]]\nkey = \"tekun.last-month\"\nunit = \"choice\"\n\
             from = \"2000-01\"\nvalue = \"{}\"\ndocument = \"试\"\n",
            self.last_month
        );
        let policy = Policy::parse([("pack", pack.as_str())]).unwrap();
        Some(ends_by_death(&policy, &self.facts.as_ref()?.division, died_on).unwrap())
    }

    /// Runs a month and writes every month of the window down: owed, lined before, and the line.
    fn run(&mut self, month: Month, known_at: Stamp, text: &mut String) -> Option<()> {
        let facts = self.facts.clone()?;
        let run = Run {
            since: month.plus(-self.recheck),
            month,
            known_at,
        };
        let written = lines(&facts, &self.standards, run, &self.lined).unwrap();
        let heads = ["month", "owed", "lined", "line", "kind", "corrects", "because of"];
        row(text, &heads.map(str::to_owned));
        for month in Month::range(run.since.max(facts.from), run.month) {
            let owed = facts.amount(&self.standards, month, known_at).unwrap();
            let before = self.lined.iter().filter(|line| line.month == month);
            let before = Fen::checked_sum(before.map(|line| line.amount)).unwrap();
            let mut cells = [month.to_string(), owed.to_string(), before.to_string()].to_vec();
            match written.iter().find(|line| line.month == month) {
                Some(line) => cells.extend(self.keep(line)),
                None => cells.push("-".to_owned()),
            }
            row(text, &cells);
        }
        let sum = Fen::checked_sum(written.iter().map(|line| line.amount)).unwrap();
        writeln!(text, "{COMPUTED}lines: {}, {sum} yuan", written.len()).unwrap();
        assert_eq!(
            lines(&facts, &self.standards, run, &self.lined).unwrap(),
            [],
            "run again"
        );
        Some(())
    }

    /// Keeps a line; its cells. Lines are called by their numbers.
    fn keep(&mut self, line: &NewLine) -> [String; 4] {
        let number = self.lined.len() + 1;
        let id = LineId::from_bits(number as u128);
        self.lined.push(Lined {
            id,
            month: line.month,
            amount: line.amount,
        });
        let corrects: Vec<String> = line.corrects.iter().map(|id| self.number(*id)).collect();
        let causes: Vec<&str> = line.causes.iter().map(|cause| self.called(cause)).collect();
        let kind = Kind::from(line.kind).to_string();
        [
            format!("#{number} {}", line.amount),
            kind,
            corrects.join(" "),
            causes.join(", "),
        ]
    }

    fn number(&self, id: LineId) -> String {
        let at = self.lined.iter().position(|line| line.id == id);
        format!("#{}", at.unwrap() + 1)
    }

    fn called(&self, cause: &Cause) -> &str {
        &self.names[&(cause.kind.to_string(), cause.id.clone())]
    }
}

fn id_text(id: &DeathId) -> String {
    id.to_string()
}

fn read<T: FromStr<Err: Debug>>(word: &str) -> T {
    word.parse().unwrap_or_else(|error| panic!("{word}: {error:?}"))
}

/// An instant on a day: later lines of the table are later.
fn instant(day: &str, step: u32) -> Stamp {
    read(&format!("{day}T00:00:00.{step:06}Z"))
}

fn row(text: &mut String, cells: &[String]) {
    const WIDTHS: [usize; 7] = [9, 9, 9, 14, 11, 10, 0];
    let mut line = COMPUTED.to_owned();
    for (cell, width) in cells.iter().zip(WIDTHS) {
        write!(line, "{cell:width$} ").unwrap();
    }
    writeln!(text, "{}", line.trim_end()).unwrap();
}
