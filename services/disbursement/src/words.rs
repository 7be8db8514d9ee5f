//! Closed lists of words: each is one text on the wire, in a column and in a policy pack.

use mz_kernel::words;

words! {
    /// Where a batch stands.
    BatchState {
        /// 编制中: it may change.
        Draft = "draft",
        /// 待审: a maker proposed it; it may still change, and is a draft again when it does.
        Proposed = "proposed",
        /// 已封存: a checker approved it, and it does not change any more.
        Sealed = "sealed",
        /// 已对账: the bank answered for every payment.
        Settled = "settled",
        /// 已作废: given up before it was sealed; it pays nothing.
        Cancelled = "cancelled",
    }
}

impl BatchState {
    /// Whether it may still change.
    pub(crate) fn is_open(self) -> bool {
        matches!(self, Self::Draft | Self::Proposed)
    }
}

words! {
    /// Where a payment stands.
    PaymentState {
        /// In a batch that is not sealed.
        Open = "open",
        /// With the bank.
        Sent = "sent",
        /// 已发放.
        Paid = "paid",
        /// 退票; it may be in an unsealed batch again.
        Returned = "returned",
    }
}

words! {
    /// Whose account it is.
    Relation {
        /// 本人.
        OneSelf = "self",
        /// 家属代领.
        Family = "family",
        /// 供养机构代领.
        Institution = "institution",
    }
}

words! {
    /// How a recovery becomes smaller.
    EntryKind {
        /// 抵扣.
        Offset = "offset",
        /// 退缴: paid back.
        Repayment = "repayment",
        /// 退票冲抵: came back from the bank.
        Return = "return",
        /// 核销.
        Waiver = "waiver",
    }
}

words! {
    /// What two officers agree on about a recovery.
    AgreementKind {
        /// 抵扣: so much a month is kept back.
        Offset = "offset",
        /// 核销: so much is given up.
        Waiver = "waiver",
    }
}

words! {
    /// Why money was paid that is not owed.
    Overpaid {
        /// The person had died.
        Death = "death",
        /// The entitlement had ended otherwise.
        EntitlementStopped = "entitlement-stopped",
        /// Less was owed than had been computed.
        Corrected = "corrected",
    }
}

words! {
    /// Why a line is not paid now.
    Hold {
        /// The entitlement was not told of yet.
        EntitlementUnknown = "entitlement-unknown",
        /// The entitlement ended before the line's month.
        EntitlementStopped = "entitlement-stopped",
        /// The person is registered as dead, and what that ends was not told of yet.
        Death = "death",
        /// Nobody said where it is to be paid.
        NoAccount = "no-account",
        /// A take-back took it.
        TakenBack = "taken-back",
    }
}

mz_store::text_column!(BatchState, "the state of a batch");
mz_store::text_column!(PaymentState, "the state of a payment");
mz_store::text_column!(Relation, "a relation");
mz_store::text_column!(EntryKind, "a kind of entry");
mz_store::text_column!(AgreementKind, "a kind of agreement");
mz_store::text_column!(Hold, "a reason to hold");
