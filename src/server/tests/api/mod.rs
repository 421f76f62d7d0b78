//! The passkey API as other programs use it: real routes, a relying party and a key of its own, and the
//! software passkey that can lie.

mod ceremonies;
mod component;
mod description;
mod envelopes;
mod idempotency;
mod keys;
mod management;
mod pages;
mod strangers;
mod tokens;

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, ORIGIN};
use axum::http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use super::authenticator::{Authenticator, Lies};
use super::{Reply, TestSite};
use crate::server::passkeys::{Settings, UserVerification};

/// Where the pages of the shop are.
pub(super) const SHOP: &str = "http://localhost:9000";

/// The back end of a relying party.
pub(super) struct BackEnd<'a> {
    pub(super) site: &'a TestSite,
    pub(super) party: String,
    pub(super) key: String,
    pub(super) origin: &'static str,
}

impl<'a> BackEnd<'a> {
    /// One whose pages are at `SHOP`.
    pub(super) async fn of(site: &'a TestSite) -> BackEnd<'a> {
        Self::at(site, SHOP).await
    }

    pub(super) async fn at(site: &'a TestSite, origin: &'static str) -> BackEnd<'a> {
        Self::with(site, origin, UserVerification::Required).await
    }

    pub(super) async fn with(
        site: &'a TestSite,
        origin: &'static str,
        user_verification: UserVerification,
    ) -> BackEnd<'a> {
        let passkeys = &site.site.passkeys;
        let origins = [origin.to_owned()];
        let settings = Settings::new("Shop", "localhost", &origins, user_verification, "none");
        let settings = settings.expect("sound settings");
        let party = passkeys.create_relying_party(settings).await.expect("it is created").party;
        let key = passkeys.create_api_key(&party, "backend", None).await.expect("a sound key");
        let key = key.1.reveal().to_owned();
        Self { site, party: party.id().to_owned(), key, origin }
    }

    pub(super) fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        self.request_with(method, path, "Bearer ")
    }

    pub(super) fn request_with(
        &self,
        method: Method,
        path: &str,
        scheme: &str,
    ) -> axum::http::request::Builder {
        let bearer = format!("{scheme}{}", self.key);
        Request::builder().method(method).uri(path).header(AUTHORIZATION, bearer)
    }

    pub(super) async fn get(&self, path: &str) -> Reply {
        let request = self.request(Method::GET, path).body(Body::empty());
        self.site.answer(request.expect("a request")).await
    }

    pub(super) async fn delete(&self, path: &str) -> Reply {
        let request = self.request(Method::DELETE, path).body(Body::empty());
        self.site.answer(request.expect("a request")).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.post_text(path, "application/json", &body.to_string()).await
    }

    pub(super) async fn post_text(&self, path: &str, content_type: &str, body: &str) -> Reply {
        let request = self.request(Method::POST, path).header(CONTENT_TYPE, content_type);
        let request = request.body(Body::from(body.to_owned())).expect("a request");
        self.site.answer(request).await
    }

    pub(super) async fn post_once(&self, path: &str, body: &Value, name: &str) -> Reply {
        let request = self.request(Method::POST, path).header("idempotency-key", name);
        let request = request.header(CONTENT_TYPE, "application/json");
        let request = request.body(Body::from(body.to_string())).expect("a request");
        self.site.answer(request).await
    }

    pub(super) async fn patch(&self, path: &str, body: &Value) -> Reply {
        let request = self.request(Method::PATCH, path);
        let request = request.header(CONTENT_TYPE, "application/merge-patch+json");
        let request = request.body(Body::from(body.to_string())).expect("a request");
        self.site.answer(request).await
    }

    /// The path of the ceremony and the options.
    pub(super) async fn begin_registration(&self, user: &str) -> (String, Value) {
        let user = json!({ "externalId": user, "name": "ada@example.com", "displayName": "Ada" });
        begun(&self.post("/v1/registrations", &json!({ "user": user })).await)
    }

    pub(super) async fn begin_authentication(&self, asked: &Value) -> (String, Value) {
        begun(&self.post("/v1/authentications", asked).await)
    }

    pub(super) async fn verify(&self, ceremony: &str, answer: &Value) -> Reply {
        self.post(&format!("{ceremony}/verify"), &json!({ "response": answer })).await
    }

    pub(super) async fn register(&self, user: &str, passkey: &mut Authenticator) -> Reply {
        let (ceremony, options) = self.begin_registration(user).await;
        let answer = passkey.create(self.origin, &options);
        self.verify(&ceremony, &answer).await
    }

    pub(super) async fn authenticate(&self, passkey: &mut Authenticator) -> Reply {
        self.authenticate_lying(passkey, &Lies::default()).await
    }

    pub(super) async fn authenticate_lying(
        &self,
        passkey: &mut Authenticator,
        lies: &Lies,
    ) -> Reply {
        let (ceremony, options) = self.begin_authentication(&json!({})).await;
        let answer = passkey.get_lying(self.origin, &options, lies);
        self.verify(&ceremony, &answer).await
    }

    /// A passkey of this user.
    pub(super) async fn passkey_of(&self, user: &str, seed: u64) -> Authenticator {
        let mut passkey = Authenticator::new(seed);
        let reply = self.register(user, &mut passkey).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        passkey
    }

    /// A call of a page, as a browser makes it.
    pub(super) async fn page(&self, path: &str, origin: Option<&str>, body: &Value) -> Reply {
        let request = Request::builder().method(Method::POST);
        let mut request = request.uri(format!("/client/v1/{}/{path}", self.party));
        if let Some(origin) = origin {
            request = request.header(ORIGIN, origin);
        }
        let request = request.header(CONTENT_TYPE, "application/json");
        let request = request.body(Body::from(body.to_string())).expect("a request");
        self.site.answer(request).await
    }
}

/// The path and the options of a ceremony that has begun.
pub(super) fn begun(reply: &Reply) -> (String, Value) {
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
    (reply.header("location").to_owned(), reply.json()["publicKey"].clone())
}

/// That this is a problem with this code, in the form of RFC 9457.
#[track_caller]
pub(super) fn assert_problem(reply: &Reply, status: u16, code: &str) {
    assert_eq!(reply.status.as_u16(), status, "{code}: {}", reply.text);
    assert_eq!(reply.header("content-type"), "application/problem+json", "{code}");
    let problem = reply.json();
    assert_eq!(problem["code"], code, "{}", reply.text);
    assert_eq!(problem["status"], status);
    assert_eq!(problem["type"], format!("http://localhost:8080/docs/reference#{code}"));
    assert_eq!(problem["requestId"], reply.header("x-request-id"));
    for member in ["title", "detail", "instance"] {
        assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{member}");
    }
}
