//! The page as islands reach it: its fields, dialogs and texts, the focus, and where it leads.

use js_sys::{JSON, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Element, HtmlButtonElement, HtmlDialogElement, HtmlElement, HtmlInputElement,
    HtmlTemplateElement, Storage, SubmitEvent, VisibilityState, Window,
};

use crate::wire::{Code, Refusal, SitePath};

/// JSON that the browser has read.
#[derive(Debug)]
pub struct ReadJson(JsValue);

impl ReadJson {
    /// None where the text is not JSON.
    pub fn parse(text: &str) -> Option<Self> {
        JSON::parse(text).ok().map(Self)
    }

    /// A member of an object; of anything else there is none, and nothing can be read from it.
    #[must_use]
    pub fn member(&self, name: &str) -> Self {
        Self(Reflect::get(&self.0, &name.into()).unwrap_or(JsValue::UNDEFINED))
    }

    /// A string.
    pub fn text(&self) -> Option<String> {
        self.0.as_string()
    }

    /// A whole number.
    pub fn number(&self) -> Option<u32> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "what does not fit ends at the bounds"
        )]
        self.0.as_f64().map(|number| number as u32)
    }
}

/// The value of the button that sent the form.
pub fn value_of_pressed(event: &SubmitEvent) -> String {
    let button = event.submitter().and_then(|button| button.dyn_into::<HtmlButtonElement>().ok());
    button.map(|button| button.value()).unwrap_or_default()
}

/// Opens a dialog over the page.
pub fn open_dialog(id: &str) {
    if let Some(dialog) = dialog(id) {
        // Fails only where it is open already.
        let _: Result<(), JsValue> = dialog.show_modal();
    }
}

/// Closes a dialog; the focus goes back to where it was.
pub fn close_dialog(id: &str) {
    if let Some(dialog) = dialog(id) {
        dialog.close();
    }
}

fn dialog(id: &str) -> Option<HtmlDialogElement> {
    element(id)?.dyn_into().ok()
}

/// Under what a page leaves a note for the next one.
const NOTE: &str = "keyfold-note";

/// Leaves a note for the next page of this tab: what went wrong.
pub fn leave_note(refusal: &Refusal) {
    if let Some(notes) = notes() {
        let reference = refusal.reference.as_deref().unwrap_or_default();
        // Fails only where the browser keeps nothing.
        let _: Result<(), JsValue> =
            notes.set_item(NOTE, &format!("{} {reference}", refusal.code.as_str()));
    }
}

/// Takes the note that the page before has left.
pub fn take_note() -> Option<Refusal> {
    let notes = notes()?;
    let note = notes.get_item(NOTE).ok()??;
    notes.remove_item(NOTE).ok()?;
    let (code, reference) = note.split_once(' ')?;
    let reference = (!reference.is_empty()).then(|| reference.to_owned());
    Some(Refusal { code: Code::parse(code)?, reference, signal: None })
}

fn notes() -> Option<Storage> {
    window()?.session_storage().ok()?
}

/// Opens another page of this site; the way back leads to this one.
pub fn open(path: &SitePath) {
    if let Some(window) = window() {
        // Fails only for what is no URL.
        let _: Result<(), JsValue> = window.location().assign(path.as_str());
    }
}

/// Leaves this page for another of this site, which takes its place in the history.
pub fn go(path: &SitePath) {
    if let Some(window) = window() {
        // Fails only for what is no URL.
        let _: Result<(), JsValue> = window.location().replace(path.as_str());
    }
}

/// The last part of the path of this page.
pub fn last_of_path() -> String {
    let path = window().and_then(|window| window.location().pathname().ok()).unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

/// What is typed in a field; nothing where there is no such field.
pub fn typed_in(id: &str) -> String {
    let field = element(id).and_then(|element| element.dyn_into::<HtmlInputElement>().ok());
    field.map(|field| field.value()).unwrap_or_default()
}

/// Moves the focus there.
pub fn focus(id: &str) {
    if let Some(element) = element(id) {
        // Fails only for what is not in the page.
        let _: Result<(), JsValue> = element.focus();
    }
}

/// Opens the browser's own dialog for printing.
pub fn print() {
    if let Some(window) = window() {
        // Fails only where nothing can be printed.
        let _: Result<(), JsValue> = window.print();
    }
}

/// A text as an address that a link can save as a file.
pub fn as_file(text: &str) -> String {
    format!("data:text/plain;charset=utf-8,{}", js_sys::encode_uri_component(text))
}

/// Puts a text where it can be pasted from; whether that was allowed.
pub async fn copy(text: &str) -> bool {
    // Elsewhere browsers have no such place.
    let Some(window) = window().filter(Window::is_secure_context) else { return false };
    JsFuture::from(window.navigator().clipboard().write_text(text)).await.is_ok()
}

/// What the page has ready to be said under this id (the page's template of that name).
pub fn said(id: &str) -> String {
    ready_to_be_said(id).and_then(|element| element.text_content()).unwrap_or_default()
}

/// What happened (0) or what to do now (1), in the language of the page.
pub fn sentence(code: Code, which: u32) -> String {
    let sentences = ready_to_be_said(code.as_str());
    let sentences = sentences.or_else(|| ready_to_be_said(Code::ServerTrouble.as_str()));
    let sentence = sentences.and_then(|sentences| sentences.children().item(which));
    sentence.and_then(|sentence| sentence.text_content()).unwrap_or_default()
}

fn ready_to_be_said(id: &str) -> Option<Element> {
    let template = window()?.document()?.get_element_by_id("sentences")?;
    template.dyn_into::<HtmlTemplateElement>().ok()?.content().get_element_by_id(id)
}

/// Whether somebody can see this page.
pub fn is_visible() -> bool {
    let document = window().and_then(|window| window.document());
    document.is_some_and(|document| document.visibility_state() == VisibilityState::Visible)
}

/// Milliseconds since the Unix epoch, by this device. It goes on while the device sleeps.
pub fn now() -> f64 {
    js_sys::Date::now()
}

fn element(id: &str) -> Option<HtmlElement> {
    window()?.document()?.get_element_by_id(id)?.dyn_into().ok()
}

pub(super) fn window() -> Option<Window> {
    web_sys::window()
}
