//! API Gateway: what code deploys is what it declares, put together from its resources or from a document of `OpenAPI`.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::{
    add,
    parts::{Part, Parts},
};
use crate::{
    evidence::{Gap, GapReason},
    snapshot::{
        kinds::doors,
        unknown::{first_gap, marker},
    },
    source::code::draft::Draft,
};

/// Maps APIs of all kinds, their stages and domains.
pub(super) fn map(parts: &Parts<'_>, draft: &mut Draft<'_>) {
    for part in parts.named("rest-api") {
        rest(part, parts, draft);
    }
    for part in parts.named("http-api") {
        http(part, parts, draft);
    }
    domains(parts, draft);
}

/// The parts that name an API.
fn of<'p, 'a>(parts: &'p Parts<'a>, name: &'static str, api: &'p Part<'a>) -> impl Iterator<Item = &'p Part<'a>> {
    parts.named(name).filter(move |part| part.text("Api") == Some(&api.id))
}

fn rest(api: &Part<'_>, parts: &Parts<'_>, draft: &mut Draft<'_>) {
    let own = of(parts, "rest-policy", api).next().map(|part| part.value("policy"));
    let policy = own.unwrap_or_else(|| api.value("policy"));
    let types = api.body.get("types").cloned().unwrap_or_else(|| json!(["EDGE"]));
    let mut body = json!({
        "id": api.id, "name": api.value("name"), "endpointConfiguration": {"types": types},
        "disableExecuteApiEndpoint": api.value("disableExecuteApiEndpoint"),
    });
    if let (Json::Object(body), false) = (&mut body, policy.is_null()) {
        body.insert("policy".into(), policy.clone());
    }
    add(api.item, doors::REST_API, &api.id, body, draft);
    let stages = of(parts, "rest-stage", api).chain(of(parts, "rest-deployment", api));
    let mut list: Vec<Json> = Vec::new();
    let deployed = document(api, parts, &policy);
    for stage in stages.filter(|part| part.body.contains_key("Stage")) {
        let name = stage.text("Stage").map_or_else(|| stage.item.own_word(), str::to_owned);
        list.push(json!({"stageName": name, "variables": stage.value("Variables")}));
        add(stage.item, doors::REST_EXPORT, &format!("{}/{name}", api.id), deployed.clone(), draft);
    }
    let hidden = parts.stray(&["rest-stage", "rest-deployment"], "Api", &api.item.resource.root);
    let list = hidden.map_or_else(|| Json::from(list), |gap| marker(&gap));
    add(api.item, doors::REST_STAGES, &api.id, json!({"item": list}), draft);
}

/// What is deployed, as an export would have it.
fn document(api: &Part<'_>, parts: &Parts<'_>, policy: &Json) -> Json {
    let kinds = ["rest-method", "rest-integration", "rest-resource", "rest-policy"];
    if let Some(gap) = parts.stray(&kinds, "Api", &api.item.resource.root) {
        return marker(&gap);
    }
    let mut document = match api.body.get("body") {
        None => json!({}),
        Some(body) => match written(api, body) {
            Ok(document) => document,
            Err(gap) => return marker(&gap),
        },
    };
    let paths = paths(api, parts);
    let mut schemes: Map<String, Json> = Map::new();
    let mut methods: BTreeMap<String, Map<String, Json>> = BTreeMap::new();
    for part in of(parts, "rest-method", api) {
        let path = part.text("Resource").and_then(|id| paths.get(id)).cloned();
        // A method of a resource that nobody knows is somewhere all the same.
        let path = path.unwrap_or_else(|| format!("/{}", part.item.own_word()));
        let Some(verb) = part.text("Method") else {
            let gap = part.gap("Method");
            let missing = || Gap::new(format!("{}.http_method", part.item.resource.address), GapReason::Malformed);
            return marker(&gap.unwrap_or_else(missing));
        };
        let key = if verb == "ANY" { "x-amazon-apigateway-any-method".to_owned() } else { verb.to_lowercase() };
        methods.entry(path).or_default().insert(key, method(part, verb, parts, &mut schemes));
    }
    if let Json::Object(document) = &mut document {
        if let Json::Object(all) = document.entry("paths").or_insert_with(|| json!({})) {
            for (path, verbs) in methods {
                if let Json::Object(own) = all.entry(path).or_insert_with(|| json!({})) {
                    own.extend(verbs);
                }
            }
        }
        describe(document, schemes);
        if !policy.is_null() {
            let parsed = policy.as_str().and_then(|text| serde_json::from_str(text).ok());
            document.insert("x-amazon-apigateway-policy".into(), parsed.unwrap_or_else(|| policy.clone()));
        }
    }
    document
}

