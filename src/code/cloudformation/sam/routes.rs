//! Events of type `Api` and `HttpApi`: the permission of the gateway, and the path in the document of the API.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    Entry, HTTP, Pen, REST, Sam, Tree,
    events::Event,
    openapi::{self, ANY},
};

/// The principal of API Gateway.
const GATEWAY: &str = "apigateway.amazonaws.com";

/// A method of a path that an event brings to an API.
pub(super) struct Route {
    pub(super) path: Arc<str>,
    pub(super) method: String,
    pub(super) definition: Tree,
    /// The condition of the function behind it.
    pub(super) condition: Option<Arc<str>>,
    /// The condition of the whole path, where each of its methods has one.
    pub(super) path_condition: Option<Arc<str>>,
    /// The `Auth` of the event.
    pub(super) auth: Option<Tree>,
}

impl Sam<'_, '_> {
    pub(super) fn rest_event(&mut self, event: &Event<'_>) {
        let pen = event.pen();
        let (Some(path), Some(method)) = (self.text_of(event, "Path"), self.text_of(event, "Method")) else {
            return self.unfollowed(&event.source.id, &format!("Events {}", event.entry.name), &event.entry.at);
        };
        let named = event.get("RestApiId").cloned().unwrap_or_else(|| pen.reference(REST));
        let api = api_named(&named);
        let api = api.filter(|name| self.sources.contains_key(name) || self.made.contains_key(name));
        let suffix = match &api {
            None => "AllStages".into(),
            Some(api) => {
                let stage = self.sources.get(api).and_then(|entry| entry.value.at(&["Properties", "StageName"]));
                stage.and_then(Tree::as_text).cloned().unwrap_or_else(|| "Stage".into())
            }
        };
        let verb = if method.eq_ignore_ascii_case("any") { "*".to_owned() } else { method.to_ascii_uppercase() };
        let arn = execute(event, named, &format!("{verb}{}", pattern(&path)));
        self.permission(event, GATEWAY, &suffix, [("SourceArn", arn)]);
        self.check_auth(event, &["ApiKeyRequired", "InvokeRole", "ResourcePolicy"]);
        let auth = event.get("Auth").cloned();
        let Some(api) = api.filter(|api| self.managed.contains(api)) else {
            // The document is what is written; but for this, by which the event writes into it all the same.
            if let Some(over) = auth.as_ref().and_then(|auth| auth.get("OverrideApiAuth")) {
                self.unfollowed(&event.source.id, &format!("Events {} OverrideApiAuth", event.entry.name), &over.place);
            }
            return;
        };
        let streamed = event.get("ResponseTransferMode").is_some_and(|mode| mode.is_text("RESPONSE_STREAM"));
        let mut definition = openapi::integration(event, None, streamed);
        let api_auth = self.auth_of(&api);
        openapi::rest_method(&mut definition, auth.as_ref(), api_auth.as_ref(), pen);
        self.route(&api, event, &path, &method, definition, auth);
    }

    pub(super) fn http_event(&mut self, event: &Event<'_>) {
        let pen = event.pen();
        let (path, method) = match (self.text_of(event, "Path"), self.text_of(event, "Method")) {
            (Some(path), Some(method)) => (path, method),
            (None, None) => ("$default".into(), ANY.into()),
            _ => return self.unfollowed(&event.source.id, &format!("Events {}", event.entry.name), &event.entry.at),
        };
        let named = event.get("ApiId").cloned().unwrap_or_else(|| pen.reference(HTTP));
        let api = api_named(&named);
        let named_api = api.clone();
        let api = api.filter(|name| self.sources.contains_key(name));
        let is_any = matches!(&*method.to_ascii_lowercase(), "any" | ANY);
        let verb = if is_any { "*".to_owned() } else { method.to_ascii_uppercase() };
        let is_default = &*path == "$default";
        // Where the function has the default route, the permission for that is enough.
        let covered = !is_default && api.as_ref().is_some_and(|api| self.has_default(api, event));
        if !covered {
            let shown = if is_default { String::new() } else { pattern(&path) };
            let arn = execute(event, named, &format!("{verb}{shown}"));
            self.permission(event, GATEWAY, "", [("SourceArn", arn)]);
        }
        let Some(api) = api else {
            // One that SAM does not make has its routes itself.
            if named_api.is_some_and(|name| self.made.contains_key(&name)) {
                return;
            }
            return self.unfollowed(&event.source.id, &format!("Events {}", event.entry.name), &event.entry.at);
        };
        self.check_auth(event, &[]);
        let auth = event.get("Auth").cloned();
        let version = event.get("PayloadFormatVersion").cloned().unwrap_or_else(|| pen.text("2.0"));
        let mut definition = openapi::integration(event, Some(version), false);
        if is_default {
            definition.set("isDefaultRoute", pen.bool(true));
        }
        let api_auth = self.auth_of(&api);
        openapi::http_method(&mut definition, auth.as_ref(), api_auth.as_ref(), pen);
        self.route(&api, event, &path, &method, definition, auth);
    }

