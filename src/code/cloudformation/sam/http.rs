//! `AWS::Serverless::HttpApi`: the HTTP API with its document, its stage and its domain; and authorizers.

use super::{
    Pen, Sam, Source, Tree,
    functions::{copied_as, location},
    openapi,
    pen::hashed,
};

/// Properties that mean the same to the stage.
const OF_STAGE: &[(&str, &str)] = &[
    ("AccessLogSettings", "AccessLogSettings"),
    ("DefaultRouteSettings", "DefaultRouteSettings"),
    ("RouteSettings", "RouteSettings"),
    ("StageName", "StageName"),
    ("StageVariables", "StageVariables"),
];
const FOLLOWED: &[&str] = &[
    "AccessLogSettings",
    "Auth",
    "CorsConfiguration",
    "DefaultRouteSettings",
    "DefinitionBody",
    "DefinitionUri",
    "Description",
    "DisableExecuteApiEndpoint",
    "Domain",
    "FailOnWarnings",
    "Name",
    "PropagateTags",
    "RouteSettings",
    "StageName",
    "StageVariables",
    "Tags",
];

impl Sam<'_, '_> {
    pub(super) fn http_api(&mut self, source: &Source) {
        self.only(source, &[FOLLOWED]);
        let (pen, id) = (source.pen(), &source.id);
        let mut api = copied_as(source, &[("FailOnWarnings", "FailOnWarnings")]);
        self.make_paths_conditional(id, pen);
        match source.get("DefinitionUri") {
            Some(uri) => {
                let place = location(uri).unwrap_or_else(|| uri.clone());
                let parts = [("S3Bucket", "Bucket"), ("S3Key", "Key"), ("S3ObjectVersion", "Version")];
                let parts = parts.iter().filter_map(|(from, to)| Some((*to, place.get(from)?.clone())));
                let found = pen.map(parts);
                // A path is put where it is read from when it is packaged.
                api.set("BodyS3Location", if found.entries().is_empty() { uri.clone() } else { found });
                if let Some(auth) = source.get("Auth") {
                    self.unfollowed(id, "Auth of a document elsewhere", &auth.place);
                }
            }
            None => api.set("Body", self.http_document(source)),
        }
        self.add(id, "AWS::ApiGatewayV2::Api", api, source);
        let stage = self.http_stage(source);
        self.renamed.insert(format!("{id}.Stage"), stage.clone());
        self.authorizer_permissions(source, false);
        self.http_domain(source, &stage);
    }

    fn http_stage(&mut self, source: &Source) -> String {
        let (pen, id) = (source.pen(), &source.id);
        let mut properties = copied_as(source, OF_STAGE);
        let name = match source.get("StageName") {
            None => {
                properties.set("StageName", pen.text("$default"));
                "$default".into()
            }
            Some(name) => name.as_text().cloned().unwrap_or_else(|| "".into()),
        };
        let stage = match &*name {
            "$default" => format!("{id}ApiGatewayDefaultStage"),
            name if !name.is_empty() && name.chars().all(char::is_alphanumeric) => format!("{id}{name}Stage"),
            name => hashed(&format!("{id}Stage"), name),
        };
        properties.set("ApiId", pen.reference(id));
        properties.set("AutoDeploy", pen.bool(true));
        self.add(&stage, "AWS::ApiGatewayV2::Stage", properties, source);
        stage
    }

