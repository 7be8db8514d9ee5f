//! The service as a process of its own; what it reads is told by `minzheng-disbursement help`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    mz_runtime::run(disbursement::service()).await
}
