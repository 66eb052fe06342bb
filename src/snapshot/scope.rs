//! Which account, project and region something was read in.

use std::{borrow::Cow, cell::RefCell, cmp::Ordering, collections::HashMap, fmt, ops::Deref, str::FromStr, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Cloud;

/// One account (or project) in one region: the unit in which clouds list things. Written `aws:123456789012:us-west-2`.
///
/// Everything that is read, found and said bears one, so it costs a reference count to hand around.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ScopeId(Arc<Unit>);

/// What a [`ScopeId`] says.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unit {
    /// The cloud.
    pub cloud: Cloud,
    /// The AWS account id, or the Google Cloud project id; `folders/F` or `organizations/O` for what stands above it.
    pub account: String,
    /// The region, or `global`.
    pub region: String,
}

impl ScopeId {
    /// The region of what is in all regions, or in none.
    pub const GLOBAL: &'static str = "global";

    /// An account, or a project, in a region.
    pub fn new(cloud: Cloud, account: impl Into<String>, region: impl Into<String>) -> Self {
        Self(Arc::new(Unit { cloud, account: account.into(), region: region.into() }))
    }

    /// An account of AWS in a region.
    pub fn aws(account: impl Into<String>, region: impl Into<String>) -> Self {
        Self::new(Cloud::Aws, account, region)
    }

    /// A project of Google Cloud, or a folder or organisation, in a region.
    pub fn gcp(account: impl Into<String>, region: impl Into<String>) -> Self {
        Self::new(Cloud::Gcp, account, region)
    }

    /// The same account in another region.
    #[must_use]
    pub fn within(&self, region: &str) -> Self {
        if self.region == region { self.clone() } else { Self::new(self.cloud, self.account.as_str(), region) }
    }

    /// All regions of the account.
    #[must_use]
    pub fn everywhere(&self) -> Self {
        self.within(Self::GLOBAL)
    }

    /// Another account in the same region.
    #[must_use]
    pub fn of(&self, account: &str) -> Self {
        if self.account == account { self.clone() } else { Self::new(self.cloud, account, self.region.as_str()) }
    }
}

impl Deref for ScopeId {
    type Target = Unit;

    fn deref(&self) -> &Unit {
        &self.0
    }
}

impl Ord for ScopeId {
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.0, &other.0) { Ordering::Equal } else { self.0.cmp(&other.0) }
    }
}

impl PartialOrd for ScopeId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for ScopeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Unit { cloud, account, region } = &**self;
        f.debug_struct("ScopeId").field("cloud", cloud).field("account", account).field("region", region).finish()
    }
}

impl fmt::Display for ScopeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.cloud, self.account, self.region)
    }
}

impl FromStr for ScopeId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // A project of Google Cloud may bear a domain in front, `example.com:name`; a region never does.
        let parts = text.split_once(':').and_then(|(cloud, rest)| Some((cloud, rest.rsplit_once(':')?)));
        let Some((cloud, (account, region))) = parts else {
            return Err(format!("`{text}` is not a scope: expected cloud:account:region"));
        };
        let cloud = match cloud {
            "aws" => Cloud::Aws,
            "gcp" => Cloud::Gcp,
            other => return Err(format!("`{other}` is not a cloud this version knows")),
        };
        Ok(Self::new(cloud, account, region))
    }
}

impl Serialize for ScopeId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// How many scopes a thread that reads remembers: more than organisations have, and little memory.
const REMEMBERED: usize = 16_384;

thread_local! {
    /// The scopes that this thread has read, so that a million records of a thousand scopes hold a thousand.
    static READ: RefCell<HashMap<Box<str>, ScopeId>> = RefCell::default();
}

impl<'de> Deserialize<'de> for ScopeId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        READ.with_borrow_mut(|read| {
            if let Some(scope) = read.get(&*text) {
                return Ok(scope.clone());
            }
            let scope: Self = text.parse().map_err(de::Error::custom)?;
            if read.len() >= REMEMBERED {
                read.clear();
            }
            read.insert(text.into(), scope.clone());
            Ok(scope)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_that_is_read_twice_is_held_once_however_many_are_between() {
        let read = |text: &str| serde_json::from_str::<ScopeId>(&format!("{text:?}")).expect("a scope");
        let (first, again) = (read("aws:123456789012:us-west-2"), read("aws:123456789012:us-west-2"));
        assert!(Arc::ptr_eq(&first.0, &again.0));
        for number in 0..=REMEMBERED {
            read(&format!("gcp:project-{number}:global"));
        }
        assert_eq!(read("aws:123456789012:us-west-2"), first);
        assert!(READ.with_borrow(HashMap::len) <= REMEMBERED);
    }

    #[test]
    fn scopes_are_in_the_order_of_their_clouds_accounts_and_regions_whoever_holds_them() {
        let sorted = [
            ScopeId::aws("1", "a"),
            ScopeId::aws("1", "b"),
            ScopeId::aws("2", "a"),
            ScopeId::gcp("1", "a"),
            ScopeId::gcp("1", "a"),
        ];
        assert!(sorted.is_sorted());
        assert_eq!(sorted[3].cmp(&sorted[4]), Ordering::Equal);
        assert_eq!(sorted[0].within("b"), sorted[1]);
        assert_eq!(sorted[0].of("2"), sorted[2]);
    }
}
