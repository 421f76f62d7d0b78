//! The browser's side of WebAuthn: the one file that touches `navigator.credentials`.
//!
//! Owns: creating and getting passkeys, aborting, and telling the browser about passkeys (the Signal
//! API). What each error means to a person is in [`crate::wire::Failure`]. Options go in and answers come out as JSON text (WebAuthn
//! Level 3, §5.1.8 to §5.1.10). Compiled on both sides, called only in the browser.
//!
//! Decision: the small extern block binds only what web-sys has not got in its stable part.

mod page;

use std::cell::RefCell;

use js_sys::{Function, JSON, Promise, Reflect};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, CredentialCreationOptions, CredentialRequestOptions, CredentialsContainer,
    PublicKeyCredentialCreationOptions, PublicKeyCredentialRequestOptions,
};

use crate::wire::{Call, Code, Failure, Mediation};
use page::window;
pub use page::{
    ReadJson, as_file, close_dialog, copy, focus, go, is_visible, last_of_path, leave_note, now,
    open, open_dialog, print, said, sentence, take_note, typed_in, value_of_pressed,
};

thread_local! {
    /// Calls off the browser call that is under way. A browser takes one at a time, so there is one
    /// for a page. It is not part of the reactive state: that is made on the server too, and what
    /// belongs to a thread must not be dropped on another.
    static UNDER_WAY: RefCell<Option<AbortController>> = const { RefCell::new(None) };
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = PublicKeyCredential)]
    type PasskeyApi;

    #[wasm_bindgen(static_method_of = PasskeyApi, js_class = "PublicKeyCredential", js_name = parseCreationOptionsFromJSON, catch)]
    fn parse_creation_options(
        options: &JsValue,
    ) -> Result<PublicKeyCredentialCreationOptions, JsValue>;

    #[wasm_bindgen(static_method_of = PasskeyApi, js_class = "PublicKeyCredential", js_name = parseRequestOptionsFromJSON, catch)]
    fn parse_request_options(
        options: &JsValue,
    ) -> Result<PublicKeyCredentialRequestOptions, JsValue>;

    #[wasm_bindgen(static_method_of = PasskeyApi, js_class = "PublicKeyCredential", js_name = getClientCapabilities, catch)]
    fn client_capabilities() -> Result<Promise, JsValue>;

    #[wasm_bindgen(static_method_of = PasskeyApi, js_class = "PublicKeyCredential", js_name = isConditionalMediationAvailable, catch)]
    fn conditional_mediation_available() -> Result<Promise, JsValue>;

    #[wasm_bindgen(static_method_of = PasskeyApi, js_class = "PublicKeyCredential", js_name = isUserVerifyingPlatformAuthenticatorAvailable, catch)]
    fn platform_authenticator_available() -> Result<Promise, JsValue>;
}

/// Where a passkey is to be (WebAuthn Level 3, §5.8.7): what the browser offers first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hint {
    /// `client-device`.
    ThisDevice,
    /// `security-key`.
    SecurityKey,
    /// `hybrid`.
    Phone,
}

/// Whether this code runs in a page, and not on the server.
pub fn is_here() -> bool {
    cfg!(target_arch = "wasm32")
}

/// Whether this page can use passkeys at all; if not, why.
pub fn supports_passkeys() -> Result<(), Code> {
    let window = window().ok_or(Code::BrowserTooOld)?;
    if !window.is_secure_context() {
        return Err(Code::InsecurePage);
    }
    let api = Reflect::get(&window, &"PublicKeyCredential".into());
    let reads_json = api.and_then(|api| Reflect::get(&api, &"parseRequestOptionsFromJSON".into()));
    if reads_json.is_ok_and(|reads_json| reads_json.is_function()) {
        Ok(())
    } else {
        Err(Code::BrowserTooOld)
    }
}

/// What the browser says of itself (`getClientCapabilities()`, §5.1.7); None where it does not.
async fn capability(name: &str) -> Option<bool> {
    let said = JsFuture::from(PasskeyApi::client_capabilities().ok()?).await.ok()?;
    let capability = Reflect::get(&said, &name.into()).ok()?;
    (!capability.is_undefined()).then(|| capability.is_truthy())
}

/// Whether passkeys can be offered among the suggestions of an input field (`conditionalGet`).
pub async fn can_offer_in_field() -> bool {
    let said = is_available(PasskeyApi::conditional_mediation_available()).await;
    said && capability("conditionalGet").await != Some(false)
}

/// Whether this device itself can keep a passkey, with a screen lock that knows its owner
/// (`userVerifyingPlatformAuthenticator`).
pub async fn can_keep_passkeys() -> bool {
    let said = is_available(PasskeyApi::platform_authenticator_available()).await;
    said && capability("userVerifyingPlatformAuthenticator").await != Some(false)
}

/// Whether the browser can say at once that there is no passkey on this device (`immediateGet`).
pub async fn can_answer_at_once() -> bool {
    supports_passkeys().is_ok() && capability("immediateGet").await == Some(true)
}

async fn is_available(asked: Result<Promise, JsValue>) -> bool {
    let Ok(promise) = asked else { return false };
    JsFuture::from(promise).await.is_ok_and(|available| available.is_truthy())
}

/// The right to call the browser; taking it calls off the call that is under way. It can be called
/// off before the call is made.
#[derive(Debug)]
pub struct Turn(AbortController);

