//! What hangs on functions: their policies by statement, aliases, URLs, tags and keys.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::{
    add, declare, is_of,
    names::{id, scope_of},
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

/// A function of the code.
struct Function<'a> {
    item: Item<'a>,
    arn: String,
    name: String,
}

/// What a part that hangs on a function says of which one it is.
enum Of<'f> {
    /// This one, and this alias or version of it.
    This(&'f str, Option<String>),
    /// None of the code.
    Other,
    /// It may be any.
    Any(Gap),
}

/// Maps what hangs on functions.
pub(super) fn map<'a>(items: &[Item<'a>], parts: &Parts<'a>, draft: &mut Draft<'a>) {
    let own = |item: &&Item<'_>| is_of(**item, kinds::FUNCTION) && !item.resource.symbolic;
    let function = |item: &Item<'a>| {
        let arn = id(*item);
        let name = arn.rsplit(':').next().unwrap_or(&arn).to_owned();
        Function { item: *item, arn, name }
    };
    let functions: Vec<Function<'a>> = items.iter().filter(own).map(function).collect();
    for function in &functions {
        details(function, draft);
        let aliases = aliases(function, &functions, parts);
        policies(function, &functions, &aliases, parts, draft);
        document(function, kinds::ALIASES, "Aliases", aliases, draft);
        let urls = urls(function, &functions, parts);
        let places = urls.iter().flatten().map(|(part, _)| part.place("AuthType")).collect::<Vec<_>>();
        let urls = urls.map(|urls| urls.into_iter().map(|(_, url)| url).collect());
        if let Some(entry) = document(function, kinds::URL_CONFIGS, "FunctionUrlConfigs", urls, draft) {
            entry.origins = numbered("/FunctionUrlConfigs", places);
        }
        keys(function, parts, draft);
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

/// The function that a part means, by address, by its ARN or by its name.
fn of<'f>(part: &Part<'_>, functions: &'f [Function<'_>]) -> Of<'f> {
    let Some(text) = part.text("Function") else {
        return part.gap("Function").map_or(Of::Other, Of::Any);
    };
    let fits = |function: &&Function<'_>| {
        let tail = format!("function:{}", function.name);
        text == function.name
            || text == function.arn
            || text.starts_with(&format!("{}:", function.arn))
            || text.starts_with(&format!("{}:", function.name))
            || text.ends_with(&tail)
            || text.contains(&format!("{tail}:"))
    };
    let root = |function: &&Function<'_>| function.item.resource.root == part.item.resource.root;
    let Some(function) = functions.iter().filter(root).find(fits) else { return Of::Other };
    let behind = text.rsplit_once(&function.name).map(|(_, rest)| rest.trim_start_matches(':'));
    let qualifier = behind.filter(|rest| !rest.is_empty()).map(str::to_owned);
    Of::This(&function.arn, part.text("Qualifier").map(str::to_owned).or(qualifier))
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
    let body = json!({"Code": {"SourceKMSKeyArn": key}, "Tags": tags});
    add(item, kinds::FUNCTION_DETAIL, &function.arn, body, draft);
}

fn aliases(function: &Function<'_>, all: &[Function<'_>], parts: &Parts<'_>) -> Result<Vec<Json>, Gap> {
    let mut list = Vec::new();
    for part in parts.perhaps("alias") {
        match of(part, all) {
            Of::This(arn, _) if arn == function.arn => {}
            Of::Any(gap) => return Err(gap),
            Of::This(..) | Of::Other => continue,
        }
        if part.item.resource.symbolic {
            return Err(part.number_gap());
        }
        let name = part.text("Name").map_or_else(|| part.item.own_word(), str::to_owned);
        // The version that the same code publishes is what the function is then.
        let own = part.text("Version").is_some_and(|version| version == function.arn || version == "$LATEST");
        let version = if own { json!("$LATEST") } else { part.value("Version") };
        let weights = weights(part.body.get("Weights"));
        list.push(json!({
            "Name": name, "AliasArn": format!("{}:{name}", function.arn), "FunctionVersion": version,
            "RoutingConfig": {"AdditionalVersionWeights": weights},
        }));
    }
    Ok(list)
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

