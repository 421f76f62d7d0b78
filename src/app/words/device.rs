//! What the pages say on which a second device is added.

/// A heading, and what to do.
pub type Step = [&'static str; 2];

/// Words of both pages.
#[derive(Debug)]
pub struct Device {
    pub first: FirstDevice,
    pub second: SecondDevice,
}

/// On the device that is signed in.
#[derive(Debug)]
pub struct FirstDevice {
    pub title: &'static str,
    pub lede: &'static str,
    /// On the account page.
    pub invite: &'static str,
    pub start: Step,
    pub make_link: &'static str,
    pub open: Step,
    pub link: &'static str,
    pub copy: &'static str,
    pub copied: &'static str,
    /// What the picture is, for those who do not see it.
    pub code: &'static str,
    pub works_for: &'static str,
    pub asked: Step,
    pub browser: &'static str,
    pub system: &'static str,
    pub network: &'static str,
    pub unknown: &'static str,
    pub number: &'static str,
    pub add: &'static str,
    pub refuse: &'static str,
    pub confirmed: Step,
    pub added: Step,
    pub to_account: &'static str,
    pub over: Step,
    pub make_another: &'static str,
    pub needs: &'static str,
}

/// On the device that is to be added.
#[derive(Debug)]
pub struct SecondDevice {
    pub title: &'static str,
    /// Before the name of the account.
    pub account: &'static str,
    pub unasked: Step,
    pub ask: &'static str,
    pub waiting: Step,
    pub number: &'static str,
    pub confirmed: Step,
    pub create: &'static str,
    pub over: Step,
    pub same_browser: Step,
    pub to_account: &'static str,
    pub needs: &'static str,
}
