//! What a notice depends on beside its own event: whether the person was dead by then, lived where, was supported how.
//!
//! Each question is answered from all dated facts that are known, whenever they came: the same facts make the same
//! notices in any order.

use mz_contracts::Code;
use mz_kernel::{Date, DivisionCode, Month};
use mz_store::record;

record! {
    /// An entry of the register of deaths.
    #[derive(Debug, Clone)]
    pub(crate) struct Death {
        pub(crate) died_on: Date,
        pub(crate) registered_on: Date,
        pub(crate) annulled_on: Option<Date>,
    }
}

record! {
    /// An entitlement.
    #[derive(Debug, Clone)]
    pub(crate) struct Entitlement {
        pub(crate) programme: Code,
        pub(crate) mode: Option<Code>,
        pub(crate) first_month: Month,
        /// The first month not owed for another reason than a death.
        pub(crate) ended: Option<Month>,
    }
}

/// What is known of a person.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    /// Where the person lives, as the identity register told.
    pub(crate) home: Option<DivisionCode>,
    pub(crate) deaths: Vec<Death>,
    pub(crate) entitlements: Vec<Entitlement>,
}

/// How a person was supported as tekun 特困.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Support {
    /// 集中供养.
    Centralised,
    /// 分散供养.
    Dispersed,
    /// Not at all, as far as is known.
    None,
}

impl Facts {
    /// Whether the person was registered as dead on a day. Nothing before the registration went to the family.
    pub(crate) fn is_dead(&self, on: Date) -> bool {
        let holds = |death: &Death| {
            death.registered_on <= on && death.annulled_on.is_none_or(|annulled| annulled > on)
        };
        self.deaths.iter().any(holds)
    }

    /// How the person was supported in a month. A death ends support after its month, so it does not count here.
    pub(crate) fn support(&self, in_month: Month) -> Support {
        let held = |entitlement: &&Entitlement| {
            entitlement.programme.as_str() == "tekun"
                && entitlement.first_month <= in_month
                && entitlement.ended.is_none_or(|ended| ended > in_month)
        };
        let mode = self.entitlements.iter().find(held).map(|one| one.mode.as_ref());
        match mode.map(|mode| mode.map(Code::as_str)) {
            Some(Some("centralised")) => Support::Centralised,
            Some(_) => Support::Dispersed,
            None => Support::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entitlement(mode: &str, first: &str, ended: Option<&str>) -> Entitlement {
        Entitlement {
            programme: Code::of("tekun"),
            mode: Some(mode.parse().unwrap()),
            first_month: first.parse().unwrap(),
            ended: ended.map(|month| month.parse().unwrap()),
        }
    }

    #[test]
    fn the_family_is_told_from_the_day_of_registration_to_that_of_annulment() {
        let death = Death {
            died_on: "2020-01-20".parse().unwrap(),
            registered_on: "2020-04-08".parse().unwrap(),
            annulled_on: Some("2020-04-20".parse().unwrap()),
        };
        let facts = Facts { deaths: vec![death], ..Facts::default() };
        let days = ["2020-01-21", "2020-04-07", "2020-04-08", "2020-04-19", "2020-04-20"];
        let dead = days.map(|day| facts.is_dead(day.parse().unwrap()));
        assert_eq!(dead, [false, false, true, true, false]);
    }

    #[test]
    fn support_is_that_of_the_month() {
        let facts = Facts {
            entitlements: vec![
                entitlement("dispersed", "2020-01", Some("2020-03")),
                entitlement("centralised", "2020-05", None),
            ],
            ..Facts::default()
        };
        let months = ["2019-12", "2020-02", "2020-03", "2020-05"];
        let support = months.map(|month| facts.support(month.parse().unwrap()));
        assert_eq!(support, [Support::None, Support::Dispersed, Support::None, Support::Centralised]);
    }
}
