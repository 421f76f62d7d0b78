//! Tokens: what they say, who takes them, and when they are over.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use tokio_util::task::TaskTracker;

use super::held_clock;
use crate::server::chance::Chance;
use crate::server::database::{Location, sql};
use crate::server::passkeys::{
    Claims, CredentialId, Passkeys, RelyingParty, Settings, TokenPurpose, TokenRefused,
    UserVerification, Verified,
};

pub(super) const ISSUER: &str = "https://id.example";

/// A passkey service with two relying parties, whose clock is held.
pub(super) struct Service {
    pub(super) passkeys: Passkeys,
    pub(super) shop: RelyingParty,
    pub(super) bank: RelyingParty,
    time: Arc<AtomicI64>,
}

impl Service {
    pub(super) async fn new() -> Self {
        let (clock, time) = held_clock();
        Self::of(Passkeys::in_memory(clock, Chance::from_seed(7), TaskTracker::new()).await, time)
            .await
    }

    /// One whose database is a file, opened by this many processes at once.
    pub(super) async fn in_folder(folder: &std::path::Path, processes: u64) -> Vec<Self> {
        let (clock, time) = held_clock();
        let file = Location::File(folder.join("passkeys.db"));
        // Migrations have locks of their own, and are not what is tried here.
        let first =
            Passkeys::open(&file, clock.clone(), Chance::from_seed(0), TaskTracker::new()).await;
        let first = first.expect("the database opens");
        Self::of(first.clone(), Arc::clone(&time)).await;
        let forget = sql::query("delete from signing_keys");
        forget.execute(first.database().writer()).await.expect("the key is gone");
        let open = async |seed| {
            let passkeys =
                Passkeys::open(&file, clock.clone(), Chance::from_seed(seed), TaskTracker::new())
                    .await;
            Self::of(passkeys.expect("the database opens"), Arc::clone(&time)).await
        };
        let services = (0..processes).map(|process| open(process + 1));
        let services = futures::future::join_all(services).await;
        first.database().close().await;
        services
    }

    async fn of(passkeys: Passkeys, time: Arc<AtomicI64>) -> Self {
        let party = async |host: &str| {
            let known = passkeys.relying_parties().await.expect("they are listed");
            if let Some(known) = known.into_iter().find(|known| known.party.rp_id() == host) {
                return known.party;
            }
            let origins = [format!("https://{host}")];
            let required = UserVerification::Required;
            let settings = Settings::new("A site", host, &origins, required, "none");
            let created = passkeys.create_relying_party(settings.expect("sound settings")).await;
            created.expect("it is created").party
        };
        let shop = party("shop.example").await;
        let bank = party("bank.example").await;
        Self { passkeys, shop, bank, time }
    }

    pub(super) fn pass(&self, seconds: i64) {
        self.time.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    pub(super) async fn sweep(&self) {
        self.passkeys.sweep().await.expect("it can be swept");
    }

    pub(super) async fn token(&self) -> String {
        self.token_of(true, TokenPurpose::Authentication).await
    }

    pub(super) async fn token_of(&self, user_verified: bool, purpose: TokenPurpose) -> String {
        let credential = credential();
        let verified =
            Verified { external_id: "ada", credential: &credential, user_verified, purpose };
        let token = self.passkeys.issue_token(ISSUER, &self.shop, &verified).await;
        token.expect("a token")
    }

    pub(super) async fn spend(&self, token: &str) -> Result<Claims, TokenRefused> {
        self.passkeys.spend_token(ISSUER, &self.shop, token).await
    }

    /// Asserts that the token is not taken, and not spent by that.
    pub(super) async fn refuses(&self, what: &str, token: &str) {
        let refused = self.spend(token).await;
        assert!(matches!(refused, Err(TokenRefused::Invalid)), "{what}: {refused:?}");
    }

    pub(super) async fn jwks(&self) -> Value {
        self.passkeys.jwks().await.expect("keys")
    }

    pub(super) async fn kids(&self) -> Vec<String> {
        let keys = self.passkeys.signing_keys().await.expect("keys");
        keys.into_iter().map(|key| key.kid).collect()
    }

    pub(super) async fn rotate(&self) -> String {
        self.passkeys.rotate_signing_key().await.expect("a key").kid
    }
}

fn credential() -> CredentialId {
    CredentialId::parse(&URL_SAFE_NO_PAD.encode([7; 16])).expect("a credential id")
}

pub(super) fn part(token: &str, number: usize) -> Value {
    let part = token.split('.').nth(number).expect("a part");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
}

/// The token with another header or other claims, and the signature that it had.
pub(super) fn with_part(token: &str, number: usize, value: &Value) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    parts[number] = URL_SAFE_NO_PAD.encode(value.to_string());
    parts.join(".")
}

