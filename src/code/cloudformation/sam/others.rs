//! Tables, layers, nested applications, connectors, and what is not followed.

use crate::evidence::GapReason;

use super::{
    Entry, Sam, Source,
    functions::{copied, copied_as, location, tags},
    kind,
    pen::{hashable, hashed},
};

impl Sam<'_, '_> {
    /// A resource of SAM that is neither a function, an API nor a state machine.
    pub(super) fn other(&mut self, entry: &Entry) {
        let source = Source::of(entry);
        match kind(&entry.value) {
            Some("SimpleTable") => self.table(&source),
            Some("LayerVersion") => self.layer(&source),
            Some("CapacityProvider") => self.provider(&source),
            Some("Application") => self.application(&source),
            // Made when all else is there.
            Some("Connector") => {}
            _ => {
                self.unfollowed(&source.id, "", &source.at);
                self.made.insert(entry.name.clone(), entry.clone());
            }
        }
    }

    fn table(&mut self, source: &Source) {
        let pen = source.pen();
        self.only(
            source,
            &[&[
                "PointInTimeRecoverySpecification",
                "PrimaryKey",
                "ProvisionedThroughput",
                "SSESpecification",
                "TableName",
                "Tags",
            ]],
        );
        let table = copied(source, &["PointInTimeRecoverySpecification", "SSESpecification", "TableName"]);
        let mut table = table;
        let key = |name: &str, absent: &str| {
            source.get("PrimaryKey").and_then(|key| key.get(name)).cloned().unwrap_or_else(|| pen.text(absent))
        };
        let name = key("Name", "id");
        table.set("KeySchema", pen.list([pen.map([("AttributeName", name.clone()), ("KeyType", pen.text("HASH"))])]));
        let kind = match key("Type", "String").as_text().map(|text| &**text) {
            Some("Number") => pen.text("N"),
            Some("Binary") => pen.text("B"),
            _ => pen.text("S"),
        };
        table.set("AttributeDefinitions", pen.list([pen.map([("AttributeName", name), ("AttributeType", kind)])]));
        match source.get("ProvisionedThroughput") {
            Some(throughput) => table.set("ProvisionedThroughput", throughput.clone()),
            None => table.set("BillingMode", pen.text("PAY_PER_REQUEST")),
        }
        if let Some(own) = source.get("Tags") {
            table.set("Tags", tags(Some(own), "dynamodb:createdBy", pen));
        }
        self.add(&source.id, "AWS::DynamoDB::Table", table, source);
    }

    /// A layer, whose logical id changes with what it says.
    fn layer(&mut self, source: &Source) {
        let pen = source.pen();
        let mut layer = copied_as(
            source,
            &[
                ("CompatibleArchitectures", "CompatibleArchitectures"),
                ("CompatibleRuntimes", "CompatibleRuntimes"),
                ("Description", "Description"),
                ("LayerName", "LayerName"),
                ("LicenseInfo", "LicenseInfo"),
            ],
        );
        if source.get("LayerName").is_none() {
            layer.set("LayerName", pen.text(&*source.id));
        }
        if let Some(content) = source.get("ContentUri").and_then(location) {
            layer.set("Content", content);
        }
        let data = self.resolved(&source.properties);
        let mut entry = pen.map([("Type", pen.text("AWS::Serverless::LayerVersion")), ("Properties", data)]);
        if let Some(condition) = &source.condition {
            entry.set("Condition", pen.text(&**condition));
        }
        let id = hashed(&source.id, &hashable(&pen.map([(&*source.id, entry)])));
        self.renamed.insert(source.id.to_string(), id.clone());
        self.add(&id, "AWS::Lambda::LayerVersion", layer, source);
    }

    /// Instances that functions run on, in a network, and the role that starts them.
    fn provider(&mut self, source: &Source) {
        let pen = source.pen();
        let same = ["CapacityProviderName", "KmsKeyArn", "VpcConfig"];
        self.only(
            source,
            &[&same, &["InstanceRequirements", "OperatorRole", "PropagateTags", "ScalingConfig", "Tags"]],
        );
        let mut provider = copied(source, &same);
        let role = source.get("OperatorRole").cloned().unwrap_or_else(|| {
            let id = format!("{}OperatorRole", source.id);
            let policy = pen.sub("arn:${AWS::Partition}:iam::aws:policy/AWSLambdaManagedEC2ResourceOperator");
            let role = [
                ("AssumeRolePolicyDocument", pen.trust("lambda.amazonaws.com")),
                ("ManagedPolicyArns", pen.list([policy])),
                ("Tags", tags(None, "lambda:createdBy", pen)),
            ];
            self.add(&id, "AWS::IAM::Role", pen.map(role), source);
            pen.attribute(&id, "Arn")
        });
        provider.set("PermissionsConfig", pen.map([("CapacityProviderOperatorRoleArn", role)]));
        if let Some(wanted) = source.get("InstanceRequirements") {
            let names = [
                ("Architectures", "Architectures"),
                ("AllowedTypes", "AllowedInstanceTypes"),
                ("ExcludedTypes", "ExcludedInstanceTypes"),
            ];
            let wanted = names.iter().filter_map(|(from, to)| Some((*to, wanted.get(from)?.clone())));
            provider.set("InstanceRequirements", pen.map(wanted));
        }
        provider.set("Tags", tags(source.get("Tags"), "lambda:createdBy", pen));
        self.add(&source.id, "AWS::Lambda::CapacityProvider", provider, source);
    }

    /// A nested application: a stack whose template is a file beside this one, or anywhere else.
    fn application(&mut self, source: &Source) {
        let pen = source.pen();
        let mut stack = copied(source, &["Parameters", "NotificationARNs", "TimeoutInMinutes"]);
        match source.get("Location") {
            Some(location) if !location.is_map() || location.call().is_some() => {
                stack.set("TemplateURL", location.clone());
            }
            _ => {
                let what = format!("{} {}", self.stack.file, source.id);
                let detail = "an application of the serverless application repository";
                self.stack.note(GapReason::UnresolvedModule, what, detail, &source.at);
            }
        }
        stack.set("Tags", tags(source.get("Tags"), "lambda:createdBy", pen));
        self.add(&source.id, "AWS::CloudFormation::Stack", stack, source);
    }
}
