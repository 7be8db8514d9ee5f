//! Closed lists of words: each is one text on the wire, in a column and in a policy pack.

use mz_kernel::words;

words! {
    /// Where a case stands.
    State {
        /// 受理.
        Accepted = "accepted",
        /// 拟办.
        Proposed = "proposed",
        /// 准予.
        Granted = "granted",
        /// 不予.
        Refused = "refused",
        /// 撤回.
        Withdrawn = "withdrawn",
    }
}
mz_store::text_column!(State, "the state of a case");