#[tokio::test]
async fn a_token_says_who_where_when_and_how() {
    let service = Service::new().await;
    let token = service.token().await;
    let [kid] = &service.kids().await[..] else { panic!("there is one key") };
    assert_eq!(part(&token, 0), json!({ "typ": "JWT", "alg": "ES256", "kid": kid }));
    let claims = part(&token, 1);
    let jti = claims["jti"].as_str().expect("an id");
    assert_eq!(jti.len(), 22);
    let wanted = json!({
        "iss": "https://id.example", "aud": service.shop.id(), "sub": "ada",
        "iat": 1_795_435_500, "exp": 1_795_435_620, "jti": jti, "amr": ["pop", "user", "mfa"],
        "cred": "BwcHBwcHBwcHBwcHBwcHBw", "purpose": "authentication",
    });
    assert_eq!(claims, wanted);
    let read = service.spend(&token).await.expect("it is taken");
    assert_eq!(json!(read), wanted);
    let token = service.token_of(false, TokenPurpose::Registration).await;
    let claims = part(&token, 1);
    assert_eq!(claims["amr"], json!(["pop", "user"]));
    assert_eq!(claims["purpose"], "registration");
    assert_ne!(claims["jti"], jti);
}

#[tokio::test]
async fn a_token_is_taken_once() {
    let service = Service::new().await;
    let (token, other) = (service.token().await, service.token().await);
    service.spend(&token).await.expect("the first time");
    for _ in 0..2 {
        let again = service.spend(&token).await;
        assert!(matches!(again, Err(TokenRefused::AlreadyUsed)), "{again:?}");
    }
    service.spend(&other).await.expect("another one");
}

#[tokio::test]
async fn a_token_holds_for_two_minutes() {
    let service = Service::new().await;
    let (first, second) = (service.token().await, service.token().await);
    service.pass(119);
    service.spend(&first).await.expect("in time");
    service.pass(1);
    service.refuses("over", &second).await;
    service.refuses("over and spent", &first).await;
}

#[tokio::test]
async fn a_clock_that_is_put_back_revives_nothing() {
    let service = Service::new().await;
    let (spent, unspent) = (service.token().await, service.token().await);
    service.spend(&spent).await.expect("the first time");
    service.pass(3600);
    service.sweep().await;
    service.pass(-3600);
    let again = service.spend(&spent).await;
    assert!(matches!(again, Err(TokenRefused::AlreadyUsed)), "{again:?}");
    service.pass(-61);
    service.refuses("from the future", &unspent).await;
    service.pass(1);
    service.spend(&unspent).await.expect("a minute is tolerated");
}

#[tokio::test]
async fn spent_tokens_are_forgotten_in_the_end() {
    let service = Service::new().await;
    let token = service.token().await;
    service.spend(&token).await.expect("the first time");
    let count = async || {
        let count = sql::query_scalar::<i64>("select count(*) from spent_tokens");
        count.fetch_one(service.passkeys.database().reader()).await.expect("a count")
    };
    service.pass(120);
    service.sweep().await;
    assert_eq!(count().await, 1);
    service.pass(2 * 3600);
    service.sweep().await;
    assert_eq!(count().await, 0);
    service.refuses("over", &token).await;
}

#[tokio::test]
async fn a_token_is_for_one_relying_party_and_from_one_service() {
    let service = Service::new().await;
    let token = service.token().await;
    let foreign = service.passkeys.spend_token(ISSUER, &service.bank, &token).await;
    assert!(matches!(foreign, Err(TokenRefused::NotTheirs)), "{foreign:?}");
    let altered = with_part(&token, 1, &json!({ "aud": service.bank.id() }));
    let forged = service.passkeys.spend_token(ISSUER, &service.shop, &altered).await;
    assert!(matches!(forged, Err(TokenRefused::Invalid)), "nobody signed it: {forged:?}");
    for issuer in ["https://other.example", "https://id.example/", "", "http://id.example"] {
        let refused = service.passkeys.spend_token(issuer, &service.shop, &token).await;
        assert!(matches!(refused, Err(TokenRefused::Invalid)), "{issuer}: {refused:?}");
    }
    service.spend(&token).await.expect("it was not spent by that");
}

