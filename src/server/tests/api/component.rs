//! The web component says what our own pages say.

use crate::wire::{Code, Language};

const COMPONENT: &str = include_str!("../../../../public/keyfold.js");

#[test]
fn the_web_component_has_our_codes_and_our_sentences() {
    let codes = [
        Code::Cancelled,
        Code::TimedOut,
        Code::Busy,
        Code::DeviceFailed,
        Code::NoPasskeyHere,
        Code::AlreadyRegistered,
        Code::InsecurePage,
        Code::BrowserTooOld,
        Code::DeviceUnsuitable,
        Code::CeremonyExpired,
        Code::Unreachable,
        Code::RateLimited,
        Code::Refused,
        Code::ServerTrouble,
    ];
    for language in Language::ALL {
        for code in codes {
            let [what, next] = (language.words().sentences)(code);
            let line = format!("{}: ['{what}', '{next}'],", code.as_str());
            assert!(COMPONENT.contains(&line), "{line}");
        }
    }
}
