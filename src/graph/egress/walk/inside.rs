//! Where traffic arrives that stays in private networks.

use super::{
    super::{End, Family, Stop, Traffic},
    Leg, Step, Walker, routes,
    trail::Border,
};
use crate::{
    evidence::{Gap, GapReason, Known},
    graph::egress::filter::Role,
};

impl<'a> Walker<'a> {
    /// What the traffic is for, in words.
    pub(super) fn meant(&self) -> &'static str {
        match self.traffic {
            Traffic::Internet => "the internet",
            Traffic::Private => "these private ranges",
            Traffic::To(_) => "it",
        }
    }

    /// In the VPC that a destination is in: what stands there, and its own security groups, are not asked.
    pub(super) fn arrive(&self, vpc: &str, mut step: Step<'a>) -> Leg<'a> {
        let Some(to) = self.traffic.destination() else {
            return Leg::ending(step, End::Inside { place: vpc.to_owned() });
        };
        let scope = self.aws.subnets.whole_of(&step.scope, &step.viewer);
        let listing = self.aws.subnets.list_of(scope, vpc, |subnet| {
            subnet.vpc == vpc
                && match to.ip {
                    std::net::IpAddr::V4(ip) => subnet.cidr.is_some_and(|net| net.contains(&std::net::IpAddr::V4(ip))),
                    ip @ std::net::IpAddr::V6(_) => {
                        matches!(&subnet.ipv6, Known::Known(ranges) if ranges.iter().any(|net| net.contains(&ip)))
                    }
                }
        });
        let own = match (listing.items.first().copied(), listing.incomplete) {
            (Some(own), _) => own,
            (None, Some(gap)) => return Leg::lost(step, gap),
            (None, None) => {
                return Leg::stopped(step, Stop::NoRoute, format!("no subnet of {vpc} holds {}", to.ip));
            }
        };
        if matches!(step.nets.first().map(Family::of), Some(Family::V6)) && !step.trail.gates.is_empty() {
            let what = "whether answers over IPv6 come back through another network";
            return Leg::lost(step, Gap::new(what, GapReason::Unsupported));
        }
        step.trail.answers = match routes::table_of(self.aws, &step.viewer, own) {
            Known::Known(table) => self.answers(table, Some(own), &step),
            Known::Unknown(gap) => Known::Unknown(gap),
        };
        step.trail.borders.push(Border {
            owner: step.scope.clone(),
            viewer: step.viewer.clone(),
            subnet: own,
            sources: step.from.clone(),
            role: Role::Destination,
        });
        let place = format!("{vpc}, subnet {}", own.id);
        Leg::ending(step, End::Inside { place })
    }
}
