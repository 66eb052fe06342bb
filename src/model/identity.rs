//! The identities of an account: users, roles and groups, and the policies that they hold.

/// A user or a role.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Its ARN.
    pub arn: String,
    /// A user or a role.
    pub kind: IdentityKind,
    /// The policies written into it, by name.
    pub inline: Vec<NamedPolicy>,
    /// The ARNs of the managed policies that it holds.
    pub managed: Vec<String>,
    /// The groups that a user is in, by name.
    pub groups: Vec<String>,
    /// The managed policy that bounds what all others give; none where there is none.
    pub boundary: Option<String>,
}

/// What an identity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IdentityKind {
    /// A user.
    User,
    /// A role.
    Role,
}

impl IdentityKind {
    /// As reports write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Role => "role",
        }
    }
}

/// A group of users.
#[derive(Debug, Clone)]
pub struct Group {
    /// The account that it is in.
    pub account: String,
    /// Its name.
    pub name: String,
    /// The policies written into it, by name.
    pub inline: Vec<NamedPolicy>,
    /// The ARNs of the managed policies that it holds.
    pub managed: Vec<String>,
}

/// A policy with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPolicy {
    /// Its name.
    pub name: String,
    /// Its text.
    pub text: String,
}
