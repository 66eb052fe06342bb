//! One workload's traffic to somewhere else than all of the internet: to one destination, or to private networks.

use std::sync::Arc;

use super::{
    Workload,
    egress::{Egress, End, Passage, Traffic, Transport, Walker},
    google, workload,
};
use crate::{
    evidence::{Gap, GapReason, Known},
    model::Inventory,
};

/// The port of mail between servers, which clouds keep shut, in ways that nobody can read.
const SMTP: u16 = 25;

/// Where a workload's traffic goes; none where the workload is not of this inventory.
pub fn toward(inventory: &Inventory, workload: &Workload, traffic: Traffic) -> Option<Egress> {
    let mut egress = if workload.google.is_some() {
        google::toward(inventory, &workload.id, traffic)?
    } else {
        let (scope, at) = workload::configuration(&inventory.aws, &workload.id)?;
        Walker::following(&inventory.aws, traffic).egress(scope, at)
    };
    if let Traffic::To(to) = traffic
        && to.port == SMTP
        && to.transport == Transport::Tcp
    {
        for path in Arc::make_mut(&mut egress.paths) {
            if matches!(path.end, End::Internet(_)) && !matches!(path.passage, Known::Known(Passage::Closed(..))) {
                let what = "whether the platform lets mail out to port 25";
                path.passage = Known::Unknown(Gap::new(what, GapReason::Unsupported));
            }
        }
    }
    Some(egress)
}
