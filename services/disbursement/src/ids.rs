//! Ids that no other service knows.

mz_kernel::id!(
    /// Where a person is paid, through all corrections.
    PayeeId,
    "payee"
);
mz_kernel::id!(
    /// A proposed offset or waiver of a recovery.
    AgreementId,
    "agree"
);
mz_kernel::id!(
    /// Something that left a batch before it was sealed.
    WithdrawalId,
    "wdr"
);
mz_kernel::id!(
    /// A reading of a bank file.
    ReadingId,
    "read"
);
mz_store::text_column!(PayeeId, "a payee id");
mz_store::text_column!(AgreementId, "an agreement id");
mz_store::text_column!(WithdrawalId, "a withdrawal id");
mz_store::text_column!(ReadingId, "a reading id");
