//! What people see: pages rendered on the server, islands where the browser must act.
//!
//! Owns: pages, the islands in them, and the server functions beside them. Refuses to know: how
//! anything is stored or verified. A page is a load; context does not cross islands.
//!
//! Decision: titles are fixed texts. `leptos_meta` writes a title into the page as it is, so a person's
//! name in one could end the element.

pub mod account;
pub mod answer;
mod ceremony;
pub mod console;
pub mod deed;
pub mod device;
pub mod email;
pub mod enter;
pub mod failure;
pub mod help;
pub mod home;
pub mod invited;
pub mod not_found;
pub mod part;
pub mod passkeys;
pub mod recover;
pub mod recovery;
pub mod recovery_kit;
pub mod sign_in;
pub mod sign_up;
pub mod ui;
pub mod words;

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{SsrMode, path};

/// Every page of the site.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Routes fallback=|| view! { <not_found::NotFoundPage /> }>
                <Route path=path!("/") view=home::HomePage ssr=SsrMode::Async />
                <Route path=path!("/sign-up") view=sign_up::SignUpPage ssr=SsrMode::Async />
                <Route path=path!("/sign-in") view=sign_in::SignInPage ssr=SsrMode::Async />
                <Route path=path!("/help/passkeys") view=help::HelpPage ssr=SsrMode::Async />
                <Route path=path!("/account") view=account::AccountPage ssr=SsrMode::Async />
                <Route path=path!("/account/add-device") view=device::first::FirstDevicePage ssr=SsrMode::Async />
                <Route path=path!("/add-device/:token") view=device::second::SecondDevicePage ssr=SsrMode::Async />
                <Route path=path!("/verify-email/:token") view=email::VerifyEmailPage ssr=SsrMode::Async />
                <Route path=path!("/email-verified") view=email::EmailVerifiedPage ssr=SsrMode::Async />
                <Route path=path!("/account/recovery-codes") view=recovery_kit::KitPage ssr=SsrMode::Async />
                <Route path=path!("/recover") view=recover::RecoverPage ssr=SsrMode::Async />
                <Route path=path!("/recover/:token") view=recover::RecoveryPage ssr=SsrMode::Async />
                <Route path=path!("/invitation/:token") view=invited::InvitationPage ssr=SsrMode::Async />
                <Route path=path!("/setup/:token") view=invited::SetupPage ssr=SsrMode::Async />
                <Route path=path!("/console") view=console::ConsolePage ssr=SsrMode::Async />
                <Route path=path!("/console/users") view=console::users::UsersPage ssr=SsrMode::Async />
                <Route path=path!("/console/invitations") view=console::invitations::InvitationsPage ssr=SsrMode::Async />
                <Route path=path!("/console/settings") view=console::settings::SettingsPage ssr=SsrMode::Async />
                <Route path=path!("/console/users/:id") view=console::user::UserPage ssr=SsrMode::Async />
                <Route path=path!("/console/passkeys") view=console::passkeys::PasskeysPage ssr=SsrMode::Async />
                <Route path=path!("/console/relying-parties") view=console::relying_parties::RelyingPartiesPage ssr=SsrMode::Async />
                <Route path=path!("/console/relying-parties/:id") view=console::relying_party::RelyingPartyPage ssr=SsrMode::Async />
                <Route path=path!("/console/events") view=console::events::EventsPage ssr=SsrMode::Async />
                <Route path=path!("/console/insight") view=console::insight::InsightPage ssr=SsrMode::Async />
            </Routes>
        </Router>
    }
}
