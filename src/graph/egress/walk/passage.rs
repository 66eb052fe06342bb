//! The filters that stand on a path: security groups, network ACLs, VPC Block Public Access.

use ipnet::IpNet;

use super::{
    super::{Family, Passage, Stop, filter},
    Leg, Walker,
};
use crate::{
    evidence::{Gap, GapReason, Known},
    knowledge::{public_ipv4, public_ipv6},
    model::{Attachment, BlockMode, NetworkAcl, SecurityGroup, Subnet},
    snapshot::ScopeId,
};

impl<'a> Walker<'a> {
    /// What the filters do to the traffic of a leg that leads to the internet.
    pub(super) fn passage(
        &self,
        scope: &'a ScopeId,
        subnet: &'a Subnet,
        attachment: &Attachment,
        family: Family,
        leg: &Leg,
    ) -> Known<Passage> {
        let whole = match family {
            Family::V4 => public_ipv4(),
            Family::V6 => public_ipv6(),
        };
        let nets: &[IpNet] = if leg.nets.is_empty() { whole } else { &leg.nets };
        let filtered = filter::passage(&self.filters(scope, subnet, attachment, leg), nets);
        // What is certainly shut stays shut, whatever else was not read.
        if matches!(filtered, Known::Known(Passage::Closed(..))) {
            return filtered;
        }
        match self.blocked(scope, leg) {
            Known::Known(None) => filtered,
            Known::Known(Some(because)) => Known::Known(Passage::Closed(Stop::BlockPublicAccess, because)),
            Known::Unknown(gap) => Known::Unknown(gap),
        }
    }

    fn filters(
        &self,
        scope: &'a ScopeId,
        subnet: &'a Subnet,
        attachment: &Attachment,
        leg: &Leg,
    ) -> filter::Filters<'a> {
        let mut groups: Vec<&SecurityGroup> = Vec::new();
        let mut groups_gap = None;
        for id in &attachment.security_groups {
            match self.aws.security_groups.get(scope, id) {
                Known::Known(Some(group)) => groups.push(group),
                Known::Known(None) => {
                    groups_gap = Some(Gap::new(format!("security group {id}"), GapReason::NotRead));
                }
                Known::Unknown(gap) => groups_gap = Some(gap),
            }
        }
        let mut lists = Vec::new();
        for id in groups.iter().flat_map(|group| &group.egress).flat_map(|permission| &permission.prefix_lists) {
            let entries = match self.aws.prefix_lists.get(scope, id) {
                Known::Known(Some(list)) => list.entries.as_ref(),
                Known::Known(None) => Known::Unknown(Gap::new(format!("prefix list {id}"), GapReason::NotRead)),
                Known::Unknown(gap) => Known::Unknown(gap),
            };
            match entries {
                Known::Known(entries) => lists.push((id.as_str(), entries.as_slice())),
                Known::Unknown(gap) => groups_gap = Some(gap),
            }
        }
        let far =
            leg.far.as_deref().filter(|far| *far != subnet.id).map(|far| match self.aws.subnets.get(scope, far) {
                Known::Known(Some(far)) => self.acl_of(scope, far),
                Known::Known(None) => Known::Unknown(Gap::new(format!("subnet {far}"), GapReason::NotRead)),
                Known::Unknown(gap) => Known::Unknown(gap),
            });
        filter::Filters { groups, groups_gap, lists, near: self.acl_of(scope, subnet), far }
    }

    fn acl_of(&self, scope: &ScopeId, subnet: &'a Subnet) -> Known<(&'a NetworkAcl, &'a Subnet)> {
        let listing = self.aws.network_acls.list(scope, |acl| acl.subnets.contains(&subnet.id));
        match (listing.items.first().copied(), listing.incomplete) {
            (Some(acl), _) => Known::Known((acl, subnet)),
            (None, Some(gap)) => Known::Unknown(gap),
            // Every subnet has one: a whole list without it is not what the API promises.
            (None, None) => Known::Unknown(Gap::new(format!("the network ACL of {}", subnet.id), GapReason::Malformed)),
        }
    }

    /// Why VPC Block Public Access stops the leg; none where it does not.
    fn blocked(&self, scope: &ScopeId, leg: &Leg) -> Known<Option<String>> {
        let Some((vpc, subnet)) = &leg.border else { return Known::Known(None) };
        match self.aws.block_mode(scope) {
            Known::Known(BlockMode::Off | BlockMode::Ingress) => Known::Known(None),
            Known::Known(BlockMode::Other(mode)) => {
                let what = format!("what the mode {mode} of VPC Block Public Access stops");
                Known::Unknown(Gap::new(what, GapReason::Unsupported))
            }
            Known::Known(BlockMode::Bidirectional) => {
                let excluded = |resource: &str| resource == vpc || Some(resource) == subnet.as_deref();
                let listing = self.aws.exclusions.list(scope, |exclusion| excluded(&exclusion.resource));
                match (listing.items.is_empty(), listing.incomplete) {
                    (false, _) => Known::Known(None),
                    (true, Some(gap)) => Known::Unknown(gap),
                    (true, None) => Known::Known(Some(format!(
                        "VPC Block Public Access is bidirectional, and no exclusion names {vpc}{}",
                        subnet.as_deref().map_or_else(String::new, |subnet| format!(" or {subnet}"))
                    ))),
                }
            }
            Known::Unknown(gap) => Known::Unknown(gap),
        }
    }
}