/// A document of `OpenAPI` as code gives it: JSON, which YAML is not.
fn written(api: &Part<'_>, body: &Json) -> Result<Json, Gap> {
    if let Some(gap) = first_gap(body) {
        return Err(gap);
    }
    let parsed = match body {
        Json::String(text) => serde_json::from_str::<Json>(text).ok(),
        other => Some(other.clone()),
    };
    let what = || format!("the document in {}.body", api.item.resource.address);
    let mut document = parsed.filter(Json::is_object).ok_or_else(|| Gap::new(what(), GapReason::Unsupported))?;
    if let Json::Object(document) = &mut document
        && let Some(Json::Object(schemes)) = document.remove("securityDefinitions")
    {
        describe(document, schemes);
    }
    drop_nobody(&mut document);
    Ok(document)
}

/// SAM writes that a method asks nobody as a scheme of the name `NONE`, which API Gateway finds described nowhere.
fn drop_nobody(document: &mut Json) {
    if document.pointer("/components/securitySchemes/NONE").is_some() {
        return;
    }
    let paths = document.get_mut("paths").and_then(Json::as_object_mut);
    let methods = paths.into_iter().flat_map(Map::values_mut).filter_map(Json::as_object_mut).flat_map(Map::values_mut);
    for asked in methods.filter_map(|method| method.get_mut("security")?.as_array_mut()) {
        asked.retain(|one| one.as_object().is_none_or(|one| one.len() != 1 || !one.contains_key("NONE")));
    }
}

/// Adds schemes of security where an export has them, which is not where Swagger has them.
fn describe(document: &mut Map<String, Json>, schemes: Map<String, Json>) {
    if schemes.is_empty() {
        return;
    }
    let components = document.entry("components").or_insert_with(|| json!({}));
    if let Json::Object(components) = components
        && let Json::Object(all) = components.entry("securitySchemes").or_insert_with(|| json!({}))
    {
        all.extend(schemes);
    }
}

/// The paths of resources by their ids.
fn paths(api: &Part<'_>, parts: &Parts<'_>) -> BTreeMap<String, String> {
    let resources: BTreeMap<&str, &Part<'_>> =
        of(parts, "rest-resource", api).map(|part| (part.id.as_str(), part)).collect();
    let mut paths = BTreeMap::from([(api.id.clone(), "/".to_owned())]);
    for id in resources.keys() {
        let (mut path, mut at) = (String::new(), Some(*id));
        for _ in 0..64 {
            let Some(part) = at.and_then(|at| resources.get(at)) else { break };
            let own = part.text("Part").map_or_else(|| part.item.own_word(), str::to_owned);
            path = format!("/{own}{path}");
            at = part.text("Parent");
        }
        paths.insert((*id).to_owned(), path);
    }
    paths
}

fn method(part: &Part<'_>, verb: &str, parts: &Parts<'_>, schemes: &mut Map<String, Json>) -> Json {
    let mut out = Map::new();
    let mut asked: Map<String, Json> = Map::new();
    match part.text("Authorization") {
        Some("NONE") => {}
        Some("AWS_IAM") => drop(out.insert("x-amazon-apigateway-auth".into(), json!({"type": "AWS_IAM"}))),
        Some(kind @ ("CUSTOM" | "COGNITO_USER_POOLS")) => {
            let authorizer = part.text("Authorizer").unwrap_or("authorizer").to_owned();
            let own = parts.named("rest-authorizer").find(|it| it.id == authorizer);
            let of = own.and_then(|it| it.text("Type")).map_or_else(|| kind.to_lowercase(), str::to_lowercase);
            let of = if of == "custom" { "token".to_owned() } else { of };
            schemes
                .insert(authorizer.clone(), json!({"type": "apiKey", "x-amazon-apigateway-authorizer": {"type": of}}));
            asked.insert(authorizer, json!([]));
        }
        other => {
            let what = format!("{}.authorization", part.item.resource.address);
            let gap = part.gap("Authorization").unwrap_or_else(|| Gap::new(what, GapReason::Malformed));
            let gap =
                other.map_or(gap.clone(), |word| Gap::new(format!("the authorisation {word}"), GapReason::Unsupported));
            return marker(&gap);
        }
    }
    match part.flag("ApiKey") {
        Ok(false) => {}
        Ok(true) => {
            schemes.insert("api_key".into(), json!({"type": "apiKey", "name": "x-api-key", "in": "header"}));
            asked.insert("api_key".into(), json!([]));
        }
        Err(gap) => return marker(&gap),
    }
    if !asked.is_empty() {
        out.insert("security".into(), json!([asked]));
    }
    let fits = |it: &&Part<'_>| it.text("Resource") == part.text("Resource") && it.text("Method") == Some(verb);
    if let Some(integration) = parts.named("rest-integration").find(fits) {
        let own = json!({
            "type": integration.value("type"), "uri": integration.value("uri"),
            "credentials": integration.value("credentials"),
        });
        out.insert("x-amazon-apigateway-integration".into(), own);
    }
    out.into()
}

