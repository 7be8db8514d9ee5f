//! The legal clock of a case: how long the bureau has, when the time stands still, and when it is up.
//!
//! Day 0 is the day of acceptance 受理; the day after it is the first that can count (by analogy with Civil
//! Code 民法典 Art. 201). A pause begins after the day on which it is recorded and ends with the day on which
//! it is lifted: the days between do not count, and what was left before is left after. A due day follows
//! from these dates alone; reading the clock changes nothing.

use mz_kernel::{Calendar, CalendarError, Date, DateSchema, DayUnit, Days, Roll};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How long a step may take. The figures come from policy, with their document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Term {
    /// How many days.
    pub amount: u32,
    /// Which days count.
    pub unit: DayUnit,
    /// What happens when calendar days end on a day off. Working days never do.
    pub roll: Roll,
}

/// Why a clock may stand still. The list is closed: a bureau cannot stop its clock for another reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PauseReason {
    /// The applicant was asked to make up evidence 补正材料.
    AwaitingEvidence,
    /// Family circumstances are being verified 核对, where a rule takes this time out of the term.
    Verification,
    /// Public notice 公示, where a rule takes this time out of the term.
    PublicNotice,
    /// 不可抗力.
    ForceMajeure,
}

/// A stretch of days that does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pause {
    /// Why.
    pub reason: PauseReason,
    /// What shows it: the notice to the applicant, the request, the announcement.
    pub evidence: String,
    /// The day on which it was recorded; the last that still counts.
    #[schemars(with = "DateSchema")]
    pub from: Date,
    /// The day on which it was lifted, the last that does not count; none while it lasts.
    #[schemars(with = "Option<DateSchema>")]
    pub until: Option<Date>,
}

/// A case's clock: the day of acceptance, the term, and the pauses in their order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseClock {
    accepted: Date,
    term: Term,
    pauses: Vec<Pause>,
}

/// What a clock shows on a day. Days are counted in the term's unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum TimeLeft {
    /// The time runs.
    Running {
        /// The last day.
        #[schemars(with = "DateSchema")]
        due: Date,
        /// Days after the day of reading, the last one included; 0 on the last day.
        left: u32,
    },
    /// The time stands still.
    Paused {
        /// Why.
        reason: PauseReason,
        /// Since when.
        #[schemars(with = "DateSchema")]
        since: Date,
        /// Days that will be left when it is lifted.
        left: u32,
    },
    /// The time is up.
    Overdue {
        /// The last day.
        #[schemars(with = "DateSchema")]
        due: Date,
        /// Days that have passed since.
        by: u32,
    },
}

/// Why a clock is not paused or resumed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClockRefusal {
    /// A pause without evidence.
    #[error("a pause needs its evidence; name the notice or document in `evidence`")]
    EvidenceMissing,
    /// The clock stands still already.
    #[error("the clock has been paused since {since}; resume it first")]
    AlreadyPaused {
        /// Since when.
        since: Date,
    },
    /// The clock runs.
    #[error("the clock is not paused")]
    NotPaused,
    /// A date before the last one that is recorded.
    #[error("{on} lies before {last}, the last day that is recorded on this clock")]
    Backdated {
        /// The date given.
        on: Date,
        /// Acceptance, or the last pause or resumption.
        last: Date,
    },
    /// All days of the term had counted by then: a pause cannot bring them back.
    #[error("the term was used up on {end}; a pause cannot bring it back")]
    UsedUp {
        /// The last day that counted.
        end: Date,
    },
    /// The calendar does not answer.
    #[error("the working-day calendar does not reach far enough")]
    Calendar(#[from] CalendarError),
}

impl ClockRefusal {
    /// The stable code, for problem documents and programs.
    pub const fn code(&self) -> &'static str {
        match self {
            ClockRefusal::EvidenceMissing => "clock.evidence-missing",
            ClockRefusal::AlreadyPaused { .. } => "clock.already-paused",
            ClockRefusal::NotPaused => "clock.not-paused",
            ClockRefusal::Backdated { .. } => "clock.backdated",
            ClockRefusal::UsedUp { .. } => "clock.used-up",
            ClockRefusal::Calendar(_) => "clock.calendar",
        }
    }
}

