//! What hangs on functions: their policies by statement, aliases, URLs, tags and keys.

mod hanging;
mod keys;

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use self::{
    hanging::{About, Function, Functions},
    keys::Keys,
};
use super::{
    add,
    names::id,
    parts::{Part, Parts},
    types_where,
};
use crate::{
    code::{Node, Value},
    evidence::{Gap, GapReason, Origin},
    snapshot::{
        kinds::{self, Kind},
        unknown::{first_gap, marker},
    },
    source::code::{
        draft::{Draft, Entry},
        item::{Field, Item, field},
    },
};

/// Maps what hangs on functions.
pub(super) fn map<'a>(items: &[Item<'a>], parts: &Parts<'a>, draft: &mut Draft<'a>) {
    let functions = Functions::of(items);
    let [by_alias, by_url, by_permission] = ["alias", "url", "permission"].map(|name| functions.hanging(name, parts));
    let keys = Keys::of(parts);
    for (index, function) in functions.all.iter().enumerate() {
        details(function, draft);
        let aliases = by_alias.certain(index).map(|own| aliases(function, own));
        policies(function, &aliases, by_permission.on(index), by_permission.any.as_ref(), draft);
        document(function, kinds::ALIASES, "Aliases", aliases, draft);
        let urls = by_url.certain(index).map(|own| urls(function, own));
        let places = by_url.on(index).iter().map(|(part, _)| part.place("AuthType"));
        let places = if urls.is_ok() { places.collect() } else { Vec::new() };
        if let Some(entry) = document(function, kinds::URL_CONFIGS, "FunctionUrlConfigs", urls, draft) {
            entry.origins = numbered("/FunctionUrlConfigs", places);
        }
        keys.declare(function, draft);
    }
    sources(parts, draft);
}

fn document<'d>(
    function: &Function<'_>,
    kind: Kind,
    field: &str,
    list: Result<Vec<Json>, Gap>,
    draft: &'d mut Draft<'_>,
) -> Option<&'d mut Entry> {
    let list = list.map_or_else(|gap| marker(&gap), Json::Array);
    add(function.item, kind, &function.arn, json!({ field: list }), draft)
}

/// The places of the elements of a list.
fn numbered(list: &str, places: Vec<Option<Origin>>) -> BTreeMap<String, Origin> {
    let places = places.into_iter().enumerate();
    places.filter_map(|(index, place)| Some((format!("{list}/{index}"), place?))).collect()
}

/// Tags that declare an intent, and the key of the package.
fn details(function: &Function<'_>, draft: &mut Draft<'_>) {
    let item = function.item;
    let mut tags: Map<String, Json> = Map::new();
    let mut hidden = None;
    let mut take = |node: &Node| match &node.value {
        Value::Map(map) => {
            let own = map.iter().filter(|(key, _)| key.starts_with("egress-audit-"));
            tags.extend(own.map(|(key, node)| (key.to_string(), item.json(node))));
        }
        Value::List(list) => {
            for tag in list.iter() {
                match (field(tag, "Key"), field(tag, "Value")) {
                    (Field::Given(Node { value: Value::Text(key), .. }), Field::Given(value)) => {
                        if key.starts_with("egress-audit-") {
                            tags.insert(key.to_string(), item.json(value));
                        }
                    }
                    (Field::Given(key), _) => hidden = item.text_of(key).err().or(hidden.take()),
                    (Field::Hidden(unknown), _) => hidden = Some(unknown.gap()),
                    (Field::Absent, _) => {}
                }
            }
        }
        Value::Unknown(unknown) if !item.is_left_out(node) => hidden = Some(unknown.gap()),
        _ => {}
    };
    let defaults = item.resource.provider.settings.as_ref();
    if let Some(Field::Given(node)) = defaults.map(|settings| field(settings, "default_tags.tags")) {
        take(node);
    }
    for name in ["tags_all", "tags", "Tags"] {
        if let Field::Given(node) = item.field(name) {
            take(node);
        }
    }
    let tags = hidden.map_or(Json::Object(tags), |gap| marker(&gap));
    let own = match item.field("source_kms_key_arn") {
        Field::Absent => item.field("Code.SourceKMSKeyArn"),
        found => found,
    };
    let key_types = types_where(|of| matches!(of.part.as_deref(), Some("key" | "key-alias")));
    let key = match own {
        Field::Given(node) => match item.target(node, &key_types) {
            Some(target) => id(target).into(),
            None => item.json(node),
        },
        Field::Hidden(unknown) => marker(&unknown.gap()),
        Field::Absent => Json::Null,
    };
    code_signing(function, draft);
    let body = json!({"Code": {"SourceKMSKeyArn": key}, "Tags": tags});
    add(item, kinds::FUNCTION_DETAIL, &function.arn, body, draft);
}

