//! What is payable and what is held, by the facts that are known: whichever came first, the answer is the same.

use crate::words::Hold;
use mz_contracts::Code;
use mz_contracts::events::Cause;
use mz_kernel::{Date, DeathId, Month};

/// What is known about an entitlement and its person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// The entitlement was told of.
    pub(crate) granted: bool,
    /// Its present end: the first month that is not owed, and the fact behind it.
    pub(crate) end: Option<(Month, Cause)>,
    /// Deaths of the person that hold.
    pub(crate) deaths: Vec<(DeathId, Date)>,
    /// It is known where to pay.
    pub(crate) has_account: bool,
}

/// Why a line is held, and the fact that it rests on where there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) reason: Hold,
    pub(crate) cause: Option<Cause>,
}

impl Facts {
    /// Why a line for a month is held; none when it is payable.
    pub(crate) fn held(&self, month: Month) -> Option<Held> {
        let because = |reason, cause| Some(Held { reason, cause });
        if !self.granted {
            return because(Hold::EntitlementUnknown, None);
        }
        if let Some((end, cause)) = &self.end
            && *end <= month
        {
            return because(Hold::EntitlementStopped, Some(cause.clone()));
        }
        if let Some((death, on)) = self.deaths.iter().find(|death| !self.is_answered(death)) {
            let cause = Cause {
                fact: Code::of("death"),
                id: death.to_string(),
                on: *on,
            };
            return because(Hold::Death, Some(cause));
        }
        if !self.has_account {
            return because(Hold::NoAccount, None);
        }
        None
    }

    /// Whether social-assistance has said what a death ends: by an end that names it, or by one that came no later than
    /// any death can set (the month after it), which a death does not move and of which nothing more is told.
    fn is_answered(&self, (death, on): &(DeathId, Date)) -> bool {
        self.end
            .as_ref()
            .is_some_and(|(end, cause)| cause.id == death.as_str() || *end <= Month::of(*on).next())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mz_kernel::Id as _;

    const DIED: Date = Date::constant(2020, 1, 20);

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    fn cause(id: &str) -> Cause {
        Cause {
            fact: Code::of("stop"),
            id: id.to_owned(),
            on: DIED,
        }
    }

    fn facts() -> Facts {
        Facts {
            granted: true,
            has_account: true,
            ..Facts::default()
        }
    }

    fn reason(facts: &Facts, at: &str) -> Option<Hold> {
        facts.held(month(at)).map(|held| held.reason)
    }

    #[test]
    fn each_missing_fact_holds() {
        assert_eq!(reason(&facts(), "2020-03"), None);
        assert_eq!(
            reason(
                &Facts {
                    granted: false,
                    ..facts()
                },
                "2020-03"
            ),
            Some(Hold::EntitlementUnknown)
        );
        assert_eq!(
            reason(
                &Facts {
                    has_account: false,
                    ..facts()
                },
                "2020-03"
            ),
            Some(Hold::NoAccount)
        );
    }

    #[test]
    fn an_end_holds_the_months_from_it_on() {
        let ended = Facts {
            end: Some((month("2020-03"), cause("stop_1"))),
            ..facts()
        };
        assert_eq!(reason(&ended, "2020-02"), None);
        assert_eq!(reason(&ended, "2020-03"), Some(Hold::EntitlementStopped));
        assert_eq!(ended.held(month("2020-04")).unwrap().cause, Some(cause("stop_1")));
    }

    #[test]
    fn a_death_holds_every_month_until_its_end_is_told() {
        let death = DeathId::from_bits(1);
        let dead = Facts {
            deaths: vec![(death, DIED)],
            ..facts()
        };
        assert_eq!(reason(&dead, "2019-12"), Some(Hold::Death));
        assert_eq!(reason(&dead, "2020-03"), Some(Hold::Death));
        // An agreed stop much later says nothing about the death.
        let later = Facts {
            end: Some((month("2020-06"), cause("stop_1"))),
            ..dead.clone()
        };
        assert_eq!(reason(&later, "2020-03"), Some(Hold::Death));
        for end in [("2020-02", death.to_string()), ("2020-01", "stop_1".to_owned())] {
            let told = Facts {
                end: Some((month(end.0), cause(&end.1))),
                ..dead.clone()
            };
            assert_eq!(reason(&told, "2019-12"), None, "{end:?}");
            assert_eq!(
                reason(&told, "2020-03"),
                Some(Hold::EntitlementStopped),
                "{end:?}"
            );
        }
    }
}
