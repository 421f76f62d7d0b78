//! How many tries an address gets.
//!
//! Owns: who is counted as one, and against what; the counting is done by `governor` in memory, or where
//! several nodes share a database by [`Tries`] in it. Decision: only what fails is counted against the
//! limits on answers, by the account that was claimed whether it exists or not, and after the fact: the right passkey is let in even when
//! somebody else at the same address has used up the tries, so nobody can lock an owner out.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use ipnet::IpNet;

use super::accounts::UserName;
use super::config::RateLimits;
use super::passkeys::{Tries, Try, UserHandle};

const FIVE_MINUTES: Duration = Duration::from_mins(5);

/// How many kits of recovery codes a person may make within five minutes.
const KITS: u32 = 5;

/// Who is counted as one: an IPv4 address or an IPv6 /64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Prefix(IpAddr);

impl Prefix {
    /// The prefix of an address.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(address.into()),
            IpAddr::V6(address) => Self(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into()),
        }
    }
}

impl fmt::Display for Prefix {
    /// The network, so that a person knows where, and nobody knows exactly: a /24 or a /64.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = if self.0.is_ipv4() { 24 } else { 64 };
        let network = IpNet::new(self.0, length).map_err(|_| fmt::Error)?;
        write!(formatter, "{}", network.trunc())
    }
}

impl Prefix {
    /// The address itself, for what nobody reads.
    pub(super) fn exactly(self) -> String {
        self.0.to_string()
    }

    /// What one customer of a provider may have all of, for what nobody reads: a /24 or a /48.
    pub(super) fn surroundings(self) -> String {
        let length = if self.0.is_ipv4() { 24 } else { 48 };
        IpNet::new(self.0, length).map_or_else(|_| self.exactly(), |net| net.trunc().to_string())
    }
}

/// What is left of a limit for one minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// How many requests a minute.
    pub limit: u32,
    /// How many at once now.
    pub remaining: u32,
}

impl Allowance {
    /// After how many seconds without a request everything is there again.
    pub fn full_in_seconds(self) -> u64 {
        let used = u64::from(self.limit.saturating_sub(self.remaining));
        (used * 60).div_ceil(u64::from(self.limit.max(1)))
    }
}

/// There is nothing left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exceeded {
    /// How many tries.
    pub limit: u32,
    /// Within which time.
    pub within: Duration,
    /// After how many seconds there is something again.
    pub seconds: u64,
}

/// One limit: so many tries within a time, by whatever names the one who tries.
#[derive(Debug)]
struct Limit {
    name: &'static str,
    tries: u32,
    within: Duration,
    /// What this process counts by itself.
    here: RateLimiter<
        Vec<u8>,
        DefaultKeyedStateStore<Vec<u8>>,
        DefaultClock,
        StateInformationMiddleware,
    >,
}

impl Limit {
    fn new(name: &'static str, tries: u32, within: Duration) -> Self {
        let here = RateLimiter::keyed(quota(tries, within)).with_middleware();
        Self { name, tries, within, here }
    }

    async fn count(&self, shared: Option<&Tries>, key: &[u8]) -> Result<Allowance, Exceeded> {
        let (limit, within) = (self.tries, self.within);
        let Some(shared) = shared else {
            return match self.here.check_key(&key.to_vec()) {
                Ok(left) => Ok(Allowance { limit, remaining: left.remaining_burst_capacity() }),
                Err(until) => {
                    let wait = until.wait_time_from(self.here.clock().now());
                    Err(Exceeded { limit, within, seconds: wait.as_secs() + 1 })
                }
            };
        };
        match shared.count(self.name, key, self.tries, self.within).await {
            Ok(Try::Within { remaining }) => Ok(Allowance { limit, remaining }),
            Ok(Try::Beyond { wait }) => {
                Err(Exceeded { limit, within, seconds: wait.as_secs() + 1 })
            }
            Err(error) => {
                // Whatever is limited asks the same database next, and fails there.
                tracing::warn!(%error, limit = self.name, "a try could not be counted");
                Ok(Allowance { limit, remaining: 0 })
            }
        }
    }
}

#[derive(Debug)]
struct Counters {
    calls: Limit,
    begins: Limit,
    failures: Limit,
    failures_for_account: Limit,
    guesses_for_name: Limit,
    kits: Limit,
    /// Where more than one node counts.
    shared: Option<Tries>,
}

/// Counts tries; or, switched off, does not.
#[derive(Debug)]
pub struct Limits(Option<Counters>);

