//! Ids that no other service knows.

mz_kernel::id!(
    /// A reading of a person's records.
    PersonReadId,
    "seen"
);
mz_store::text_column!(PersonReadId, "the id of a reading");
