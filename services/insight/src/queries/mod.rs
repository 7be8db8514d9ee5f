//! What can be read.

mod figures;
mod overview;
mod proof;
mod reports;
mod timeline;

pub(crate) use figures::{OpenFigure, RowView, ShowFigures, figure, rows_of};
pub(crate) use overview::{CaseView, OverviewView, ShowOverview};
pub(crate) use proof::LinedLater;
pub(crate) use reports::{ListReports, OpenReportFigure, ReportHead, ReportView, ShowReport};
pub(crate) use timeline::ShowTimeline;
