//! The program: `keyfold`.

use std::process::ExitCode;

/// musl's own allocator costs a third of the throughput.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    keyfold::server::cli::main()
}
