//! Why somebody reads about a person (查阅事由): a closed list, so that readings can be compared.

use mz_kernel::words;

words! {
    /// The purpose of a reading.
    Purpose {
        /// 办理业务: a case, a payment or a death is being worked on.
        Handling = "handling",
        /// 复核审批: what another officer proposed is being checked.
        Checking = "checking",
        /// 群众咨询: the person or the family asks.
        Enquiry = "enquiry",
        /// 信访投诉核查.
        Complaint = "complaint",
        /// 审计监督.
        Audit = "audit",
    }
}
mz_store::text_column!(Purpose, "a purpose of reading");

impl Purpose {
    /// All of them with their Chinese names, as a list shows them.
    pub(crate) const NAMED: [(&str, &str); 5] = [
        (Self::Handling.text(), "办理业务"),
        (Self::Checking.text(), "复核审批"),
        (Self::Enquiry.text(), "群众咨询"),
        (Self::Complaint.text(), "信访投诉核查"),
        (Self::Audit.text(), "审计监督"),
    ];
}