#[tokio::test]
async fn a_token_that_was_altered_is_refused() {
    let service = Service::new().await;
    let token = service.token().await;
    let (header, claims) = (part(&token, 0), part(&token, 1));
    let changes = [
        ("sub", json!("eve")),
        ("aud", json!([service.shop.id(), service.bank.id()])),
        ("exp", json!(1_895_435_620)),
        ("jti", json!("another")),
        ("purpose", json!("registration")),
    ];
    for (name, value) in changes {
        let mut claims = claims.clone();
        claims[name] = value;
        service.refuses(name, &with_part(&token, 1, &claims)).await;
    }
    for value in [json!("unknown"), json!(null), json!(7), json!(["a"]), json!("' or 1=1 --")] {
        let mut header = header.clone();
        header["kid"] = value;
        service.refuses("kid", &with_part(&token, 0, &header)).await;
    }
    for (index, letter) in token.char_indices() {
        service.refuses("truncated", &token[..index]).await;
        let other = if letter == 'A' { "Q" } else { "A" };
        let altered = format!("{}{other}{}", &token[..index], &token[index + 1..]);
        service.refuses("a letter", &altered).await;
    }
    for strange in ["", ".", "..", "...", "a.b.c", "\0", "é.é.é", "null", "{}"] {
        service.refuses(strange, strange).await;
    }
    let unsigned = token.rsplit_once('.').expect("a signature").0;
    for signature in [String::new(), URL_SAFE_NO_PAD.encode([0; 64])] {
        service.refuses("signature", &format!("{unsigned}.{signature}")).await;
    }
    service.refuses("more", &format!("{token}.{token}")).await;
    service.spend(&token).await.expect("it was not spent by all that");
}

#[tokio::test]
async fn the_algorithm_is_not_the_tokens_to_choose() {
    let service = Service::new().await;
    let token = service.token().await;
    let (header, claims) = (part(&token, 0), part(&token, 1));
    let mut none = header.clone();
    for algorithm in ["none", "None", "NONE", "nOnE", "", "ES384", "RS256", "EdDSA", "HS256"] {
        none["alg"] = json!(algorithm);
        let altered = with_part(&token, 0, &none);
        service.refuses(algorithm, &altered).await;
        let unsigned = altered.rsplit_once('.').expect("a signature").0;
        service.refuses(algorithm, &format!("{unsigned}.")).await;
    }
    let document = service.jwks().await;
    let key = &document["keys"][0];
    let coordinate = |name: &str| {
        URL_SAFE_NO_PAD.decode(key[name].as_str().expect("a coordinate")).expect("base64url")
    };
    let point = [vec![4], coordinate("x"), coordinate("y")].concat();
    let secrets = [
        point.clone(),
        point[1..].to_vec(),
        coordinate("x"),
        key.to_string().into_bytes(),
        document.to_string().into_bytes(),
        key["x"].to_string().into_bytes(),
        vec![],
    ];
    let kid = header["kid"].as_str().map(str::to_owned);
    for secret in secrets {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let header = Header { kid: kid.clone(), ..Header::new(algorithm) };
            let key = EncodingKey::from_secret(&secret);
            let forged = jsonwebtoken::encode(&header, &claims, &key).expect("a token");
            service.refuses("signed with the public key", &forged).await;
        }
    }
}

#[tokio::test]
async fn of_many_who_spend_a_token_at_once_one_wins() {
    let folder = tempfile::tempdir().expect("a folder");
    let services = Service::in_folder(folder.path(), 3).await;
    let token = services[0].token().await;
    let tries = (0..24).map(|number| services[number % 3].spend(&token));
    let done = futures::future::join_all(tries).await;
    assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1);
    let used = done.iter().filter(|done| matches!(done, Err(TokenRefused::AlreadyUsed))).count();
    assert_eq!(used, 23);
}
