//! What can be read.

mod figures;
mod overview;
mod proof;
mod timeline;

pub(crate) use figures::{FigureView, OpenFigure, RowView, ShowFigures};
pub(crate) use overview::{CaseView, OverviewView, ShowOverview};
pub(crate) use proof::LinedLater;
pub(crate) use timeline::ShowTimeline;