/// The code signing configuration that a function names.
fn code_signing(function: &Function<'_>, draft: &mut Draft<'_>) {
    let item = function.item;
    let own = match item.field("code_signing_config_arn") {
        Field::Absent => item.field("CodeSigningConfigArn"),
        found => found,
    };
    let types = types_where(|of| of.kind.as_deref() == Some(kinds::CODE_SIGNING_CONFIG.name));
    let config = match own {
        Field::Given(node) => match item.target(node, &types) {
            Some(target) => id(target).into(),
            None => item.json(node),
        },
        Field::Hidden(unknown) => marker(&unknown.gap()),
        Field::Absent => Json::Null,
    };
    add(item, kinds::CODE_SIGNING, &function.arn, json!({ "CodeSigningConfigArn": config }), draft);
}

fn aliases(function: &Function<'_>, own: &[About<'_, '_>]) -> Vec<Json> {
    let alias = |part: &Part<'_>| {
        let name = part.text("Name").map_or_else(|| part.item.own_word(), str::to_owned);
        // The version that the same code publishes is what the function is then.
        let own = part.text("Version").is_some_and(|version| version == function.arn || version == "$LATEST");
        let version = if own { json!("$LATEST") } else { part.value("Version") };
        let weights = weights(part.body.get("Weights"));
        json!({
            "Name": name, "AliasArn": format!("{}:{name}", function.arn), "FunctionVersion": version,
            "RoutingConfig": {"AdditionalVersionWeights": weights},
        })
    };
    own.iter().map(|(part, _)| alias(part)).collect()
}

/// The share of other versions by their names, which templates write as a list.
fn weights(given: Option<&Json>) -> Json {
    let Some(list) = given.and_then(Json::as_array) else { return given.cloned().unwrap_or_else(|| json!({})) };
    let hidden = list.iter().find_map(first_gap);
    let one = |weight: &Json| {
        Some((weight.get("FunctionVersion")?.as_str()?.to_owned(), weight.get("FunctionWeight")?.clone()))
    };
    hidden.map_or_else(|| Json::Object(list.iter().filter_map(one).collect()), |gap| marker(&gap))
}

fn urls(function: &Function<'_>, own: &[About<'_, '_>]) -> Vec<Json> {
    let url = |part: &Part<'_>, qualifier: Option<&str>| {
        let url = part.text("FunctionUrl").map_or_else(|| part.id.clone(), str::to_owned);
        json!({
            "FunctionUrl": url, "FunctionArn": function.at(qualifier), "AuthType": part.value("AuthType"),
            "Cors": {"AllowOrigins": part.value("AllowOrigins")},
        })
    };
    own.iter().map(|(part, qualifier)| url(part, qualifier.as_deref())).collect()
}

