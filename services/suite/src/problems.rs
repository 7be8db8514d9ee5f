//! The suite's own problem codes.

mz_http::problem_codes! {
    /// The legal date follows the calendar.
    CLOCK = "clock.follows-calendar";
}
