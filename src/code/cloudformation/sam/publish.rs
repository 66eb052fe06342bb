//! What a function publishes: a version and an alias, a URL, where its results go, and how it is rolled out.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    Entry, Pen, Sam, Source, Tree,
    functions::Target,
    pen::{hashable, hashed},
    policies::{Grants, managed_policy},
};

impl Sam<'_, '_> {
    /// The version and the alias of a function that publishes itself; events are connected to the alias then.
    pub(super) fn published(&mut self, source: &Source, function: &Tree, code: Option<&Tree>) -> Target {
        let (pen, id) = (source.pen(), &source.id);
        let own = Target {
            id: id.to_string(),
            name: pen.reference(id),
            arn: pen.attribute(id, "Arn"),
            arn_text: format!("${{{id}.Arn}}"),
        };
        let Some(alias) = source.get("AutoPublishAlias") else { return own };
        let Some(name) = self.literal(alias) else {
            self.unfollowed(id, "AutoPublishAlias", &alias.place);
            return own;
        };
        let version = self.version(source, function, code);
        let mut properties = pen.map([("FunctionName", pen.reference(id))]);
        if let Some(description) = source.get("VersionDescription") {
            properties.set("Description", description.clone());
        }
        self.add(&version, "AWS::Lambda::Version", properties, source);
        let alias_id = format!("{id}Alias{}", name.replace('-', "D").replace('_', "U"));
        let mut properties = pen.map([
            ("Name", pen.text(&*name)),
            ("FunctionName", pen.reference(id)),
            ("FunctionVersion", pen.attribute(&version, "Version")),
        ]);
        if let Some(provisioned) = source.get("ProvisionedConcurrencyConfig") {
            properties.set("ProvisionedConcurrencyConfig", provisioned.clone());
        }
        self.add(&alias_id, "AWS::Lambda::Alias", properties, source);
        self.renamed.insert(format!("{id}.Version"), version);
        self.renamed.insert(format!("{id}.Alias"), alias_id.clone());
        let arn = pen.reference(&alias_id);
        Target { name: arn.clone(), arn, arn_text: format!("${{{alias_id}}}"), id: alias_id }
    }

    /// The logical id of a version: another one for other code.
    fn version(&self, source: &Source, function: &Tree, code: Option<&Tree>) -> String {
        let prefix = format!("{}Version", source.id);
        if let Some(hash) = source.get("AutoPublishCodeSha256").and_then(|hash| self.literal(hash)) {
            return format!("{prefix}{}", hash.chars().take(10).collect::<String>());
        }
        let pen = source.pen();
        let all = source.get("AutoPublishAliasAllProperties").and_then(Tree::truth) == Some(true);
        let mut data = match code {
            _ if all => function.clone(),
            Some(code) => self.resolved(code),
            // What a path is packaged as, nobody knows before.
            None => pen.map(source.get("CodeUri").map(|uri| ("CodeUri", uri.clone()))),
        };
        if !all {
            source.get("Environment").map(Tree::entries).unwrap_or_default().iter().for_each(|entry| {
                data.set(&entry.name, entry.value.clone());
            });
            if let Some(memory) = source.get("MemorySize") {
                data.set("MemorySize", memory.clone());
            }
            if let Some(start) =
                source.get("SnapStart").filter(|start| start.get("ApplyOn").is_some_and(|on| !on.is_text("None")))
            {
                data.set("SnapStart", start.clone());
            }
        }
        hashed(&prefix, &hashable(&data))
    }

