//! The estate in our own types: what was read, with the gaps kept.

mod door;
mod filter;
mod function;
pub mod google;
mod identity;
mod key;
mod network;
mod running;
mod table;
mod transit;

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{
    evidence::{Gap, Known},
    snapshot::ScopeId,
};

pub use door::{
    Api, ApiProtocol, ApiRoute, Authorization, Deployment, Distribution, Domain, EventSource, Integration, Layer,
    Listener, ListenerRule, LoadBalancer, Mapping, Origin, Stage, TargetGroup,
};
pub use filter::{AclEntry, NetworkAcl, Permission, Ports, Protocol, SecurityGroup};
pub use function::{
    Alias, Attachment, CapacityProvider, Configuration, Credential, Function, FunctionUrl, UntrustedCode,
    UrlAuthentication,
};
pub use identity::{Group, Identity, IdentityKind, NamedPolicy};
pub use key::{Key, Rotation};
pub use network::{
    Address, BlockMode, Destination, Exclusion, Gateway, NatAddress, NatGateway, NetworkInterface, PrefixList,
    PublicAddress, Route, RouteOrigin, RouteState, RouteTable, Subnet, Target, Vpc, VpcEndpoint,
};
pub use running::{Connector, Microvm, WebEndpoint, WebFunction};
pub use table::{Listing, Table};
pub use transit::{TransitAttachment, TransitGateway, TransitHop, TransitRoute, TransitTable, VpcAttachment};

/// Everything that was read, typed.
#[derive(Debug)]
pub struct Inventory {
    /// When it was read.
    pub taken_at: Timestamp,
    /// The part of it that is in AWS.
    pub aws: Aws,
    /// The part of it that is in Google Cloud.
    pub google: google::Google,
    /// Records that were read and could not be understood.
    pub malformed: Vec<(ScopeId, Gap)>,
}

/// What was read of AWS.
#[derive(Debug)]
pub struct Aws {
    /// Lambda functions.
    pub functions: Table<Function>,
    /// The accounts that organisations list, each with the id of its organisation.
    pub accounts: Table<(String, String)>,
    /// The capacity providers that functions run on, by ARN.
    pub capacity_providers: Table<CapacityProvider>,
    /// Web functions.
    pub web_functions: Table<WebFunction>,
    /// MicroVMs.
    pub microvms: Table<Microvm>,
    /// The network connectors that web functions and MicroVMs leave by, under the names that they call them by.
    pub connectors: Table<Connector>,
    /// VPCs.
    pub vpcs: Table<Vpc>,
    /// Subnets.
    pub subnets: Table<Subnet>,
    /// Route tables.
    pub route_tables: Table<RouteTable>,
    /// NAT gateways.
    pub nat_gateways: Table<NatGateway>,
    /// Elastic IPs.
    pub addresses: Table<Address>,
    /// Internet gateways.
    pub internet_gateways: Table<Gateway>,
    /// Egress-only internet gateways.
    pub egress_only_gateways: Table<Gateway>,
    /// Security groups.
    pub security_groups: Table<SecurityGroup>,
    /// Network ACLs.
    pub network_acls: Table<NetworkAcl>,
    /// Network interfaces.
    pub network_interfaces: Table<NetworkInterface>,
    /// VPC endpoints.
    pub vpc_endpoints: Table<VpcEndpoint>,
    /// Prefix lists.
    pub prefix_lists: Table<PrefixList>,
    /// Transit gateways.
    pub transit_gateways: Table<TransitGateway>,
    /// What is attached to transit gateways.
    pub transit_attachments: Table<TransitAttachment>,
    /// The attachments of VPCs, with their subnets.
    pub vpc_attachments: Table<VpcAttachment>,
    /// The route tables of transit gateways.
    pub transit_tables: Table<TransitTable>,
    /// Exclusions from VPC Block Public Access.
    pub exclusions: Table<Exclusion>,
    /// REST APIs of API Gateway.
    pub rest_apis: Table<Api>,
    /// HTTP and `WebSocket` APIs of API Gateway.
    pub http_apis: Table<Api>,
    /// Domains as the first version of API Gateway's API gives them.
    pub rest_domains: Table<Domain>,
    /// Domains as the second version gives them.
    pub http_domains: Table<Domain>,
    /// Load balancers.
    pub load_balancers: Table<LoadBalancer>,
    /// Target groups of functions.
    pub target_groups: Table<TargetGroup>,
    /// Distributions of `CloudFront`, in the scope of the region `global`.
    pub distributions: Table<Distribution>,
    /// Event source mappings.
    pub event_sources: Table<EventSource>,
    /// Layers.
    pub layers: Table<Layer>,
    /// Users of IAM; like all of IAM in the scope of the region `global`.
    pub users: Table<Identity>,
    /// Roles.
    pub roles: Table<Identity>,
    /// Groups of users.
    pub groups: Table<Group>,
    /// Managed policies that somebody has, by ARN.
    pub managed_policies: Table<NamedPolicy>,
    /// The setting of VPC Block Public Access, by scope.
    pub block_modes: BTreeMap<ScopeId, Known<BlockMode>>,
    /// The keys that functions name, by scope and by the name that the function uses.
    pub keys: BTreeMap<(ScopeId, String), Key>,
}

impl Aws {
    /// The setting of VPC Block Public Access in a scope.
    pub fn block_mode(&self, scope: &ScopeId) -> Known<BlockMode> {
        match self.block_modes.get(scope) {
            Some(mode) => mode.clone(),
            None => Known::Unknown(Gap::new(
                format!("ec2:DescribeVpcBlockPublicAccessOptions in {} {}", scope.account, scope.region),
                crate::evidence::GapReason::NotRead,
            )),
        }
    }
}
