//! `AWS::Serverless::Api`: the REST API with its document, its deployment and stage, its keys and its domain.

use super::{
    Form, Pen, Sam, Source, Tree,
    functions::{copied_as, location},
    openapi,
    pen::hashed,
};

/// Properties that mean the same to the REST API, by their names there.
const OF_API: &[(&str, &str)] = &[
    ("ApiKeySourceType", "ApiKeySourceType"),
    ("BinaryMediaTypes", "BinaryMediaTypes"),
    ("Description", "Description"),
    ("EndpointAccessMode", "EndpointAccessMode"),
    ("FailOnWarnings", "FailOnWarnings"),
    ("MinimumCompressionSize", "MinimumCompressionSize"),
    ("Mode", "Mode"),
    ("Name", "Name"),
    ("Policy", "Policy"),
    ("SecurityPolicy", "SecurityPolicy"),
];
/// Properties that mean the same to its stage.
const OF_STAGE: &[(&str, &str)] = &[
    ("AccessLogSetting", "AccessLogSetting"),
    ("CacheClusterEnabled", "CacheClusterEnabled"),
    ("CacheClusterSize", "CacheClusterSize"),
    ("CanarySetting", "CanarySetting"),
    ("MethodSettings", "MethodSettings"),
    ("StageName", "StageName"),
    ("TracingEnabled", "TracingEnabled"),
    ("Variables", "Variables"),
];
/// Properties that are written out here; models and gateway responses say nothing of who may call.
const FOLLOWED: &[&str] = &[
    "AlwaysDeploy",
    "Auth",
    "Cors",
    "DefinitionBody",
    "DefinitionUri",
    "DisableExecuteApiEndpoint",
    "Domain",
    "EndpointConfiguration",
    "GatewayResponses",
    "MergeDefinitions",
    "Models",
    "OpenApiVersion",
    "PropagateTags",
    "Tags",
];

