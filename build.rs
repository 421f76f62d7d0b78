//! Says what the crate embeds besides its own source: migrations and, in the server, the site.

fn main() -> std::io::Result<()> {
    // A watched folder that does not exist would rebuild the crate every time.
    std::fs::create_dir_all("target/site/pkg")?;
    for folder in
        ["src/server/passkeys/migrations", "src/server/accounts/migrations", "target/site/pkg"]
    {
        println!("cargo::rerun-if-changed={folder}");
    }
    Ok(())
}