impl Term {
    /// A term of so many days, as policy states them.
    pub const fn new(days: Days, roll: Roll) -> Term {
        Term {
            amount: days.amount,
            unit: days.unit,
            roll,
        }
    }
}

impl CaseClock {
    /// A clock that starts with the acceptance of a case.
    pub const fn start(accepted: Date, term: Term) -> CaseClock {
        CaseClock {
            accepted,
            term,
            pauses: Vec::new(),
        }
    }

    /// The day of acceptance, day 0.
    pub const fn accepted(&self) -> Date {
        self.accepted
    }

    /// The term.
    pub const fn term(&self) -> Term {
        self.term
    }

    /// The pauses in their order; only the last one can still last.
    pub fn pauses(&self) -> &[Pause] {
        &self.pauses
    }

    /// Stops the clock after the day `on`.
    pub fn pause(
        &mut self,
        calendar: &Calendar,
        on: Date,
        reason: PauseReason,
        evidence: &str,
    ) -> Result<(), ClockRefusal> {
        let evidence = evidence.trim();
        if evidence.is_empty() {
            return Err(ClockRefusal::EvidenceMissing);
        }
        if let Some(pause) = self.lasting() {
            return Err(ClockRefusal::AlreadyPaused { since: pause.from });
        }
        self.check_not_before_last(on)?;
        let (end, left) = self.count_until(calendar, on)?;
        if left == 0 {
            return Err(ClockRefusal::UsedUp { end });
        }
        self.pauses.push(Pause {
            reason,
            evidence: evidence.to_owned(),
            from: on,
            until: None,
        });
        Ok(())
    }

    /// Lets the clock run again after the day `on`. Lifted on the day on which it was recorded, a pause
    /// has taken no time out.
    pub fn resume(&mut self, on: Date) -> Result<(), ClockRefusal> {
        self.check_not_before_last(on)?;
        match self.pauses.last_mut() {
            Some(pause @ Pause { until: None, .. }) => {
                pause.until = Some(on);
                Ok(())
            }
            _ => Err(ClockRefusal::NotPaused),
        }
    }

    /// The last day of the term; none while a pause lasts.
    pub fn due(&self, calendar: &Calendar) -> Result<Option<Date>, CalendarError> {
        if self.lasting().is_some() {
            return Ok(None);
        }
        let (end, _) = self.count_until(calendar, Date::MAX)?;
        match (self.term.unit, self.term.roll) {
            (DayUnit::CalendarDays, Roll::NextWorkingDay) => calendar.working_day_from(end).map(Some),
            _ => Ok(Some(end)),
        }
    }

    /// What the clock shows on a day, to the officer and to the applicant alike.
    pub fn left(&self, calendar: &Calendar, today: Date) -> Result<TimeLeft, CalendarError> {
        if let Some(pause) = self.lasting() {
            let (_, left) = self.count_until(calendar, pause.from)?;
            return Ok(TimeLeft::Paused {
                reason: pause.reason,
                since: pause.from,
                left,
            });
        }
        // The calendar of a term that runs always reaches its end, so a due day is there.
        let due = self.due(calendar)?.unwrap_or(self.accepted);
        if today <= due {
            let from = today.max(self.accepted);
            Ok(TimeLeft::Running {
                due,
                left: self.counting_days(calendar, from, due)?,
            })
        } else {
            Ok(TimeLeft::Overdue {
                due,
                by: self.counting_days(calendar, due, today)?,
            })
        }
    }

    /// Counts the term's days from acceptance up to and including `limit`: the day reached, which is the
    /// one on which the last day of the term counted if that comes first, and the days still left.
    fn count_until(&self, calendar: &Calendar, limit: Date) -> Result<(Date, u32), CalendarError> {
        let (mut day, mut left) = (self.accepted, self.term.amount);
        while left > 0 && day < limit {
            day = day.tomorrow().map_err(|_| CalendarError::OutOfRange)?;
            left -= u32::from(self.counts(calendar, day)?);
        }
        Ok((day, left))
    }

    /// Days after `from`, up to and including `to`, that count.
    fn counting_days(&self, calendar: &Calendar, from: Date, to: Date) -> Result<u32, CalendarError> {
        let (mut day, mut count) = (from, 0);
        while day < to {
            day = day.tomorrow().map_err(|_| CalendarError::OutOfRange)?;
            count += u32::from(self.counts(calendar, day)?);
        }
        Ok(count)
    }

