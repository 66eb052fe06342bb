//! Instances and interfaces that stand in the way: NAT instances, appliances.

use super::{
    super::{Exit, ExitAddress, ExitKind, Family, Hop, Stop},
    Leg, Source, Step, Walker, routes,
    trail::Border,
    transit::Halt,
};
use crate::{
    evidence::{Gap, GapReason, Known},
    graph::egress::filter::Role,
    model::{CapacityProvider, NetworkInterface, PublicAddress, Subnet},
};

/// Who runs managed instances for the customer.
const OPERATOR: &str = "scaler.lambda.amazonaws.com";

impl<'a> Walker<'a> {
    pub(super) fn instance(&self, id: &str, step: Step<'a>) -> Vec<Leg<'a>> {
        let of_instance = |interface: &NetworkInterface| interface.instance.as_deref() == Some(id);
        let listing = self.aws.network_interfaces.list_of(&step.scope, id, of_instance);
        match (listing.items.as_slice(), listing.incomplete) {
            (_, Some(gap)) => vec![Leg::lost(step, gap)],
            ([only], None) => self.interface(&only.id, step),
            ([], None) => {
                let because = format!("instance {id} has no network interface");
                vec![Leg::stopped(step, Stop::Instance, because)]
            }
            (_, None) => {
                let gap = Gap::new(format!("which interface of instance {id} a route means"), GapReason::Unsupported);
                vec![Leg::lost(step, gap)]
            }
        }
    }

    pub(super) fn interface(&self, id: &str, mut step: Step<'a>) -> Vec<Leg<'a>> {
        let interface = match self.aws.network_interfaces.get(&step.scope, id) {
            Known::Known(Some(interface)) => interface,
            Known::Known(None) => {
                let because = format!("network interface {id} does not exist");
                return vec![Leg::stopped(step, Stop::Instance, because)];
            }
            Known::Unknown(gap) => return vec![Leg::lost(step, gap)],
        };
        if step.seen.contains(&interface.id) {
            return vec![Leg::stopped(step, Stop::Loop, format!("the routes come back to network interface {id}"))];
        }
        match interface.source_dest_check {
            Some(false) => {}
            Some(true) => {
                let because = format!("network interface {id} checks source and destination, and so forwards nothing");
                return vec![Leg::stopped(step, Stop::Instance, because)];
            }
            None => {
                let gap = Gap::new(format!("whether network interface {id} forwards"), GapReason::UnknownValue);
                return vec![Leg::lost(step, gap)];
            }
        }
        if !interface.in_use {
            let because = format!("network interface {id} is attached to nothing");
            return vec![Leg::stopped(step, Stop::Instance, because)];
        }
        let v6 = step.nets.first().is_some_and(|net| Family::of(net) == Family::V6);
        let Some(public) = interface.public.as_ref().filter(|_| !v6) else {
            // Without an address of its own an appliance may still hand the traffic on, where nobody can see.
            let gap = Gap::new(format!("what lies beyond network interface {id}"), GapReason::Unsupported);
            return vec![Leg::lost(step, gap)];
        };
        let found = self.subnet_of(&step.scope, &interface.subnet);
        let found = found.and_then(|own| Ok((own, routes::table_of(self.aws, &step.viewer, own).into_result()?)));
        let (own, table) = match found {
            Ok(found) => found,
            Err(gap) => return vec![Leg::lost(step, gap)],
        };
        step.seen.push(interface.id.clone());
        let instance = interface.instance.clone().unwrap_or_else(|| interface.id.clone());
        step.hops.push(Hop {
            kind: "instance",
            id: instance.clone(),
            about: format!("{} with {}", interface.id, public.ip),
            decision: format!("its subnet {}", own.id),
            because: "it does not check source and destination; whether it translates cannot be seen".into(),
        });
        step.trail.answers = self.answers(table, Some(own), &step);
        step.trail.borders.push(Border {
            owner: step.scope.clone(),
            viewer: step.viewer.clone(),
            subnet: own,
            sources: std::mem::take(&mut step.from),
            role: Role::Translator,
        });
        step.trail.gates.clear();
        step.from = own.cidr.into_iter().collect();
        step.source = Source::Translated(Box::new(exit(instance, step.zone_of(own), public)));
        self.leave_subnet(own, step)
    }
}

impl<'a> Walker<'a> {
    /// The public addresses of a capacity provider's instances in the subnet that traffic leaves by. They are lent, and go
    /// when an instance does; instances that are not there say nothing about those that will be.
    pub(super) fn public_instances(
        &self,
        provider: &CapacityProvider,
        subnet: Option<&Subnet>,
        step: &Step<'a>,
    ) -> Result<Exit, Halt> {
        let groups = &provider.attachment.security_groups;
        // What comes from the subnet of an endpoint, or out of a transit gateway, still bears the instance's own address.
        let Some(subnet) = subnet.filter(|subnet| subnet.id == step.start.id) else {
            let what = "what an internet gateway does with the address of an instance in another subnet";
            return Err(Gap::new(what, GapReason::Unsupported).into());
        };
        let own = |it: &NetworkInterface| {
            it.subnet == subnet.id
                && it.operator.as_deref() == Some(OPERATOR)
                && groups.iter().all(|group| it.groups.contains(group))
        };
        let listing = self.aws.network_interfaces.list_of(&step.viewer, &subnet.id, own);
        if let Some(gap) = listing.incomplete {
            return Err(gap.into());
        }
        let public: Vec<_> = listing.items.iter().filter_map(|it| it.public.as_ref()).collect();
        let whether = |why: &str| {
            let what = format!("whether managed instances in {} have public addresses: {why}", subnet.id);
            Err(Halt::Lost(Gap::new(what, GapReason::UnknownValue)))
        };
        match (listing.items.len(), public.len()) {
            (0, _) => whether("none runs"),
            (_, 0) => {
                let because =
                    format!("subnet {} is public, and its managed instances have no public address", subnet.id);
                Err(Halt::Stop(Stop::PublicSubnet, because))
            }
            (all, some) if all == some => Ok(Exit {
                kind: ExitKind::Interface,
                id: None,
                zone: None,
                automatic: Known::Known(true),
                addresses: public.into_iter().map(lent).collect(),
                addresses_gap: None,
            }),
            _ => whether("some have, some have not"),
        }
    }
}

fn lent(address: &PublicAddress) -> ExitAddress {
    ExitAddress { ip: address.ip.clone(), reserved: Known::Known(false), source: "instance", draining: false }
}

fn exit(instance: String, zone: String, public: &PublicAddress) -> Exit {
    Exit {
        kind: ExitKind::Instance,
        id: Some(instance),
        zone: Some(zone),
        automatic: Known::Known(false),
        addresses: vec![ExitAddress {
            ip: public.ip.clone(),
            reserved: Known::Known(public.elastic),
            source: "instance",
            draining: false,
        }],
        addresses_gap: None,
    }
}