impl Sam<'_, '_> {
    pub(super) fn rest_api(&mut self, source: &Source) {
        let names = |list: &[(&'static str, &'static str)]| list.iter().map(|(from, _)| *from).collect::<Vec<&str>>();
        self.only(source, &[&names(OF_API), &names(OF_STAGE), FOLLOWED]);
        let (pen, id) = (source.pen(), &source.id);
        let mut api = copied_as(source, OF_API);
        Self::endpoint(source, &mut api);
        self.make_paths_conditional(id, pen);
        match (source.get("DefinitionUri"), self.rest_document(source)) {
            (Some(uri), _) => {
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
            (None, Some(body)) => api.set("Body", body),
            (None, None) => {}
        }
        self.add(id, "AWS::ApiGateway::RestApi", api, source);
        let deployment = format!("{id}Deployment");
        let mut properties = pen.map([("RestApiId", pen.reference(id))]);
        if source.get("OpenApiVersion").is_none() {
            // A stage besides the one that is asked for: so it was at first, and so it stayed.
            properties.set("StageName", pen.text("Stage"));
        }
        self.add(&deployment, "AWS::ApiGateway::Deployment", properties, source);
        let stage = self.rest_stage(source, &deployment);
        self.renamed.insert(format!("{id}.Deployment"), deployment);
        self.renamed.insert(format!("{id}.Stage"), stage.clone());
        self.authorizer_permissions(source, true);
        self.usage_plan(source, &stage);
        self.rest_domain(source, &stage);
    }

    fn rest_stage(&mut self, source: &Source, deployment: &str) -> String {
        let (pen, id) = (source.pen(), &source.id);
        let name = source.get("StageName").and_then(Tree::as_text).cloned().unwrap_or_else(|| "".into());
        let plain = !name.is_empty() && name.chars().all(char::is_alphanumeric);
        let stage = if plain { format!("{id}{name}Stage") } else { hashed(&format!("{id}Stage"), &name) };
        let mut properties = copied_as(source, OF_STAGE);
        properties.set("RestApiId", pen.reference(id));
        properties.set("DeploymentId", pen.reference(deployment));
        self.add(&stage, "AWS::ApiGateway::Stage", properties, source);
        stage
    }

    fn endpoint(source: &Source, api: &mut Tree) {
        let Some(config) = source.get("EndpointConfiguration") else { return };
        let pen = Pen(&config.place);
        let kind = config.get("Type").filter(|_| config.call().is_none()).unwrap_or(config);
        let mut endpoint = pen.map([("Types", pen.list([kind.clone()]))]);
        for (from, to) in [
            ("VPCEndpointIds", "VpcEndpointIds"),
            ("VpcEndpointIds", "VpcEndpointIds"),
            ("IpAddressType", "IpAddressType"),
        ] {
            if let Some(value) = config.get(from) {
                endpoint.set(to, value.clone());
            }
        }
        api.set("EndpointConfiguration", endpoint);
        api.set("Parameters", pen.map([("endpointConfigurationTypes", kind.clone())]));
    }

    /// The document of the API: what is written, what events bring, and what `Auth` makes of it.
    fn rest_document(&self, source: &Source) -> Option<Tree> {
        let pen = source.pen();
        let title = || pen.map([("version", pen.text("1.0")), ("title", pen.reference("AWS::StackName"))]);
        let managed = self.managed.contains(&source.id);
        let mut body = match source.get("DefinitionBody") {
            Some(body) => body.clone(),
            None if managed => pen.map([("swagger", pen.text("2.0")), ("info", title()), ("paths", pen.map([]))]),
            None => return None,
        };
        let routes = self.routes.get(&source.id).map(Vec::as_slice).unwrap_or_default();
        let auth = source.get("Auth").map(|auth| self.resolved(auth));
        if body.call().is_some() {
            // What includes its document from elsewhere cannot be written into.
            if auth.is_some() || !routes.is_empty() {
                self.unfollowed(&source.id, "DefinitionBody", &body.place);
            }
            return Some(body);
        }
        if managed {
            openapi::write(&mut body, routes, pen);
        }
        if let Some(cors) = source.get("Cors") {
            preflight(&mut body, Pen(&cors.place));
        }
        let empty = pen.map([]);
        self.rest_auth(source, &mut body, auth.as_ref().unwrap_or(&empty));
        let version = source.get("OpenApiVersion").and_then(|version| self.literal(version));
        if version.as_ref().is_some_and(|version| version.starts_with('3')) && managed {
            body.take("swagger");
            body.set("openapi", pen.text(version.unwrap_or_default()));
        }
        if let Some(off) = source.get("DisableExecuteApiEndpoint") {
            openapi::close_own_address(&mut body, off);
        }
        if body.get("swagger").is_none()
            && let Some(schemes) = body.take("securityDefinitions")
        {
            body.change("components", |components| components.set("securitySchemes", schemes));
        }
        Some(body)
    }

    fn rest_auth(&self, source: &Source, body: &mut Tree, auth: &Tree) {
        let pen = Pen(&auth.place);
        let known = [
            "AddApiKeyRequiredToCorsPreflight",
            "AddDefaultAuthorizerToCorsPreflight",
            "ApiKeyRequired",
            "Authorizers",
            "DefaultAuthorizer",
            "InvokeRole",
            "ResourcePolicy",
            "UsagePlan",
        ];
        for entry in auth.entries().iter().filter(|entry| !known.contains(&&*entry.name)) {
            self.unfollowed(&source.id, &format!("Auth {}", entry.name), &entry.at);
        }
        let is_set = |name: &str, absent: bool| auth.get(name).and_then(Tree::truth).unwrap_or(absent);
        let authorizers = auth.get("Authorizers");
        for entry in authorizers.map(Tree::entries).unwrap_or_default() {
            let scheme = super::http::rest_scheme(&entry.value);
            body.change("securityDefinitions", |all| all.set(&entry.name, scheme));
        }
        let default = auth.get("DefaultAuthorizer").and_then(Tree::as_text).cloned();
        if let Some(odd) = auth.get("DefaultAuthorizer").filter(|odd| odd.as_text().is_none()) {
            self.unfollowed(&source.id, "Auth DefaultAuthorizer", &odd.place);
            openapi::each_method(body, &mut |_, _, definition| openapi::guard_by_unknown(definition, odd));
        }
        let preflight = is_set("AddDefaultAuthorizerToCorsPreflight", true);
        if let Some(default) = &default {
            openapi::each_method(body, &mut |_, verb, definition| {
                if preflight || verb != "options" {
                    openapi::guard_by_default(definition, default, authorizers, true, pen);
                }
            });
        }
        let wants_key = is_set("ApiKeyRequired", auth.get("ApiKeyRequired").is_some_and(|tree| tree.call().is_some()));
        if wants_key {
            let preflight = is_set("AddApiKeyRequiredToCorsPreflight", true);
            openapi::each_method(body, &mut |_, verb, definition| {
                if preflight || verb != "options" {
                    openapi::want_key_by_default(definition, pen);
                }
            });
        }
        let (mut iam, mut key) = (default.as_deref() == Some("AWS_IAM"), wants_key);
        openapi::each_method(body, &mut |_, _, definition| {
            let guards = definition.get("security").map(Tree::items).unwrap_or_default();
            iam |= guards.iter().any(|guard| guard.get("AWS_IAM").is_some());
            key |= guards.iter().any(|guard| guard.get("api_key").is_some());
        });
        let header =
            |name: &str| pen.map([("type", pen.text("apiKey")), ("name", pen.text(name)), ("in", pen.text("header"))]);
        if iam {
            let mut scheme = header("Authorization");
            scheme.set("x-amazon-apigateway-authtype", pen.text("awsSigv4"));
            body.change("securityDefinitions", |all| all.set("AWS_IAM", scheme));
        }
        if key {
            body.change("securityDefinitions", |all| all.set("api_key", header("x-api-key")));
        }
        self.rest_policy(source, body, auth);
    }

    /// `ResourcePolicy`, of the API and of its events.
    fn rest_policy(&self, source: &Source, body: &mut Tree, auth: &Tree) {
        let pen = Pen(&auth.place);
        let stage = source.get("StageName").cloned().unwrap_or_else(|| pen.text("*"));
        let mut statements: Vec<Tree> = Vec::new();
        let routes = self.routes.get(&source.id).map(Vec::as_slice).unwrap_or_default();
        let of_events = routes.iter().filter_map(|route| {
            let policy = route.auth.as_ref()?.get("ResourcePolicy")?.clone();
            Some((route.path.clone(), policy))
        });
        let paths = body.get("paths").map(Tree::entries).unwrap_or_default();
        let of_api = auth
            .get("ResourcePolicy")
            .into_iter()
            .flat_map(|policy| paths.iter().map(move |path| (path.name.clone(), policy.clone())));
        for (path, policy) in of_events.chain(of_api) {
            let item = body.at(&["paths", &path]);
            let verbs = item.map(verbs).unwrap_or_default();
            let resources = verbs.iter().map(|verb| {
                let verb = if verb == openapi::ANY { "*".to_owned() } else { verb.to_ascii_uppercase() };
                let text = format!("execute-api:/${{__Stage__}}/{verb}{}", super::routes::pattern(&path));
                pen.sub_of(&text, [("__Stage__", stage.clone())])
            });
            let resources = pen.list(resources);
            openapi::resource_policy(&mut statements, &policy, &resources, Pen(&policy.place));
        }
        if !statements.is_empty() {
            let policy = [("Version", pen.text("2012-10-17")), ("Statement", pen.list(statements))];
            body.set("x-amazon-apigateway-policy", pen.map(policy));
        }
    }

    fn usage_plan(&mut self, source: &Source, stage: &str) {
        let Some(plan) = source.get("Auth").and_then(|auth| auth.get("UsagePlan")) else { return };
        let (pen, id) = (Pen(&plan.place), &source.id);
        let kind = plan.get("CreateUsagePlan").and_then(|kind| self.literal(kind));
        let (plan_id, key_id, link_id) = match kind.as_deref() {
            Some("PER_API") => (format!("{id}UsagePlan"), format!("{id}ApiKey"), format!("{id}UsagePlanKey")),
            Some("SHARED") => {
                ("ServerlessUsagePlan".into(), "ServerlessApiKey".into(), "ServerlessUsagePlanKey".into())
            }
            Some("NONE") => return,
            _ => return self.unfollowed(id, "Auth UsagePlan", &plan.place),
        };
        let stages = pen.list([pen.map([("ApiId", pen.reference(id)), ("Stage", pen.reference(stage))])]);
        let keys = pen.list([pen.map([("RestApiId", pen.reference(id)), ("StageName", pen.reference(stage))])]);
        // One that is shared is of all APIs.
        let joined = |made: Option<&super::Entry>, name: &str, new: Tree| {
            let before = made.and_then(|entry| entry.value.at(&["Properties", name])).map(Tree::items);
            pen.list(before.unwrap_or_default().iter().chain(new.items()).cloned())
        };
        let stages = joined(self.made.get(&*plan_id), "ApiStages", stages);
        let keys = joined(self.made.get(&*key_id), "StageKeys", keys);
        self.add(&plan_id, "AWS::ApiGateway::UsagePlan", pen.map([("ApiStages", stages)]), source);
        let key = pen.map([("Enabled", pen.bool(true)), ("StageKeys", keys)]);
        self.add(&key_id, "AWS::ApiGateway::ApiKey", key, source);
        let link = [
            ("KeyId", pen.reference(&key_id)),
            ("KeyType", pen.text("API_KEY")),
            ("UsagePlanId", pen.reference(&plan_id)),
        ];
        self.add(&link_id, "AWS::ApiGateway::UsagePlanKey", pen.map(link), source);
        for (name, made) in [("UsagePlan", plan_id), ("ApiKey", key_id), ("UsagePlanKey", link_id)] {
            self.renamed.insert(format!("{id}.{name}"), made);
        }
    }
}

/// The methods of a path, on whichever condition they hang.
fn verbs(item: &Tree) -> Vec<String> {
    match super::functions::conditional(item) {
        Some((_, then, otherwise)) => [verbs(then), verbs(otherwise)].concat(),
        None => item
            .entries()
            .iter()
            .filter(|entry| !entry.name.starts_with("Fn::") && &*entry.name != "Ref")
            .map(|entry| entry.name.to_string())
            .collect(),
    }
}

/// The methods that browsers ask first, which no function answers.
fn preflight(body: &mut Tree, pen: Pen<'_>) {
    let mock = pen.map([("x-amazon-apigateway-integration", pen.map([("type", pen.text("mock"))]))]);
    body.change("paths", |paths| {
        let Form::Map(paths) = &mut paths.form else { return };
        for path in paths.iter_mut().filter(|path| path.value.get("options").is_none()) {
            path.value.set("options", mock.clone());
        }
    });
}
