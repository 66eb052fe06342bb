//! AWS: bodies as `aws … --output json` prints them.

mod api;
mod balancer;
mod domain;
mod edge;
mod filter;
mod gateway;
mod iam;
mod integration;
mod kms;
mod lambda;
mod network;
mod openapi;
mod organization;
mod running;
mod transit;

use serde::Deserialize;

use super::index::Index;
use crate::{
    evidence::{Gap, GapReason, Known},
    model::{Aws, BlockMode},
    snapshot::kinds::{self, doors},
};

/// The part of the inventory that is in AWS.
pub(super) fn decode(index: &Index<'_>) -> Aws {
    let functions = lambda::functions(index);
    let web_functions = running::web_functions(index);
    let keys = kms::keys(index, &functions, &web_functions);
    Aws {
        functions,
        web_functions,
        microvms: index.table(kinds::MICROVM, |record, wire| running::microvm(index, record, wire)),
        connectors: index.table(kinds::NETWORK_CONNECTOR, running::connector),
        keys,
        accounts: index.table(kinds::organization::ACCOUNT, organization::account),
        capacity_providers: index.table(kinds::CAPACITY_PROVIDER, lambda::capacity_provider),
        vpcs: index.table(kinds::VPC, network::vpc),
        subnets: index.table(kinds::SUBNET, network::subnet).grouped(|it| vec![&it.vpc]),
        route_tables: index.table(kinds::ROUTE_TABLE, network::route_table).grouped(|it| vec![&it.vpc]),
        nat_gateways: index.table(kinds::NAT_GATEWAY, gateway::nat),
        addresses: index.table(kinds::ADDRESS, gateway::address),
        internet_gateways: index.table(kinds::INTERNET_GATEWAY, gateway::internet),
        egress_only_gateways: index.table(kinds::EGRESS_ONLY_GATEWAY, gateway::egress_only),
        security_groups: index
            .table(kinds::SECURITY_GROUP, filter::security_group)
            .grouped(|it| it.vpc.iter().map(String::as_str).collect()),
        network_acls: index
            .table(kinds::NETWORK_ACL, filter::network_acl)
            .grouped(|it| it.subnets.iter().map(String::as_str).collect()),
        network_interfaces: index
            .table(kinds::NETWORK_INTERFACE, gateway::interface)
            .grouped(|it| it.instance.iter().chain([&it.subnet]).map(String::as_str).collect()),
        vpc_endpoints: index.table(kinds::VPC_ENDPOINT, gateway::endpoint).grouped(|it| vec![&it.vpc]),
        prefix_lists: index.table(kinds::PREFIX_LIST, |record, wire| filter::prefix_list(index, record, wire)),
        transit_gateways: index.table(kinds::TRANSIT_GATEWAY, transit::gateway),
        transit_attachments: index.table(kinds::TRANSIT_GATEWAY_ATTACHMENT, transit::attachment),
        vpc_attachments: index
            .table(kinds::TRANSIT_GATEWAY_VPC_ATTACHMENT, transit::vpc_attachment)
            .grouped(|it| vec![&it.vpc]),
        transit_tables: index
            .table(kinds::TRANSIT_GATEWAY_ROUTE_TABLE, |record, wire| transit::table(index, record, wire)),
        exclusions: index
            .table(kinds::BLOCK_PUBLIC_ACCESS_EXCLUSION, network::exclusion)
            .grouped(|it| vec![&it.resource]),
        block_modes: index
            .scopes(kinds::BLOCK_PUBLIC_ACCESS)
            .map(|(scope, _)| (scope.clone(), block_mode(index, scope)))
            .collect(),
        rest_apis: index.table(doors::REST_API, |record, wire| api::rest(index, record, wire)),
        http_apis: index.table(doors::HTTP_API, |record, wire| api::http(index, record, wire)),
        rest_domains: index.table(doors::REST_DOMAIN, |record, wire| domain::rest(index, record, wire)),
        http_domains: index.table(doors::HTTP_DOMAIN, |record, wire| domain::http(index, record, wire)),
        load_balancers: index.table(doors::LOAD_BALANCER, |record, wire| balancer::balancer(index, record, wire)),
        target_groups: index
            .table(doors::TARGET_GROUP, |record, wire| balancer::target_group(index, record, wire))
            .grouped(|it| it.load_balancers.iter().map(String::as_str).collect()),
        distributions: index.table(doors::DISTRIBUTION, edge::distribution),
        event_sources: index.table(doors::EVENT_SOURCE_MAPPING, edge::event_source),
        layers: index.table(doors::LAYER, |record, wire| edge::layer(index, record, wire)),
        users: index.table(doors::USER, iam::user),
        roles: index.table(doors::ROLE, iam::role),
        groups: index.table(doors::GROUP, iam::group).grouped(|it| vec![&it.name]),
        managed_policies: index.table(doors::MANAGED_POLICY, iam::managed),
    }
}

/// An answer that there must be: `null` is none.
fn required<T>(known: Known<Option<T>>, kind: kinds::Kind, id: &str) -> Known<T> {
    let missing = || Gap::new(format!("{} of {id}", kind.call), GapReason::Malformed);
    Known::from(known.into_result().and_then(|body| body.ok_or_else(missing)))
}

fn block_mode(index: &Index<'_>, scope: &crate::snapshot::ScopeId) -> Known<BlockMode> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Wire {
        vpc_block_public_access_options: Options,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Options {
        internet_gateway_block_mode: String,
    }
    let document = index.document::<Wire>(kinds::BLOCK_PUBLIC_ACCESS, scope, "options");
    match document.map(|wire| wire.map(|wire| wire.vpc_block_public_access_options)) {
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
