//! Lambda functions: their configurations, and the doors and policies that hang on them.

use std::collections::BTreeMap;

use crate::evidence::Known;

/// A Lambda function, with what hangs on it.
#[derive(Debug, Clone)]
pub struct Function {
    /// The unqualified ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// `$LATEST`.
    pub latest: Configuration,
    /// The published versions, in the order of their numbers.
    pub versions: Vec<Configuration>,
    /// Its aliases.
    pub aliases: Known<Vec<Alias>>,
    /// Its function URLs.
    pub urls: Known<Vec<FunctionUrl>>,
    /// The resource policy of each exact ARN that was asked: the text, or known to be none.
    pub policies: BTreeMap<String, Known<Option<String>>>,
    /// The key of its deployment package, where it has one of its own.
    pub code_key: Known<Option<String>>,
    /// What is done with code that nobody trusted signed; none where nobody looks.
    pub code_signing: Known<Option<UntrustedCode>>,
    /// Those of its tags that declare what it is meant to be.
    pub labels: Known<BTreeMap<String, String>>,
}

/// What a function runs as, at one version.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// `$LATEST` or a number.
    pub version: String,
    /// The runtime; none for a container image.
    pub runtime: Known<Option<String>>,
    /// Whether it is a container image.
    pub image: bool,
    /// Its place in a VPC; none where it has none.
    pub attachment: Known<Option<Attachment>>,
    /// The capacity provider of a managed instance, whose network it then uses.
    pub capacity_provider: Option<String>,
    /// The network connector that its traffic leaves by, of a web function or a MicroVM.
    pub connector: Option<String>,
    /// The role that it runs as, where the answer named one.
    pub role: Known<Option<String>>,
    /// The ARNs of the layer versions that it is made of.
    pub layers: Known<Vec<String>>,
    /// Whether it is a replica at the edge.
    pub edge_replica: bool,
    /// The customer's key for its environment and its snapshots.
    pub key: Known<Option<String>>,
    /// The customer's key for its durable state.
    pub durable_key: Option<String>,
    /// The environment variables whose value looked like a credential when it was read.
    pub credentials: Known<Vec<Credential>>,
}

impl Configuration {
    /// One that asks for nothing: no VPC, no role, no key, no layers.
    pub fn bare(version: &str) -> Self {
        Self {
            version: version.into(),
            runtime: Known::Known(None),
            image: false,
            attachment: Known::Known(None),
            capacity_provider: None,
            connector: None,
            role: Known::Known(None),
            layers: Known::Known(Vec::new()),
            edge_replica: false,
            key: Known::Known(None),
            durable_key: None,
            credentials: Known::Known(Vec::new()),
        }
    }
}

/// Where a function is in a VPC.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attachment {
    /// The subnets, sorted.
    pub subnets: Vec<String>,
    /// The security groups, sorted.
    pub security_groups: Vec<String>,
    /// Whether it may use IPv6.
    pub dual_stack: bool,
}

/// A capacity provider: managed instances in a network of the customer's, which functions run on.
#[derive(Debug, Clone)]
pub struct CapacityProvider {
    /// `Active`, or a state in which its functions may not run.
    pub state: String,
    /// Its place in a VPC; no security groups mean the default one of the VPC.
    pub attachment: Attachment,
}

/// What is done with code that nobody trusted signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UntrustedCode {
    /// It is deployed, and the deployment says so.
    Warned,
    /// It is not deployed.
    Refused,
}

/// A variable whose value looked like a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The variable.
    pub name: String,
    /// What kind of credential.
    pub looks_like: String,
}

/// An alias.
#[derive(Debug, Clone)]
pub struct Alias {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// The versions it sends requests to, the main one first.
    pub versions: Vec<String>,
}

/// A function URL.
#[derive(Debug, Clone)]
pub struct FunctionUrl {
    /// The alias it belongs to; none for `$LATEST`.
    pub qualifier: Option<String>,
    /// The address.
    pub url: String,
    /// Whether callers must sign.
    pub authentication: UrlAuthentication,
    /// Whether every origin may call it from a browser.
    pub open_cors: Known<bool>,
}

/// How a function URL asks its callers who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UrlAuthentication {
    /// Not at all.
    None,
    /// By a signed request.
    Iam,
    /// In a way this version does not know.
    Other(String),
}
