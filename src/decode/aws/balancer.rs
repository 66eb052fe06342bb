//! Load balancers, as far as they lead to functions.

use serde::{Deserialize, Deserializer, de};

use super::{super::index::Index, required};
use crate::{
    model::{Authorization, Listener, ListenerRule, LoadBalancer, TargetGroup},
    snapshot::{Record, kinds::doors},
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct BalancerWire {
    load_balancer_name: String,
    #[serde(rename = "DNSName")]
    address: Option<String>,
    scheme: Option<String>,
    #[serde(rename = "Type")]
    kind: Option<String>,
    security_groups: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListenersWire {
    listeners: Vec<ListenerWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListenerWire {
    listener_arn: String,
    port: u16,
    mutual_authentication: Option<MutualWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MutualWire {
    mode: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RulesWire {
    rules: Vec<RuleWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RuleWire {
    rule_arn: String,
    priority: String,
    #[serde(default)]
    conditions: Vec<ConditionWire>,
    #[serde(deserialize_with = "actions")]
    actions: Vec<ActionWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ConditionWire {
    field: Option<String>,
    values: Option<Vec<String>>,
    host_header_config: Option<ValuesWire>,
    path_pattern_config: Option<ValuesWire>,
    http_request_method_config: Option<ValuesWire>,
    source_ip_config: Option<ValuesWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ValuesWire {
    values: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ActionWire {
    #[serde(rename = "Type")]
    kind: String,
    order: Option<u32>,
    target_group_arn: Option<String>,
    forward_config: Option<ForwardWire>,
    authenticate_oidc_config: Option<UnauthenticatedWire>,
    authenticate_cognito_config: Option<UnauthenticatedWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UnauthenticatedWire {
    on_unauthenticated_request: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ForwardWire {
    target_groups: Option<Vec<WeightedWire>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WeightedWire {
    target_group_arn: String,
}

/// What a rule does. One that forwards to nothing was not told in full: its function would look as if nobody reached it.
fn actions<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ActionWire>, D::Error> {
    let actions = Vec::<ActionWire>::deserialize(deserializer)?;
    let leads = |it: &ActionWire| {
        it.target_group_arn.is_some() || it.forward_config.as_ref().is_some_and(|own| own.target_groups.is_some())
    };
    if actions.iter().all(|it| it.kind != "forward" || leads(it)) {
        return Ok(actions);
    }
    Err(de::Error::custom("an action forwards, and does not say where to"))
}

/// A load balancer. Its listeners are asked for where a group of functions names it.
pub(super) fn balancer(index: &Index<'_>, record: &Record, wire: BalancerWire) -> Result<LoadBalancer, String> {
    let listeners = index.document::<ListenersWire>(doors::LISTENERS, &record.scope, &record.id);
    let listeners = required(listeners, doors::LISTENERS, &record.id).map(|wire| {
        let listeners = wire.listeners.into_iter().map(|listener| listener_of(index, record, listener));
        listeners.collect()
    });
    let application = match wire.kind.as_deref() {
        Some(kind) => kind == "application",
        None => return Err("it does not say of which type it is".into()),
    };
    let internet_facing = match wire.scheme.as_deref() {
        Some("internal") => false,
        None if application => return Err("it does not say whether it faces the internet".into()),
        _ => true,
    };
    if application && wire.security_groups.is_none() {
        return Err("it does not name its security groups".into());
    }
    Ok(LoadBalancer {
        arn: record.id.clone(),
        name: wire.load_balancer_name,
        address: wire.address.unwrap_or_default(),
        internet_facing,
        application,
        security_groups: wire.security_groups.unwrap_or_default(),
        listeners,
    })
}

fn listener_of(index: &Index<'_>, record: &Record, wire: ListenerWire) -> Listener {
    let rules = index.document::<RulesWire>(doors::LISTENER_RULES, &record.scope, &wire.listener_arn);
    let certificate = wire.mutual_authentication.and_then(|own| own.mode).is_some_and(|mode| mode == "verify");
    let rules = required(rules, doors::LISTENER_RULES, &wire.listener_arn).map(|wire| {
        let mut rules: Vec<ListenerRule> = wire.rules.into_iter().map(|rule| rule_of(rule, certificate)).collect();
        rules.sort_by_key(|rule| rule.priority.parse::<u32>().unwrap_or(u32::MAX));
        rules
    });
    Listener { arn: wire.listener_arn, port: wire.port, rules }
}

fn rule_of(wire: RuleWire, certificate: bool) -> ListenerRule {
    let mut actions = wire.actions;
    actions.sort_by_key(|action| action.order.unwrap_or(u32::MAX));
    let mut authorization = if certificate { Authorization::Authoriser("certificate") } else { Authorization::None };
    let mut targets = Vec::new();
    for action in actions {
        match action.kind.as_str() {
            "authenticate-oidc" if !lets_on(action.authenticate_oidc_config.as_ref()) => {
                authorization = Authorization::Authoriser("oidc");
            }
            "authenticate-cognito" if !lets_on(action.authenticate_cognito_config.as_ref()) => {
                authorization = Authorization::Authoriser("cognito");
            }
            "jwt-validation" => authorization = Authorization::Authoriser("jwt"),
            "forward" => {
                let weighted = action.forward_config.and_then(|forward| forward.target_groups).unwrap_or_default();
                targets.extend(action.target_group_arn);
                targets.extend(weighted.into_iter().map(|group| group.target_group_arn));
            }
            _ => {}
        }
    }
    targets.sort();
    targets.dedup();
    let conditions: Vec<(String, Vec<String>)> = wire.conditions.into_iter().map(ConditionWire::read).collect();
    let any = |(field, values): &(String, Vec<String>)| {
        field == "path-pattern" && values.iter().any(|value| value == "*" || value == "/*")
    };
    let sources = conditions.iter().find(|(field, _)| field == "source-ip").map(|(_, values)| values.clone());
    let said = conditions.iter().map(|(field, values)| format!("{field} {}", values.join(" or ")));
    ListenerRule {
        arn: wire.rule_arn,
        // The default rule alone has no condition.
        catches_all: conditions.iter().all(any) && (wire.priority == "default" || !conditions.is_empty()),
        fits: if conditions.is_empty() { "every request".into() } else { said.collect::<Vec<_>>().join(", ") },
        priority: wire.priority,
        sources,
        authorization,
        targets,
    }
}

/// Whether who does not sign in is let on all the same.
fn lets_on(config: Option<&UnauthenticatedWire>) -> bool {
    config.and_then(|own| own.on_unauthenticated_request.as_deref()) == Some("allow")
}

impl ConditionWire {
    /// The field and its values, in whichever of the two forms.
    fn read(self) -> (String, Vec<String>) {
        let configs =
            [self.host_header_config, self.path_pattern_config, self.http_request_method_config, self.source_ip_config];
        let config = configs.into_iter().flatten().find_map(|config| config.values);
        (self.field.unwrap_or_default(), self.values.filter(|own| !own.is_empty()).or(config).unwrap_or_default())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GroupWire {
    load_balancer_arns: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HealthWire {
    target_health_descriptions: Vec<TargetHealthWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TargetHealthWire {
    target: TargetWire,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TargetWire {
    id: String,
}

/// A target group of functions.
pub(super) fn target_group(index: &Index<'_>, record: &Record, wire: GroupWire) -> Result<TargetGroup, String> {
    let health = index.document::<HealthWire>(doors::TARGET_HEALTH, &record.scope, &record.id);
    let functions = required(health, doors::TARGET_HEALTH, &record.id).map(|wire| {
        let targets = wire.target_health_descriptions.into_iter().map(|it| it.target.id);
        targets.map(|arn| arn.strip_suffix(":$LATEST").map(str::to_owned).unwrap_or(arn)).collect()
    });
    Ok(TargetGroup { arn: record.id.clone(), load_balancers: wire.load_balancer_arns, functions })
}
