//! Published by notification 通知.

use crate::Code;
use mz_kernel::{Date, DateSchema, DivisionCode, EventId, NoticeId, PersonId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

event! {
    /// A notice was put into an inbox (告知).
    pub struct NoticeIssued v1 of Notification at notice.issued keyed by notice in division {
        /// The notice.
        notice: NoticeId,
        /// Whose inbox.
        recipient: Recipient,
        /// The person that it is to or about.
        #[serde(skip_serializing_if = "Option::is_none")]
        person: Option<PersonId>,
        /// What it says, such as `case-decided`.
        template: Code,
        /// The event that called for it.
        about: EventId,
        /// The division of the recipient.
        division: DivisionCode,
        /// The day.
        #[schemars(with = "DateSchema")]
        issued_on: Date,
    }
    sample {
        "notice": "ntc_01e5cg0000000000000000t001",
        "recipient": "family",
        "person": "per_01e5cg0000000000000000p001",
        "template": "burial-relief",
        "about": "evt_01e5cg0000000000000000e001",
        "division": "513335100",
        "issued_on": "2020-04-08"
    }
}

/// Whose inbox a notice is put into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Recipient {
    /// 本人.
    Person,
    /// 家属: those who act for a person who has died or cannot act.
    Family,
    /// 单位: the office of the division.
    Office,
}
