//! The services that endpoints take out of the paths.

use super::{super::Bypass, Walker, routes};
use crate::{
    evidence::{Gap, Known},
    model::Attachment,
    snapshot::ScopeId,
};

impl Walker<'_> {
    /// The services whose traffic takes a way of its own, and what may have kept others from being seen.
    pub(super) fn bypasses(&self, scope: &ScopeId, attachment: &Attachment) -> (Vec<Bypass>, Option<Gap>) {
        let mut found = Vec::new();
        let mut gap = None;
        for id in &attachment.subnets {
            let Known::Known(Some(subnet)) = self.aws.subnets.get(scope, id) else { continue };
            let table = match routes::table_of(self.aws, scope, subnet) {
                Known::Known(table) => Some(table.id.as_str()),
                Known::Unknown(_) => None,
            };
            // Whom a VPC is shared with sees none of its owner's endpoints.
            let owner = scope.of(&subnet.owner);
            let listing =
                self.aws.vpc_endpoints.list_of(&owner, &subnet.vpc, |it| it.vpc == subnet.vpc && it.available);
            gap = gap.or(listing.incomplete);
            for endpoint in listing.items {
                let gateway = table.is_some_and(|table| endpoint.route_tables.iter().any(|own| own == table));
                let kind = match endpoint.kind.as_str() {
                    "Gateway" if gateway => "gateway",
                    "Interface" if endpoint.private_dns => "interface",
                    _ => continue,
                };
                found.push(Bypass { service: endpoint.service.clone(), endpoint: endpoint.id.clone(), kind });
            }
        }
        found.sort();
        found.dedup();
        (found, gap)
    }
}
