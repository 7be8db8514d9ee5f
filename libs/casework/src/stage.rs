//! The stages of a case and its legal moves.
//!
//! Accepted 受理 → proposed 拟办 (by the maker 经办) → decided 决定 (by the checker 审批), or withdrawn 撤回
//! before the decision. A pause is not a stage but a state of the [clock](crate::clock).

use mz_kernel::{Date, DateSchema, OfficerId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a case stands, with what brought it there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "stage", rename_all = "kebab-case")]
pub enum Stage {
    /// The bureau took it in; the clock runs.
    Accepted,
    /// An officer proposed a decision.
    Proposed(Proposal),
    /// Another officer decided. The end.
    Decided(Decision),
    /// The applicant took it back. The end.
    Withdrawn(Withdrawal),
}

/// What the bureau says to the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// 准予.
    Granted,
    /// 不予.
    Refused,
}

/// A proposed decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Proposal {
    /// The maker 经办人.
    pub maker: OfficerId,
    /// The legal date.
    #[schemars(with = "DateSchema")]
    pub on: Date,
    /// What is proposed.
    pub outcome: Outcome,
    /// Why.
    pub reasons: Reasons,
}

/// A decision. Its maker and checker are two people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// Who proposed.
    pub maker: OfficerId,
    /// The checker 审批人, who decided.
    pub checker: OfficerId,
    /// The legal date.
    #[schemars(with = "DateSchema")]
    pub on: Date,
    /// What was decided; not always what was proposed.
    pub outcome: Outcome,
    /// Why.
    pub reasons: Reasons,
}

/// An applicant's withdrawal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Withdrawal {
    /// Who recorded it.
    pub officer: OfficerId,
    /// The legal date.
    #[schemars(with = "DateSchema")]
    pub on: Date,
    /// Why.
    pub reasons: Reasons,
}

/// Reasons: at least one, none of them blank.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct Reasons(Vec<String>);

/// What an officer asks a case to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Propose a decision; a proposal that is not decided yet is replaced.
    Propose {
        /// Who asks.
        by: OfficerId,
        /// The legal date.
        on: Date,
        /// What is proposed.
        outcome: Outcome,
        /// Why, in words.
        reasons: Vec<String>,
    },
    /// Decide on the proposal.
    Decide {
        /// Who asks.
        by: OfficerId,
        /// The legal date.
        on: Date,
        /// What is decided.
        outcome: Outcome,
        /// Why, in words.
        reasons: Vec<String>,
    },
    /// Record that the applicant takes the application back.
    Withdraw {
        /// Who asks.
        by: OfficerId,
        /// The legal date.
        on: Date,
        /// Why, in words.
        reasons: Vec<String>,
    },
}

/// Why a case does not make a move.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The checker is the maker.
    #[error("{officer} proposed this decision; another officer has to decide")]
    SameOfficer {
        /// The maker.
        officer: OfficerId,
    },
    /// No reason, or only blanks.
    #[error("a reason is missing; write at least one in `{field}`")]
    ReasonMissing {
        /// The field of the command.
        field: &'static str,
    },
    /// A decision without a proposal.
    #[error("nothing is proposed yet; one officer proposes before another decides")]
    NotProposed,
    /// The case is decided.
    #[error("the case was decided on {on}; a decided case does not move")]
    AlreadyDecided {
        /// When.
        on: Date,
    },
    /// The case was withdrawn.
    #[error("the application was withdrawn on {on}; a withdrawn case does not move")]
    AlreadyWithdrawn {
        /// When.
        on: Date,
    },
}