impl Turn {
    /// Takes the turn.
    pub fn take() -> Result<Self, Code> {
        call_off();
        let abort = AbortController::new().map_err(|_| Code::BrowserTooOld)?;
        UNDER_WAY.set(Some(abort.clone()));
        Ok(Self(abort))
    }
}

/// Calls off the browser call that is under way, if there is one.
pub fn call_off() {
    if let Some(abort) = UNDER_WAY.take() {
        abort.abort();
    }
}

/// Asks the device for a new passkey: `PublicKeyCredentialCreationOptionsJSON` in,
/// `RegistrationResponseJSON` out (§5.1.3).
pub async fn create(options: &str, hint: Option<Hint>, turn: &Turn) -> Result<String, Failure> {
    let call = if can_keep_passkeys().await { Call::Create } else { Call::CreateElsewhere };
    let asked_at = now();
    let made = async {
        let options = PasskeyApi::parse_creation_options(&hinted(options, hint)?)?;
        let creation = CredentialCreationOptions::new();
        creation.set_public_key(&options);
        creation.set_signal(&turn.0.signal());
        answer_of(&JsFuture::from(credentials()?.create_with_options(&creation)?).await?)
    };
    made.await.map_err(|error| failure(call, &error, asked_at))
}

/// Asks the device to sign in: `PublicKeyCredentialRequestOptionsJSON` in,
/// `AuthenticationResponseJSON` out (§5.1.4).
pub async fn get(
    options: &str,
    mediation: Mediation,
    hint: Option<Hint>,
    turn: &Turn,
) -> Result<String, Failure> {
    let asked_at = now();
    let got = async {
        let options = PasskeyApi::parse_request_options(&hinted(options, hint)?)?;
        let request = CredentialRequestOptions::new();
        request.set_public_key(&options);
        request.set_signal(&turn.0.signal());
        match mediation {
            Mediation::Conditional => {
                Reflect::set(&request, &"mediation".into(), &"conditional".into())?;
            }
            Mediation::Immediate => {
                Reflect::set(&request, &"uiMode".into(), &"immediate".into())?;
            }
            Mediation::Modal => {}
        }
        answer_of(&JsFuture::from(credentials()?.get_with_options(&request)?).await?)
    };
    got.await.map_err(|error| Failure {
        mediation: Some(mediation),
        ..failure(Call::Get, &error, asked_at)
    })
}

fn credentials() -> Result<CredentialsContainer, JsValue> {
    Ok(window().ok_or(JsValue::UNDEFINED)?.navigator().credentials())
}

fn failure(call: Call, error: &JsValue, asked_at: f64) -> Failure {
    let name = Reflect::get(error, &"name".into()).ok().and_then(|name| name.as_string());
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "what does not fit ends at the bounds"
    )]
    let after = (now() - asked_at) as u32;
    Failure { call, error: name.unwrap_or_default(), after, mediation: None }
}

/// The options as the browser reads them, with the hint among them.
fn hinted(options: &str, hint: Option<Hint>) -> Result<JsValue, JsValue> {
    let options = JSON::parse(options)?;
    if let Some(hint) = hint {
        Reflect::set(&options, &"hints".into(), &js_sys::Array::of1(&hint.name().into()))?;
    }
    Ok(options)
}

impl Hint {
    const ALL: [Self; 3] = [Self::ThisDevice, Self::SecurityKey, Self::Phone];

    fn name(self) -> &'static str {
        match self {
            Self::ThisDevice => "client-device",
            Self::SecurityKey => "security-key",
            Self::Phone => "hybrid",
        }
    }

    /// The hint of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|hint| hint.name() == name)
    }
}

/// Which of its methods the Signal API has for what there is to tell (§5.1.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// This passkey is in no account.
    UnknownCredential,
    /// This person has these passkeys and no others.
    AllAcceptedCredentials,
    /// This person is called like this.
    CurrentUserDetails,
}

/// Tells the browser about passkeys where nobody waits for it.
pub async fn signal(signal: Signal, argument: &str) {
    // There is nobody to tell when it fails: the browser then keeps what opens nothing.
    let _: Result<(), Failure> = try_to_signal(signal, argument).await;
}

/// Tells the browser about passkeys; `argument` is JSON text from the server. Where it fails the browser
/// keeps what it has: passkeys that open nothing, or an old name.
pub async fn try_to_signal(signal: Signal, argument: &str) -> Result<(), Failure> {
    let method = match signal {
        Signal::UnknownCredential => "signalUnknownCredential",
        Signal::AllAcceptedCredentials => "signalAllAcceptedCredentials",
        Signal::CurrentUserDetails => "signalCurrentUserDetails",
    };
    let asked_at = now();
    let told = async {
        let api = Reflect::get(&js_sys::global(), &"PublicKeyCredential".into())?;
        let method = Reflect::get(&api, &method.into())?;
        let method = method.dyn_into::<Function>().map_err(|_| not_there())?;
        let promise = method.call1(&api, &JSON::parse(argument)?)?;
        JsFuture::from(promise.dyn_into::<Promise>()?).await
    };
    told.await.map(drop).map_err(|error| failure(Call::Signal, &error, asked_at))
}

/// As a browser says it that knows the method and cannot do it.
fn not_there() -> JsValue {
    let error = js_sys::Error::new("");
    error.set_name("NotSupportedError");
    error.into()
}

/// `JSON.stringify` calls `toJSON` by itself.
fn answer_of(credential: &JsValue) -> Result<String, JsValue> {
    JSON::stringify(credential).map(String::from)
}