fn urls<'p, 'a>(
    function: &Function<'_>,
    all: &[Function<'_>],
    parts: &'p Parts<'a>,
) -> Result<Vec<(&'p Part<'a>, Json)>, Gap> {
    let mut list = Vec::new();
    for part in parts.perhaps("url") {
        let qualifier = match of(part, all) {
            Of::This(arn, qualifier) if arn == function.arn => qualifier,
            Of::Any(gap) => return Err(gap),
            Of::This(..) | Of::Other => continue,
        };
        if part.item.resource.symbolic {
            return Err(part.number_gap());
        }
        let arn = qualifier.map_or_else(|| function.arn.clone(), |name| format!("{}:{name}", function.arn));
        let url = part.text("FunctionUrl").map_or_else(|| part.id.clone(), str::to_owned);
        let url = json!({
            "FunctionUrl": url, "FunctionArn": arn, "AuthType": part.value("AuthType"),
            "Cors": {"AllowOrigins": part.value("AllowOrigins")},
        });
        list.push((part, url));
    }
    Ok(list)
}

/// A statement, and where it stands.
type Placed = (Json, Option<Origin>);

/// The policy of the function, and that of each of its aliases.
fn policies(
    function: &Function<'_>,
    all: &[Function<'_>],
    aliases: &Result<Vec<Json>, Gap>,
    parts: &Parts<'_>,
    draft: &mut Draft<'_>,
) {
    let mut at: Vec<String> = vec![function.arn.clone()];
    let named = aliases.iter().flatten().filter_map(|alias| alias.get("AliasArn")?.as_str().map(str::to_owned));
    at.extend(named);
    let mut found: Vec<(String, Result<Placed, Gap>)> = Vec::new();
    for part in parts.perhaps("permission") {
        let qualifier = match of(part, all) {
            Of::This(arn, qualifier) if arn == function.arn => qualifier,
            // It may be about this function, and about any alias of it.
            Of::Any(gap) => {
                found.extend(at.iter().map(|arn| (arn.clone(), Err(gap.clone()))));
                continue;
            }
            Of::This(..) | Of::Other => continue,
        };
        let arn = qualifier.map_or_else(|| function.arn.clone(), |name| format!("{}:{name}", function.arn));
        let said = if part.item.resource.symbolic { Err(part.number_gap()) } else { statement(part, &arn) };
        let said = said.map(|statement| (statement, part.place("Principal")));
        found.push((arn, said));
    }
    for arn in at {
        let (mut statements, mut places) = (Vec::new(), Vec::new());
        let mut hidden = None;
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

/// The keys that a function names, as far as the code makes them.
fn keys(function: &Function<'_>, parts: &Parts<'_>, draft: &mut Draft<'_>) {
    let scope = scope_of(function.item);
    let names = [(kinds::FUNCTION, "/KMSKeyArn"), (kinds::FUNCTION_DETAIL, "/Code/SourceKMSKeyArn")];
    for (kind, place) in names {
        let named =
            draft.entry(kind, &function.arn).and_then(|entry| entry.body.pointer(place)?.as_str().map(str::to_owned));
        let Some(named) = named else { continue };
        let by_alias = parts.named("key-alias").find(|alias| alias.id == named);
        let own = by_alias.map_or(Some(named.as_str()), |alias| alias.text("Key"));
        let Some(key) = parts.named("key").find(|key| Some(key.id.as_str()) == own) else { continue };
        let state = match key.flag("Enabled") {
            Ok(true) => json!("Enabled"),
            Ok(false) => json!("Disabled"),
            Err(gap) => marker(&gap),
        };
        let mut metadata = json!({"Arn": key.id, "KeyState": state, "KeyManager": "CUSTOMER"});
        if let Json::Object(metadata) = &mut metadata {
            metadata.extend(key.body.get("ValidTo").map(|date| ("ValidTo".to_owned(), date.clone())));
        }
        let foreign = key.text("Origin").filter(|origin| *origin != "AWS_KMS");
        let rotation = match (foreign.or(key.text("Spec")), key.flag("Rotation")) {
            (Some("SYMMETRIC_DEFAULT") | None, Ok(on)) => {
                json!({"KeyRotationEnabled": on, "RotationPeriodInDays": key.value("Period")})
            }
            (Some("SYMMETRIC_DEFAULT") | None, Err(gap)) => json!({"KeyRotationEnabled": marker(&gap)}),
            // Rotation is for symmetric keys whose material AWS makes; a replica has that of its primary.
            (Some(_), _) => Json::Null,
        };
        for (kind, body, value, field) in [
            (kinds::KEY, json!({"KeyMetadata": metadata}), "/KeyMetadata/KeyState", "Enabled"),
            (kinds::KEY_ROTATION, rotation, "/KeyRotationEnabled", "Rotation"),
        ] {
            declare(key.item, draft);
            if let Some(entry) = draft.add(kind, &named, scope.clone(), body, key.item) {
                entry.origins.extend(key.place(field).map(|place| (value.to_owned(), place)));
            }
        }
    }
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
