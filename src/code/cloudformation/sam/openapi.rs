//! The document of an API: methods, what guards them, and the policy on them.

use std::sync::Arc;

use super::{Form, Pen, Source, Tree, events::Event, routes::Route};

/// How the document calls any method.
pub(super) const ANY: &str = "x-amazon-apigateway-any-method";
const INTEGRATION: &str = "x-amazon-apigateway-integration";

/// A method as the document has it.
pub(super) fn method(method: &str) -> String {
    let lower = method.to_ascii_lowercase();
    if lower == "any" { ANY.into() } else { lower }
}

/// A method that calls the function of an event.
pub(super) fn integration(event: &Event<'_>, version: Option<Tree>, streamed: bool) -> Tree {
    let pen = event.pen();
    let (date, call) =
        if streamed { ("2021-11-15", "response-streaming-invocations") } else { ("2015-03-31", "invocations") };
    let uri = format!(
        "arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:lambda:path/{date}/functions/{}/{call}",
        event.target.arn_text
    );
    let uri = match &event.source.condition {
        Some(condition) => pen.choice(condition, pen.sub(uri), pen.reference("AWS::NoValue")),
        None => pen.sub(uri),
    };
    let mut integration = pen.map([("type", pen.text("aws_proxy")), ("httpMethod", pen.text("POST")), ("uri", uri)]);
    if let Some(version) = version {
        integration.set("payloadFormatVersion", version);
    }
    if let Some(time) = event.get("TimeoutInMillis") {
        integration.set("timeoutInMillis", time.clone());
    }
    if streamed {
        integration.set("responseTransferMode", pen.text("STREAM"));
    }
    pen.map([(INTEGRATION, integration), ("responses", pen.map([]))])
}

