//! Ids that no other service knows.

mz_kernel::id!(
    /// A correction of a person's number.
    CorrectionId,
    "corr"
);
mz_store::text_column!(CorrectionId, "a correction id");
