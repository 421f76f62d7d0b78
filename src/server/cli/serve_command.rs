//! `keyfold serve`: what its options stand for.

/// How the server runs.
#[derive(Debug, Default, clap::Args)]
pub(super) struct ServeCommand {
    /// Start even though passkeys bound to this host can then no longer sign anybody in.
    #[arg(long, value_name = "RP_ID", value_delimiter = ',')]
    pub(super) accept_stranded_passkeys: Vec<String>,
}