    fn http_document(&self, source: &Source) -> Tree {
        let pen = source.pen();
        let title = pen.map([("version", pen.text("1.0")), ("title", pen.reference("AWS::StackName"))]);
        let empty = || pen.map([("openapi", pen.text("3.0.1")), ("info", title), ("paths", pen.map([]))]);
        let mut body = source.get("DefinitionBody").cloned().unwrap_or_else(empty);
        let routes = self.routes.get(&source.id).map(Vec::as_slice).unwrap_or_default();
        let auth = source.get("Auth").map(|auth| self.resolved(auth));
        if body.call().is_some() {
            if auth.is_some() || !routes.is_empty() {
                self.unfollowed(&source.id, "DefinitionBody", &body.place);
            }
            return body;
        }
        // A method that the document has stays as it is there.
        let new = routes.iter().filter(|route| {
            let there = body.at(&["paths", &route.path, &route.method, "x-amazon-apigateway-integration"]);
            self.managed.contains(&source.id) || there.is_none()
        });
        let new: Vec<super::Route> = new.map(super::Route::again).collect();
        openapi::write(&mut body, &new, pen);
        if let Some(auth) = &auth {
            self.http_auth(source, &mut body, auth);
        }
        if let Some(cors) = source.get("CorsConfiguration") {
            let mut config = Pen(&cors.place).map([]);
            if cors.call().is_some() || !cors.is_map() {
                let origins = if cors.truth() == Some(true) { pen.list([pen.text("*")]) } else { cors.clone() };
                config.set("allowOrigins", origins);
            } else {
                for entry in cors.entries() {
                    let mut name = entry.name.to_string();
                    if let Some(first) = name.get_mut(..1) {
                        first.make_ascii_lowercase();
                    }
                    config.set(&name, entry.value.clone());
                }
            }
            body.set("x-amazon-apigateway-cors", config);
        }
        if let Some(off) = source.get("DisableExecuteApiEndpoint") {
            openapi::close_own_address(&mut body, off);
        }
        body
    }

    fn http_auth(&self, source: &Source, body: &mut Tree, auth: &Tree) {
        let pen = Pen(&auth.place);
        let known = ["Authorizers", "DefaultAuthorizer", "EnableIamAuthorizer"];
        for entry in auth.entries().iter().filter(|entry| !known.contains(&&*entry.name)) {
            self.unfollowed(&source.id, &format!("Auth {}", entry.name), &entry.at);
        }
        if let Some(odd) = auth.get("DefaultAuthorizer").filter(|odd| odd.as_text().is_none()) {
            self.unfollowed(&source.id, "Auth DefaultAuthorizer", &odd.place);
            openapi::each_method(body, &mut |_, _, definition| openapi::guard_by_unknown(definition, odd));
        }
        let authorizers = auth.get("Authorizers");
        let mut schemes: Vec<(String, Tree)> = Vec::new();
        for entry in authorizers.map(Tree::entries).unwrap_or_default() {
            schemes.push((entry.name.to_string(), http_scheme(&entry.value)));
        }
        if auth.get("EnableIamAuthorizer").and_then(Tree::truth) == Some(true) {
            let scheme = [
                ("type", pen.text("apiKey")),
                ("name", pen.text("Authorization")),
                ("in", pen.text("header")),
                ("x-amazon-apigateway-authtype", pen.text("awsSigv4")),
            ];
            schemes.push(("AWS_IAM".into(), pen.map(scheme)));
        }
        body.change("components", |components| {
            components.change("securitySchemes", |all| {
                for (name, scheme) in schemes {
                    all.set(&name, scheme);
                }
            });
        });
        if let Some(default) = auth.get("DefaultAuthorizer").and_then(Tree::as_text) {
            openapi::each_method(body, &mut |_, verb, definition| {
                if verb != "options" {
                    openapi::guard_by_default(definition, default, authorizers, false, pen);
                }
            });
        }
    }

