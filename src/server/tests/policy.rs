//! User verification where it is preferred only: what is asked, and what passes.

use serde_json::Value;

use super::authenticator::Authenticator;
use super::relying_parties::{SHOP, answer_at, register, settings};
use super::{TestSite, site_of_ada};
use crate::server::passkeys::{Binding, Label, Purpose, RelyingParty, UserVerification};

async fn party(site: &TestSite, policy: UserVerification) -> RelyingParty {
    let settings = settings(&[SHOP], policy);
    site.site.passkeys.create_relying_party(settings).await.expect("a relying party").party
}

#[tokio::test]
async fn the_options_say_how_strict_a_relying_party_is() {
    let site = TestSite::new().await;
    let passkeys = &site.site.passkeys;
    let binding = Binding::to_holder_of("a browser");
    for policy in [UserVerification::Required, UserVerification::Preferred] {
        let party = party(&site, policy).await;
        let begun = passkeys.begin_authentication(&party, &binding).await.expect("options");
        let options: Value = serde_json::from_str(&begun.options).expect("options");
        assert_eq!(options["userVerification"], policy.code());
        let label = Label { name: "ada", display_name: "Ada" };
        let (user, purpose) = (passkeys.new_user_handle(), Purpose::NewAccount);
        let begun = passkeys.begin_registration(&party, purpose, &user, label, &binding).await;
        let options: Value =
            serde_json::from_str(&begun.expect("options").options).expect("options");
        let selection = &options["authenticatorSelection"];
        assert_eq!(selection["userVerification"], policy.code());
        assert_eq!(
            (&selection["residentKey"], &selection["requireResidentKey"]),
            (&Value::from("required"), &Value::from(true))
        );
        assert_eq!(options["attestation"], "none");
        assert_eq!(options["rp"]["name"], "Shop");
    }
}

#[tokio::test]
async fn where_it_is_preferred_an_answer_without_passes_and_says_so() {
    let site = TestSite::new().await;
    let passkeys = &site.site.passkeys;
    let preferred = party(&site, UserVerification::Preferred).await;
    let mut passkey = Authenticator::new(1);
    let user = register(passkeys, &preferred, &mut passkey).await.expect("a passkey");
    for user_verified in [true, false, true] {
        passkey.user_verified = user_verified;
        let done = answer_at(passkeys, (&preferred, &preferred), &mut passkey).await;
        assert_eq!(done, Ok((user.clone(), user_verified)));
    }
    let mut unverified = Authenticator::new(2);
    unverified.user_verified = false;
    register(passkeys, &preferred, &mut unverified).await.expect("a passkey");
    let done = answer_at(passkeys, (&preferred, &preferred), &mut unverified).await;
    assert!(done.is_ok_and(|(_, verified)| !verified));
}

#[tokio::test]
async fn where_it_is_required_nothing_passes_without() {
    let (site, _) = site_of_ada().await;
    let passkeys = &site.site.passkeys;
    let required = party(&site, UserVerification::Required).await;
    let mut passkey = Authenticator::new(1);
    passkey.user_verified = false;
    let refused = register(passkeys, &required, &mut passkey).await.expect_err("not verified");
    assert!(refused.to_string().contains("user_verification_required"), "{refused}");
    passkey.user_verified = true;
    register(passkeys, &required, &mut passkey).await.expect("a passkey");
    passkey.user_verified = false;
    let refused = answer_at(passkeys, (&required, &required), &mut passkey).await;
    assert!(refused.expect_err("not verified").contains("user_verification_required"));
}

#[tokio::test]
async fn a_policy_that_changes_in_mid_ceremony_is_the_stricter_one() {
    let site = TestSite::new().await;
    let passkeys = &site.site.passkeys;
    let lax = party(&site, UserVerification::Preferred).await;
    let changes = crate::server::passkeys::Changes {
        user_verification: Some(UserVerification::Required),
        ..Default::default()
    };
    let strict = passkeys.change_relying_party(lax.id(), changes).await.expect("a change").party;
    let mut passkey = Authenticator::new(1);
    register(passkeys, &lax, &mut passkey).await.expect("a passkey");
    passkey.user_verified = false;
    for parties in [(&lax, &strict), (&strict, &lax)] {
        let refused = answer_at(passkeys, parties, &mut passkey).await.expect_err("not verified");
        assert!(refused.contains("user_verification_required"), "{refused}");
    }
}
