//! The county that a suite serves ([`mz_runtime::County`]), and the same county under another law.

use crate::simulate::Override;
use mz_policy::PolicyError;

pub use mz_runtime::{County, CountyError, Division};

/// The county in which other amounts hold: see [`Override`].
pub fn what_if(mut county: County, set: &[Override]) -> Result<County, PolicyError> {
    for Override { key, month, amount } in set {
        county.policy = county.policy.with(key, &county.code, *month, *amount)?;
    }
    Ok(county)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_what_if_changes_one_amount() {
        let set: Override = "tekun.urban@2020-07=768".parse().unwrap();
        let County { policy, code, .. } = what_if(County::find("batang").unwrap(), &[set]).unwrap();
        let july = policy
            .money("tekun.standard.urban", &code, "2020-07".parse().unwrap())
            .unwrap();
        assert_eq!(july.to_string(), "768.00");
    }
}
