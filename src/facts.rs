//! Facts: flat documents that rules read, and their vocabulary.

mod aws;
mod egress;
mod google;
mod node;
mod resources;
pub mod vocabulary;
mod waiver;
mod workload;

use crate::graph::Graph;

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

/// The facts of an estate.
pub fn facts(graph: &Graph) -> Facts {
    let workloads = graph.workloads.iter().map(|it| ("workload", workload::workload(it)));
    let nats = graph.nats.iter().map(|it| ("nat", resources::nat(it)));
    let addresses = graph.addresses.iter().map(|it| ("address", resources::address(it)));
    let keys = graph.keys.iter().map(|it| ("key", resources::key(it)));
    let connectors = graph.connectors.iter().map(|it| ("connector", google::connector(it)));
    let fronts = graph.fronts.iter().map(|it| ("door", google::door(it)));
    let doors = graph.doors.iter().map(|it| ("door", aws::door(it)));
    let layers = graph.layers.iter().map(|it| ("layer", aws::layer(it)));
    let accounts = graph.accounts.iter().map(|it| ("service_account", google::account(it)));
    let pools = graph.pools.iter().map(|it| ("pool", google::pool(it)));
    let projects = graph.projects.iter().map(|it| ("project", google::project(it)));
    let all = workloads.chain(nats).chain(addresses).chain(keys);
    let all =
        all.chain(connectors).chain(fronts).chain(doors).chain(layers).chain(accounts).chain(pools).chain(projects);
    Facts { documents: all.map(|(subject, facts)| Document { subject, facts }).collect() }
}