    /// The URL of a function; and, where anybody may call it, the two permissions that let them.
    pub(super) fn url(&mut self, source: &Source, target: &Target) {
        let Some(config) = source.get("FunctionUrlConfig") else { return };
        let (pen, id) = (Pen(&config.place), &source.id);
        if config.call().is_some() {
            // What the function is asked to do hangs on a condition; SAM makes a URL and no permission.
            self.unfollowed(id, "FunctionUrlConfig", &config.place);
        }
        let mut url = pen.map([("TargetFunctionArn", target.name.clone())]);
        for name in ["AuthType", "Cors", "InvokeMode"] {
            if let Some(value) = config.get(name) {
                url.set(name, value.clone());
            } else if config.call().is_some() {
                let what = pen.map([("Fn::Transform", pen.map([("Name", pen.text(super::TRANSFORM))]))]);
                url.set(name, what);
            }
        }
        self.add(&format!("{id}Url"), "AWS::Lambda::Url", url, source);
        if !config.get("AuthType").is_some_and(|kind| kind.is_text("NONE")) {
            return;
        }
        let anybody = |action: &str| {
            pen.map([("Action", pen.text(action)), ("FunctionName", target.name.clone()), ("Principal", pen.text("*"))])
        };
        let mut by_url = anybody("lambda:InvokeFunctionUrl");
        by_url.set("FunctionUrlAuthType", pen.text("NONE"));
        self.add(&format!("{id}UrlPublicPermissions"), "AWS::Lambda::Permission", by_url, source);
        let mut invoke = anybody("lambda:InvokeFunction");
        invoke.set("InvokedViaFunctionUrl", pen.bool(true));
        self.add(&format!("{id}URLInvokeAllowPublicAccess"), "AWS::Lambda::Permission", invoke, source);
    }

    /// Where the results of asynchronous calls go.
    pub(super) fn event_invoke(&mut self, source: &Source, target: &Target, grants: &mut Grants) {
        let Some(config) = source.get("EventInvokeConfig") else { return };
        let (pen, id) = (Pen(&config.place), format!("{}EventInvokeConfig", source.id));
        let qualifier = if *target.id == *source.id { None } else { source.get("AutoPublishAlias") };
        let qualifier = qualifier.and_then(|alias| self.literal(alias)).unwrap_or_else(|| "$LATEST".into());
        let mut destinations = pen.map([]);
        for event in ["OnSuccess", "OnFailure"] {
            let Some(wanted) = config.at(&["DestinationConfig", event]) else { continue };
            let kind = wanted.get("Type").and_then(Tree::as_text).map_or("", |kind| kind);
            let destination = match (wanted.get("Destination"), kind) {
                (Some(destination), _) => destination.clone(),
                (None, "SQS") => {
                    let queue = format!("{id}{event}Queue");
                    self.add(&queue, "AWS::SQS::Queue", pen.map([]), source);
                    self.renamed.insert(format!("{}.DestinationQueue", source.id), queue.clone());
                    pen.attribute(&queue, "Arn")
                }
                (None, "SNS") => {
                    let topic = format!("{id}{event}Topic");
                    self.add(&topic, "AWS::SNS::Topic", pen.map([]), source);
                    self.renamed.insert(format!("{}.DestinationTopic", source.id), topic.clone());
                    pen.reference(&topic)
                }
                _ => {
                    self.unfollowed(&source.id, "EventInvokeConfig", &wanted.place);
                    continue;
                }
            };
            grants.policies.extend(destination_policy(kind, &format!("{id}{event}"), &destination, pen));
            destinations.set(event, pen.map([("Destination", destination)]));
        }
        let mut properties = pen.map([
            ("FunctionName", pen.reference(&source.id)),
            ("Qualifier", pen.text(qualifier)),
            ("DestinationConfig", destinations),
        ]);
        for name in ["MaximumEventAgeInSeconds", "MaximumRetryAttempts"] {
            if let Some(value) = config.get(name) {
                properties.set(name, value.clone());
            }
        }
        self.add(&id, "AWS::Lambda::EventInvokeConfig", properties, source);
    }

