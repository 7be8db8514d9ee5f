//! The suite's own problem codes.

mz_http::problem_codes! {
    /// A parked event failed again.
    STILL_PARKED = "parked.still";
    /// The legal date follows the calendar.
    CLOCK = "clock.follows-calendar";
}
