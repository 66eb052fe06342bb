//! What Lambda runs besides event functions: web functions and MicroVMs, and the network connectors that lead them into a VPC.

use super::{Attachment, Configuration, UrlAuthentication};
use crate::evidence::Known;

/// A web function, with what hangs on it.
#[derive(Debug, Clone)]
pub struct WebFunction {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// Its endpoints.
    pub endpoints: Known<Vec<WebEndpoint>>,
    /// The revisions that its endpoints lead to, in the order of their ids; one that nobody can name where the endpoints
    /// were not read.
    pub revisions: Vec<Configuration>,
}

/// An endpoint of a web function.
#[derive(Debug, Clone)]
pub struct WebEndpoint {
    /// Its name.
    pub name: String,
    /// The domain at which it is reached.
    pub domain: String,
    /// Whether callers must sign; where they need not, it is the application that asks them.
    pub authentication: UrlAuthentication,
    /// Whether it failed to come up, and so leads nowhere.
    pub failed: bool,
}

/// A MicroVM.
#[derive(Debug, Clone)]
pub struct Microvm {
    /// Its id.
    pub id: String,
    /// How it runs; none where it has ended.
    pub at: Option<Configuration>,
}

/// A network connector: interfaces in a VPC, which the traffic of web functions or MicroVMs leaves by.
#[derive(Debug, Clone)]
pub struct Connector {
    /// `ACTIVE`, or a state in which it may pass nothing.
    pub state: String,
    /// Its place in a VPC.
    pub attachment: Attachment,
    /// Whether Lambda gives each of its interfaces a public address; none where the answer did not tell.
    pub public: Option<bool>,
}
