//! The service as a process of its own; what it reads is told by `minzheng-funeral-reform help`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    mz_runtime::run(funeral_reform::service()).await
}
