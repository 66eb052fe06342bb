//! Facts: flat documents that rules read, and their vocabulary.

mod node;
pub mod vocabulary;

pub use node::{List, Map, Node};
