//! Whom a statement speaks of, and who a request is from.

use serde_json::Value as Json;

use super::{
    condition::any,
    pattern::{account_of, is_account},
};
use crate::{
    evidence::Known,
    snapshot::unknown::{holds_placeholder, same},
};

/// Who makes a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graph) enum Caller {
    /// Nobody who says who they are.
    Anonymous,
    /// A principal of an account; a stranger's where none is named, and one that nobody named where it has no name.
    Aws { account: Option<String>, name: Option<String> },
    /// A service; one that nobody named where it has no name.
    Service(Option<String>),
    /// Something that is only what it is: an orphaned id, a federation, a canonical user.
    Only(&'static str, String),
}

/// One principal as a policy writes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::graph) enum Entry {
    Everyone,
    Account(String),
    Named(String),
    Service(String),
    AnyService,
    Only(&'static str, String),
    /// A form whose meaning is not known.
    Strange(String),
}

/// The principals of a statement.
#[derive(Debug, Clone)]
pub(in crate::graph) struct Principals {
    /// Everyone but these.
    pub(in crate::graph) but: bool,
    pub(in crate::graph) entries: Vec<Entry>,
}

impl Principals {
    /// Everyone.
    pub(in crate::graph) fn everyone() -> Self {
        Self { but: false, entries: vec![Entry::Everyone] }
    }

    /// What `Principal` and `NotPrincipal` say.
    pub(in crate::graph) fn parse(allow: bool, principal: Option<&Json>, but: Option<&Json>) -> Result<Self, String> {
        // AWS stores no such statement, and its pages disagree on whether nobody is everyone.
        let nobody = || Entry::Strange("it names no principal".into());
        let entries = |principal| entries(principal, allow && but.is_none());
        match (principal, but) {
            (Some(_), Some(_)) => Err("it has both a principal and a principal that it leaves out".into()),
            (None, None) => Ok(Self { but: false, entries: vec![nobody()] }),
            (Some(principal), None) => {
                let mut entries = entries(principal)?;
                if entries.is_empty() {
                    entries.push(nobody());
                }
                Ok(Self { but: false, entries })
            }
            (None, Some(principal)) => {
                let mut entries = entries(principal)?;
                // Whom a form that AWS refuses would leave out, nobody knows.
                if entries.is_empty() {
                    entries.push(nobody());
                }
                Ok(Self { but: true, entries })
            }
        }
    }

    /// Whether they hold a caller; nothing where that cannot be said.
    pub(in crate::graph) fn hold(&self, caller: &Caller) -> Option<bool> {
        if !self.but {
            return any(self.entries.iter().map(|entry| entry.is(caller)));
        }
        if let Caller::Aws { account: Some(account), name } = caller {
            // Whom the statement leaves out, it has to name with the account and by name; half of it may mean either.
            let account = self.entries.contains(&Entry::Account(account.clone()));
            let itself = name.as_ref().is_some_and(|name| {
                // A session needs its role besides.
                let role = |entry: &Entry| matches!(entry, Entry::Named(named) if session_of(name, named));
                self.entries.contains(&Entry::Named(name.clone()))
                    && (!name.contains(":assumed-role/") || self.entries.iter().any(role))
            });
            let half = name.as_ref().is_some_and(|name| {
                self.entries
                    .iter()
                    .any(|entry| entry.is(&Caller::Aws { account: None, name: Some(name.clone()) }) != Some(false))
            });
            let strange = self.entries.iter().any(Entry::is_unclear);
            return match (account, itself) {
                _ if self.entries.contains(&Entry::Everyone) => Some(false),
                (true, true) => Some(false),
                (true, false) | (false, true) => None,
                (false, false) => (!strange && !half).then_some(true),
            };
        }
        any(self.entries.iter().map(|entry| entry.is(caller))).map(|listed| !listed)
    }
}

impl Principals {
    /// Whether they hold a caller other than by its account; nothing where that cannot be said.
    pub(in crate::graph) fn hold_by_name(&self, caller: &Caller) -> Option<bool> {
        if self.but {
            return self.hold(caller);
        }
        any(self.entries.iter().filter(|entry| !matches!(entry, Entry::Account(_))).map(|entry| entry.is(caller)))
    }
}

impl Entry {
    /// Whether nobody can say whom it names.
    fn is_unclear(&self) -> bool {
        match self {
            Self::Strange(_) | Self::AnyService => true,
            Self::Account(name) | Self::Named(name) => holds_placeholder(name),
            _ => false,
        }
    }

