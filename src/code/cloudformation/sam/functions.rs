//! `AWS::Serverless::Function`: the function, its role, its version and alias, its URL, and what its events make.

use super::{
    Form, Pen, Sam, Source, Tree,
    policies::{Grants, managed_policy},
};

/// Properties that mean the same to Lambda.
const SAME: &[&str] = &[
    "Architectures",
    "CodeSigningConfigArn",
    "Description",
    "DurableConfig",
    "Environment",
    "EphemeralStorage",
    "FileSystemConfigs",
    "FunctionName",
    "FunctionScalingConfig",
    "Handler",
    "ImageConfig",
    "KmsKeyArn",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "PackageType",
    "PublishToLatestPublished",
    "RecursiveLoop",
    "ReservedConcurrentExecutions",
    "Role",
    "Runtime",
    "RuntimeManagementConfig",
    "SnapStart",
    "TenancyConfig",
    "Timeout",
    "VpcConfig",
];
/// Properties that are written out here and in what is called from here.
const FOLLOWED: &[&str] = &[
    "AssumeRolePolicyDocument",
    "AutoPublishAlias",
    "AutoPublishAliasAllProperties",
    "AutoPublishCodeSha256",
    "CapacityProviderConfig",
    "CodeUri",
    "DeadLetterQueue",
    "DeploymentPreference",
    "EventInvokeConfig",
    "Events",
    "FunctionUrlConfig",
    "ImageUri",
    "InlineCode",
    "PermissionsBoundary",
    "Policies",
    "PropagateTags",
    "ProvisionedConcurrencyConfig",
    "RolePath",
    "SourceKMSKeyArn",
    "Tags",
    "Tracing",
    "VersionDeletionPolicy",
    "VersionDescription",
];

/// What events are connected to: the function, or the alias that it publishes.
pub(super) struct Target {
    /// The logical id of the function or of its alias.
    pub(super) id: String,
    /// How a permission names it.
    pub(super) name: Tree,
    pub(super) arn: Tree,
    /// The text that names its ARN within `Fn::Sub`.
    pub(super) arn_text: String,
}

impl Sam<'_, '_> {
    pub(super) fn function(&mut self, source: &Source) {
        self.only(source, &[SAME, FOLLOWED]);
        let pen = source.pen();
        let id = &source.id;
        let mut properties = copied(source, SAME);
        let code = Self::code(source);
        if let Some(code) = &code {
            properties.set("Code", code.clone());
        }
        if let Some(tracing) = self.tracing(source) {
            properties.set("TracingConfig", pen.map([("Mode", tracing)]));
        }
        if let Some(queue) = source.get("DeadLetterQueue").and_then(|queue| queue.get("TargetArn")) {
            properties.set("DeadLetterConfig", pen.map([("TargetArn", queue.clone())]));
        }
        if let Some(config) = source.get("CapacityProviderConfig") {
            let renamed = config.entries().iter().map(|entry| match &*entry.name {
                "Arn" => ("CapacityProviderArn", entry.value.clone()),
                name => (name, entry.value.clone()),
            });
            let config = pen.map(renamed);
            properties
                .set("CapacityProviderConfig", pen.map([("LambdaManagedInstancesCapacityProviderConfig", config)]));
        }
        properties.set("Tags", tags(source.get("Tags"), "lambda:createdBy", pen));
        let mut grants = self.grants(source);
        let target = self.published(source, &properties, code.as_ref());
        self.url(source, &target);
        self.event_invoke(source, &target, &mut grants);
        self.deployment(source);
        self.events(source, &target, &mut grants);
        self.role(source, &mut properties, grants);
        self.add(id, "AWS::Lambda::Function", properties, source);
    }

    /// Where the code is, as far as the template says it: a path is packaged before it is deployed.
    fn code(source: &Source) -> Option<Tree> {
        let pen = source.pen();
        let mut code = if let Some(inline) = source.get("InlineCode") {
            pen.map([("ZipFile", inline.clone())])
        } else if let Some(image) = source.get("ImageUri") {
            pen.map([("ImageUri", image.clone())])
        } else {
            location(source.get("CodeUri")?)?
        };
        if let Some(key) = source.get("SourceKMSKeyArn") {
            code.set("SourceKMSKeyArn", key.clone());
        }
        Some(code)
    }

    fn tracing(&self, source: &Source) -> Option<Tree> {
        let tracing = source.get("Tracing")?;
        (self.literal(tracing).as_deref() != Some("Disabled")).then(|| tracing.clone())
    }

    /// What the role of a function may do before its events add to it.
    fn grants(&self, source: &Source) -> Grants {
        let pen = source.pen();
        let basic = if source.get("DurableConfig").is_some() {
            "AWSLambdaBasicDurableExecutionRolePolicy"
        } else {
            "AWSLambdaBasicExecutionRole"
        };
        let mut grants = Grants::default();
        grants.allow(managed_policy(basic, pen));
        if self.tracing(source).is_some() {
            grants.allow(managed_policy("AWSXrayWriteOnlyAccess", pen));
        }
        if source.get("VpcConfig").is_some() {
            grants.allow(managed_policy("AWSLambdaVPCAccessExecutionRole", pen));
        }
        if let Some(queue) = source.get("DeadLetterQueue") {
            let action = match queue.get("Type") {
                Some(kind) if kind.is_text("SNS") => "sns:Publish",
                _ => "sqs:SendMessage",
            };
            if let Some(target) = queue.get("TargetArn") {
                let mut policy = pen.grant("DeadLetterQueuePolicy", action, target.clone());
                policy.change("PolicyDocument", |document| document.set("Version", pen.text("2012-10-17")));
                grants.policies.push(policy);
            }
        }
        grants
    }