/// A method that starts a state machine.
pub(super) fn start(source: &Source, pen: Pen<'_>) -> Tree {
    let uri = pen.sub("arn:${AWS::Partition}:apigateway:${AWS::Region}:states:action/StartExecution");
    let uri = match &source.condition {
        Some(condition) => pen.choice(condition, uri, pen.reference("AWS::NoValue")),
        None => uri,
    };
    let request =
        format!(r#"{{"input": "$util.escapeJavaScript($input.json('$'))", "stateMachineArn": "${{{}}}"}}"#, source.id);
    let status = |code: &str| pen.map([("statusCode", pen.text(code))]);
    let integration = pen.map([
        ("type", pen.text("aws")),
        ("httpMethod", pen.text("POST")),
        ("uri", uri),
        ("requestTemplates", pen.map([("application/json", pen.sub(request))])),
        ("responses", pen.map([("200", status("200")), ("400", status("400"))])),
    ]);
    let means = |text: &str| pen.map([("description", pen.text(text))]);
    let responses = pen.map([("200", means("OK")), ("400", means("Bad Request"))]);
    pen.map([(INTEGRATION, integration), ("responses", responses)])
}

/// One entry of `security`: the name of what guards, and its scopes.
fn guard(name: &str, scopes: Option<Tree>, pen: Pen<'_>) -> Tree {
    pen.map([(name, scopes.unwrap_or_else(|| pen.list([])))])
}

fn guard_by(definition: &mut Tree, guard: Tree) {
    definition.change("security", |security| security.push(guard));
}

/// What guards a method hangs on what nobody knows: then so does what the document says of it.
pub(super) fn guard_by_unknown(definition: &mut Tree, unknown: &Tree) {
    if definition.get("security").is_none_or(|own| own.items().is_empty()) {
        definition.set("security", unknown.clone());
    }
}

/// Whether nobody knows what guards a method.
fn is_hidden(definition: &Tree) -> bool {
    definition.get("security").is_some_and(|own| own.call().is_some())
}

fn scopes(authorizers: Option<&Tree>, name: &str) -> Option<Tree> {
    authorizers?.at(&[name, "AuthorizationScopes"]).cloned()
}

/// What the `Auth` of an event says of its method in a REST API.
pub(super) fn rest_method(definition: &mut Tree, auth: Option<&Tree>, api: Option<&Tree>, pen: Pen<'_>) {
    let authorizers = api.and_then(|api| api.get("Authorizers"));
    let authorizer = auth.and_then(|auth| auth.get("Authorizer")).and_then(Tree::as_text);
    let default = api.and_then(|api| api.get("DefaultAuthorizer")).and_then(Tree::as_text).map_or("", |name| name);
    if authorizer.is_some_and(|name| &**name == "AWS_IAM") || default == "AWS_IAM" && auth.is_none() {
        let own = auth.and_then(|auth| auth.get("InvokeRole"));
        let role = own.or_else(|| api.and_then(|api| api.get("InvokeRole")));
        let credentials = match role.and_then(Tree::as_text).map(|text| &**text) {
            Some("NONE") => None,
            None if role.is_some() => role.cloned(),
            None | Some("CALLER_CREDENTIALS") => Some(pen.text("arn:aws:iam::*:user/*")),
            Some(_) => role.cloned(),
        };
        if let Some(credentials) = credentials {
            definition.change(INTEGRATION, |integration| integration.set("credentials", credentials));
        }
    }
    let Some(auth) = auth else { return };
    if let Some(unknown) = auth.get("Authorizer").filter(|odd| odd.as_text().is_none()) {
        return guard_by_unknown(definition, unknown);
    }
    if let Some(name) = authorizer {
        let known = authorizers.is_some_and(|all| all.get(name).is_some());
        let own = auth.get("AuthorizationScopes").filter(|_| known).cloned();
        guard_by(definition, guard(name, own.or_else(|| scopes(authorizers, name)), pen));
    }
    match auth.get("ApiKeyRequired").map(Tree::truth) {
        Some(Some(false)) => guard_by(definition, guard("api_key_false", None, pen)),
        Some(_) => guard_by(definition, guard("api_key", None, pen)),
        None => {}
    }
}

/// What the `Auth` of an event says of its method in an HTTP API.
pub(super) fn http_method(definition: &mut Tree, auth: Option<&Tree>, api: Option<&Tree>, pen: Pen<'_>) {
    let Some(auth) = auth else { return };
    let default = api.and_then(|api| api.get("DefaultAuthorizer"));
    let Some(named) = auth.get("Authorizer").or(default) else { return };
    let Some(name) = named.as_text() else { return guard_by_unknown(definition, named) };
    let authorizers = api.and_then(|api| api.get("Authorizers"));
    let of_its_own = matches!(&**name, "NONE" | "AWS_IAM");
    let own = auth.get("AuthorizationScopes").filter(|scopes| !scopes.items().is_empty()).cloned();
    let scopes = if of_its_own { None } else { own.or_else(|| scopes(authorizers, name)) };
    guard_by(definition, guard(name, scopes, pen));
}

/// Has the default authorizer of an API guard a method that says nothing else.
pub(super) fn guard_by_default(
    definition: &mut Tree,
    default: &str,
    authorizers: Option<&Tree>,
    is_rest: bool,
    pen: Pen<'_>,
) {
    if is_hidden(definition) {
        return;
    }
    let names = |guard: &Tree| guard.entries().iter().map(|entry| entry.name.clone()).collect::<Vec<Arc<str>>>();
    let existing = definition.get("security").map(Tree::items).unwrap_or_default().to_vec();
    if !is_rest && !existing.is_empty() {
        return;
    }
    let is_authorizer =
        |name: &Arc<str>| &**name == "AWS_IAM" || authorizers.is_some_and(|all| all.get(name).is_some());
    let (own, mut others): (Vec<Tree>, Vec<Tree>) =
        existing.into_iter().partition(|guard| names(guard).iter().any(is_authorizer));
    let none = others.iter().position(|guard| names(guard).iter().any(|name| &**name == "NONE"));
    if let Some(at) = none {
        others.remove(at);
    } else if own.is_empty() {
        others.push(guard(default, scopes(authorizers, default), pen));
    } else {
        others.extend(own);
    }
    if !others.is_empty() {
        definition.set("security", pen.list(others));
    }
}

/// Has every method want a key that does not say otherwise.
pub(super) fn want_key_by_default(definition: &mut Tree, pen: Pen<'_>) {
    if is_hidden(definition) {
        return;
    }
    let is = |guard: &Tree, wanted: &[&str]| guard.entries().iter().any(|entry| wanted.contains(&&*entry.name));
    let existing = definition.get("security").map(Tree::items).unwrap_or_default().to_vec();
    let refused = existing.iter().any(|guard| is(guard, &["api_key_false"]));
    let mut guards: Vec<Tree> =
        existing.into_iter().filter(|guard| !is(guard, &["api_key", "api_key_false"])).collect();
    if !refused {
        guards.push(guard("api_key", None, pen));
    }
    definition.set("security", pen.list(guards));
}

/// Calls back for every method of a document that calls something.
pub(super) fn each_method(document: &mut Tree, change: &mut dyn FnMut(&str, &str, &mut Tree)) {
    document.change("paths", |paths| {
        let Form::Map(paths) = &mut paths.form else { return };
        for path in paths {
            let name = path.name.clone();
            each_of(&mut path.value, &mut |item| {
                let Form::Map(methods) = &mut item.form else { return };
                for method in methods.iter_mut().filter(|method| &*method.name != "parameters") {
                    let verb = method.name.clone();
                    each_of(&mut method.value, &mut |definition| {
                        if definition.get(INTEGRATION).is_some() {
                            change(&name, &verb, definition);
                        }
                    });
                }
            });
        }
    });
}

/// Calls back for a value, or for both sides of it where it hangs on a condition.
fn each_of(tree: &mut Tree, change: &mut dyn FnMut(&mut Tree)) {
    let is_choice = tree.call().is_some_and(|(name, _)| name == "Fn::If");
    if !is_choice {
        return change(tree);
    }
    tree.change("Fn::If", |argument| {
        if let Form::List(items) = &mut argument.form {
            items.iter_mut().skip(1).filter(|side| side.is_map()).for_each(|side| each_of(side, change));
        }
    });
}

/// Writes the routes of events into a document.
pub(super) fn write(document: &mut Tree, routes: &[Route], pen: Pen<'_>) {
    document.change("paths", |paths| {
        if !paths.is_map() {
            paths.form = Form::Map(Vec::new());
        }
        for route in routes {
            paths.change(&route.path, |path| {
                let definition = match &route.condition {
                    Some(condition) => pen.choice(condition, route.definition.clone(), pen.reference("AWS::NoValue")),
                    None => route.definition.clone(),
                };
                path.set(&route.method, definition);
            });
        }
        for route in routes {
            let Some(condition) = &route.path_condition else { continue };
            paths.change(&route.path, |path| {
                if path.call().is_none() {
                    *path = pen.choice(condition, path.clone(), pen.reference("AWS::NoValue"));
                }
            });
        }
    });
}

/// Closes the address that the gateway gives an API, or says on what that hangs.
pub(super) fn close_own_address(document: &mut Tree, off: &Tree) {
    let close = |tree: &mut Tree| {
        tree.change("x-amazon-apigateway-endpoint-configuration", |config| {
            config.set("disableExecuteApiEndpoint", off.clone());
        });
    };
    if document.get("openapi").is_none() {
        return close(document);
    }
    document.change("servers", |servers| {
        if servers.items().is_empty() {
            servers.push(Tree::map::<&str>([], &off.place));
        }
        if let Form::List(servers) = &mut servers.form {
            servers.iter_mut().for_each(close);
        }
    });
}

/// What a policy says of who may call an API: `ResourcePolicy`.
pub(super) fn resource_policy(statements: &mut Vec<Tree>, policy: &Tree, resources: &Tree, pen: Pen<'_>) {
    let say = |effect: &str, principal: Tree, condition: Option<Tree>| {
        let mut statement = pen.map([
            ("Effect", pen.text(effect)),
            ("Action", pen.text("execute-api:Invoke")),
            ("Resource", resources.clone()),
            ("Principal", principal),
        ]);
        if let Some(condition) = condition {
            statement.set("Condition", condition);
        }
        statement
    };
    let listed = |tree: &Tree| pen.list(tree.one_or_more().iter().cloned());
    for (name, effect) in [("AwsAccountWhitelist", "Allow"), ("AwsAccountBlacklist", "Deny")] {
        if let Some(accounts) = policy.get(name).filter(|list| !list.one_or_more().is_empty()) {
            statements.push(say(effect, pen.map([("AWS", listed(accounts))]), None));
        }
    }
    let mut but = |condition: Tree| {
        for statement in [say("Allow", pen.text("*"), None), say("Deny", pen.text("*"), Some(condition))] {
            if !statements.contains(&statement) {
                statements.push(statement);
            }
        }
    };
    for (name, operator) in [("IpRangeWhitelist", "NotIpAddress"), ("IpRangeBlacklist", "IpAddress")] {
        if let Some(ranges) = policy.get(name).filter(|list| !list.one_or_more().is_empty()) {
            but(pen.map([(operator, pen.map([("aws:SourceIp", listed(ranges))]))]));
        }
    }
    for (kind, operator) in [("Blacklist", "StringEquals"), ("Whitelist", "StringNotEquals")] {
        let of = |name: String| policy.get(&name).map(Tree::one_or_more).unwrap_or_default().to_vec();
        let named = of(format!("SourceVpc{kind}"));
        let starts = |prefix: &str| {
            let is = move |tree: &&Tree| tree.as_text().is_some_and(|text| text.starts_with(prefix));
            named.iter().filter(is).cloned().collect::<Vec<Tree>>()
        };
        let networks = [starts("vpc-"), of(format!("IntrinsicVpc{kind}"))].concat();
        let endpoints = [starts("vpce-"), of(format!("IntrinsicVpce{kind}"))].concat();
        let keys = [("aws:SourceVpc", networks), ("aws:SourceVpce", endpoints)];
        let keys: Vec<_> =
            keys.into_iter().filter(|(_, list)| !list.is_empty()).map(|(key, list)| (key, pen.list(list))).collect();
        if !keys.is_empty() {
            but(pen.map([(operator, pen.map(keys))]));
        }
    }
    for statement in policy.get("CustomStatements").map(Tree::one_or_more).unwrap_or_default() {
        if !statements.contains(statement) {
            statements.push(statement.clone());
        }
    }
}
