//! The filters that stand on a path: security groups, network ACLs, VPC Block Public Access; and the way of the answers.

use super::{
    super::{
        End, Passage, Stop,
        filter::{self, Border, Role},
    },
    Leg, Walker,
    trail::{Answers, Out},
};
use crate::{
    evidence::{Gap, GapReason, Known},
    model::{Attachment, BlockMode, NetworkAcl, SecurityGroup, Subnet},
    snapshot::ScopeId,
};

impl<'a> Walker<'a> {
    /// What the filters do to the traffic of a leg that leads somewhere.
    pub(super) fn passage(
        &self,
        scope: &ScopeId,
        subnet: &'a Subnet,
        attachment: &Attachment,
        leg: &Leg<'a>,
    ) -> Known<Passage> {
        let filters = self.filters(scope, subnet, attachment, leg);
        let filtered = filter::passage(&filters, &leg.nets, self.traffic.wanted());
        // What is certainly shut stays shut, whatever else was not read.
        if matches!(filtered, Known::Known(Passage::Closed(..))) {
            return filtered;
        }
        if let Known::Known(Answers::None(because)) = &leg.trail.answers {
            return Known::Known(Passage::Closed(Stop::NoReturn, because.clone()));
        }
        let blocked = self.blocked(leg);
        if let Known::Known(Some(because)) = blocked {
            return Known::Known(Passage::Closed(Stop::BlockPublicAccess, because));
        }
        match (blocked, &leg.trail.answers, filtered) {
            (Known::Unknown(gap), ..) => Known::Unknown(gap),
            (_, Known::Unknown(gap), _) => Known::Unknown(gap.clone()),
            (_, Known::Known(Answers::Some(because)), Known::Known(_)) => {
                Known::Known(Passage::Degraded(Stop::NoReturn, because.clone()))
            }
            (.., filtered) => filtered,
        }
    }

    fn filters(
        &self,
        scope: &ScopeId,
        subnet: &'a Subnet,
        attachment: &Attachment,
        leg: &Leg<'a>,
    ) -> filter::Filters<'a> {
        let mut groups: Vec<&SecurityGroup> = Vec::new();
        let mut groups_gap = None;
        if attachment.security_groups.is_empty() {
            let default = |group: &SecurityGroup| group.name == "default" && group.vpc.as_ref() == Some(&subnet.vpc);
            let listing = self.aws.security_groups.list_of(scope, &subnet.vpc, default);
            groups.extend(listing.items.first());
            if groups.is_empty() {
                let why = || Gap::new(format!("the default security group of {}", subnet.vpc), GapReason::NotRead);
                groups_gap = Some(listing.incomplete.unwrap_or_else(why));
            }
        }
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
        let owner = scope.of(&subnet.owner);
        let stays = matches!(leg.end, End::Inside { .. })
            && matches!(leg.trail.borders.as_slice(), [only] if only.role == Role::Destination && only.subnet.id == subnet.id);
        let borders = leg.trail.borders.iter().filter_map(|border| {
            let here = border.subnet.id == subnet.id;
            // Inside one subnet no network ACL is asked, unless it is by the interface of a transit gateway.
            let asked = !stays && (!here || border.role != Role::Translator);
            asked.then(|| Border {
                acl: self.acl_of(&border.owner, &border.viewer, border.subnet),
                sources: border.sources.clone(),
                role: if here { Role::Endpoint } else { border.role },
            })
        });
        filter::Filters {
            groups,
            groups_gap,
            lists,
            near: (!stays).then(|| self.acl_of(&owner, scope, subnet)),
            borders: borders.collect(),
        }
    }

    fn acl_of(&self, owner: &ScopeId, viewer: &ScopeId, subnet: &'a Subnet) -> Known<(&'a NetworkAcl, &'a Subnet)> {
        let scope = self.aws.network_acls.whole_of(owner, viewer);
        let listing = self.aws.network_acls.list_of(scope, &subnet.id, |acl| acl.subnets.contains(&subnet.id));
        match (listing.items.first().copied(), listing.incomplete) {
            (Some(acl), _) => Known::Known((acl, subnet)),
            (None, Some(gap)) => Known::Unknown(gap),
            // Every subnet has one: a whole list without it is not what the API promises.
            (None, None) => Known::Unknown(Gap::new(format!("the network ACL of {}", subnet.id), GapReason::Malformed)),
        }
    }

    /// Why VPC Block Public Access stops the leg; none where it does not.
    fn blocked(&self, leg: &Leg<'a>) -> Known<Option<String>> {
        let mut unknown = None;
        let places = leg.trail.inspected.iter().filter_map(|it| Some((it.at.as_ref()?, Some(it.id.as_str()))));
        for (place, endpoint) in places.chain(leg.trail.out.as_ref().map(|out| (out, None))) {
            match self.blocked_at(place, endpoint) {
                Known::Known(None) => {}
                Known::Known(Some(because)) => return Known::Known(Some(because)),
                Known::Unknown(gap) => unknown = Some(gap),
            }
        }
        unknown.map_or(Known::Known(None), Known::Unknown)
    }

    /// Why it is stopped in one place: where it crosses to the internet, or at an endpoint that inspects.
    fn blocked_at(&self, place: &Out, endpoint: Option<&str>) -> Known<Option<String>> {
        let Out { owner, vpc, subnet } = place;
        match self.aws.block_mode(owner) {
            Known::Known(BlockMode::Off | BlockMode::Ingress) => Known::Known(None),
            Known::Known(BlockMode::Other(mode)) => {
                let what = format!("what the mode {mode} of VPC Block Public Access stops");
                Known::Unknown(Gap::new(what, GapReason::Unsupported))
            }
            Known::Known(BlockMode::Bidirectional) => {
                let excluded = |resource: &str| resource == vpc || Some(resource) == subnet.as_deref();
                let listing = self.aws.exclusions.list_of_any(
                    owner,
                    subnet.as_deref().into_iter().chain([vpc.as_str()]),
                    |exclusion| excluded(&exclusion.resource),
                );
                match (listing.items.is_empty(), listing.incomplete, endpoint) {
                    (false, _, None) => Known::Known(None),
                    // A network firewall is blocked even where its subnet is excluded; another appliance is not.
                    (false, _, Some(endpoint)) => Known::Unknown(Gap::new(
                        format!("whether VPC Block Public Access stops what {endpoint} inspects"),
                        GapReason::Unsupported,
                    )),
                    (true, Some(gap), _) => Known::Unknown(gap),
                    (true, None, _) => Known::Known(Some(format!(
                        "VPC Block Public Access is bidirectional, and no exclusion names {vpc}{}",
                        subnet.as_deref().map_or_else(String::new, |subnet| format!(" or {subnet}"))
                    ))),
                }
            }
            Known::Unknown(gap) => Known::Unknown(gap),
        }
    }
}
