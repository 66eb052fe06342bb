//! What a source takes to be read: the permissions, and where they are granted.

use std::collections::BTreeSet;

use crate::{
    knowledge::{
        Calls, is_above_projects, permissions_of, permissions_of_inventory, permissions_of_organization,
        permissions_of_regions,
    },
    snapshot::Cloud,
};

/// What is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// An account of AWS.
    Account,
    /// Every account of an organisation of AWS, by a role of this name in each.
    Organization(String),
    /// Something of Google Cloud.
    Node(Node),
}

/// What permissions of Google Cloud are granted on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// A project, by its id or its number.
    Project(String),
    /// A folder, by its number.
    Folder(String),
    /// An organisation, by its number.
    Organization(String),
}

/// The permissions that reading a source takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Permissions {
    /// In AWS.
    Aws {
        /// The actions, in every account that is read.
        actions: BTreeSet<String>,
        /// For an organisation: the role in its accounts, and the actions of whoever starts.
        organization: Option<(String, BTreeSet<String>)>,
    },
    /// In Google Cloud.
    Google {
        /// On what they are granted.
        node: Node,
        /// The permissions in each project.
        permissions: BTreeSet<String>,
        /// Those that only folders and the organisation can grant.
        above: BTreeSet<String>,
    },
}

impl Permissions {
    /// Those that whoever starts holds, and can be asked about: in AWS their own, of an organisation what they start with, and
    /// in Google Cloud those that a role on the node itself can hold.
    pub fn asked(&self) -> BTreeSet<String> {
        match self {
            Self::Aws { organization: Some((_, start)), .. } => start.clone(),
            Self::Aws { actions, organization: None } => actions.clone(),
            Self::Google { node: Node::Project(_), permissions, .. } => permissions.clone(),
            Self::Google { permissions, above, .. } => permissions.union(above).cloned().collect(),
        }
    }

    /// What it takes to make these calls. `every_region` and `inventory` are how something is read: all regions of AWS, a
    /// project of Google Cloud by the asset inventory.
    pub fn of(place: Place, calls: &Calls, every_region: bool, inventory: bool) -> Self {
        let of = |cloud: Cloud| calls.get(&cloud).into_iter().flatten().flat_map(|call| permissions_of(call));
        let regions = |wanted: bool| permissions_of_regions().iter().filter(move |_| wanted).cloned();
        match place {
            Place::Account => {
                Self::Aws { actions: of(Cloud::Aws).chain(regions(every_region)).collect(), organization: None }
            }
            Place::Organization(role) => Self::Aws {
                actions: of(Cloud::Aws).chain(regions(true)).collect(),
                organization: Some((role, permissions_of_organization().iter().cloned().collect())),
            },
            Place::Node(node) => {
                let whole = !matches!(node, Node::Project(_)) || inventory;
                let told = permissions_of_inventory().iter().filter(|_| whole).cloned();
                let (above, permissions) = of(Cloud::Gcp).chain(told).partition(|it| is_above_projects(it));
                Self::Google { node, permissions, above }
            }
        }
    }
}
