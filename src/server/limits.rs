//! How many tries an address gets.
//!
//! Owns: the counting (by `governor`, in memory). Decision: only what fails is counted against the
//! limits on answers, by the account that was claimed whether it exists or not, and after the fact: the right passkey is let in even when
//! somebody else at the same address has used up the tries, so nobody can lock an owner out.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use ipnet::IpNet;

use super::accounts::UserName;
use super::config::RateLimits;
use super::passkeys::UserHandle;

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
    /// How many requests a minute.
    pub limit: u32,
    /// After how many seconds there is something again.
    pub seconds: u64,
}

/// A limit for one minute that can say what is left.
#[derive(Debug)]
struct Telling<K: std::hash::Hash + Eq + Clone> {
    limit: u32,
    counter: RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock, StateInformationMiddleware>,
}

impl<K: std::hash::Hash + Eq + Clone> Telling<K> {
    fn new(limit: u32) -> Self {
        let counter = RateLimiter::keyed(quota(limit, Duration::from_mins(1)));
        Self { limit, counter: counter.with_middleware() }
    }

    fn count(&self, key: &K) -> Result<Allowance, Exceeded> {
        match self.counter.check_key(key) {
            Ok(left) => {
                Ok(Allowance { limit: self.limit, remaining: left.remaining_burst_capacity() })
            }
            Err(until) => {
                let wait = until.wait_time_from(self.counter.clock().now());
                Err(Exceeded { limit: self.limit, seconds: wait.as_secs() + 1 })
            }
        }
    }
}

#[derive(Debug)]
struct Counters {
    calls: Telling<String>,
    begins: Telling<Prefix>,
    failures: DefaultKeyedRateLimiter<Prefix>,
    failures_for_account: DefaultKeyedRateLimiter<(Prefix, Vec<u8>)>,
    guesses_for_name: DefaultKeyedRateLimiter<(Prefix, String)>,
    kits: DefaultKeyedRateLimiter<Vec<u8>>,
}

/// Counts tries; or, switched off, does not.
#[derive(Debug)]
pub struct Limits(Option<Counters>);

impl Limits {
    /// None switches all limits off.
    pub fn new(limits: Option<RateLimits>) -> Self {
        Self(limits.map(|limits| Counters {
            calls: Telling::new(limits.api_calls_per_minute),
            begins: Telling::new(limits.begins_per_minute),
            failures: DefaultKeyedRateLimiter::keyed(quota(
                limits.failures_per_address,
                FIVE_MINUTES,
            )),
            failures_for_account: DefaultKeyedRateLimiter::keyed(quota(
                limits.failures_per_account,
                FIVE_MINUTES,
            )),
            guesses_for_name: DefaultKeyedRateLimiter::keyed(quota(
                limits.failures_per_account,
                FIVE_MINUTES,
            )),
            kits: DefaultKeyedRateLimiter::keyed(quota(KITS, FIVE_MINUTES)),
        }))
    }

    /// Counts the beginning of a ceremony, and says whether it may begin.
    pub fn may_begin(&self, prefix: Prefix) -> bool {
        self.begin(prefix).is_ok()
    }

    /// Counts the beginning of a ceremony, and says what is left; nothing where limits are off.
    pub fn begin(&self, prefix: Prefix) -> Result<Option<Allowance>, Exceeded> {
        self.0.as_ref().map(|counters| counters.begins.count(&prefix)).transpose()
    }

    /// Counts a call with this API key, and says what is left; nothing where limits are off.
    pub fn call(&self, key: &str) -> Result<Option<Allowance>, Exceeded> {
        self.0.as_ref().map(|counters| counters.calls.count(&key.to_owned())).transpose()
    }

    /// Counts a refused answer, and says whether it was within the limits.
    pub fn may_fail(&self, prefix: Prefix, account: Option<&UserHandle>) -> bool {
        let Some(counters) = &self.0 else { return true };
        let by_address = counters.failures.check_key(&prefix).is_ok();
        let by_account = account.is_none_or(|account| {
            counters.failures_for_account.check_key(&(prefix, account.as_bytes().to_vec())).is_ok()
        });
        by_address && by_account
    }

    /// Counts a recovery code that was refused, for the name that was typed whether it is anybody's or
    /// not, and says whether it was within the limits.
    pub fn may_guess(&self, prefix: Prefix, name: Option<&UserName>) -> bool {
        let Some(counters) = &self.0 else { return true };
        let by_address = counters.failures.check_key(&prefix).is_ok();
        let by_name = name.is_none_or(|name| {
            let key = (prefix, name.canonical().to_owned());
            counters.guesses_for_name.check_key(&key).is_ok()
        });
        by_address && by_name
    }

    /// Counts a kit of recovery codes that this person wants, and says whether they may have it: making
    /// one is slow on purpose.
    pub fn may_make_kit(&self, user: &UserHandle) -> bool {
        let key = user.as_bytes().to_vec();
        self.0.as_ref().is_none_or(|counters| counters.kits.check_key(&key).is_ok())
    }

    /// Forgets whoever has not been heard of for a while.
    pub fn sweep(&self) {
        if let Some(counters) = &self.0 {
            counters.calls.counter.retain_recent();
            counters.begins.counter.retain_recent();
            counters.failures.retain_recent();
            counters.failures_for_account.retain_recent();
            counters.guesses_for_name.retain_recent();
            counters.kits.retain_recent();
        }
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
    }
}
