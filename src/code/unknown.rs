//! What is not known before an apply, why not, and what it hangs on.

use std::{collections::BTreeSet, fmt, sync::Arc};

use crate::evidence::{Gap, GapReason};

use super::Node;

/// How many references an unknown keeps; what hangs on more is known by the first of them.
const MOST_MENTIONS: usize = 256;

/// An attribute of a resource, by address: never by a name that two may share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// The resource instance: `module.net.aws_subnet.private[0]`; `[*]` at its end stands for the instances of a
    /// resource whose number is not known.
    pub address: Arc<str>,
    /// The way to the attribute: `id`, `network_interface[0].network_ip`; empty for the resource itself.
    pub path: Arc<str>,
}

impl Reference {
    /// An attribute below this one.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Self {
        let path = if self.path.is_empty() { name.into() } else { format!("{}.{name}", self.path).into() };
        Self { address: self.address.clone(), path }
    }

    /// An element of this attribute.
    #[must_use]
    pub fn element(&self, index: usize) -> Self {
        Self { address: self.address.clone(), path: format!("{}[{index}]", self.path).into() }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.path {
            "" => f.write_str(&self.address),
            path => write!(f, "{}.{path}", self.address),
        }
    }
}

/// Why a value is not known. The list is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// A variable that has neither a value nor a default.
    NoValue,
    /// The provider fills it in when the code is applied.
    AfterApply,
    /// A data source, which is read from the cloud.
    DataSource,
    /// A function whose answer is different each time: the time, a random name.
    Changing,
    /// A function, or a form of the language, that is not followed.
    Unsupported,
    /// A module that is not part of the folder.
    Module,
    /// A file that is not part of the folder, or not text.
    File,
    /// The number of instances, or the keys of them, are not known.
    Instances,
    /// The code is in error: Terraform would refuse it.
    Invalid,
    /// The value hangs on itself.
    Loop,
    /// A limit of this tool was reached.
    Limit,
    /// The code calls the value a secret: it is known, and not shown.
    Secret,
}

impl Why {
    /// The reason as gaps name it.
    pub const fn reason(self) -> GapReason {
        match self {
            Self::NoValue | Self::AfterApply | Self::DataSource | Self::Changing | Self::Instances | Self::Secret => {
                GapReason::UnknownValue
            }
            Self::Unsupported => GapReason::Unsupported,
            Self::Module => GapReason::UnresolvedModule,
            Self::File => GapReason::NotRead,
            Self::Invalid => GapReason::Malformed,
            Self::Loop => GapReason::Loop,
            Self::Limit => GapReason::Limit,
        }
    }
}

/// What is known of the form of a value that is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// A text of these pieces, one after the other: `serviceAccount:` and an address that nobody knows yet.
    Text(Arc<[Node]>),
    /// The JSON text of this tree: a policy with a name in it that nobody knows yet.
    Json(Arc<Node>),
}

/// A value that is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// Why not: the first cause.
    pub why: Why,
    /// What hides it: `var.region`, `data.aws_vpc.main.id`, the name of a function.
    pub what: Arc<str>,
    /// The attributes of resources that it hangs on, sorted.
    pub mentions: BTreeSet<Reference>,
    /// What is known of its form.
    pub shape: Option<Shape>,
}

impl Unknown {
    /// A value that is not known for this reason.
    pub fn new(why: Why, what: impl Into<Arc<str>>) -> Self {
        Self { why, what: what.into(), mentions: BTreeSet::new(), shape: None }
    }

    /// The same, and it hangs on this attribute.
    #[must_use]
    pub fn mentioning(mut self, reference: Reference) -> Self {
        if self.mentions.len() < MOST_MENTIONS {
            self.mentions.insert(reference);
        }
        self
    }

    /// Takes over what another value hangs on.
    pub(super) fn absorb(&mut self, node: &Node) {
        node.each_mention(&mut |reference| {
            let room = self.mentions.len() < MOST_MENTIONS;
            if room {
                self.mentions.insert(reference.clone());
            }
            room
        });
    }

    /// The only attribute that it hangs on, where there is one alone.
    pub fn only_mention(&self) -> Option<&Reference> {
        self.mentions.first().filter(|_| self.mentions.len() == 1)
    }

    /// The unknown as a gap.
    pub fn gap(&self) -> Gap {
        Gap::new(self.what.clone(), self.why.reason())
    }
}
