//! Closed lists of words of the indicator file.

use mz_kernel::words;

words! {
    /// What an indicator counts in.
    Unit {
        /// 人.
        Persons = "persons",
        /// 人次: a person and a month.
        PersonTimes = "person-times",
        /// 件.
        Cases = "cases",
        /// 笔.
        Payments = "payments",
        /// 分.
        Fen = "fen",
    }
}

words! {
    /// Whether an indicator was entered or derived, and over what time.
    Kind {
        /// 时点数: what stands at the end of the last month.
        Stock = "stock",
        /// 期间数: what happened in the months.
        Flow = "flow",
        /// 比率.
        Rate = "rate",
        /// 参数: what was entered.
        Parameter = "parameter",
    }
}

words! {
    /// A relation of facts; each has a month, and most a person and an amount.
    Facts {
        /// A person's month: the net of its lines.
        LinedMonths = "lined-months",
        /// The same, as far as it is settled.
        PaidMonths = "paid-months",
        /// The rest of it.
        UnpaidMonths = "unpaid-months",
        /// Entitlements, in the month of the decision.
        Grants = "grants",
        /// Entitlements that the last month is owed under, by all that is known now.
        Entitled = "entitled",
        /// Entitlements that ended, in the month of the fact that ended them.
        Ends = "ends",
        /// Answers of the bank, in the month of the batch.
        Payments = "payments",
        /// Recoveries as raised.
        Recoveries = "recoveries",
        /// What is still to be recovered.
        Outstanding = "outstanding",
        /// Cases by their acceptance.
        AcceptedCases = "accepted-cases",
        /// Cases by their decision.
        DecidedCases = "decided-cases",
        /// Cases without a decision by the end of the last month.
        OpenCases = "open-cases",
    }
}

words! {
    /// What is made of the rows.
    Measure {
        /// How many.
        Rows = "rows",
        /// How many different persons.
        Persons = "persons",
        /// How many different persons and months, of rows whose amount is above zero.
        PersonTimes = "person-times",
        /// The sum of their amounts.
        Amount = "amount",
    }
}

words! {
    /// By what a figure is broken down.
    Breakdown {
        /// 乡镇.
        Township = "township",
        /// 城乡.
        Class = "class",
        /// 供养方式.
        Mode = "mode",
        /// 月份.
        Month = "month",
    }
}

impl Facts {
    /// Whether its rows stand at the end of the last month or lie within the months.
    pub(super) const fn kind(self) -> Kind {
        match self {
            Self::Entitled | Self::Outstanding | Self::OpenCases => Kind::Stock,
            _ => Kind::Flow,
        }
    }
}
