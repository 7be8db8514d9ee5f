//! Ids that no other service knows.

mz_kernel::id!(
    /// A proposal to annul an entry in the register of deaths.
    AnnulmentId,
    "annul"
);
mz_store::text_column!(AnnulmentId, "an annulment id");
