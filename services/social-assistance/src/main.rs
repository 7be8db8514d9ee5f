//! The service as a process of its own; what it reads is told by `minzheng-social-assistance help`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    mz_runtime::run(social_assistance::service()).await
}
