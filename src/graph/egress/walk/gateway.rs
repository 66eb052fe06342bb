//! Internet gateways, and egress-only ones.

use ipnet::IpNet;

use super::{
    super::{End, Exit, ExitAddress, ExitKind, Family, Hop, Stop},
    Leg, Source, Step, Walker,
    trail::{Answers, Gate, Out, both},
    transit::Halt,
};
use crate::{
    evidence::{Gap, GapReason, Known},
    model::{Connector, Subnet},
};

impl<'a> Walker<'a> {
    pub(super) fn internet_gateway(
        &self,
        id: &str,
        vpc: &str,
        subnet: Option<&'a Subnet>,
        mut step: Step<'a>,
    ) -> Leg<'a> {
        if self.traffic.is_private() {
            return not_public(step, id);
        }
        let family = step.nets.first().map_or(Family::V4, Family::of);
        let exit = match (&step.source, family) {
            (Source::Function, Family::V4) => {
                let at = subnet.map_or_else(String::new, |subnet| format!("subnet {} ", subnet.id));
                let because = format!("{at}sends it to internet gateway {id}, and a function has no public address");
                return Leg::stopped(step, Stop::PublicSubnet, because);
            }
            (Source::Connector(name, connector), Family::V4) => match public_connector(name, connector, subnet) {
                Ok(exit) => exit,
                Err(Halt::Stop(stop, because)) => return Leg::stopped(step, stop, because),
                Err(Halt::Lost(gap)) => return Leg::lost(step, gap),
            },
            (Source::PrivateNat(nat), _) => {
                let because = format!("internet gateway {id} drops what bears the private address of {nat}");
                return Leg::stopped(step, Stop::PrivateNat, because);
            }
            (Source::Translated(exit), _) => (**exit).clone(),
            (Source::Instance(provider), Family::V4) => match self.public_instances(provider, subnet, &step) {
                Ok(exit) => exit,
                Err(Halt::Stop(stop, because)) => return Leg::stopped(step, stop, because),
                Err(Halt::Lost(gap)) => return Leg::lost(step, gap),
            },
            (Source::Function | Source::Instance(_) | Source::Connector(..), Family::V6) => match foreign(&step) {
                Some(gap) => return Leg::lost(step, gap),
                None => prefixes(ExitKind::InternetGateway, id, &step.from),
            },
        };
        let scope = self.aws.internet_gateways.whole_of(&step.scope, &step.viewer);
        let attached = match self.aws.internet_gateways.get(scope, id) {
            Known::Known(Some(gateway)) => gateway.attached.iter().any(|own| own == vpc),
            Known::Known(None) if *scope != step.scope => {
                let gap = Gap::new(format!("internet gateway {id} of another account"), GapReason::NotRead);
                return Leg::lost(step, gap);
            }
            Known::Known(None) => {
                return Leg::stopped(step, Stop::GatewayMissing, format!("internet gateway {id} does not exist"));
            }
            Known::Unknown(gap) => return Leg::lost(step, gap),
        };
        if !attached {
            let because = format!("internet gateway {id} is not attached to {vpc}");
            return Leg::stopped(step, Stop::GatewayDetached, because);
        }
        step.hops.push(Hop {
            kind: "internet-gateway",
            id: id.into(),
            about: String::new(),
            decision: "the internet".into(),
            because: format!("attached to {vpc}"),
        });
        step.trail.answers = match (subnet, step.trail.gates.last()) {
            (Some(_), _) => self.answers_from_internet(id, vpc, &step),
            // What bears no address of a subnet comes back to the regional gateway itself.
            (None, None) => step.trail.answers,
            (None, Some(_)) => unseen(&step),
        };
        step.trail.out = Some(Out {
            owner: step.scope.clone(),
            vpc: vpc.to_owned(),
            subnet: subnet.map(|subnet| subnet.id.clone()),
        });
        Leg::ending(step, End::Internet(exit))
    }

    pub(super) fn egress_only(&self, id: &str, vpc: &str, subnet: Option<&'a Subnet>, mut step: Step<'a>) -> Leg<'a> {
        if self.traffic.is_private() {
            return not_public(step, id);
        }
        if let Some(gap) = foreign(&step) {
            return Leg::lost(step, gap);
        }
        match self.aws.egress_only_gateways.get(&step.scope, id) {
            Known::Unknown(gap) => Leg::lost(step, gap),
            Known::Known(None) => {
                let because = format!("egress-only internet gateway {id} does not exist");
                Leg::stopped(step, Stop::GatewayMissing, because)
            }
            Known::Known(Some(gateway)) if !gateway.attached.iter().any(|own| own == vpc) => {
                let because = format!("egress-only internet gateway {id} is not attached to {vpc}");
                Leg::stopped(step, Stop::GatewayDetached, because)
            }
            Known::Known(Some(_)) => {
                step.hops.push(Hop {
                    kind: "egress-only-internet-gateway",
                    id: id.into(),
                    about: String::new(),
                    decision: "the internet, over IPv6".into(),
                    because: format!("attached to {vpc}"),
                });
                let exit = prefixes(ExitKind::EgressOnlyGateway, id, &step.from);
                if !step.trail.gates.is_empty() {
                    step.trail.answers = unseen(&step);
                }
                step.trail.out = Some(Out {
                    owner: step.scope.clone(),
                    vpc: vpc.to_owned(),
                    subnet: subnet.map(|subnet| subnet.id.clone()),
                });
                Leg::ending(step, End::Internet(exit))
            }
        }
    }
}

