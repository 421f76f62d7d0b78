//! The one place that randomness comes from.
//!
//! Owns: fresh bytes and the texts made of them. In production they are the operating system's
//! through a `ChaCha` generator; a test hands in a seed and gets the same ones each time.
//! Challenges are not made here: webauthn-rs makes its own.

use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

/// The letters of what people read out: no I, L, O or U, which are misread or misheard (Crockford's
/// base 32).
pub(super) const READABLE_LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Hands out randomness.
#[derive(Debug, Clone)]
pub struct Chance(Arc<Mutex<StdRng>>);

impl Chance {
    /// Seeded by the operating system.
    pub fn from_system() -> Self {
        Self::seeded_by(StdRng::from_rng(&mut system_generator()))
    }

    /// The same randomness each time, for tests.
    #[cfg(test)]
    pub(crate) fn from_seed(seed: u64) -> Self {
        Self::seeded_by(StdRng::seed_from_u64(seed))
    }

    fn seeded_by(generator: StdRng) -> Self {
        Self(Arc::new(Mutex::new(generator)))
    }

    /// Fresh bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes);
        bytes
    }

    /// 256 random bits as base64url text, for tokens and ids that nobody may guess.
    pub fn token(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes::<32>())
    }

    /// 128 random bits as base64url text, for ids that open nothing.
    pub fn id(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes::<16>())
    }

    /// 40 random bits that a person can read out, such as `7KQ4-M2XD`.
    pub fn reference(&self) -> String {
        let mut reference = self.letters(8);
        reference.insert(4, '-');
        reference
    }

    /// So many letters that a person can read out, five random bits each.
    pub fn letters(&self, count: usize) -> String {
        let letter = || {
            let [byte] = self.bytes::<1>();
            READABLE_LETTERS.get(usize::from(byte & 31)).map(|letter| char::from(*letter))
        };
        std::iter::repeat_with(letter).flatten().take(count).collect()
    }
}

#[expect(clippy::disallowed_methods, reason = "the one seed that everything else is drawn from")]
fn system_generator() -> rand::rngs::ThreadRng {
    rand::rng()
}

#[cfg(test)]
mod tests {
    use super::Chance;

    #[test]
    fn a_reference_can_be_read_out() {
        let chance = Chance::from_seed(1);
        let (first, second) = (chance.reference(), chance.reference());
        assert_ne!(first, second);
        assert_eq!(first.len(), 9);
        assert_eq!(&first[4..5], "-");
        assert!(
            first.chars().all(|letter| letter == '-'
                || letter.is_ascii_uppercase()
                || letter.is_ascii_digit())
        );
    }
}