fn http(api: &Part<'_>, parts: &Parts<'_>, draft: &mut Draft<'_>) {
    let body = json!({
        "ApiId": api.id, "Name": api.value("Name"), "ProtocolType": api.value("ProtocolType"),
        "DisableExecuteApiEndpoint": api.value("DisableExecuteApiEndpoint"),
    });
    add(api.item, doors::HTTP_API, &api.id, body, draft);
    let mut routes: Vec<Json> = of(parts, "http-route", api).map(|part| Json::Object(part.body.clone())).collect();
    let mut integrations: Vec<Json> = of(parts, "http-integration", api)
        .map(|part| {
            let mut body = part.body.clone();
            body.insert("IntegrationId".into(), part.id.clone().into());
            Json::Object(body)
        })
        .collect();
    let mut stages: Vec<Json> = of(parts, "http-stage", api)
        .map(|part| {
            let name = part.text("StageName").map_or_else(|| part.item.own_word(), str::to_owned);
            // What the code deploys by hand is what it declares.
            let deployed = part.flag("AutoDeploy").map(|auto| auto || part.body.contains_key("DeploymentId"));
            let auto = deployed.map_or_else(|gap| marker(&gap), Json::Bool);
            json!({"StageName": name, "AutoDeploy": auto, "StageVariables": part.value("StageVariables")})
        })
        .collect();
    // An API that names its target brings a route, an integration and a stage with it.
    if let Some(target) = api.body.get("Target") {
        let key = api.text("RouteKey").unwrap_or("$default");
        routes.push(json!({"RouteKey": key, "AuthorizationType": "NONE", "Target": "integrations/quick"}));
        integrations.push(json!({
            "IntegrationId": "quick", "IntegrationUri": target, "CredentialsArn": api.value("Credentials"),
        }));
        stages.push(json!({"StageName": "$default", "AutoDeploy": true}));
    }
    // What a document describes is deployed as the document says.
    if let Some(body) = api.body.get("body") {
        let document = written(api, body).unwrap_or_else(|gap| marker(&gap));
        for stage in &mut stages {
            let name = stage.get("StageName").and_then(Json::as_str).unwrap_or_default().to_owned();
            let variables = stage.get("StageVariables").cloned();
            *stage = json!({
                "StageName": name, "AutoDeploy": false, "DeploymentId": "of the code", "StageVariables": variables,
            });
            add(api.item, doors::HTTP_EXPORT, &format!("{}/{name}", api.id), document.clone(), draft);
        }
    }
    for (kind, name, list) in [
        (doors::HTTP_ROUTES, "http-route", routes),
        (doors::HTTP_INTEGRATIONS, "http-integration", integrations),
        (doors::HTTP_STAGES, "http-stage", stages),
    ] {
        let hidden = parts.stray(&[name], "Api", &api.item.resource.root);
        let list = hidden.map_or_else(|| Json::from(list), |gap| marker(&gap));
        add(api.item, kind, &api.id, json!({"Items": list}), draft);
    }
}

fn domains(parts: &Parts<'_>, draft: &mut Draft<'_>) {
    for part in parts.named("rest-domain") {
        let mut body = part.body.clone();
        let truststore = body.remove("truststore").unwrap_or_default();
        body.insert("mutualTlsAuthentication".into(), json!({"truststoreUri": truststore}));
        let types = body.remove("types").unwrap_or_else(|| json!(["EDGE"]));
        body.insert("endpointConfiguration".into(), json!({"types": types}));
        add(part.item, doors::REST_DOMAIN, &part.id, body.into(), draft);
        let own = parts.named("rest-mapping").filter(|it| it.text("Domain") == Some(&part.id));
        let items: Vec<Json> =
            own.map(|it| json!({"restApiId": it.value("Api"), "stage": it.value("Stage")})).collect();
        let hidden = parts.stray(&["rest-mapping"], "Domain", &part.item.resource.root);
        let items = hidden.map_or_else(|| Json::from(items), |gap| marker(&gap));
        add(part.item, doors::REST_MAPPINGS, &part.id, json!({"items": items}), draft);
    }
    for part in parts.named("http-domain") {
        let mut body = part.body.clone();
        let truststore = body.remove("truststore").unwrap_or_default();
        body.insert("MutualTlsAuthentication".into(), json!({"TruststoreUri": truststore}));
        add(part.item, doors::HTTP_DOMAIN, &part.id, body.into(), draft);
        let own = parts.named("http-mapping").filter(|it| it.text("Domain") == Some(&part.id));
        let items: Vec<Json> = own.map(|it| json!({"ApiId": it.value("ApiId"), "Stage": it.value("Stage")})).collect();
        let hidden = parts.stray(&["http-mapping"], "Domain", &part.item.resource.root);
        let items = hidden.map_or_else(|| Json::from(items), |gap| marker(&gap));
        add(part.item, doors::HTTP_MAPPINGS, &part.id, json!({"Items": items}), draft);
    }
}
