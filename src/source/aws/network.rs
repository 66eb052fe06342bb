//! EC2: the network of a region, list by list.

use std::{collections::BTreeSet, sync::Arc};

use aws_sdk_ec2::{
    Client,
    operation::describe_vpc_block_public_access_exclusions::DescribeVpcBlockPublicAccessExclusionsOutput,
    types::{InternetGatewayBlockMode, IpPermission, RouteTable, SecurityGroup, VpcBlockPublicAccessExclusion},
};
use serde_json::json;

use super::{
    body::Body,
    calls::{IN_FLIGHT, each},
    failure::Failure,
    pages::{Listing, Page},
    reader::{Reader, named},
};
use crate::snapshot::kinds::{
    ADDRESS, BLOCK_PUBLIC_ACCESS, BLOCK_PUBLIC_ACCESS_EXCLUSION, EGRESS_ONLY_GATEWAY, INTERNET_GATEWAY, NAT_GATEWAY,
    NETWORK_ACL, NETWORK_INTERFACE, PREFIX_LIST, PREFIX_LIST_ENTRIES, ROUTE_TABLE, SECURITY_GROUP, SUBNET, VPC,
    VPC_ENDPOINT,
};

/// EC2 in one region.
pub(super) struct Network {
    client: Client,
    reader: Reader,
}

/// Reads one paged list of EC2. AWS throttles lists without a page size harder than those with one.
macro_rules! list {
    ($network:ident, $kind:ident, $operation:ident, $page:literal, $items:ident, $id:expr) => {
        $network.reader.list(
            $kind,
            |token| $network.client.$operation().max_results($page).set_next_token(token).send(),
            |output| Page { items: output.$items, next: output.next_token },
            $id,
        )
    };
}

// Behind the macro, which it uses.
mod transit;

impl Network {
    /// EC2 as this client sees it.
    pub(super) fn new(client: Client, reader: Reader) -> Self {
        Self { client, reader }
    }

    /// Reads all of it.
    pub(super) async fn read(self: Arc<Self>) {
        let network = &*self;
        let addresses = network.reader.list(
            ADDRESS,
            |_| network.client.describe_addresses().send(),
            |output| Page { items: output.addresses, next: None },
            |address| address.allocation_id.clone().or_else(|| address.public_ip.clone()),
        );
        let interfaces = network.reader.list(
            NETWORK_INTERFACE,
            |token| {
                // Those of Lambda's managed instances are hidden unless asked for.
                let call = network.client.describe_network_interfaces().include_managed_resources(true);
                call.max_results(1000).set_next_token(token).send()
            },
            |output| Page { items: output.network_interfaces, next: output.next_token },
            |interface| interface.network_interface_id.clone(),
        );
        let (tables, groups, ..) = tokio::join!(
            list!(network, ROUTE_TABLE, describe_route_tables, 100, route_tables, |it| it.route_table_id.clone()),
            list!(network, SECURITY_GROUP, describe_security_groups, 1000, security_groups, |it| it.group_id.clone()),
            list!(network, VPC, describe_vpcs, 1000, vpcs, |it| it.vpc_id.clone()),
            list!(network, SUBNET, describe_subnets, 1000, subnets, |it| it.subnet_id.clone()),
            list!(network, NAT_GATEWAY, describe_nat_gateways, 1000, nat_gateways, |it| it.nat_gateway_id.clone()),
            list!(network, INTERNET_GATEWAY, describe_internet_gateways, 1000, internet_gateways, |it| it
                .internet_gateway_id
                .clone()),
            list!(
                network,
                EGRESS_ONLY_GATEWAY,
                describe_egress_only_internet_gateways,
                255,
                egress_only_internet_gateways,
                |it| it.egress_only_internet_gateway_id.clone()
            ),
            list!(network, NETWORK_ACL, describe_network_acls, 1000, network_acls, |it| it.network_acl_id.clone()),
            list!(network, VPC_ENDPOINT, describe_vpc_endpoints, 1000, vpc_endpoints, |it| it.vpc_endpoint_id.clone()),
            list!(network, PREFIX_LIST, describe_managed_prefix_lists, 100, prefix_lists, |it| it
                .prefix_list_id
                .clone()),
            addresses,
            interfaces,
            network.block_public_access(),
        );
        tokio::join!(Arc::clone(&self).entries(tables, groups), Arc::clone(&self).transit());
    }

