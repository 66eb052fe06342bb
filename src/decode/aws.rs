//! AWS: bodies as `aws … --output json` prints them.

mod filter;
mod gateway;
mod kms;
mod lambda;
mod network;

use serde::Deserialize;

use super::index::Index;
use crate::{
    evidence::{Gap, GapReason, Known},
    model::{Aws, BlockMode},
    snapshot::kinds,
};

/// The part of the inventory that is in AWS.
pub(super) fn decode(index: &Index<'_>) -> Aws {
    let functions = lambda::functions(index);
    let keys = kms::keys(index, &functions);
    Aws {
        functions,
        keys,
        vpcs: index.table(kinds::VPC, network::vpc),
        subnets: index.table(kinds::SUBNET, network::subnet),
        route_tables: index.table(kinds::ROUTE_TABLE, network::route_table),
        nat_gateways: index.table(kinds::NAT_GATEWAY, gateway::nat),
        addresses: index.table(kinds::ADDRESS, gateway::address),
        internet_gateways: index.table(kinds::INTERNET_GATEWAY, gateway::internet),
        egress_only_gateways: index.table(kinds::EGRESS_ONLY_GATEWAY, gateway::egress_only),
        security_groups: index.table(kinds::SECURITY_GROUP, filter::security_group),
        network_acls: index.table(kinds::NETWORK_ACL, filter::network_acl),
        network_interfaces: index.table(kinds::NETWORK_INTERFACE, gateway::interface),
        vpc_endpoints: index.table(kinds::VPC_ENDPOINT, gateway::endpoint),
        prefix_lists: index.table(kinds::PREFIX_LIST, |record, wire| filter::prefix_list(index, record, wire)),
        exclusions: index.table(kinds::BLOCK_PUBLIC_ACCESS_EXCLUSION, network::exclusion),
        block_modes: index
            .scopes(kinds::BLOCK_PUBLIC_ACCESS)
            .map(|(scope, _)| (scope.clone(), block_mode(index, scope)))
            .collect(),
    }
}

fn block_mode(index: &Index<'_>, scope: &crate::snapshot::ScopeId) -> Known<BlockMode> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Options {
        internet_gateway_block_mode: String,
    }
    match index.document::<Options>(kinds::BLOCK_PUBLIC_ACCESS, scope, "options") {
        Known::Known(Some(options)) => Known::Known(match options.internet_gateway_block_mode.as_str() {
            "off" => BlockMode::Off,
            "block-ingress" => BlockMode::Ingress,
            "block-bidirectional" => BlockMode::Bidirectional,
            other => BlockMode::Other(other.into()),
        }),
        Known::Known(None) => {
            Known::Unknown(Gap::new(kinds::BLOCK_PUBLIC_ACCESS.call.to_owned(), GapReason::Malformed))
        }
        Known::Unknown(gap) => Known::Unknown(gap),
    }
}

/// A tag of a resource.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: String,
    value: String,
}

/// The tag `Name`, where there is one that says something.
fn name(tags: Option<&Vec<Tag>>) -> Option<String> {
    let tag = tags?.iter().find(|tag| tag.key == "Name")?;
    (!tag.value.is_empty()).then(|| tag.value.clone())
}
