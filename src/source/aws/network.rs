//! EC2: the network of a region, list by list.

use std::{collections::BTreeSet, future::Future, sync::Arc};

use aws_sdk_ec2::{
    Client,
    types::{InternetGatewayBlockMode, IpPermission, RouteTable, SecurityGroup},
};
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde_json::json;

use super::{
    body::Body,
    calls::{Calls, IN_FLIGHT, Pace, each},
    failure::Failure,
    ledger::Ledger,
    pages::{Listing, Page, pages},
};
use crate::{
    evidence::GapReason,
    snapshot::kinds::{
        ADDRESS, BLOCK_PUBLIC_ACCESS, BLOCK_PUBLIC_ACCESS_EXCLUSION, EGRESS_ONLY_GATEWAY, INTERNET_GATEWAY, Kind,
        NAT_GATEWAY, NETWORK_ACL, NETWORK_INTERFACE, PREFIX_LIST, PREFIX_LIST_ENTRIES, ROUTE_TABLE, SECURITY_GROUP,
        SUBNET, VPC, VPC_ENDPOINT,
    },
};

/// EC2 in one region.
pub(super) struct Network {
    client: Client,
    calls: Calls,
    ledger: Arc<Ledger>,
    pace: Pace,
}

/// Reads one paged list of EC2. AWS throttles lists without a page size harder than those with one.
macro_rules! list {
    ($network:ident, $kind:ident, $operation:ident, $page:literal, $items:ident, $id:expr) => {
        $network.list(
            $kind,
            |token| $network.client.$operation().max_results($page).set_next_token(token).send(),
            |output| Page { items: output.$items, next: output.next_token },
            $id,
        )
    };
}

impl Network {
    /// EC2 as this client sees it.
    pub(super) fn new(client: Client, calls: Calls, ledger: Arc<Ledger>, local: bool) -> Self {
        Self { client, calls, ledger, pace: Pace::new(15, local) }
    }

    /// Reads all of it.
    pub(super) async fn read(self: Arc<Self>) {
        let network = &*self;
        let addresses = network.list(
            ADDRESS,
            |_| network.client.describe_addresses().send(),
            |output| Page { items: output.addresses, next: None },
            |address| address.allocation_id.clone().or_else(|| address.public_ip.clone()),
        );
        let interfaces = network.list(
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
        self.entries(tables, groups).await;
    }

    /// Reads a list of a kind, and gives what it read.
    async fn list<T, O, E, F>(
        &self,
        kind: Kind,
        send: impl Fn(Option<String>) -> F,
        page: impl Fn(O) -> Page<T>,
        id: impl Fn(&T) -> Option<String>,
    ) -> Listing<T>
    where
        T: Body,
        E: ProvideErrorMetadata + std::error::Error + 'static,
        F: Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    {
        let listing = pages(|token| async {
            self.calls.expect(1);
            let output = self.calls.make(kind.call, &self.pace, send(token)).await.map_err(Failure::of_list)?;
            Ok(page(output))
        })
        .await;
        for item in &listing.items {
            match (id(item).filter(|id| !id.is_empty()), item.json()) {
                (Some(id), Some(body)) => self.ledger.record(kind, &id, body),
                _ => self.ledger.gap(kind, None, &Failure::malformed("an item of the list has no id")),
            }
        }
        if let Some(failure) = &listing.failure {
            self.ledger.gap(kind, None, failure);
        }
        self.ledger.ended(kind);
        listing
    }

    /// The region's setting, which stops traffic wherever it is on; and, where it is on, what is excluded from it.
    async fn block_public_access(&self) {
        self.calls.expect(1);
        let call = self.client.describe_vpc_block_public_access_options().send();
        let answer = self.calls.make(BLOCK_PUBLIC_ACCESS.call, &self.pace, call).await.map_err(Failure::of_list);
        let options = answer.and_then(|output| {
            let options = output.vpc_block_public_access_options;
            options.ok_or_else(|| Failure::malformed("the answer lacks the options"))
        });
        let options = options.and_then(|options| match options.aws_account_id() {
            Some(account) if account != self.ledger.scope.account => {
                Err(Failure::new(GapReason::WrongIdentity, format!("the answer speaks of account `{account}`")))
            }
            _ => Ok(options),
        });
        match options {
            Ok(options) => {
                let body = json!({ "VpcBlockPublicAccessOptions": options.json() });
                self.ledger.record(BLOCK_PUBLIC_ACCESS, "options", body);
                if options.internet_gateway_block_mode() != Some(&InternetGatewayBlockMode::Off) {
                    let network = self;
                    list!(
                        network,
                        BLOCK_PUBLIC_ACCESS_EXCLUSION,
                        describe_vpc_block_public_access_exclusions,
                        1000,
                        vpc_block_public_access_exclusions,
                        |it| it.exclusion_id.clone()
                    )
                    .await;
                }
            }
            Err(failure) => {
                self.ledger.gap(BLOCK_PUBLIC_ACCESS, Some("options"), &failure);
                self.ledger.gap(BLOCK_PUBLIC_ACCESS_EXCLUSION, None, &failure);
            }
        }
        self.ledger.ended(BLOCK_PUBLIC_ACCESS);
        self.ledger.ended(BLOCK_PUBLIC_ACCESS_EXCLUSION);
    }

    /// The entries of the prefix lists that routes and security groups name.
    async fn entries(self: Arc<Self>, tables: Listing<RouteTable>, groups: Listing<SecurityGroup>) {
        for failure in tables.failure.iter().chain(&groups.failure) {
            self.ledger.gap(PREFIX_LIST_ENTRIES, None, failure);
        }
        let routes = tables.items.iter().flat_map(RouteTable::routes);
        let rules =
            groups.items.iter().flat_map(|group| group.ip_permissions().iter().chain(group.ip_permissions_egress()));
        let lists = rules.flat_map(IpPermission::prefix_list_ids).filter_map(|list| list.prefix_list_id());
        let named: BTreeSet<String> =
            routes.filter_map(|route| route.destination_prefix_list_id()).chain(lists).map(Into::into).collect();
        self.calls.expect(named.len());
        let read = |list: String| {
            let network = Arc::clone(&self);
            async move { network.entries_of(&list).await }
        };
        each(named.into_iter().collect(), IN_FLIGHT, read).await;
        self.ledger.ended(PREFIX_LIST_ENTRIES);
    }

    async fn entries_of(&self, list: &str) {
        let listing = pages(|token| async {
            let call = self.client.get_managed_prefix_list_entries().prefix_list_id(list).max_results(100);
            let output =
                self.calls.make(PREFIX_LIST_ENTRIES.call, &self.pace, call.set_next_token(token).send()).await?;
            Ok(Page { items: output.entries, next: output.next_token })
        });
        match listing.await.whole() {
            Ok(entries) => self.ledger.record(PREFIX_LIST_ENTRIES, list, json!({ "Entries": entries.json() })),
            Err(failure) => self.ledger.gap(PREFIX_LIST_ENTRIES, Some(list), &failure),
        }
    }
}