    /// Says what of the `Auth` of an event is not followed.
    fn check_auth(&self, event: &Event<'_>, more: &[&str]) {
        let Some(auth) = event.get("Auth") else { return };
        let known = ["Authorizer", "AuthorizationScopes", "OverrideApiAuth"];
        let odd = auth.entries().iter().filter(|entry| {
            let name = &*entry.name;
            let is_known = known.contains(&name) || more.contains(&name);
            !is_known || name == "Authorizer" && entry.value.as_text().is_none()
        });
        for entry in odd {
            let what = format!("Events {} Auth {}", event.entry.name, entry.name);
            self.unfollowed(&event.source.id, &what, &entry.value.place);
        }
    }

    fn text_of(&self, event: &Event<'_>, name: &str) -> Option<Arc<str>> {
        self.literal(event.get(name)?)
    }

    /// A path is there while any of its methods is.
    pub(super) fn make_paths_conditional(&mut self, api: &str, pen: Pen<'_>) {
        if !self.managed.contains(api) {
            return;
        }
        let Some(routes) = self.routes.get_mut(api) else { return };
        let paths: BTreeSet<Arc<str>> = routes.iter().map(|route| route.path.clone()).collect();
        for path in paths {
            let own = || routes.iter().filter(|route| route.path == path);
            let Some(conditions) = own().map(|route| route.condition.clone()).collect::<Option<BTreeSet<_>>>() else {
                continue;
            };
            let condition: Arc<str> = match conditions.first() {
                Some(only) if conditions.len() == 1 => only.clone(),
                _ => {
                    let path = path.replace('/', "SLASH").replace('{', "OB").replace('}', "CB");
                    let name: Arc<str> = format!("{api}{path}PathCondition").into();
                    let any = conditions.iter().map(|name| pen.map([("Condition", pen.text(&**name))]));
                    let value = pen.map([("Fn::Or", pen.list(any))]);
                    self.conditions.insert(name.clone(), Entry { name: name.clone(), at: pen.0.clone(), value });
                    name
                }
            };
            for route in routes.iter_mut().filter(|route| route.path == path) {
                route.path_condition = Some(condition.clone());
            }
        }
    }

    /// The `Auth` of an API.
    pub(super) fn auth_of(&self, api: &str) -> Option<Tree> {
        self.sources.get(api)?.value.at(&["Properties", "Auth"]).map(|auth| self.resolved(auth))
    }

    fn has_default(&self, api: &str, event: &Event<'_>) -> bool {
        let uri = format!("functions/{}/", event.target.arn_text);
        self.routes.get(api).into_iter().flatten().any(|route| {
            &*route.path == "$default"
                && route
                    .definition
                    .at(&["x-amazon-apigateway-integration", "uri", "Fn::Sub"])
                    .and_then(Tree::as_text)
                    .is_some_and(|text| text.contains(&uri))
        })
    }

    fn route(
        &mut self,
        api: &str,
        event: &Event<'_>,
        path: &Arc<str>,
        method: &str,
        definition: Tree,
        auth: Option<Tree>,
    ) {
        let method = openapi::method(method);
        let condition = event.source.condition.clone();
        let route = Route { path: path.clone(), method, definition, condition, auth, path_condition: None };
        self.routes.entry(api.into()).or_default().push(route);
    }
}

/// The API of the template that an event names.
pub(super) fn api_named(named: &Tree) -> Option<Arc<str>> {
    match named.call() {
        Some(("Ref", name)) => name.as_text().cloned(),
        _ => named.as_text().cloned(),
    }
}

/// The ARN of what may be called through an API, on every stage.
fn execute(event: &Event<'_>, api: Tree, what: &str) -> Tree {
    let pen = event.pen();
    let text = format!(
        "arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{__ApiId__}}/${{__Stage__}}/{what}"
    );
    pen.sub_of(&text, [("__ApiId__", api), ("__Stage__", pen.text("*"))])
}

/// A path as permissions have it: without a slash at its end, and with stars for what is variable.
pub(super) fn pattern(path: &str) -> String {
    let path = if path.len() > 1 { path.strip_suffix('/').unwrap_or(path) } else { path };
    let mut pattern = String::new();
    let mut rest = path;
    while let Some((before, found)) = rest.split_once('{') {
        pattern.push_str(before);
        if let Some((_, after)) = found.split_once('}') {
            pattern.push('*');
            rest = after;
        } else {
            pattern.push('{');
            rest = found;
        }
    }
    pattern.push_str(rest);
    pattern
}