impl Refusal {
    /// The stable code, for problem documents and programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Refusal::SameOfficer { .. } => "case.same-officer",
            Refusal::ReasonMissing { .. } => "case.reason-missing",
            Refusal::NotProposed => "case.not-proposed",
            Refusal::AlreadyDecided { .. } => "case.already-decided",
            Refusal::AlreadyWithdrawn { .. } => "case.already-withdrawn",
        }
    }

    /// The field of the command to mend, where there is one.
    pub const fn field(&self) -> Option<&'static str> {
        match self {
            Refusal::SameOfficer { .. } => Some("by"),
            Refusal::ReasonMissing { field } => Some(field),
            _ => None,
        }
    }
}

/// The stage that a command leads to, or why it leads nowhere.
pub fn decide(stage: &Stage, command: Command) -> Result<Stage, Refusal> {
    match (stage, command) {
        (Stage::Decided(decision), _) => Err(Refusal::AlreadyDecided { on: decision.on }),
        (Stage::Withdrawn(withdrawal), _) => Err(Refusal::AlreadyWithdrawn { on: withdrawal.on }),
        (
            _,
            Command::Propose {
                by,
                on,
                outcome,
                reasons,
            },
        ) => {
            let reasons = Reasons::try_from(reasons)?;
            Ok(Stage::Proposed(Proposal {
                maker: by,
                on,
                outcome,
                reasons,
            }))
        }
        (Stage::Accepted, Command::Decide { .. }) => Err(Refusal::NotProposed),
        (
            Stage::Proposed(proposal),
            Command::Decide {
                by,
                on,
                outcome,
                reasons,
            },
        ) => {
            if proposal.maker == by {
                return Err(Refusal::SameOfficer { officer: by });
            }
            let reasons = Reasons::try_from(reasons)?;
            Ok(Stage::Decided(Decision {
                maker: proposal.maker,
                checker: by,
                on,
                outcome,
                reasons,
            }))
        }
        (_, Command::Withdraw { by, on, reasons }) => {
            let reasons = Reasons::try_from(reasons)?;
            Ok(Stage::Withdrawn(Withdrawal {
                officer: by,
                on,
                reasons,
            }))
        }
    }
}

impl Stage {
    /// Whether no command can move the case any more.
    pub const fn is_final(&self) -> bool {
        matches!(self, Stage::Decided(_) | Stage::Withdrawn(_))
    }
}

impl Reasons {
    /// The reasons, in the order given.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

impl TryFrom<Vec<String>> for Reasons {
    type Error = Refusal;

    /// Blank ones are left out.
    fn try_from(reasons: Vec<String>) -> Result<Reasons, Refusal> {
        let reasons: Vec<String> = reasons
            .iter()
            .map(|reason| reason.trim().to_owned())
            .filter(|reason| !reason.is_empty())
            .collect();
        if reasons.is_empty() {
            Err(Refusal::ReasonMissing { field: "reasons" })
        } else {
            Ok(Reasons(reasons))
        }
    }
}

impl From<Reasons> for Vec<String> {
    fn from(reasons: Reasons) -> Vec<String> {
        reasons.0
    }
}

#[cfg(test)]
mod tests {
    use mz_kernel::Id;
    use proptest::prelude::*;

    use super::*;

    const ON: Date = Date::constant(2026, 2, 9);

    fn officer(number: u128) -> OfficerId {
        OfficerId::from_bits(number)
    }

    fn propose(by: u128, reasons: &[&str]) -> Command {
        let reasons = reasons.iter().map(ToString::to_string).collect();
        Command::Propose {
            by: officer(by),
            on: ON,
            outcome: Outcome::Granted,
            reasons,
        }
    }

    fn decision(by: u128, outcome: Outcome, reasons: &[&str]) -> Command {
        let reasons = reasons.iter().map(ToString::to_string).collect();
        Command::Decide {
            by: officer(by),
            on: ON,
            outcome,
            reasons,
        }
    }

    fn withdraw(by: u128, reasons: &[&str]) -> Command {
        let reasons = reasons.iter().map(ToString::to_string).collect();
        Command::Withdraw {
            by: officer(by),
            on: ON,
            reasons,
        }
    }

