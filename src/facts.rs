//! Facts: flat documents that rules read, and their vocabulary.

mod aws;
mod egress;
mod google;
mod node;
mod resources;
pub mod vocabulary;
mod waiver;
mod workload;

use crate::graph::{
    AddressUse, Door, Graph, KeyUse, LayerShare, NatUse, Workload,
    google::{AccountUse, ConnectorUse, DoorUse, PoolUse, ProjectUse},
};

pub use node::{List, Map, Node};
pub use waiver::{WaiverFacts, waiver};

/// Every document of one estate, in a fixed order.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// One document per subject.
    pub documents: Vec<Document>,
}

/// The facts about one subject.
#[derive(Debug, Clone)]
pub struct Document {
    /// What kind of thing it is: the name of a [`vocabulary::Subject`].
    pub subject: &'static str,
    /// Its facts: a map with every field of that subject.
    pub facts: Node,
}

impl Document {
    /// A text field at the top of the document, or nothing where it is not text.
    pub fn text(&self, field: &str) -> &str {
        self.facts.get(field).and_then(Node::as_text).unwrap_or("")
    }
}

/// Something of an estate that facts are told about.
#[derive(Debug, Clone, Copy)]
pub enum Topic<'a> {
    /// Something that serves.
    Workload(&'a Workload),
    /// A NAT gateway.
    Nat(&'a NatUse),
    /// A reserved address.
    Address(&'a AddressUse),
    /// A key.
    Key(&'a KeyUse),
    /// A connector into a network.
    Connector(&'a ConnectorUse),
    /// A load balancer of Google Cloud.
    Front(&'a DoorUse),
    /// A door of AWS.
    Door(&'a Door),
    /// A layer.
    Layer(&'a LayerShare),
    /// A service account.
    Account(&'a AccountUse),
    /// A workload identity pool.
    Pool(&'a PoolUse),
    /// A project.
    Project(&'a ProjectUse),
}

impl Topic<'_> {
    /// The facts about it.
    pub fn document(self) -> Document {
        let (subject, facts) = match self {
            Self::Workload(it) => ("workload", workload::workload(it)),
            Self::Nat(it) => ("nat", resources::nat(it)),
            Self::Address(it) => ("address", resources::address(it)),
            Self::Key(it) => ("key", resources::key(it)),
            Self::Connector(it) => ("connector", google::connector(it)),
            Self::Front(it) => ("door", google::door(it)),
            Self::Door(it) => ("door", aws::door(it)),
            Self::Layer(it) => ("layer", aws::layer(it)),
            Self::Account(it) => ("service_account", google::account(it)),
            Self::Pool(it) => ("pool", google::pool(it)),
            Self::Project(it) => ("project", google::project(it)),
        };
        Document { subject, facts }
    }
}

/// Everything of an estate that facts are told about, in a fixed order. The facts of a large one take much more room than it
/// does: whoever needs one document at a time tells one at a time.
pub fn topics(graph: &Graph) -> Vec<Topic<'_>> {
    let first = graph.workloads.iter().map(Topic::Workload).chain(graph.nats.iter().map(Topic::Nat));
    let first = first.chain(graph.addresses.iter().map(Topic::Address)).chain(graph.keys.iter().map(Topic::Key));
    let doors = graph.connectors.iter().map(Topic::Connector).chain(graph.fronts.iter().map(Topic::Front));
    let doors = doors.chain(graph.doors.iter().map(Topic::Door)).chain(graph.layers.iter().map(Topic::Layer));
    let callers = graph.accounts.iter().map(Topic::Account).chain(graph.pools.iter().map(Topic::Pool));
    first.chain(doors).chain(callers).chain(graph.projects.iter().map(Topic::Project)).collect()
}

/// The facts of an estate.
pub fn facts(graph: &Graph) -> Facts {
    Facts { documents: topics(graph).into_iter().map(Topic::document).collect() }
}
