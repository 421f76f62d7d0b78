//! Which AAGUID is whose (WebAuthn Level 3, §6.5.1): the community list of passkey providers,
//! embedded.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use uuid::Uuid;

static NAMES: LazyLock<BTreeMap<Uuid, String>> =
    LazyLock::new(|| serde_json::from_str(include_str!("authenticators.json")).unwrap_or_default());

/// The provider's name; None for an AAGUID that the list does not have, such as the zero one.
pub(super) fn name_of_authenticator(aaguid: &[u8]) -> Option<&'static str> {
    let aaguid = Uuid::from_slice(aaguid).ok()?;
    NAMES.get(&aaguid).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::name_of_authenticator;

    #[test]
    fn a_known_provider_has_a_name() {
        let apple = uuid::uuid!("fbfc3007-154e-4ecc-8c0b-6e020557d7bd");
        assert_eq!(name_of_authenticator(apple.as_bytes()), Some("Apple Passwords"));
        assert_eq!(name_of_authenticator(&[0; 16]), None);
        assert_eq!(name_of_authenticator(b"short"), None);
    }
}