    #[test]
    fn two_officers_decide_a_case() {
        let proposed = decide(&Stage::Accepted, propose(1, &["  meets the conditions ", ""])).unwrap();
        let decided = decide(&proposed, decision(2, Outcome::Refused, &["income too high"])).unwrap();
        let Stage::Decided(made) = &decided else {
            panic!("{decided:?}")
        };
        assert_eq!(
            (made.maker, made.checker, made.outcome),
            (officer(1), officer(2), Outcome::Refused)
        );
        assert_eq!(made.reasons.as_slice(), ["income too high"]);

        let Stage::Proposed(proposal) = proposed else {
            panic!("{proposed:?}")
        };
        assert_eq!(
            proposal.reasons.as_slice(),
            ["meets the conditions"],
            "blanks are left out"
        );
    }

    #[test]
    fn each_refusal_has_its_code() {
        let proposed = decide(&Stage::Accepted, propose(1, &["a"])).unwrap();
        let decided = decide(&proposed, decision(2, Outcome::Granted, &["a"])).unwrap();
        let withdrawn = decide(&proposed, withdraw(1, &["a"])).unwrap();
        for (stage, command, code, field) in [
            (
                &proposed,
                decision(1, Outcome::Granted, &["a"]),
                "case.same-officer",
                Some("by"),
            ),
            (
                &Stage::Accepted,
                propose(1, &[]),
                "case.reason-missing",
                Some("reasons"),
            ),
            (
                &proposed,
                decision(2, Outcome::Refused, &[" ", "\t"]),
                "case.reason-missing",
                Some("reasons"),
            ),
            (
                &Stage::Accepted,
                withdraw(1, &[""]),
                "case.reason-missing",
                Some("reasons"),
            ),
            (
                &Stage::Accepted,
                decision(2, Outcome::Granted, &["a"]),
                "case.not-proposed",
                None,
            ),
            (&decided, propose(3, &["a"]), "case.already-decided", None),
            (
                &withdrawn,
                decision(2, Outcome::Granted, &["a"]),
                "case.already-withdrawn",
                None,
            ),
        ] {
            let refusal = decide(stage, command).unwrap_err();
            assert_eq!((refusal.code(), refusal.field()), (code, field), "{refusal}");
        }
    }

    #[test]
    fn a_stored_decision_without_a_reason_is_not_read() {
        let decided = decide(&Stage::Accepted, propose(1, &["a"])).unwrap();
        let json = serde_json::to_string(&decided).unwrap();
        assert_eq!(serde_json::from_str::<Stage>(&json).unwrap(), decided);
        assert!(json.starts_with("{\"stage\":\"proposed\""), "{json}");
        assert!(serde_json::from_str::<Stage>(&json.replace("[\"a\"]", "[]")).is_err());
    }

    fn command() -> impl Strategy<Value = Command> {
        let reasons = prop_oneof![Just(vec![]), Just(vec!["a"])];
        let outcome = prop_oneof![Just(Outcome::Granted), Just(Outcome::Refused)];
        (0..3, 0_u128..3, outcome, reasons).prop_map(|(kind, by, outcome, reasons)| match kind {
            0 => propose(by, &reasons),
            1 => decision(by, outcome, &reasons),
            _ => withdraw(by, &reasons),
        })
    }

    proptest! {
        #[test]
        fn no_path_leads_to_a_decision_of_one_person_or_out_of_an_end(commands in prop::collection::vec(command(), 0..20)) {
            let mut stage = Stage::Accepted;
            for command in commands {
                match decide(&stage, command) {
                    Ok(next) => {
                        prop_assert!(!stage.is_final());
                        stage = next;
                    }
                    Err(refusal) => prop_assert!(refusal.code().starts_with("case.")),
                }
                if let Stage::Decided(made) = &stage {
                    prop_assert_ne!(made.maker, made.checker);
                    prop_assert!(!made.reasons.as_slice().is_empty());
                }
            }
        }
    }
}
