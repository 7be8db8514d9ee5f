//! The service as a process of its own; what it reads is told by `minzheng-insight help`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    mz_runtime::run(insight::service()).await
}
