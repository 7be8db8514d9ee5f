//! Published by insight 数据一张网.

use mz_kernel::{Date, DateSchema, DivisionCode, Month, ReportId};

event! {
    /// A report of figures was released (统计报表): its figures are frozen and open to the rows that make them.
    pub struct ReportReleased v1 of Insight at report.released keyed by report in division {
        /// The report.
        report: ReportId,
        /// The division that it is about.
        division: DivisionCode,
        /// The first month.
        from: Month,
        /// The last month.
        to: Month,
        /// How many figures it has.
        figures: u32,
        /// How many checks did not hold; they are printed with it.
        flags: u32,
        /// The day.
        #[schemars(with = "DateSchema")]
        released_on: Date,
    }
    sample {
        "report": "rpt_01e5cg0000000000000000r001",
        "division": "513335",
        "from": "2020-01",
        "to": "2020-11",
        "figures": 12,
        "flags": 1,
        "released_on": "2020-12-03"
    }
}
