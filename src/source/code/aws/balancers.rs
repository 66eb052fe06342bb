//! Load balancers that lead to functions.

use serde_json::{Value as Json, json};

use super::{
    add,
    parts::{Part, Parts},
};
use crate::{
    evidence::{Gap, GapReason},
    snapshot::{
        kinds::doors,
        unknown::{gap_of, marker},
    },
    source::code::draft::Draft,
};

/// Maps load balancers, their listeners and rules, and target groups of functions.
pub(super) fn map(parts: &Parts<'_>, draft: &mut Draft<'_>) {
    for part in parts.named("balancer") {
        let scheme = match (part.body.get("Scheme"), part.flag("Internal")) {
            (Some(scheme), _) => scheme.clone(),
            (None, Ok(true)) => json!("internal"),
            (None, Ok(false)) => json!("internet-facing"),
            (None, Err(gap)) => marker(&gap),
        };
        let body = json!({
            "LoadBalancerArn": part.id, "LoadBalancerName": part.value("LoadBalancerName"),
            "DNSName": part.text("DNSName"), "Scheme": scheme, "Type": part.value("Type"),
            "SecurityGroups": part.body.get("SecurityGroups").cloned().unwrap_or_else(|| json!([])),
        });
        add(part.item, doors::LOAD_BALANCER, &part.id, body, draft);
        let listeners: Vec<&Part<'_>> = of(parts, "listener", "Balancer", part).collect();
        let list: Vec<Json> = listeners
            .iter()
            .map(|listener| {
                let mutual = json!({"Mode": listener.value("Mode")});
                json!({"ListenerArn": listener.id, "Port": port(listener), "MutualAuthentication": mutual})
            })
            .collect();
        add(part.item, doors::LISTENERS, &part.id, json!({"Listeners": list}), draft);
        for listener in listeners {
            rules(listener, parts, draft);
        }
    }
    for part in parts.named("target-group").filter(|part| part.text("TargetType") == Some("lambda")) {
        let leads = |listener: &&Part<'_>| {
            let rules = of(parts, "listener-rule", "Listener", listener);
            std::iter::once(*listener).chain(rules).any(|it| it.value("Actions").to_string().contains(&part.id))
        };
        let balancers: Vec<Json> = parts.named("listener").filter(leads).map(|it| it.value("Balancer")).collect();
        // A listener that others manage, or that nobody knows, may be of any load balancer.
        let elsewhere = |rule: &&Part<'_>| {
            let own = parts.named("listener").any(|listener| Some(listener.id.as_str()) == rule.text("Listener"));
            !own && (rule.gap("Actions").is_some() || rule.value("Actions").to_string().contains(&part.id))
        };
        let balancers = match parts.perhaps("listener-rule").find(elsewhere) {
            Some(rule) => {
                let what = format!("the load balancer of {}", rule.item.resource.address);
                marker(&rule.gap("Listener").unwrap_or_else(|| Gap::new(what, GapReason::NotRead)))
            }
            None => balancers.into(),
        };
        let body = json!({"TargetGroupArn": part.id, "TargetType": "lambda", "LoadBalancerArns": balancers});
        add(part.item, doors::TARGET_GROUP, &part.id, body, draft);
        let targets = of(parts, "target", "Group", part);
        let targets: Vec<Json> = targets.map(|target| json!({"Target": {"Id": target.value("Target")}})).collect();
        let hidden = parts.stray(&["target"], "Group", &part.item.resource.root);
        let targets = hidden.map_or_else(|| Json::from(targets), |gap| marker(&gap));
        add(part.item, doors::TARGET_HEALTH, &part.id, json!({"TargetHealthDescriptions": targets}), draft);
    }
}

/// The parts that name another one in a field.
fn of<'p, 'a>(
    parts: &'p Parts<'a>,
    name: &'static str,
    field: &'static str,
    other: &'p Part<'a>,
) -> impl Iterator<Item = &'p Part<'a>> {
    parts.named(name).filter(move |part| part.text(field) == Some(&other.id))
}

/// Code may write numbers as texts.
fn port(part: &Part<'_>) -> Json {
    match part.value("Port") {
        Json::String(text) => text.parse::<u16>().map_or(Json::String(text), Json::from),
        other => other,
    }
}

fn rules(listener: &Part<'_>, parts: &Parts<'_>, draft: &mut Draft<'_>) {
    let mut rules = vec![json!({
        "RuleArn": format!("{}/default", listener.id), "Priority": "default", "Conditions": [],
        "Actions": actions(listener),
    })];
    for part in of(parts, "listener-rule", "Listener", listener) {
        let priority = match part.value("Priority") {
            Json::Number(number) => json!(number.to_string()),
            Json::Null => json!("50000"),
            other => other,
        };
        let conditions = match part.body.get("Conditions") {
            Some(Json::Array(list)) => list.iter().map(condition).collect(),
            Some(unknown) => unknown.clone(),
            None => json!([]),
        };
        rules.push(json!({
            "RuleArn": part.id, "Priority": priority, "Conditions": conditions, "Actions": actions(part),
        }));
    }
    add(listener.item, doors::LISTENER_RULES, &listener.id, json!({"Rules": rules}), draft);
}

fn actions(part: &Part<'_>) -> Json {
    let mut actions = part.value("Actions");
    for action in actions.as_array_mut().into_iter().flatten() {
        if let Json::Object(action) = action
            && let Some(groups) = action.remove("Groups")
        {
            action.insert("ForwardConfig".into(), json!({"TargetGroups": groups}));
        }
    }
    actions
}

fn condition(of: &Json) -> Json {
    if gap_of(of).is_some() {
        return of.clone();
    }
    if let Some(field) = of.get("Field") {
        let values = ["Values", "Host", "Path", "Method", "Source", "Header"].iter().find_map(|name| of.get(*name));
        return json!({"Field": field, "Values": values});
    }
    let fields = [
        ("Host", "host-header"),
        ("Path", "path-pattern"),
        ("Method", "http-request-method"),
        ("Source", "source-ip"),
        ("Header", "http-header"),
        ("Query", "query-string"),
    ];
    let found = fields.iter().find_map(|(from, field)| Some((field, of.get(*from)?)));
    found.map_or_else(
        || json!({}),
        |(field, values)| match *field {
            "query-string" => json!({"Field": field}),
            field => json!({"Field": field, "Values": values}),
        },
    )
}
