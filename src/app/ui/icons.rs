//! Keyfold's mark and icons: drawn for it, inline, in the colour of the text around them.
//!
//! They are hidden from screen readers; the words beside them carry the meaning. `style/` gives
//! them their sizes and their line; the width here only keeps them small without a style sheet.

use leptos::prelude::*;

/// The mark: a key whose bit is a folded ribbon, so that it is a K as well. `public/favicon.svg`
/// is the same drawing.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <svg viewBox="2 1 20 22" width="24" fill="currentColor" aria-hidden="true" focusable="false">
            <path fill-rule="evenodd" d="M8 1a6 6 0 0 1 2 11.7V23H6V12.7A6 6 0 0 1 8 1zm0 3.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z"></path>
            <path d="M11 16l5.5-7H22l-5.5 7z"></path>
            <path opacity=".55" d="M11 16h5.5l5.5 7h-5.5z"></path>
        </svg>
    }
}

/// A person.
#[component]
pub fn PersonIcon() -> impl IntoView {
    line("M8 8a4 4 0 1 0 8 0 4 4 0 1 0-8 0M4.5 20v-1a5 5 0 0 1 5-5h5a5 5 0 0 1 5 5v1")
}

/// A letter: an invitation.
#[component]
pub fn InvitationIcon() -> impl IntoView {
    line("M3 6h18v12H3zM3 7l9 6.5L21 7")
}

/// A person and a key: a passkey.
#[component]
pub fn PasskeyIcon() -> impl IntoView {
    line(
        "M5.5 7a4 4 0 1 0 8 0 4 4 0 1 0-8 0M2 20v-1a5 5 0 0 1 5-5h4.5M15 13a3 3 0 1 0 6 0 3 3 0 1 0-6 0M18 16v6M18 19.5h2.5",
    )
}

/// Two arrows that follow each other: the passkey is on all of its owner's devices.
#[component]
pub fn SyncedIcon() -> impl IntoView {
    line("M4 11a8 8 0 0 1 14-4.5l2 2M20 3.5v5h-5M20 13a8 8 0 0 1-14 4.5l-2-2M4 20.5v-5h5")
}

/// A laptop: the passkey stays on this one device.
#[component]
pub fn LaptopIcon() -> impl IntoView {
    line("M4.5 5h15v11h-15zM2 20h20")
}

/// An envelope: an e-mail address.
#[component]
pub fn MailIcon() -> impl IntoView {
    line("M2.5 5.5h19v13h-19zM3 6l9 7 9-7")
}

/// What the line icons share.
fn line(d: &'static str) -> impl IntoView {
    view! {
        <svg viewBox="0 0 24 24" width="24" fill="none" stroke="currentColor" aria-hidden="true" focusable="false">
            <path d=d></path>
        </svg>
    }
}
