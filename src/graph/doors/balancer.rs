//! Listeners of load balancers that forward to functions.

use ipnet::IpNet;

use super::{Calls, Door, DoorKind, DoorRoute, Target};
use crate::{
    evidence::{Gap, GapReason, Known},
    graph::policy::is_most_of_the_internet,
    model::{Authorization, Aws, Listener, ListenerRule, LoadBalancer, TargetGroup},
    snapshot::ScopeId,
};

/// The number of TCP in the Internet Protocol.
const TCP: u8 = 6;

/// Every listener that leads, or may lead, to a function.
pub(super) fn doors(aws: &Aws) -> Vec<Door> {
    let mut found = Vec::new();
    for (scope, balancer) in aws.load_balancers.iter().filter(|(_, balancer)| balancer.application) {
        let uses = |group: &TargetGroup| group.load_balancers.contains(&balancer.arn);
        let groups = aws.target_groups.list_of(scope, &balancer.arn, uses);
        if groups.items.is_empty() {
            continue;
        }
        match &balancer.listeners {
            Known::Known(listeners) => {
                found.extend(listeners.iter().filter_map(|it| door(aws, scope, balancer, it, &groups.items)));
            }
            Known::Unknown(gap) => {
                let any = Listener { arn: balancer.arn.clone(), port: 0, rules: Known::Unknown(gap.clone()) };
                found.extend(door(aws, scope, balancer, &any, &groups.items));
            }
        }
    }
    found
}

/// The door that a listener is; none where it leads to no function.
fn door(
    aws: &Aws,
    scope: &ScopeId,
    balancer: &LoadBalancer,
    listener: &Listener,
    groups: &[&TargetGroup],
) -> Option<Door> {
    let (routes, routes_gap) = match &listener.rules {
        Known::Known(rules) => {
            let caught = rules.iter().position(|rule| rule.catches_all && rule.sources.is_none());
            // What comes after a rule that fits everything is never tried.
            let tried = rules.iter().take(caught.map_or(rules.len(), |at| at + 1));
            (tried.flat_map(|rule| routes(rule, groups)).collect(), None)
        }
        Known::Unknown(gap) => (Vec::new(), Some(gap.clone())),
    };
    if routes.is_empty() && routes_gap.is_none() {
        return None;
    }
    let reachable =
        if balancer.internet_facing { lets_in(aws, scope, balancer, listener.port) } else { Known::Known(false) };
    Some(Door {
        id: listener.arn.clone(),
        name: format!("{}:{}", balancer.name, listener.port),
        kind: DoorKind::LoadBalancer,
        scope: scope.clone(),
        addresses: vec![format!("{}:{}", balancer.address, listener.port)],
        private: Known::Known(!balancer.internet_facing),
        any_endpoint: Known::Known(false),
        default_beside: Known::Known(String::new()),
        reachable,
        open_cors: Known::Known(false),
        routes,
        routes_gap,
    })
}

/// What a rule forwards to, as far as it is functions.
fn routes(rule: &ListenerRule, groups: &[&TargetGroup]) -> Vec<DoorRoute> {
    let mut found = Vec::new();
    for group in groups.iter().filter(|group| rule.targets.contains(&group.arn)) {
        let targets = match &group.functions {
            Known::Known(functions) => functions.iter().cloned().map(Known::Known).collect(),
            Known::Unknown(gap) => vec![Known::Unknown::<String>(gap.clone())],
        };
        found.extend(targets.into_iter().map(|function| DoorRoute {
            key: rule.fits.clone(),
            target: Target::Function(function),
            authorization: rule.authorization.clone(),
            api_key: false,
            admits_everyone: Known::Known(rule.authorization == Authorization::None).and(is_for_all(rule)),
            admits_any_account: Known::Known(false),
            calls: Calls::Service {
                service: "elasticloadbalancing.amazonaws.com",
                sources: vec![vec![group.arn.clone()]],
            },
        }));
    }
    found
}

/// Whether a rule asks for no addresses, or for most of the internet.
fn is_for_all(rule: &ListenerRule) -> Known<bool> {
    let Some(sources) = &rule.sources else { return Known::Known(true) };
    let nets: Vec<IpNet> = sources.iter().filter_map(|net| net.parse().ok()).collect();
    match is_most_of_the_internet(&nets) {
        // One that was not understood may be wide.
        false if nets.len() < sources.len() || sources.is_empty() => {
            Known::Unknown(Gap::new(format!("from which addresses {} takes requests", rule.arn), GapReason::Malformed))
        }
        answer => Known::Known(answer),
    }
}

/// Whether its security groups let most of the internet in.
fn lets_in(aws: &Aws, scope: &ScopeId, balancer: &LoadBalancer, port: u16) -> Known<bool> {
    let mut nets = Vec::new();
    let mut unread: Option<Gap> = None;
    for id in &balancer.security_groups {
        let ingress = aws.security_groups.get(scope, id).into_result();
        let ingress = ingress.and_then(|group| match group {
            None => Err(Gap::new(format!("security group {id}"), GapReason::NotRead)),
            Some(group) => group.ingress.as_ref().into_result().map(Vec::as_slice),
        });
        match ingress {
            Err(gap) => unread = unread.or(Some(gap)),
            Ok(permissions) => {
                let fits = permissions.iter().filter(|it| {
                    it.protocol.covers(TCP) && (port == 0 || (it.ports.from..=it.ports.to).contains(&port))
                });
                nets.extend(fits.flat_map(|permission| permission.nets.iter().copied()));
            }
        }
    }
    match unread {
        _ if is_most_of_the_internet(&nets) => Known::Known(true),
        Some(gap) => Known::Unknown(gap),
        None => Known::Known(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(sources: Option<&[&str]>) -> ListenerRule {
        ListenerRule {
            arn: "rule".into(),
            priority: "1".into(),
            catches_all: false,
            fits: String::new(),
            sources: sources.map(|nets| nets.iter().map(|net| (*net).to_owned()).collect()),
            authorization: Authorization::None,
            targets: Vec::new(),
        }
    }

    #[test]
    fn addresses_that_were_not_understood_are_neither_few_nor_all() {
        assert_eq!(is_for_all(&rule(None)), Known::Known(true));
        assert_eq!(is_for_all(&rule(Some(&["203.0.113.0/24"]))), Known::Known(false));
        assert_eq!(is_for_all(&rule(Some(&["0.0.0.0/0", "?"]))), Known::Known(true));
        for strange in [&[][..], &["203.0.113.0/24", "?"]] {
            assert!(matches!(is_for_all(&rule(Some(strange))), Known::Unknown(_)), "{strange:?}");
        }
    }
}
