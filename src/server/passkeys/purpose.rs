//! What a registration is for, and what follows from that.

/// What a registration is for. What has to be shown before it begins, and what stands behind its end,
/// differs: one that was begun for one purpose is never finished for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The first passkey of an account that comes to be with it.
    NewAccount,
    /// One more passkey, for whoever is signed in.
    AnotherPasskey,
    /// One more passkey, on a device that was let in.
    AnotherDevice,
    /// The passkey with which somebody comes back.
    Recovery,
    /// A passkey for a user of another relying party, through its back end.
    ForBackEnd,
    /// A passkey for a user of another relying party, through one of its pages.
    ForPage,
}

impl Purpose {
    /// Whether it is for somebody whom a back end knows by an id of its own.
    pub(super) fn has_user(self) -> bool {
        match self {
            Self::NewAccount | Self::AnotherPasskey | Self::AnotherDevice | Self::Recovery => false,
            Self::ForBackEnd | Self::ForPage => true,
        }
    }

    /// Whether the passkey counts only when the user database has taken it in: so it is where there is one.
    pub(super) fn is_settled_later(self) -> bool {
        !self.has_user()
    }

    /// As the table says it.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::NewAccount => "new account",
            Self::AnotherPasskey => "another passkey",
            Self::AnotherDevice => "another device",
            Self::Recovery => "recovery",
            Self::ForBackEnd => "for a back end",
            Self::ForPage => "for a page",
        }
    }
}