/// The policy of the function, and that of each of its aliases. What may be about any function may be about any alias.
fn policies(
    function: &Function<'_>,
    aliases: &Result<Vec<Json>, Gap>,
    own: &[About<'_, '_>],
    any: Option<&Gap>,
    draft: &mut Draft<'_>,
) {
    let mut at: Vec<String> = vec![function.arn.clone()];
    let named = aliases.iter().flatten().filter_map(|alias| alias.get("AliasArn")?.as_str().map(str::to_owned));
    at.extend(named);
    let said = |part: &Part<'_>, qualifier: Option<&str>| {
        let arn = function.at(qualifier);
        let said = if part.item.resource.symbolic { Err(part.number_gap()) } else { statement(part, &arn) };
        (arn, said.map(|statement| (statement, part.place("Principal"))))
    };
    let found: Vec<_> = own.iter().map(|(part, qualifier)| said(part, qualifier.as_deref())).collect();
    for arn in at {
        let (mut statements, mut places) = (Vec::new(), Vec::new());
        let mut hidden = any.cloned();
        for (_, said) in found.iter().filter(|(of, _)| *of == arn) {
            match said {
                Ok((statement, place)) => {
                    statements.push(statement.clone());
                    places.push(place.clone());
                }
                Err(gap) => hidden = Some(gap.clone()),
            }
        }
        let body = match hidden {
            Some(gap) => json!({"Policy": marker(&gap)}),
            None if statements.is_empty() => Json::Null,
            None => json!({"Policy": json!({"Version": "2012-10-17", "Statement": statements}).to_string()}),
        };
        if let Some(entry) = add(function.item, kinds::POLICY, &arn, body, draft) {
            entry.origins = numbered("/Policy/Statement", places);
        }
    }
}

/// The statement that a permission adds.
fn statement(part: &Part<'_>, arn: &str) -> Result<Json, Gap> {
    let fields = ["Action", "Principal", "SourceArn", "SourceAccount", "Token", "UrlAuth", "Organization", "ByUrl"];
    if let Some(gap) = fields.iter().find_map(|field| part.gap(field)) {
        return Err(gap);
    }
    let lacks = |field: &str| Gap::new(format!("{}.{field}", part.item.resource.address), GapReason::Malformed);
    let principal = part.text("Principal").ok_or_else(|| lacks("principal"))?;
    let action = part.text("Action").ok_or_else(|| lacks("action"))?;
    let account = principal.len() == 12 && principal.bytes().all(|byte| byte.is_ascii_digit());
    let principal = match principal {
        "*" => json!("*"),
        service if service.ends_with(".amazonaws.com") || service.ends_with(".amazonaws.com.cn") => {
            json!({"Service": service})
        }
        id if account => json!({"AWS": format!("arn:aws:iam::{id}:root")}),
        other => json!({"AWS": other}),
    };
    let mut tests: Map<String, Json> = Map::new();
    for (field, operator, key) in [
        ("SourceArn", "ArnLike", "AWS:SourceArn"),
        ("SourceAccount", "StringEquals", "AWS:SourceAccount"),
        ("Token", "StringEquals", "lambda:EventSourceToken"),
        ("UrlAuth", "StringEquals", "lambda:FunctionUrlAuthType"),
        ("Organization", "StringEquals", "aws:PrincipalOrgID"),
    ] {
        if let (Some(value), Json::Object(of)) = (part.text(field), tests.entry(operator).or_insert_with(|| json!({})))
        {
            of.insert(key.into(), value.into());
        }
    }
    if part.flag("ByUrl")? {
        tests.insert("Bool".into(), json!({"lambda:InvokedViaFunctionUrl": "true"}));
    }
    tests.retain(|_, of| of.as_object().is_some_and(|of| !of.is_empty()));
    let mut out = json!({"Effect": "Allow", "Principal": principal, "Action": action, "Resource": arn});
    if let Json::Object(out) = &mut out {
        out.insert("Sid".into(), part.text("Sid").unwrap_or(&part.item.resource.address).into());
        if !tests.is_empty() {
            out.insert("Condition".into(), tests.into());
        }
    }
    Ok(out)
}

/// Event source mappings say whether they are on in another word.
fn sources(parts: &Parts<'_>, draft: &mut Draft<'_>) {
    for part in parts.named("event-source") {
        let mut body = part.body.clone();
        let state = match part.flag("Enabled") {
            Ok(true) => json!("Enabled"),
            Ok(false) => json!("Disabled"),
            Err(gap) => marker(&gap),
        };
        body.insert("State".into(), state);
        add(part.item, kinds::doors::EVENT_SOURCE_MAPPING, &part.id, body.into(), draft);
    }
}
