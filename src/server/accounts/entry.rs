//! By what somebody may sign up: by themselves where the site lets everybody, or with a link.
//!
//! Owns: the links' token, and that what let somebody in is noted with their sign-up and looked at once
//! more in the transaction that creates the account, so that nothing a request says later counts.
//!
//! Decision: a token is looked for among the links for admins first, then among the invitations. With
//! 256 bits it is in one of them or in none.

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::{Accounts, Error};
use crate::wire::SignUpPolicy;

/// What stands in a link with which somebody signs up: 256 random bits as base64url. It is never stored
/// or logged.
#[derive(Clone)]
pub struct EntryToken(String);

impl EntryToken {
    /// Takes what an address says.
    pub fn from_address(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The token, for the address.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    pub(super) fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.0.as_bytes()).to_vec()
    }
}

impl fmt::Debug for EntryToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("EntryToken(…)")
    }
}

/// What lets somebody in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// The site lets everybody in.
    Open,
    /// The invitation of this id.
    Invitation(String),
    /// The link for an admin of this hash.
    SetupLink(Vec<u8>),
}

impl SignUpPolicy {
    /// Refuses whoever has no link.
    pub(super) fn without_link(self) -> Result<Entry, Error> {
        match self {
            Self::Open => Ok(Entry::Open),
            Self::ByInvitation => Err(Error::InvitationNeeded),
            Self::Closed => Err(Error::SignUpClosed),
        }
    }

    /// Refuses whoever has an invitation where nobody may sign up.
    pub(super) fn with_invitation(self) -> Result<(), Error> {
        if self == Self::Closed { Err(Error::SignUpClosed) } else { Ok(()) }
    }
}

impl Accounts {
    /// What lets in whoever comes with this link, or with none.
    pub async fn entry(
        &self,
        policy: SignUpPolicy,
        link: Option<&EntryToken>,
    ) -> Result<Entry, Error> {
        let Some(token) = link else { return policy.without_link() };
        if self.is_setup_link(token).await? {
            return Ok(Entry::SetupLink(token.hash()));
        }
        policy.with_invitation()?;
        let invitation = self.invitation(token).await?.ok_or(Error::LinkInvalid)?;
        if invitation.is_open() {
            Ok(Entry::Invitation(invitation.id))
        } else {
            Err(Error::LinkInvalid)
        }
    }
}

impl Entry {
    /// As a sign-up notes it: a link for an admin, or an invitation.
    pub(super) fn noted(&self) -> (Option<&[u8]>, Option<&str>) {
        match self {
            Self::Open => (None, None),
            Self::Invitation(id) => (None, Some(id)),
            Self::SetupLink(hash) => (Some(hash), None),
        }
    }

    /// What it is called in the log.
    pub(super) fn named(&self) -> &str {
        match self {
            Self::Open => "nothing",
            Self::Invitation(id) => id,
            Self::SetupLink(_) => "a setup link",
        }
    }

    /// What was noted.
    pub(super) fn of_noted(setup_link: Option<Vec<u8>>, invitation: Option<String>) -> Self {
        match (setup_link, invitation) {
            (Some(hash), _) => Self::SetupLink(hash),
            (None, Some(id)) => Self::Invitation(id),
            (None, None) => Self::Open,
        }
    }
}
