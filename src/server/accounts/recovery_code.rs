//! A recovery code: how it looks, and how it is kept.
//!
//! Such as `K7QM-3F9T-X2VB-8HWD`. The first group only says which row to look at; the other three are
//! 60 random bits, kept as argon2id. People type what they read, so what is alike is taken as alike.
//!
//! Decision: hashing is slow and takes memory on purpose. So it happens on threads of its own, two at
//! once, and a request that nobody waits for any more gives its place in the queue away. Kits are made
//! one at a time, beside that: whoever makes many does not keep anybody from coming back.

use std::fmt;
use std::sync::Arc;

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use super::Error;
use crate::server::chance::{Chance, READABLE_LETTERS};

/// Letters of a group, and groups of a code.
const GROUP: usize = 4;

const GROUPS: usize = 4;

/// More than any code has, however it is written.
const TYPED_MAX: usize = 128;

/// What OWASP asks for: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;

const PASSES: u32 = 2;

const LANES: u32 = 1;

/// How many codes are checked at once.
const AT_ONCE: usize = 2;

/// The hash of nothing that anybody can type: checking against it takes as long as against any other.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A code.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct RecoveryCode {
    letters: String,
}

impl RecoveryCode {
    pub(super) fn new(chance: &Chance) -> Self {
        Self { letters: chance.letters(GROUP * GROUPS) }
    }

    /// Takes what somebody typed, in any case, with or without dashes; O is zero, I and L are one.
    pub(super) fn parse(typed: &str) -> Option<Self> {
        if typed.len() > TYPED_MAX {
            return None;
        }
        let meant = |letter: char| match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            letter => letter,
        };
        let is_written = |letter: &char| !letter.is_whitespace() && !is_dash(*letter);
        let letters: String = typed.chars().filter(is_written).map(meant).collect();
        let is_readable =
            |letter: char| u8::try_from(letter).is_ok_and(|byte| READABLE_LETTERS.contains(&byte));
        let is_code = letters.chars().count() == GROUP * GROUPS && letters.chars().all(is_readable);
        is_code.then_some(Self { letters })
    }

    /// Which row to look at.
    pub(super) fn selector(&self) -> &str {
        self.letters.get(..GROUP).unwrap_or_default()
    }

    fn secret(&self) -> &str {
        self.letters.get(GROUP..).unwrap_or_default()
    }

    /// The code for its owner.
    pub(super) fn reveal(&self) -> String {
        let group = |index: usize| self.letters.get(index * GROUP..(index + 1) * GROUP);
        (0..GROUPS).filter_map(group).collect::<Vec<_>>().join("-")
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RecoveryCode(…)")
    }
}

/// Hyphens and dashes, as programs write them for each other.
fn is_dash(letter: char) -> bool {
    matches!(letter, '-' | '_' | '.' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// Hashes codes, a few at once.
#[derive(Debug, Clone)]
pub(super) struct SlowHash {
    checks: Arc<Semaphore>,
    kits: Arc<Semaphore>,
}

impl SlowHash {
    pub(super) fn new() -> Self {
        Self { checks: Arc::new(Semaphore::new(AT_ONCE)), kits: Arc::new(Semaphore::new(1)) }
    }

    /// The hashes of these codes, in their order.
    pub(super) async fn hash(
        &self,
        codes: Vec<RecoveryCode>,
        chance: Chance,
    ) -> Result<Vec<String>, Error> {
        Self::apart(&self.kits, move || {
            let hash = |code: &RecoveryCode| {
                let salt = chance.bytes::<16>();
                let hash = argon2()?.hash_password_with_salt(code.secret().as_bytes(), &salt);
                hash.map(|hash| hash.to_string()).map_err(Error::hashing)
            };
            codes.iter().map(hash).collect()
        })
        .await
    }

    /// Whether the code has this hash. Without a code or a hash the answer is no, and takes as long.
    pub(super) async fn fits(
        &self,
        code: Option<RecoveryCode>,
        hash: Option<String>,
    ) -> Result<bool, Error> {
        Self::apart(&self.checks, move || {
            let secret = code.as_ref().map(RecoveryCode::secret).unwrap_or_default();
            let is_there = code.is_some() && hash.is_some();
            let hash = hash.as_deref().unwrap_or(NOBODYS);
            let fits = argon2()?.verify_password(secret.as_bytes(), hash).is_ok();
            Ok(fits && is_there)
        })
        .await
    }

    async fn apart<T: Send + 'static>(
        places: &Arc<Semaphore>,
        work: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let place = Arc::clone(places).acquire_owned().await.map_err(Error::hashing)?;
        let done = tokio::task::spawn_blocking(move || {
            // Kept until the work is done, even when nobody waits for it any more.
            let _place = place;
            work()
        });
        done.await.map_err(Error::hashing)?
    }
}

fn argon2() -> Result<Argon2<'static>, Error> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(Error::hashing)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::{NOBODYS, RecoveryCode, SlowHash};
    use crate::server::chance::Chance;

    #[test]
    fn a_code_is_read_as_people_write_it() {
        let code = RecoveryCode::parse("K7QM-3F9T-X2VB-8H01").expect("a code");
        assert_eq!(code.selector(), "K7QM");
        assert_eq!(code.reveal(), "K7QM-3F9T-X2VB-8H01");
        for same in [
            "k7qm-3f9t-x2vb-8h01",
            " K7QM3F9TX2VB8H01 ",
            "K7QM 3F9T\u{a0}X2VB\t8HOl",
            "k7qm–3f9t—x2vb−8hoi",
        ] {
            assert_eq!(RecoveryCode::parse(same).as_ref(), Some(&code), "{same:?}");
        }
        for other in
            ["", "K7QM", "K7QM-3F9T-X2VB-8H0U", "K7QM-3F9T-X2VB-8H012", "K7QM-3F9T-X2VB-8H0é"]
        {
            assert_eq!(RecoveryCode::parse(other), None, "{other:?}");
        }
        assert_eq!(RecoveryCode::parse(&"-".repeat(1000)), None);
    }

    #[tokio::test]
    async fn only_the_code_itself_fits() {
        let (chance, slow) = (Chance::from_seed(1), SlowHash::new());
        let (code, other) = (RecoveryCode::new(&chance), RecoveryCode::new(&chance));
        assert_ne!(code, other);
        assert!(!format!("{code:?}").contains(code.selector()));
        let hashes = slow.hash(vec![code.clone()], chance).await.expect("hashes");
        let hash = hashes.first().cloned().expect("one");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let fits = async |code, hash: &str| slow.fits(code, Some(hash.to_owned())).await;
        assert!(fits(Some(code.clone()), &hash).await.expect("an answer"));
        assert!(!fits(Some(other), &hash).await.expect("an answer"));
        assert!(!fits(None, &hash).await.expect("an answer"));
        assert!(!fits(Some(code.clone()), NOBODYS).await.expect("an answer"));
        assert!(!slow.fits(Some(code), None).await.expect("an answer"));
        assert!(argon2::PasswordHash::new(NOBODYS).is_ok(), "it costs what the others cost");
    }
}
