//! Transit gateways: what is attached to them, and what their tables say.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use aws_sdk_ec2::types::{Filter, TransitGatewayRouteTable};
use serde_json::json;

use super::Network;
use crate::{
    snapshot::kinds::{
        TRANSIT_GATEWAY, TRANSIT_GATEWAY_ATTACHMENT, TRANSIT_GATEWAY_ROUTE_TABLE, TRANSIT_GATEWAY_ROUTES,
        TRANSIT_GATEWAY_VPC_ATTACHMENT,
    },
    source::aws::{
        body::Body,
        calls::{IN_FLIGHT, each},
        failure::Failure,
        pages::Page,
        reader::said,
    },
};

impl Network {
    /// Reads every transit gateway that the account sees, and the routes of every table that it owns.
    pub(super) async fn transit(self: Arc<Self>) {
        let network = &*self;
        let (tables, ..) = tokio::join!(
            list!(
                network,
                TRANSIT_GATEWAY_ROUTE_TABLE,
                describe_transit_gateway_route_tables,
                1000,
                transit_gateway_route_tables,
                |it: &TransitGatewayRouteTable| it.transit_gateway_route_table_id.clone()
            ),
            list!(network, TRANSIT_GATEWAY, describe_transit_gateways, 1000, transit_gateways, |it| it
                .transit_gateway_id
                .clone()),
            list!(
                network,
                TRANSIT_GATEWAY_ATTACHMENT,
                describe_transit_gateway_attachments,
                1000,
                transit_gateway_attachments,
                |it| it.transit_gateway_attachment_id.clone()
            ),
            list!(
                network,
                TRANSIT_GATEWAY_VPC_ATTACHMENT,
                describe_transit_gateway_vpc_attachments,
                1000,
                transit_gateway_vpc_attachments,
                |it| it.transit_gateway_attachment_id.clone()
            ),
        );
        let named: Vec<String> =
            tables.items.into_iter().filter_map(|it| it.transit_gateway_route_table_id.and_then(said)).collect();
        self.reader.calls.expect(named.len());
        let read = |table: String| {
            let network = Arc::clone(&self);
            async move { network.routes_of(&table).await }
        };
        each(named, IN_FLIGHT, read).await;
        self.reader.end(&[TRANSIT_GATEWAY_ROUTES], tables.failure.as_ref());
    }

    /// The routes that are there: AWS wants a filter, and these two states are all that decides.
    async fn routes_of(&self, table: &str) {
        let further = AtomicBool::new(false);
        let routes = self.reader.all(
            TRANSIT_GATEWAY_ROUTES,
            |token| {
                let states = Filter::builder().name("state").values("active").values("blackhole").build();
                let call = self.client.search_transit_gateway_routes().transit_gateway_route_table_id(table);
                call.filters(states).max_results(1000).set_next_token(token).send()
            },
            |output| {
                // Of the last page: earlier ones have more behind them, which is what their tokens are for.
                let more = output.next_token.is_none() && output.additional_routes_available == Some(true);
                further.fetch_or(more, Ordering::Relaxed);
                Page { items: output.routes, next: output.next_token }
            },
        );
        let routes: Result<_, Failure> = routes.await;
        let further = further.load(Ordering::Relaxed);
        let body = routes.map(|routes| json!({ "Routes": routes.json(), "AdditionalRoutesAvailable": further }));
        self.reader.enter(TRANSIT_GATEWAY_ROUTES, table, body);
    }
}
