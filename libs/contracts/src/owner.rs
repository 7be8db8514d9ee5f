//! The services, as types: which of them publishes an event is part of the event's type.

/// A service that publishes events. Implemented by the table in this file alone.
pub trait Owner: Send + Sync + 'static {
    /// The service's name in subjects, sources and type names, such as `funeral-reform`.
    const NAME: &'static str;
    /// The JetStream stream that this service's relay alone writes (D4), such as `EVT-FUNERAL-REFORM`.
    const STREAM: &'static str;
}

/// Declares the services: one line each. Beside the types it makes `owner_name!(Type)`, because the parts of an
/// event's type name have to be literals to be joined at compile time.
macro_rules! owners {
    ($($(#[doc = $about:literal])+ $Owner:ident = $name:literal on $stream:literal;)+) => {
        $(
            $(#[doc = $about])+
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub enum $Owner {}

            impl Owner for $Owner {
                const NAME: &'static str = $name;
                const STREAM: &'static str = $stream;
            }
        )+

        macro_rules! owner_name {
            $(($Owner) => { $name };)+
        }

        /// Every service by its name, and the stream that it writes.
        pub const OWNERS: &[(&str, &str)] = &[$(($name, $stream)),+];
    };
}

owners! {
    /// 登记: the identity register and the division tree.
    Registration = "registration" on "EVT-REGISTRATION";
    /// 社会救助: cases, entitlements, standards and the month's lines.
    SocialAssistance = "social-assistance" on "EVT-SOCIAL-ASSISTANCE";
    /// 殡葬改革: deaths.
    FuneralReform = "funeral-reform" on "EVT-FUNERAL-REFORM";
    /// 一卡通发放: payees, batches, bank files, recoveries.
    Disbursement = "disbursement" on "EVT-DISBURSEMENT";
    /// 通知: the notices that facts call for.
    Notification = "notification" on "EVT-NOTIFICATION";
    /// 数据一张网: the person file, indicators and reports.
    Insight = "insight" on "EVT-INSIGHT";
    /// 网关: the console, accounts and sessions.
    Gateway = "gateway" on "EVT-GATEWAY";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_named_after_its_service() {
        for (name, stream) in OWNERS {
            assert_eq!(*stream, format!("EVT-{}", name.to_uppercase()));
            assert!(crate::subject::is_token(name), "{name} cannot stand in a subject");
        }
    }
}
