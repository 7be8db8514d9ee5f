//! Ids that no other service knows.

mz_kernel::id!(
    /// A proposal to end an entitlement.
    StopId,
    "stop"
);
mz_store::text_column!(StopId, "a stop id");

mz_kernel::id!(
    /// A standard, entered or adopted.
    StandardId,
    "std"
);
mz_store::text_column!(StandardId, "a standard id");