    /// The permissions that let an API ask the functions that authorize.
    pub(super) fn authorizer_permissions(&mut self, source: &Source, by_default: bool) {
        let Some(authorizers) = source.get("Auth").and_then(|auth| auth.get("Authorizers")) else { return };
        for entry in authorizers.entries() {
            let Some(function) = entry.value.get("FunctionArn") else { continue };
            let switch =
                if by_default { "DisableFunctionDefaultPermissions" } else { "EnableFunctionDefaultPermissions" };
            let said = entry.value.get(switch).map(|tree| self.resolved(tree)).and_then(|tree| tree.truth());
            if said.unwrap_or(false) == by_default {
                continue;
            }
            let pen = Pen(&entry.value.place);
            let text = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${__ApiId__}/authorizers/*";
            let properties = pen.map([
                ("Action", pen.text("lambda:InvokeFunction")),
                ("FunctionName", function.clone()),
                ("Principal", pen.text("apigateway.amazonaws.com")),
                ("SourceArn", pen.sub_of(text, [("__ApiId__", pen.reference(&source.id))])),
            ]);
            let id = format!("{}{}AuthorizerPermission", source.id, entry.name);
            self.add(&id, "AWS::Lambda::Permission", properties, source);
        }
    }
}

impl super::Route {
    /// The same route.
    fn again(&self) -> Self {
        Self {
            path: self.path.clone(),
            method: self.method.clone(),
            definition: self.definition.clone(),
            condition: self.condition.clone(),
            auth: self.auth.clone(),
            path_condition: self.path_condition.clone(),
        }
    }
}

/// The address under which a gateway calls a function that authorizes.
fn authorizer_uri(function: &Tree, pen: Pen<'_>) -> Tree {
    let text = concat!(
        "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/",
        "${__FunctionArn__}/invocations"
    );
    pen.sub_of(text, [("__FunctionArn__", function.clone())])
}

/// What guards a method of a REST API, as its document has it.
pub(super) fn rest_scheme(authorizer: &Tree) -> Tree {
    let pen = Pen(&authorizer.place);
    let header = authorizer.at(&["Identity", "Header"]).cloned().unwrap_or_else(|| pen.text("Authorization"));
    let is_request = authorizer.get("FunctionPayloadType").is_some_and(|kind| kind.is_text("REQUEST"));
    let mut by = pen.map([]);
    let kind = if let Some(pools) = authorizer.get("UserPoolArn") {
        by.set("type", pen.text("cognito_user_pools"));
        by.set("providerARNs", pen.list(pools.one_or_more().iter().cloned()));
        "cognito_user_pools"
    } else {
        by.set("type", pen.text(if is_request { "request" } else { "token" }));
        if let Some(function) = authorizer.get("FunctionArn") {
            by.set("authorizerUri", authorizer_uri(function, pen));
        }
        if let Some(role) = authorizer.get("FunctionInvokeRole").filter(|role| !role.is_text("NONE")) {
            by.set("authorizerCredentials", role.clone());
        }
        if let Some(seconds) = authorizer.at(&["Identity", "ReauthorizeEvery"]) {
            by.set("authorizerResultTtlInSeconds", seconds.clone());
        }
        "custom"
    };
    if let Some(expression) = authorizer.at(&["Identity", "ValidationExpression"]) {
        by.set("identityValidationExpression", expression.clone());
    }
    pen.map([
        ("type", pen.text("apiKey")),
        ("name", if is_request { pen.text("Unused") } else { header }),
        ("in", pen.text("header")),
        ("x-amazon-apigateway-authtype", pen.text(kind)),
        ("x-amazon-apigateway-authorizer", by),
    ])
}

/// What guards a method of an HTTP API, as its document has it.
fn http_scheme(authorizer: &Tree) -> Tree {
    let pen = Pen(&authorizer.place);
    let mut by = pen.map([]);
    let Some(function) = authorizer.get("FunctionArn") else {
        by.set("type", pen.text("jwt"));
        if let Some(config) = authorizer.get("JwtConfiguration") {
            // The document has these names with small letters.
            let small = config.entries().iter().map(|entry| (entry.name.to_ascii_lowercase(), entry.value.clone()));
            by.set("jwtConfiguration", Tree::map(small, &config.place));
        }
        if let Some(identity) = authorizer.get("IdentitySource") {
            by.set("identitySource", identity.clone());
        }
        return pen.map([("type", pen.text("oauth2")), ("x-amazon-apigateway-authorizer", by)]);
    };
    by.set("type", pen.text("request"));
    by.set("authorizerUri", authorizer_uri(function, pen));
    for (from, to) in [
        ("FunctionInvokeRole", "authorizerCredentials"),
        ("AuthorizerPayloadFormatVersion", "authorizerPayloadFormatVersion"),
        ("EnableSimpleResponses", "enableSimpleResponses"),
    ] {
        if let Some(value) = authorizer.get(from) {
            by.set(to, value.clone());
        }
    }
    if let Some(seconds) = authorizer.at(&["Identity", "ReauthorizeEvery"]) {
        by.set("authorizerResultTtlInSeconds", seconds.clone());
    }
    pen.map([
        ("type", pen.text("apiKey")),
        ("name", pen.text("Unused")),
        ("in", pen.text("header")),
        ("x-amazon-apigateway-authorizer", by),
    ])
}