impl Limits {
    /// None switches all limits off. `shared` is where all nodes count together; without it this one
    /// counts for itself.
    pub fn new(limits: Option<RateLimits>, shared: Option<Tries>) -> Self {
        let minute = Duration::from_mins(1);
        Self(limits.map(|limits| Counters {
            calls: Limit::new("calls", limits.api_calls_per_minute, minute),
            begins: Limit::new("begins", limits.begins_per_minute, minute),
            failures: Limit::new("failures", limits.failures_per_address, FIVE_MINUTES),
            failures_for_account: Limit::new(
                "failures for account",
                limits.failures_per_account,
                FIVE_MINUTES,
            ),
            guesses_for_name: Limit::new(
                "guesses for name",
                limits.failures_per_account,
                FIVE_MINUTES,
            ),
            kits: Limit::new("kits", KITS, FIVE_MINUTES),
            shared,
        }))
    }

    /// Counts the beginning of a ceremony, and says whether it may begin.
    pub async fn may_begin(&self, prefix: Prefix) -> bool {
        self.begin(prefix).await.is_ok()
    }

    /// Counts the beginning of a ceremony, and says what is left; nothing where limits are off.
    pub async fn begin(&self, prefix: Prefix) -> Result<Option<Allowance>, Exceeded> {
        let Some(counters) = &self.0 else { return Ok(None) };
        counters.count(&counters.begins, prefix.exactly().as_bytes()).await.map(Some)
    }

    /// Counts a call with this API key, and says what is left; nothing where limits are off.
    pub async fn call(&self, key: &str) -> Result<Option<Allowance>, Exceeded> {
        let Some(counters) = &self.0 else { return Ok(None) };
        counters.count(&counters.calls, key.as_bytes()).await.map(Some)
    }

    /// Counts a refused answer against its address alone.
    pub async fn fail(&self, prefix: Prefix) -> Result<(), Exceeded> {
        let Some(counters) = &self.0 else { return Ok(()) };
        counters.count(&counters.failures, prefix.exactly().as_bytes()).await.map(drop)
    }

    /// Counts a refused answer, and says whether it was within the limits.
    pub async fn may_fail(&self, prefix: Prefix, account: Option<&UserHandle>) -> bool {
        let Some(counters) = &self.0 else { return true };
        let address = prefix.exactly();
        let by_address = counters.count(&counters.failures, address.as_bytes()).await.is_ok();
        let Some(account) = account else { return by_address };
        let key = [address.as_bytes(), b"\0", account.as_bytes()].concat();
        counters.count(&counters.failures_for_account, &key).await.is_ok() && by_address
    }

    /// Counts a recovery code that was refused, for the name that was typed whether it is anybody's or
    /// not, and says whether it was within the limits.
    pub async fn may_guess(&self, prefix: Prefix, name: Option<&UserName>) -> bool {
        let Some(counters) = &self.0 else { return true };
        let address = prefix.exactly();
        let by_address = counters.count(&counters.failures, address.as_bytes()).await.is_ok();
        let Some(name) = name else { return by_address };
        let key = [address.as_bytes(), b"\0", name.canonical().as_bytes()].concat();
        counters.count(&counters.guesses_for_name, &key).await.is_ok() && by_address
    }

    /// Counts a kit of recovery codes that this person wants, and says whether they may have it: making
    /// one is slow on purpose.
    pub async fn may_make_kit(&self, user: &UserHandle) -> bool {
        let Some(counters) = &self.0 else { return true };
        counters.count(&counters.kits, user.as_bytes()).await.is_ok()
    }

    /// Forgets whoever has not been heard of for a while.
    pub fn sweep(&self) {
        if let Some(counters) = &self.0 {
            for limit in [
                &counters.calls,
                &counters.begins,
                &counters.failures,
                &counters.failures_for_account,
                &counters.guesses_for_name,
                &counters.kits,
            ] {
                limit.here.retain_recent();
            }
        }
    }
}

impl Counters {
    async fn count(&self, limit: &Limit, key: &[u8]) -> Result<Allowance, Exceeded> {
        limit.count(self.shared.as_ref(), key).await
    }
}

fn quota(tries: u32, within: Duration) -> Quota {
    let burst = NonZeroU32::new(tries).unwrap_or(NonZeroU32::MIN);
    Quota::with_period(within / burst.get()).unwrap_or(Quota::per_minute(burst)).allow_burst(burst)
}

#[cfg(test)]
mod tests {
    use super::Prefix;

    #[test]
    fn an_ipv6_network_counts_as_one() {
        let of = |text: &str| Prefix::of(text.parse().expect("an address"));
        assert_eq!(of("2001:db8:1:2:3::4"), of("2001:db8:1:2:ffff::"));
        assert_ne!(of("2001:db8:1:2::"), of("2001:db8:1:3::"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("192.0.2.1").to_string(), "192.0.2.0/24");
        assert_eq!(of("2001:db8:1:2:3::4").to_string(), "2001:db8:1:2::/64");
        assert_eq!(of("192.0.2.1").surroundings(), "192.0.2.0/24");
        assert_eq!(of("2001:db8:1:2:3::4").surroundings(), "2001:db8:1::/48");
    }
}
