//! Published by social-assistance 社会救助: cases, entitlements, standards and lines.

use crate::Code;
use mz_kernel::{
    CaseId, Date, DateSchema, DivisionCode, EntitlementId, Fen, LineId, Month, PersonId, RunId, Stamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

event! {
    /// An application was accepted (受理): the legal clock of the case runs.
    pub struct CaseAccepted v1 of SocialAssistance at case.accepted keyed by case in division {
        /// The case.
        case: CaseId,
        /// Who applies.
        person: PersonId,
        /// What for, such as `tekun`.
        programme: Code,
        /// The division that handles it.
        division: DivisionCode,
        /// Day 0 of its terms.
        #[schemars(with = "DateSchema")]
        accepted_on: Date,
        /// The last day on which it may be decided, as long as the clock is not paused.
        #[schemars(with = "DateSchema")]
        due: Date,
    }
    sample {
        "case": "case_01e5cg0000000000000000c001",
        "person": "per_01e5cg0000000000000000p001",
        "programme": "tekun",
        "division": "513335100",
        "accepted_on": "2019-11-18",
        "due": "2020-01-08"
    }
}

event! {
    /// A case was decided by a checker who is not its maker (审核确认).
    pub struct CaseDecided v1 of SocialAssistance at case.decided keyed by case in division {
        /// The case.
        case: CaseId,
        /// Who applied.
        person: PersonId,
        /// What for, such as `tekun`.
        programme: Code,
        /// The division that handled it.
        division: DivisionCode,
        /// How it ended.
        outcome: Outcome,
        /// Why, in the programme's words, such as `no-labour-capacity`; at least one.
        reasons: Vec<Code>,
        /// The day of the decision.
        #[schemars(with = "DateSchema")]
        decided_on: Date,
    }
    sample {
        "case": "case_01e5cg0000000000000000c001",
        "person": "per_01e5cg0000000000000000p001",
        "programme": "tekun",
        "division": "513335100",
        "outcome": "granted",
        "reasons": ["no-labour-capacity", "no-income", "no-supporter"],
        "decided_on": "2019-12-24"
    }
}

event! {
    /// A case was withdrawn (撤回) before it was decided: it is open no more, and nothing follows from it.
    pub struct CaseWithdrawn v1 of SocialAssistance at case.withdrawn keyed by case in division {
        /// The case.
        case: CaseId,
        /// Who applied.
        person: PersonId,
        /// What for, such as `tekun`.
        programme: Code,
        /// The division that handled it.
        division: DivisionCode,
        /// The day.
        #[schemars(with = "DateSchema")]
        withdrawn_on: Date,
    }
    sample {
        "case": "case_01e5cg0000000000000000c001",
        "person": "per_01e5cg0000000000000000p001",
        "programme": "tekun",
        "division": "513335100",
        "withdrawn_on": "2019-12-02"
    }
}

event! {
    /// A person is entitled to a benefit from a month on.
    pub struct EntitlementGranted v1 of SocialAssistance at entitlement.granted keyed by entitlement in division {
        /// The entitlement.
        entitlement: EntitlementId,
        /// The case that granted it.
        case: CaseId,
        /// Who is entitled.
        person: PersonId,
        /// Under which programme, such as `tekun`.
        programme: Code,
        /// The class that sets the standard, such as `urban` or `rural`.
        class: Code,
        /// How it is given, where the programme knows several ways: `centralised` (集中) or `dispersed` (分散).
        #[serde(skip_serializing_if = "Option::is_none")]
        mode: Option<Code>,
        /// The division that pays.
        division: DivisionCode,
        /// The first month that is owed.
        from: Month,
    }
    sample {
        "entitlement": "ent_01e5cg0000000000000000e001",
        "case": "case_01e5cg0000000000000000c001",
        "person": "per_01e5cg0000000000000000p001",
        "programme": "tekun",
        "class": "urban",
        "mode": "dispersed",
        "division": "513335100",
        "from": "2020-01"
    }
}

event! {
    /// An entitlement stopped, perhaps for months that were already lined.
    pub struct EntitlementStopped v1 of SocialAssistance at entitlement.stopped keyed by entitlement in division {
        /// The entitlement.
        entitlement: EntitlementId,
        /// Who was entitled.
        person: PersonId,
        /// Under which programme.
        programme: Code,
        /// The division that paid.
        division: DivisionCode,
        /// The first month that is no longer owed.
        from: Month,
        /// Why, such as `death`.
        reason: Code,
        /// The fact that it rests on.
        cause: Cause,
    }
    sample {
        "entitlement": "ent_01e5cg0000000000000000e001",
        "person": "per_01e5cg0000000000000000p001",
        "programme": "tekun",
        "division": "513335100",
        "from": "2020-02",
        "reason": "death",
        "cause": { "fact": "death", "id": "death_01e5cg0000000000000000d001", "on": "2020-01-20" }
    }
}

event! {
    /// A stopped entitlement lives again, because what stopped it turned out not to be so or has passed.
    pub struct EntitlementResumed v1 of SocialAssistance at entitlement.resumed keyed by entitlement in division {
        /// The entitlement.
        entitlement: EntitlementId,
        /// Who is entitled.
        person: PersonId,
        /// Under which programme.
        programme: Code,
        /// The division that pays.
        division: DivisionCode,
        /// The first month that is owed again.
        from: Month,
        /// The fact that it rests on.
        cause: Cause,
    }
    sample {
        "entitlement": "ent_01e5cg0000000000000000e001",
        "person": "per_01e5cg0000000000000000p001",
        "programme": "tekun",
        "division": "513335100",
        "from": "2020-02",
        "cause": { "fact": "death-annulled", "id": "death_01e5cg0000000000000000d001", "on": "2020-04-20" }
    }
}

event! {
    /// A standard became law for a division (调标): what is owed from that month on follows it.
    pub struct StandardAdopted v1 of SocialAssistance at standard.adopted keyed by division / key in division {
        /// Which standard, such as `tekun.urban`.
        key: Code,
        /// Where it holds, together with all divisions below that have none of their own.
        division: DivisionCode,
        /// The first month that it is about; it may lie in the past.
        from: Month,
        /// How much, for one unit.
        amount: Fen,
        /// What the amount is for, such as `person-month`.
        unit: Code,
        /// The number of the document that says so (文号).
        document: String,
    }
    sample {
        "key": "tekun.urban",
        "division": "513335",
        "from": "2020-07",
        "amount": 76_700,
        "unit": "person-month",
        "document": "示例〔2020〕1号"
    }
}

event! {
    /// A part of the lines that one run of one month wrote; a run is told in several events.
    pub struct LinesComputed v1 of SocialAssistance at lines.computed keyed by run in division {
        /// The run.
        run: RunId,
        /// The number of this part, from 1.
        chunk: u32,
        /// The month that was run.
        month: Month,
        /// The programme that was run.
        programme: Code,
        /// The division whose run it is; its persons may belong to divisions below.
        division: DivisionCode,
        /// What was recorded up to here was taken into account, and nothing later.
        known_at: Stamp,
        /// The lines of this part.
        #[schemars(length(max = Self::LINES_MAX))]
        lines: Vec<LineItem>,
    }
    sample {
        "run": "run_01e5cg0000000000000000r001",
        "chunk": 1,
        "month": "2020-04",
        "programme": "tekun",
        "division": "513335",
        "known_at": "2020-04-10T01:00:00.000000Z",
        "lines": [
            {
                "line": "line_01e5cg0000000000000000n004",
                "entitlement": "ent_01e5cg0000000000000000e001",
                "person": "per_01e5cg0000000000000000p001",
                "month": "2020-02",
                "amount": -70_200,
                "kind": "take-back",
                "corrects": ["line_01e5cg0000000000000000n002"]
            }
        ]
    }
}

impl LinesComputed {
    /// The most lines in one event: with all fields filled it stays below the 256 KiB of a stream's message.
    pub const LINES_MAX: usize = 500;
}

/// One line: a signed amount for one entitlement and one month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LineItem {
    /// The line.
    pub line: LineId,
    /// The entitlement that it is owed under.
    pub entitlement: EntitlementId,
    /// Whose it is.
    pub person: PersonId,
    /// The month that it is for, not the month of the run.
    pub month: Month,
    /// What is owed minus what had been lined; below zero it is taken back.
    pub amount: Fen,
    /// What kind of difference it is.
    pub kind: LineKind,
    /// The lines of the same month that it corrects; none for a month lined for the first time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrects: Vec<LineId>,
}

/// What a line is in relation to the month that was run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LineKind {
    /// The amount of the month that was run (当月).
    Current,
    /// Owed for an earlier month and not lined, or lined too low (补发).
    BackPay,
    /// Lined for an earlier month and not owed, or lined too high (扣回).
    TakeBack,
}

/// How a case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// 确认.
    Granted,
    /// 不予确认.
    Refused,
}

/// The fact that a change rests on, so that a notice and an audit can name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cause {
    /// What it is, such as `death` or `decision`.
    pub fact: Code,
    /// Its id with its owner, such as a death's or a case's.
    pub id: String,
    /// The day on which it happened.
    #[schemars(with = "DateSchema")]
    pub on: Date,
}