/// The public addresses of a connector's interfaces, where Lambda gives them any: they are Lambda's, and it may change them.
fn public_connector(name: &str, connector: &Connector, subnet: Option<&Subnet>) -> Result<Exit, Halt> {
    let at = subnet.map_or_else(String::new, |subnet| format!("subnet {} ", subnet.id));
    match connector.public {
        Some(true) => {
            let gap =
                Gap::new(format!("the addresses that Lambda gives network connector {name}"), GapReason::Unsupported);
            Ok(Exit {
                kind: ExitKind::Interface,
                id: None,
                zone: None,
                automatic: Known::Known(true),
                addresses: Vec::new(),
                addresses_gap: Some(gap),
            })
        }
        Some(false) => {
            let because = format!("{at}is public, and network connector {name} has no public address");
            Err(Halt::Stop(Stop::PublicSubnet, because))
        }
        None => {
            let what = format!("whether network connector {name} has public addresses");
            Err(Halt::Lost(Gap::new(what, GapReason::UnknownValue)))
        }
    }
}

/// Nobody on the internet answers for a private address.
fn not_public<'a>(step: Step<'a>, gateway: &str) -> Leg<'a> {
    let because = format!("the way leads to gateway {gateway}, and the internet knows no private addresses");
    Leg::stopped(step, Stop::NotPublic, because)
}

/// Over IPv6 packets keep their address, which another VPC's gateway does not serve as its own.
fn foreign(step: &Step<'_>) -> Option<Gap> {
    let crossed = |gate: &Gate<'_>| matches!(gate, Gate::Transit(_));
    let what = "what the gateway of another VPC does with IPv6 that came by a transit gateway";
    step.trail.gates.iter().any(crossed).then(|| Gap::new(what, GapReason::Unsupported))
}

/// The way back into a VPC by a gateway that no table can be put on.
fn unseen(step: &Step<'_>) -> Known<Answers> {
    let gap = Gap::new("whether the answers come back through what inspects the traffic", GapReason::Unsupported);
    both(step.trail.answers.clone(), Known::Unknown(gap))
}

/// Over IPv6 nothing is translated: the other side sees the prefix of the workload's own subnet.
fn prefixes(kind: ExitKind, id: &str, from: &[IpNet]) -> Exit {
    let addresses = from.iter().map(|prefix| ExitAddress {
        ip: prefix.to_string(),
        reserved: Known::Known(true),
        source: "subnet-prefix",
        draining: false,
    });
    Exit {
        kind,
        id: Some(id.into()),
        zone: None,
        automatic: Known::Known(false),
        addresses: addresses.collect(),
        addresses_gap: None,
    }
}