    /// The role of a function that names none; or, where it names one under a condition, for when it does not.
    fn role(&mut self, source: &Source, properties: &mut Tree, mut grants: Grants) {
        let pen = source.pen();
        let id = format!("{}Role", source.id);
        let arn = pen.attribute(&id, "Arn");
        let condition = match source.get("Role") {
            None => None,
            Some(role) => match conditional(role) {
                Some((condition, then, otherwise)) if is_no_value(then) || is_no_value(otherwise) => {
                    let pick = |side: &Tree| if is_no_value(side) { arn.clone() } else { side.clone() };
                    properties.set("Role", pen.choice(condition, pick(then), pick(otherwise)));
                    if is_no_value(then) { Some(condition.to_owned()) } else { Some(self.negated(condition, pen)) }
                }
                _ => return,
            },
        };
        if source.get("Role").is_none() {
            properties.set("Role", arn);
        }
        // Those of the function come before those of its events.
        let own = self.policies(source, &id);
        grants.prepend(own);
        let mut role = copied_as(source, &[("RolePath", "Path"), ("PermissionsBoundary", "PermissionsBoundary")]);
        let trust = source.get("AssumeRolePolicyDocument").cloned();
        role.set("AssumeRolePolicyDocument", trust.unwrap_or_else(|| pen.trust("lambda.amazonaws.com")));
        grants.write(&mut role, pen);
        role.set("Tags", tags(source.get("Tags"), "lambda:createdBy", pen));
        match condition {
            None => self.add(&id, "AWS::IAM::Role", role, source),
            Some(condition) => {
                let own = Source { condition: Some(condition.into()), ..Source::copy(source) };
                self.add(&id, "AWS::IAM::Role", role, &own);
            }
        }
    }

    /// A condition that is true where another one is not.
    fn negated(&mut self, condition: &str, pen: Pen<'_>) -> String {
        let name = format!("NOT{condition}");
        let not = pen.map([("Fn::Not", pen.list([pen.map([("Condition", pen.text(condition))])]))]);
        let entry = super::Entry { name: name.as_str().into(), at: pen.0.clone(), value: not };
        self.conditions.insert(entry.name.clone(), entry);
        name
    }
}

impl Source {
    /// The same resource.
    pub(super) fn copy(source: &Self) -> Self {
        Self {
            id: source.id.clone(),
            properties: source.properties.clone(),
            condition: source.condition.clone(),
            at: source.at.clone(),
            whole: source.whole.clone(),
        }
    }
}

/// The properties that keep their names.
pub(super) fn copied(source: &Source, names: &[&str]) -> Tree {
    let entries = source.properties.entries().iter().filter(|entry| names.contains(&&*entry.name));
    Tree::new(Form::Map(entries.cloned().collect()), &source.properties.place)
}

/// Properties under their names in the resource that is made.
pub(super) fn copied_as(source: &Source, names: &[(&str, &str)]) -> Tree {
    let found = names.iter().filter_map(|(from, to)| Some((*to, source.get(from)?.clone())));
    Tree::map(found, &source.properties.place)
}

/// Tags as a list, with the one that SAM adds.
pub(super) fn tags(tags: Option<&Tree>, created: &str, pen: Pen<'_>) -> Tree {
    let tag = |name: &str, value: Tree| pen.map([("Key", pen.text(name)), ("Value", value)]);
    let own = tags.map(Tree::entries).unwrap_or_default();
    let own = own.iter().map(|entry| tag(&entry.name, entry.value.clone()));
    pen.list(std::iter::once(tag(created, pen.text("SAM"))).chain(own))
}

/// Where an object is in S3, in the words of Lambda.
pub(super) fn location(uri: &Tree) -> Option<Tree> {
    let place = &uri.place;
    if let Some(text) = uri.as_text() {
        let (bucket, key) = text.strip_prefix("s3://")?.split_once('/')?;
        let (key, version) = key.split_once("?versionId=").map_or((key, None), |(key, version)| (key, Some(version)));
        let parts = [("S3Bucket", Some(bucket)), ("S3Key", Some(key)), ("S3ObjectVersion", version)];
        let parts = parts.into_iter().filter_map(|(name, value)| Some((name, Tree::text(value?, place))));
        return Some(Tree::map(parts, place));
    }
    let parts = [("Bucket", "S3Bucket"), ("Key", "S3Key"), ("Version", "S3ObjectVersion")];
    let parts: Vec<_> = parts.iter().filter_map(|(from, to)| Some((*to, uri.get(from)?.clone()))).collect();
    (!parts.is_empty()).then(|| Tree::map(parts, place))
}

/// The condition and the two sides of `Fn::If`.
pub(super) fn conditional(tree: &Tree) -> Option<(&str, &Tree, &Tree)> {
    let ("Fn::If", argument) = tree.call()? else { return None };
    let [condition, then, otherwise] = argument.items() else { return None };
    Some((condition.as_text()?, then, otherwise))
}

pub(super) fn is_no_value(tree: &Tree) -> bool {
    tree.call().is_some_and(|(name, argument)| name == "Ref" && argument.is_text("AWS::NoValue"))
}
