//! Instances and interfaces that stand in the way: NAT instances, appliances.

use super::{
    super::{Exit, ExitAddress, ExitKind, Family, Hop, Stop},
    Leg, Source, Step, Walker, routes,
    trail::Border,
};
use crate::{
    evidence::{Gap, GapReason, Known},
    graph::egress::filter::Role,
    model::{NetworkInterface, PublicAddress},
};

impl<'a> Walker<'a> {
    pub(super) fn instance(&self, id: &str, step: Step<'a>) -> Vec<Leg<'a>> {
        let of_instance = |interface: &NetworkInterface| interface.instance.as_deref() == Some(id);
        let listing = self.aws.network_interfaces.list(&step.scope, of_instance);
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