    /// The region's setting, which stops traffic wherever it is on; and, where it is on, what is excluded from it.
    async fn block_public_access(&self) {
        self.reader.calls.expect(1);
        let call = self.client.describe_vpc_block_public_access_options().send();
        let answer = self.reader.make(BLOCK_PUBLIC_ACCESS, call).await.map_err(Failure::of_list);
        let options = answer.and_then(|output| {
            let options = output.vpc_block_public_access_options;
            options.ok_or_else(|| Failure::malformed("the answer lacks the options"))
        });
        let scope = &self.reader.ledger.scope;
        let options = options.and_then(|options| {
            let whose = [(options.aws_account_id(), &scope.account), (options.aws_region(), &scope.region)];
            let other = whose.into_iter().find_map(|(named, own)| named.filter(|named| named != own));
            match other {
                Some(other) => Err(Failure::speaks_of(other)),
                None => Ok(options),
            }
        });
        match options {
            Ok(options) => {
                let body = json!({ "VpcBlockPublicAccessOptions": options.json() });
                self.reader.ledger.record(BLOCK_PUBLIC_ACCESS, "options", body);
                if options.internet_gateway_block_mode() != Some(&InternetGatewayBlockMode::Off) {
                    self.exclusions().await;
                }
            }
            Err(failure) => {
                self.reader.ledger.gap(BLOCK_PUBLIC_ACCESS, Some("options"), &failure);
                self.reader.ledger.gap(BLOCK_PUBLIC_ACCESS_EXCLUSION, None, &failure);
            }
        }
        self.reader.end(&[BLOCK_PUBLIC_ACCESS, BLOCK_PUBLIC_ACCESS_EXCLUSION], None);
    }

    async fn exclusions(&self) {
        let name = |exclusion: &VpcBlockPublicAccessExclusion| {
            exclusion.resource_arn().map_or(Ok(()), |arn| self.reader.is_here(arn))?;
            named(exclusion.exclusion_id.clone())
        };
        let send = |token| {
            let call = self.client.describe_vpc_block_public_access_exclusions().max_results(1000);
            call.set_next_token(token).send()
        };
        let page = |output: DescribeVpcBlockPublicAccessExclusionsOutput| Page {
            items: output.vpc_block_public_access_exclusions,
            next: output.next_token,
        };
        self.reader.list_of_ours(BLOCK_PUBLIC_ACCESS_EXCLUSION, send, page, name).await;
    }

    /// The entries of the prefix lists that routes and security groups name.
    async fn entries(self: Arc<Self>, tables: Listing<RouteTable>, groups: Listing<SecurityGroup>) {
        for failure in tables.failure.iter().chain(&groups.failure) {
            self.reader.ledger.gap(PREFIX_LIST_ENTRIES, None, failure);
        }
        let routes = tables.items.iter().flat_map(RouteTable::routes);
        let rules =
            groups.items.iter().flat_map(|group| group.ip_permissions().iter().chain(group.ip_permissions_egress()));
        let lists = rules.flat_map(IpPermission::prefix_list_ids).filter_map(|list| list.prefix_list_id());
        let named: BTreeSet<String> =
            routes.filter_map(|route| route.destination_prefix_list_id()).chain(lists).map(Into::into).collect();
        self.reader.calls.expect(named.len());
        let read = |list: String| {
            let network = Arc::clone(&self);
            async move { network.entries_of(&list).await }
        };
        each(named.into_iter().collect(), IN_FLIGHT, read).await;
        self.reader.ledger.ended(PREFIX_LIST_ENTRIES);
    }

    async fn entries_of(&self, list: &str) {
        let entries = self.reader.all(
            PREFIX_LIST_ENTRIES,
            |token| {
                let call = self.client.get_managed_prefix_list_entries().prefix_list_id(list).max_results(100);
                call.set_next_token(token).send()
            },
            |output| Page { items: output.entries, next: output.next_token },
        );
        let body = entries.await.map(|entries| json!({ "Entries": entries.json() }));
        self.reader.enter(PREFIX_LIST_ENTRIES, list, body);
    }
}