    fn is(&self, caller: &Caller) -> Option<bool> {
        match (self, caller) {
            (Self::Everyone, _) | (Self::AnyService, Caller::Service(_)) => Some(true),
            (Self::Strange(_) | Self::AnyService, _) => None,
            (Self::Account(id), Caller::Aws { account: Some(account), .. }) => same(account, id).into_result().ok(),
            (Self::Named(named), Caller::Aws { name: Some(name), .. }) => {
                if named == name || session_of(name, named) {
                    return Some(true);
                }
                // A session of the role, which one it is nobody knows.
                (!session_of(named, name) && same(named, name) == Known::Known(false)).then_some(false)
            }
            // Names of services are said to be written in one case; nothing says what another case does.
            (Self::Service(named), Caller::Service(Some(name))) if named.eq_ignore_ascii_case(name) => {
                (named == name).then_some(true)
            }
            (Self::Only(kind, named), Caller::Only(of, name)) => Some(kind == of && named == name),
            _ => Some(false),
        }
    }

    /// The caller that it names; none where it names everyone or nobody knows whom.
    pub(in crate::graph) fn caller(&self) -> Option<Caller> {
        match self {
            Self::Account(id) => Some(Caller::Aws { account: Some(id.clone()), name: None }),
            Self::Named(name) => {
                Some(Caller::Aws { account: account_of(name).map(str::to_owned), name: Some(name.clone()) })
            }
            Self::Service(name) => Some(Caller::Service(Some(name.clone()))),
            Self::Only(kind, name) => Some(Caller::Only(kind, name.clone())),
            Self::Everyone | Self::AnyService | Self::Strange(_) => None,
        }
    }
}

/// Whether an ARN is that of a session of a role.
fn session_of(session: &str, role: &str) -> bool {
    let parts = session.split_once(":assumed-role/").and_then(|(_, rest)| rest.split_once('/'));
    let name = role.split_once(":role/").map(|(_, path)| path.rsplit('/').next().unwrap_or(path));
    parts.is_some_and(|(of, _)| Some(of) == name) && account_of(session) == account_of(role)
}

/// AWS refuses some forms that emulators and templates write. Where they would let somebody in they are read as the
/// widest that they can mean; a denial is not relied on.
fn entries(principal: &Json, allow: bool) -> Result<Vec<Entry>, String> {
    let lenient =
        |entry: Entry, form: &str| if allow { entry } else { Entry::Strange(format!("`{form}` is no principal")) };
    let object = match principal {
        Json::String(text) if text == "*" => return Ok(vec![Entry::Everyone]),
        Json::String(text) if text.ends_with(".amazonaws.com") => {
            return Ok(vec![lenient(Entry::Service(text.clone()), text)]);
        }
        Json::String(text) => return Ok(vec![lenient(aws(text, allow), text)]),
        Json::Object(object) => object,
        _ => return Err("its principal is neither text nor an object".into()),
    };
    let mut all = Vec::new();
    for (kind, value) in object {
        let values = super::statement::texts(Some(value))?;
        if values.is_empty() {
            all.push(Entry::Strange("it names no principal".into()));
        }
        all.extend(values.into_iter().map(|text| match kind.as_str() {
            "AWS" => aws(&text, allow),
            "Service" if text == "*" => lenient(Entry::AnyService, "Service: *"),
            "Service" if text.contains(['*', '?']) => Entry::Strange("its service has a wildcard inside".into()),
            "Service" => Entry::Service(text),
            "Federated" if text.contains(['*', '?']) => Entry::Strange("its federation has a wildcard".into()),
            "Federated" => Entry::Only("federated", text),
            "CanonicalUser" if text.contains(['*', '?']) => Entry::Strange("its user has a wildcard".into()),
            "CanonicalUser" => Entry::Only("canonical-user", text),
            other => Entry::Strange(format!("principals of the kind `{other}` are not evaluated by this version")),
        }));
    }
    Ok(all)
}

fn aws(text: &str, allow: bool) -> Entry {
    if text == "*" {
        return Entry::Everyone;
    }
    if is_account(text) {
        return Entry::Account(text.to_owned());
    }
    if text.starts_with("arn:") {
        let mut parts = text.split(':').skip(2);
        let (iam, account, rest) = (parts.next(), parts.nth(1), parts.next());
        return match (iam, account, rest) {
            (Some("iam"), Some("*"), Some("root")) if allow => Entry::Everyone,
            _ if text.contains(['*', '?']) => Entry::Strange("its principal has a wildcard inside".into()),
            (Some("iam"), Some(account), Some("root")) => Entry::Account(account.to_owned()),
            _ => Entry::Named(text.to_owned()),
        };
    }
    let unique = text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if unique && text.starts_with('A') {
        return Entry::Only("orphaned", text.to_owned());
    }
    Entry::Strange(format!("the principal {text} has no form that is known"))
}