    fn counts(&self, calendar: &Calendar, day: Date) -> Result<bool, CalendarError> {
        let paused = |pause: &Pause| pause.from < day && pause.until.is_none_or(|until| day <= until);
        if self.pauses.iter().any(paused) {
            return Ok(false);
        }
        match self.term.unit {
            DayUnit::CalendarDays => Ok(true),
            DayUnit::WorkingDays => calendar.is_working_day(day),
        }
    }

    fn lasting(&self) -> Option<&Pause> {
        self.pauses.last().filter(|pause| pause.until.is_none())
    }

    fn check_not_before_last(&self, on: Date) -> Result<(), ClockRefusal> {
        let last = self
            .pauses
            .last()
            .map_or(self.accepted, |pause| pause.until.unwrap_or(pause.from));
        if on < last {
            Err(ClockRefusal::Backdated { on, last })
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> Date {
        format!("2026-{text}").parse().unwrap()
    }

    fn calendar() -> Calendar {
        Calendar::china().unwrap()
    }

    fn working(accepted: &str, amount: u32) -> CaseClock {
        CaseClock::start(
            day(accepted),
            Term {
                amount,
                unit: DayUnit::WorkingDays,
                roll: Roll::None,
            },
        )
    }

    fn by_calendar(accepted: &str, amount: u32, roll: Roll) -> CaseClock {
        CaseClock::start(
            day(accepted),
            Term {
                amount,
                unit: DayUnit::CalendarDays,
                roll,
            },
        )
    }

    fn paused(mut clock: CaseClock, from: &str, until: &str) -> CaseClock {
        clock
            .pause(&calendar(), day(from), PauseReason::AwaitingEvidence, "notice 1")
            .unwrap();
        clock.resume(day(until)).unwrap();
        clock
    }

    #[test]
    fn v15_a_dibao_case_is_due_after_thirty_working_days() {
        for (term, due) in [(3, "02-12"), (20, "03-13"), (30, "03-27"), (45, "04-20")] {
            assert_eq!(working("02-09", term).due(&calendar()), Ok(Some(day(due))));
        }
    }

    #[test]
    fn v16_calendar_days_roll_where_the_rule_says_so() {
        for (roll, due) in [(Roll::None, "02-20"), (Roll::NextWorkingDay, "02-24")] {
            assert_eq!(by_calendar("02-13", 7, roll).due(&calendar()), Ok(Some(day(due))));
        }
    }

    #[test]
    fn a_pause_gives_back_what_was_left() {
        // Accepted on Monday 2 March; five working days end on Monday 9 March.
        let clock = working("03-02", 5);
        assert_eq!(clock.due(&calendar()), Ok(Some(day("03-09"))));
        // Tuesday and Wednesday have counted; three days are left from Tuesday the 17th on.
        assert_eq!(
            paused(clock.clone(), "03-04", "03-16").due(&calendar()),
            Ok(Some(day("03-19")))
        );
        // Lifted on the same day; and over a weekend only, which would not have counted anyway.
        assert_eq!(
            paused(clock.clone(), "03-04", "03-04").due(&calendar()),
            Ok(Some(day("03-09")))
        );
        assert_eq!(
            paused(clock.clone(), "03-06", "03-08").due(&calendar()),
            Ok(Some(day("03-09")))
        );
        let twice = paused(paused(clock, "03-02", "03-03"), "03-04", "03-05");
        assert_eq!(twice.due(&calendar()), Ok(Some(day("03-11"))));
    }

    #[test]
    fn everybody_sees_the_time_left() {
        let (calendar, mut clock) = (calendar(), working("03-02", 5));
        let due = day("03-09");
        for (today, left) in [("03-02", 5), ("03-03", 4), ("03-07", 1), ("03-09", 0)] {
            assert_eq!(
                clock.left(&calendar, day(today)),
                Ok(TimeLeft::Running { due, left }),
                "{today}"
            );
        }
        assert_eq!(
            clock.left(&calendar, day("03-15")),
            Ok(TimeLeft::Overdue { due, by: 4 })
        );

        clock
            .pause(&calendar, day("03-04"), PauseReason::Verification, "request 7")
            .unwrap();
        assert_eq!(clock.due(&calendar), Ok(None));
        let standing = TimeLeft::Paused {
            reason: PauseReason::Verification,
            since: day("03-04"),
            left: 3,
        };
        assert_eq!(clock.left(&calendar, day("03-05")), Ok(standing));
        assert_eq!(clock.left(&calendar, day("11-24")), Ok(standing));
    }

    #[test]
    fn a_rolled_term_shows_the_days_until_its_last() {
        let clock = by_calendar("02-13", 7, Roll::NextWorkingDay);
        let due = day("02-24");
        assert_eq!(
            clock.left(&calendar(), day("02-20")),
            Ok(TimeLeft::Running { due, left: 4 })
        );
        assert_eq!(
            clock.left(&calendar(), day("02-25")),
            Ok(TimeLeft::Overdue { due, by: 1 })
        );
    }

    #[test]
    fn each_refusal_has_its_code() {
        let calendar = calendar();
        let pause = |clock: &mut CaseClock, on: &str, evidence: &str| {
            clock
                .pause(&calendar, day(on), PauseReason::ForceMajeure, evidence)
                .map_err(|refusal| refusal.code())
        };
        let mut clock = working("03-02", 5);
        assert_eq!(pause(&mut clock, "03-04", " "), Err("clock.evidence-missing"));
        assert_eq!(pause(&mut clock, "03-01", "a"), Err("clock.backdated"));
        assert_eq!(pause(&mut clock, "03-09", "a"), Err("clock.used-up"));
        assert_eq!(clock.resume(day("03-04")), Err(ClockRefusal::NotPaused));
        assert_eq!(pause(&mut clock, "03-04", "a"), Ok(()));
        assert_eq!(pause(&mut clock, "03-05", "a"), Err("clock.already-paused"));
        assert_eq!(
            clock.resume(day("03-03")).map_err(|refusal| refusal.code()),
            Err("clock.backdated")
        );
        clock.resume(day("03-05")).unwrap();
        assert_eq!(pause(&mut clock, "03-04", "a"), Err("clock.backdated"));

        let missing = working("12-28", 5).due(&calendar);
        assert_eq!(missing, Err(CalendarError::YearMissing { year: 2027 }));
    }

    proptest! {
        #[test]
        fn as_many_days_count_as_the_term_has(
            amount in 1_u32..40,
            calendar_days: bool,
            steps in prop::collection::vec((0_i64..12, 0_i64..20), 0..4),
        ) {
            let calendar = calendar();
            let unit = if calendar_days { DayUnit::CalendarDays } else { DayUnit::WorkingDays };
            let mut clock = CaseClock::start(day("01-05"), Term { amount, unit, roll: Roll::None });
            let (mut on, mut unpaused) = (clock.accepted(), Vec::new());
            for (wait, length) in steps {
                let from = on.saturating_add(span(wait));
                let until = from.saturating_add(span(length));
                match clock.pause(&calendar, from, PauseReason::PublicNotice, "notice") {
                    Ok(()) => {
                        clock.resume(until).unwrap();
                        unpaused.push((from, until));
                        on = until;
                    }
                    Err(refusal) => prop_assert_eq!(refusal.code(), "clock.used-up"),
                }
            }
            let due = clock.due(&calendar).unwrap().unwrap();
            let mut counted = 0;
            let mut at = clock.accepted();
            while at < due {
                at = at.tomorrow().unwrap();
                let stood = unpaused.iter().any(|(from, until)| *from < at && at <= *until);
                counted += u32::from(!stood && (calendar_days || calendar.is_working_day(at).unwrap()));
            }
            prop_assert_eq!(counted, amount);
            let last = clock.left(&calendar, due).unwrap();
            prop_assert_eq!(last, TimeLeft::Running { due, left: 0 });
            let json = serde_json::to_string(&clock).unwrap();
            prop_assert_eq!(serde_json::from_str::<CaseClock>(&json).unwrap(), clock);
        }
    }

    fn span(days: i64) -> std::time::Duration {
        std::time::Duration::from_secs(days.unsigned_abs() * 86_400)
    }
}
