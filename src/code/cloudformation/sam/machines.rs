//! `AWS::Serverless::StateMachine`: the state machine, its role, and the rules that start it.

use super::{
    Entry, Pen, REST, Route, Sam, Source, Tree,
    functions::{copied_as, location, tags},
    openapi,
    policies::{Grants, managed_policy},
    routes::api_named,
};

/// Properties that mean the same to Step Functions, by their names there.
const SAME: &[(&str, &str)] = &[
    ("DefinitionSubstitutions", "DefinitionSubstitutions"),
    ("Logging", "LoggingConfiguration"),
    ("Name", "StateMachineName"),
    ("Tracing", "TracingConfiguration"),
    ("Type", "StateMachineType"),
    // The calls of functions in it are granted by the role.
    ("Definition", "Definition"),
];
const FOLLOWED: &[&str] = &[
    "Definition",
    "DefinitionSubstitutions",
    "DefinitionUri",
    "Events",
    "Logging",
    "Name",
    "PermissionsBoundary",
    "Policies",
    "PropagateTags",
    "Role",
    "RolePath",
    "Tags",
    "Tracing",
    "Type",
    "UseAliasAsEventTarget",
];

impl Sam<'_, '_> {
    pub(super) fn machine(&mut self, source: &Source) {
        self.only(source, &[FOLLOWED]);
        let (pen, id) = (source.pen(), &source.id);
        let mut machine = copied_as(source, SAME);
        if let Some(place) = source.get("DefinitionUri").and_then(location) {
            let parts = [("S3Bucket", "Bucket"), ("S3Key", "Key"), ("S3ObjectVersion", "Version")];
            let parts = parts.iter().filter_map(|(from, to)| Some((*to, place.get(from)?.clone())));
            machine.set("DefinitionS3Location", pen.map(parts));
        }
        let role = source.get("Role").cloned().unwrap_or_else(|| {
            let role_id = format!("{id}Role");
            let mut grants = Grants::default();
            if source.get("Tracing").is_some_and(|tracing| tracing.at(&["Enabled"]).and_then(Tree::truth) == Some(true))
            {
                grants.allow(managed_policy("AWSXrayWriteOnlyAccess", pen));
            }
            let own = self.policies(source, &role_id);
            grants.prepend(own);
            let mut role = copied_as(source, &[("RolePath", "Path"), ("PermissionsBoundary", "PermissionsBoundary")]);
            role.set("AssumeRolePolicyDocument", pen.trust("states.amazonaws.com"));
            grants.write(&mut role, pen);
            role.set("Tags", tags(source.get("Tags"), "stateMachine:createdBy", pen));
            self.add(&role_id, "AWS::IAM::Role", role, source);
            pen.attribute(&role_id, "Arn")
        });
        machine.set("RoleArn", role);
        machine.set("Tags", tags(source.get("Tags"), "stateMachine:createdBy", pen));
        self.add(id, "AWS::StepFunctions::StateMachine", machine, source);
        for entry in source.get("Events").map(Tree::entries).unwrap_or_default() {
            let kind = entry.value.get("Type").and_then(Tree::as_text).map_or("", |kind| kind);
            match kind {
                "Schedule" | "CloudWatchEvent" | "EventBridgeRule" => self.machine_rule(source, entry),
                "ScheduleV2" => {
                    let (own, machine) = (format!("{id}{}", entry.name), pen.reference(id));
                    self.schedule_of(source, &own, entry, &machine, ("StartExecutionPolicy", "states:StartExecution"));
                }
                "Api" => self.machine_route(source, entry),
                _ => self.unfollowed(id, &format!("Events {}", entry.name), &entry.at),
            }
        }
    }

    /// A path of an API that starts the state machine, by a role of the gateway.
    fn machine_route(&mut self, source: &Source, entry: &Entry) {
        let pen = Pen(&entry.value.place);
        let role_id = format!("{}{}Role", source.id, entry.name);
        let policy = format!("{role_id}StartExecutionPolicy");
        let policy = pen.grant(&policy, "states:StartExecution", pen.reference(&source.id));
        let mut role = copied_as(source, &[("PermissionsBoundary", "PermissionsBoundary")]);
        role.set("AssumeRolePolicyDocument", pen.trust("apigateway.amazonaws.com"));
        role.set("Policies", pen.list([policy]));
        self.add(&role_id, "AWS::IAM::Role", role, source);
        let empty = pen.map([]);
        let properties = entry.value.get("Properties").unwrap_or(&empty);
        let text = |name: &str| properties.get(name).and_then(|value| self.literal(value));
        let (Some(path), Some(method)) = (text("Path"), text("Method")) else {
            return self.unfollowed(&source.id, &format!("Events {}", entry.name), &entry.at);
        };
        let named = properties.get("RestApiId").cloned().unwrap_or_else(|| pen.reference(REST));
        let Some(api) = api_named(&named).filter(|api| self.managed.contains(api)) else { return };
        let mut definition = openapi::start(source, pen);
        let auth = properties.get("Auth").cloned();
        openapi::rest_method(&mut definition, auth.as_ref(), self.auth_of(&api).as_ref(), pen);
        let credentials = pen.attribute(&role_id, "Arn");
        definition.change("x-amazon-apigateway-integration", |made| made.set("credentials", credentials));
        let (condition, method) = (source.condition.clone(), openapi::method(&method));
        let route = Route { path, method, definition, condition, path_condition: None, auth };
        self.routes.entry(api).or_default().push(route);
    }

    fn machine_rule(&mut self, source: &Source, entry: &Entry) {
        let pen = Pen(&entry.value.place);
        let id = format!("{}{}", source.id, entry.name);
        let empty = pen.map([]);
        let properties = entry.value.get("Properties").unwrap_or(&empty);
        let names = [
            ("Schedule", "ScheduleExpression"),
            ("Pattern", "EventPattern"),
            ("EventBusName", "EventBusName"),
            ("Name", "Name"),
            ("RuleName", "Name"),
            ("State", "State"),
        ];
        let found = names.iter().filter_map(|(from, to)| Some((*to, properties.get(from)?.clone())));
        let mut rule = pen.map(found);
        let machine = pen.reference(&source.id);
        let role = properties.get("RoleArn").cloned().unwrap_or_else(|| {
            let role_id = format!("{id}Role");
            let policy = pen.grant(&format!("{role_id}StartExecutionPolicy"), "states:StartExecution", machine.clone());
            let mut role = pen.map([("AssumeRolePolicyDocument", pen.trust("events.amazonaws.com"))]);
            role.set("Policies", pen.list([policy]));
            if let Some(boundary) = source.get("PermissionsBoundary") {
                role.set("PermissionsBoundary", boundary.clone());
            }
            self.add(&role_id, "AWS::IAM::Role", role, source);
            pen.attribute(&role_id, "Arn")
        });
        let mut target = pen.map([("Arn", machine), ("RoleArn", role)]);
        if let Some(queue) = self.dead_letters(source, &id, properties.get("DeadLetterConfig"), true) {
            target.set("DeadLetterConfig", pen.map([("Arn", queue)]));
        }
        rule.set("Targets", pen.list([target]));
        self.add(&id, "AWS::Events::Rule", rule, source);
    }
}
