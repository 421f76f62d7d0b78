//! Where ceremonies are tried by themselves: a relying party, and a clock that is moved by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tokio_util::task::TaskTracker;

use super::{Binding, Passkeys, RelyingParty, Settings, UserVerification};
use crate::server::chance::Chance;
use crate::server::clock::Clock;

pub(super) struct Scene {
    pub(super) passkeys: Passkeys,
    pub(super) party: RelyingParty,
    time: Arc<AtomicI64>,
}

impl Scene {
    pub(super) async fn new() -> Self {
        let time = Arc::new(AtomicI64::new(1_795_435_500_000));
        let clock = Clock::Held(Arc::clone(&time));
        let passkeys = Passkeys::in_memory(clock, Chance::from_seed(7), TaskTracker::new()).await;
        let origins = ["http://localhost:9000".to_owned()];
        let required = UserVerification::Required;
        let settings = Settings::new("Shop", "localhost", &origins, required, "none");
        let created = passkeys.create_relying_party(settings.expect("sound settings")).await;
        Self { party: created.expect("it is created").party, passkeys, time }
    }

    pub(super) fn pass(&self, milliseconds: i64) {
        self.time.fetch_add(milliseconds, Ordering::SeqCst);
    }

    /// Begins a ceremony, later than those before.
    pub(super) async fn begin(&self, binding: &Binding) -> String {
        self.pass(1);
        let begun = self.passkeys.begin_authentication(&self.party, binding).await;
        begun.expect("it begins").id.0
    }

    /// One for each of these addresses.
    pub(super) async fn begin_at(&self, network: &str, addresses: &[&str]) -> Vec<String> {
        let mut begun = Vec::new();
        for address in addresses {
            begun.push(self.begin(&Binding::to_pages(network, address)).await);
        }
        begun
    }
}