    /// How new versions take over.
    pub(super) fn deployment(&mut self, source: &Source) {
        let Some(preference) = source.get("DeploymentPreference") else { return };
        let is_on = preference.get("Enabled").is_none_or(|on| self.resolved(on).truth() != Some(false));
        if !is_on || source.get("AutoPublishAlias").is_none() {
            return;
        }
        let pen = Pen(&preference.place);
        let application = "ServerlessDeploymentApplication";
        let shared = Source { condition: None, ..Source::copy(source) };
        let properties = pen.map([("ComputePlatform", pen.text("Lambda"))]);
        self.add(application, "AWS::CodeDeploy::Application", properties, &shared);
        let role = preference.get("Role").cloned().unwrap_or_else(|| {
            let mut role = pen.map([("AssumeRolePolicyDocument", pen.trust("codedeploy.amazonaws.com"))]);
            role.set("ManagedPolicyArns", pen.list([managed_policy("AWSCodeDeployRoleForLambda", pen)]));
            self.add("CodeDeployServiceRole", "AWS::IAM::Role", role, &shared);
            pen.attribute("CodeDeployServiceRole", "Arn")
        });
        // The group is there even where the function is not, unless it is asked for otherwise.
        let follows = preference.get("PassthroughCondition").and_then(|says| self.resolved(says).truth());
        let source = if follows == Some(true) { source } else { &shared };
        self.deployments.push((preference.place.clone(), source.condition.clone()));
        let group = [("ApplicationName", pen.reference(application)), ("ServiceRoleArn", role)];
        self.add(&format!("{}DeploymentGroup", source.id), "AWS::CodeDeploy::DeploymentGroup", pen.map(group), source);
    }
}

impl Sam<'_, '_> {
    /// What all functions are rolled out by is there while any of them is.
    pub(super) fn condition_deployments(&mut self) {
        let all = std::mem::take(&mut self.deployments);
        let Some(place) = all.first().map(|(place, _)| place.clone()) else { return };
        let Some(conditions) = all.into_iter().map(|(_, condition)| condition).collect::<Option<BTreeSet<_>>>() else {
            return;
        };
        let pen = Pen(&place);
        let condition = match conditions.first() {
            Some(only) if conditions.len() == 1 => only.clone(),
            _ => {
                let name: Arc<str> = "ServerlessCodeDeployCondition".into();
                let any = conditions.iter().map(|name| pen.map([("Condition", pen.text(&**name))]));
                let value = pen.map([("Fn::Or", pen.list(any))]);
                self.conditions.insert(name.clone(), Entry { name: name.clone(), at: place.clone(), value });
                name
            }
        };
        for id in ["ServerlessDeploymentApplication", "CodeDeployServiceRole"] {
            if let Some(made) = self.made.get_mut(id) {
                made.value.set("Condition", pen.text(&*condition));
            }
        }
    }
}

/// What a role needs to send to a destination.
pub(super) fn destination_policy(kind: &str, id: &str, destination: &Tree, pen: Pen<'_>) -> Option<Tree> {
    let (name, action) = match kind {
        "SQS" => ("SQSPolicy", "sqs:SendMessage"),
        "SNS" => ("SNSPolicy", "sns:publish"),
        "EventBridge" => ("EventBridgePolicy", "events:PutEvents"),
        "Lambda" => ("LambdaPolicy", "lambda:InvokeFunction"),
        "S3" | "S3Bucket" => {
            let inside =
                pen.map([("Fn::Join", pen.list([pen.text("/"), pen.list([destination.clone(), pen.text("*")])]))]);
            let allow = |action: &str, resource: Tree| {
                pen.map([("Action", pen.text(action)), ("Effect", pen.text("Allow")), ("Resource", resource)])
            };
            let statements = [allow("s3:PutObject", inside), allow("s3:ListBucket", destination.clone())];
            let document = pen.map([("Statement", pen.list(statements))]);
            return Some(pen.map([("PolicyName", pen.text(format!("{id}S3Policy"))), ("PolicyDocument", document)]));
        }
        _ => return None,
    };
    Some(pen.grant(&format!("{id}{name}"), action, destination.clone()))
}
