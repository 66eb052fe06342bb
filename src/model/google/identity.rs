//! Policies, roles, service accounts and identity pools.

use crate::evidence::Gap;

/// A project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// Its id.
    pub id: String,
    /// Its number.
    pub number: String,
}

/// An allow policy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// Who has which role.
    pub bindings: Vec<Binding>,
    /// Why there may be further bindings; none where these are all.
    pub incomplete: Option<Gap>,
}

/// A role and who has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The role: `roles/run.invoker`, `projects/p/roles/r`.
    pub role: String,
    /// Who, as the policy writes it.
    pub members: Vec<String>,
    /// The expression under which it holds.
    pub condition: Option<String>,
}

/// A rule of a deny policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DenyRule {
    /// The policy it is in.
    pub policy: String,
    /// The permissions it denies, such as `run.googleapis.com/routes.invoke`.
    pub permissions: Vec<String>,
    /// Those it leaves out.
    pub exceptions: Vec<String>,
    /// Whom it denies them.
    pub principals: Vec<String>,
    /// Whom it leaves out.
    pub excepted: Vec<String>,
    /// Whether it has a condition.
    pub conditional: bool,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The permissions it holds; none where it is off or deleted.
    pub permissions: Vec<String>,
}

/// A service account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceAccount {
    /// Whether it is off.
    pub disabled: bool,
}

/// A key that somebody holds in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserKey {
    /// The last part of its name.
    pub id: String,
    /// When it was made.
    pub created: Option<String>,
    /// Whether it is off.
    pub disabled: bool,
}

/// The keys of a service account that somebody holds in a file.
pub type UserKeys = Vec<UserKey>;

/// A provider of a workload identity pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Its canonical name.
    pub name: String,
    /// Whose tokens it takes: an issuer's address, `aws:ACCOUNT`, or what else it is.
    pub issuer: String,
    /// The expression that tokens must fulfil.
    pub condition: Option<String>,
    /// Whether it is off.
    pub disabled: bool,
}

/// The providers of a pool.
pub type Providers = Vec<Provider>;
