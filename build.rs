//! Says what the crate embeds besides its own source: migrations and, in the server, the site.

use std::env::var_os;

fn main() -> std::io::Result<()> {
    // A watched folder that does not exist would rebuild the crate every time.
    std::fs::create_dir_all("target/site/pkg")?;
    for folder in ["src/server/passkeys/migrations", "src/server/accounts/migrations"] {
        println!("cargo::rerun-if-changed={folder}");
    }
    // A debug build reads the site when it is asked for it, and need not be built again with it.
    let is_server = var_os("CARGO_FEATURE_SSR").is_some();
    if is_server && var_os("PROFILE").is_some_and(|is| is == "release") {
        println!("cargo::rerun-if-changed=target/site/pkg");
    }
    Ok(())
}
