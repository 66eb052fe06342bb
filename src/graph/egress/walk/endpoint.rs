//! Endpoints of gateway load balancers: what stands behind them inspects, and hands the traffic back.

use super::{
    super::{End, Hop, Stop},
    Leg, Step, Walker,
    trail::{Border, Gate, Inspected, Out},
};
use crate::{
    evidence::{Gap, GapReason, Known},
    graph::egress::filter::Role,
};

impl<'a> Walker<'a> {
    /// The traffic goes on from the subnet of the endpoint. What stands behind it is taken to hand back all of it, as it
    /// came: its rules are not read, and one that sends traffic to the internet by itself is not seen.
    pub(super) fn endpoint(&self, id: &str, mut step: Step<'a>) -> Vec<Leg<'a>> {
        let endpoint = match self.aws.vpc_endpoints.get(&step.scope, id) {
            Known::Known(Some(endpoint)) => endpoint,
            Known::Known(None) => {
                let gap = Gap::new(format!("VPC endpoint {id}"), GapReason::GoneDuringScan);
                return vec![Leg::lost(step, gap)];
            }
            Known::Unknown(gap) => return vec![Leg::lost(step, gap)],
        };
        if endpoint.kind == "Gateway" {
            let place = format!("{} by gateway endpoint {id}", endpoint.service);
            return vec![Leg::ending(step, End::Inside { place })];
        }
        if endpoint.kind != "GatewayLoadBalancer" {
            let gap = Gap::new(format!("what lies beyond VPC endpoint {id}"), GapReason::Unsupported);
            return vec![Leg::lost(step, gap)];
        }
        if step.seen.contains(&endpoint.id) {
            return vec![Leg::stopped(step, Stop::Loop, format!("the routes come back to endpoint {id}"))];
        }
        if !endpoint.available {
            let because = format!("endpoint {id} of a gateway load balancer does not take traffic");
            return vec![Leg::stopped(step, Stop::EndpointNotAvailable, because)];
        }
        let own = match endpoint.subnets.as_slice() {
            [only] => self.subnet_of(&step.scope, only),
            _ => Err(Gap::new(format!("the subnet of endpoint {id}"), GapReason::Malformed)),
        };
        let own = match own {
            Ok(own) => own,
            Err(gap) => return vec![Leg::lost(step, gap)],
        };
        step.seen.push(endpoint.id.clone());
        step.hops.push(Hop {
            kind: "endpoint",
            id: endpoint.id.clone(),
            about: format!("gateway load balancer of {}", endpoint.service),
            decision: format!("its subnet {}", own.id),
            because: "what inspects behind it is taken to hand everything back; its rules are not judged".into(),
        });
        step.trail.borders.push(Border {
            owner: step.scope.clone(),
            viewer: step.viewer.clone(),
            subnet: own,
            sources: step.from.clone(),
            role: Role::Endpoint,
        });
        let at = Out { owner: step.scope.clone(), vpc: own.vpc.clone(), subnet: Some(own.id.clone()) };
        step.trail.inspected.push(Inspected { id: endpoint.id.clone(), at: Some(at) });
        step.trail.gates.push(Gate::Endpoint(endpoint, own));
        self.leave_subnet(own, step)
    }
}
