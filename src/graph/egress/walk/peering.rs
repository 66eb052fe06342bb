//! Peering connections, which lead from one VPC into exactly one other, and no further.

use std::collections::BTreeMap;

use super::{super::Hop, Leg, Step, Walker, trail::Gate};
use crate::{
    evidence::{Gap, GapReason},
    model::Target,
    snapshot::ScopeId,
};

impl<'a> Walker<'a> {
    /// Into the VPC at the other end. That is the one whose own tables name the connection as well: where none does,
    /// either it was not read, or no answer comes back from there.
    pub(super) fn peering(&self, id: &str, vpc: &str, mut step: Step<'a>) -> Vec<Leg<'a>> {
        let names = |target: &Target| matches!(target, Target::Peering(own) if own == id);
        let others: BTreeMap<&str, &ScopeId> = self
            .aws
            .route_tables
            .iter()
            .filter(|(_, table)| table.vpc != vpc && table.routes.iter().any(|route| names(&route.target)))
            .map(|(scope, table)| (table.vpc.as_str(), scope))
            .collect();
        let mut ends = others.into_iter();
        let (Some((peer, scope)), None) = (ends.next(), ends.next()) else {
            return vec![Leg::elsewhere(step, "peering connection", id)];
        };
        if !step.trail.gates.is_empty() {
            let what = format!("whether peering connection {id} takes what came through {vpc}");
            return vec![Leg::lost(step, Gap::new(what, GapReason::Unsupported))];
        }
        step.hops.push(Hop {
            kind: "peering-connection",
            id: id.to_owned(),
            about: String::new(),
            decision: peer.to_owned(),
            because: "it connects two VPCs".into(),
        });
        step.trail.gates.push(Gate::Peering(id.to_owned()));
        (step.scope, step.viewer) = (scope.clone(), scope.clone());
        // What comes by a peering connection is for the VPC itself: no table there is asked.
        vec![self.arrive(peer, step)]
    }
}
