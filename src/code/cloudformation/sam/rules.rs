//! Rules and schedules of EventBridge, and the queues for what they could not deliver.

use super::{
    Entry, Pen, Sam, Source, Tree,
    events::{Event, send},
};

impl Sam<'_, '_> {
    /// A rule of EventBridge.
    pub(super) fn rule(&mut self, event: &Event<'_>) {
        let pen = event.pen();
        let mut rule = event.copied(&[
            ("Schedule", "ScheduleExpression"),
            ("Pattern", "EventPattern"),
            ("EventBusName", "EventBusName"),
            ("Name", "Name"),
            ("RuleName", "Name"),
            ("Description", "Description"),
            ("State", "State"),
        ]);
        self.state(event, &mut rule);
        let arn = pen.attribute(&event.id, "Arn");
        let mut target = pen.map([("Arn", event.target.arn.clone())]);
        if let Some(queue) = self.dead_letters(event.source, &event.id, event.get("DeadLetterConfig"), true) {
            target.set("DeadLetterConfig", pen.map([("Arn", queue)]));
        }
        for name in ["Input", "InputPath", "InputTransformer", "RetryPolicy"] {
            if let Some(value) = event.get(name) {
                target.set(name, value.clone());
            }
        }
        rule.set("Targets", pen.list([target]));
        self.add(&event.id, "AWS::Events::Rule", rule, event.source);
        self.permission(event, "events.amazonaws.com", "", [("SourceArn", arn)]);
    }

    fn state(&self, event: &Event<'_>, rule: &mut Tree) {
        if let Some(enabled) = event.get("Enabled").and_then(|on| self.resolved(on).truth()) {
            rule.set("State", event.pen().text(if enabled { "ENABLED" } else { "DISABLED" }));
        }
    }

    /// The queue for what could not be delivered: one that is named, or one that is made.
    pub(super) fn dead_letters(
        &mut self,
        source: &Source,
        id: &str,
        config: Option<&Tree>,
        shared: bool,
    ) -> Option<Tree> {
        let config = config?;
        if let Some(arn) = config.get("Arn") {
            return Some(arn.clone());
        }
        let pen = Pen(&config.place);
        let queue = config.get("QueueLogicalId").and_then(Tree::as_text).map(ToString::to_string);
        let queue = queue.unwrap_or_else(|| format!("{id}Queue"));
        self.add(&queue, "AWS::SQS::Queue", pen.map([]), source);
        let arn = pen.attribute(&queue, "Arn");
        if shared {
            let service = pen.map([("Service", pen.text("events.amazonaws.com"))]);
            let policy = send(pen, service, &arn, pen.attribute(id, "Arn"));
            let policy = [("PolicyDocument", policy), ("Queues", pen.list([pen.reference(&queue)]))];
            self.add(&format!("{id}QueuePolicy"), "AWS::SQS::QueuePolicy", pen.map(policy), source);
        }
        Some(arn)
    }

    /// A schedule of EventBridge Scheduler, which calls by a role and not by a permission.
    pub(super) fn schedule(&mut self, event: &Event<'_>) {
        let policy = ("LambdaPolicy", "lambda:InvokeFunction");
        self.schedule_of(event.source, &event.id, event.entry, &event.target.arn, policy);
    }

    /// A schedule of whatever it calls, and the role that lets it.
    pub(super) fn schedule_of(
        &mut self,
        source: &Source,
        id: &str,
        entry: &Entry,
        target: &Tree,
        (policy, action): (&str, &str),
    ) {
        let pen = Pen(&entry.value.place);
        let empty = pen.map([]);
        let properties = entry.value.get("Properties").unwrap_or(&empty);
        let copied =
            |names: &[&str]| pen.map(names.iter().filter_map(|name| Some((*name, properties.get(name)?.clone()))));
        let names = [
            "Description",
            "EndDate",
            "FlexibleTimeWindow",
            "GroupName",
            "KmsKeyArn",
            "Name",
            "ScheduleExpression",
            "ScheduleExpressionTimezone",
            "StartDate",
            "State",
        ];
        let mut schedule = copied(&names);
        let queue = self.dead_letters(source, id, properties.get("DeadLetterConfig"), false);
        let role = properties.get("RoleArn").cloned().unwrap_or_else(|| {
            let role_id = format!("{id}Role");
            let mut policies = vec![pen.grant(&format!("{id}{policy}"), action, target.clone())];
            if let Some(queue) = &queue {
                policies.push(pen.grant(&format!("{id}SQSPolicy"), "sqs:SendMessage", queue.clone()));
            }
            let mut role = copied(&["PermissionsBoundary"]);
            role.set("AssumeRolePolicyDocument", pen.trust("scheduler.amazonaws.com"));
            role.set("Policies", pen.list(policies));
            self.add(&role_id, "AWS::IAM::Role", role, source);
            pen.attribute(&role_id, "Arn")
        });
        let mut target = pen.map([("Arn", target.clone()), ("RoleArn", role)]);
        if let Some(queue) = queue {
            target.set("DeadLetterConfig", pen.map([("Arn", queue)]));
        }
        schedule.set("Target", target);
        let nameless = properties.get("OmitName").and_then(Tree::truth) == Some(true);
        if properties.get("Name").is_none() && !nameless {
            schedule.set("Name", pen.text(id));
        }
        self.add(id, "AWS::Scheduler::Schedule", schedule, source);
    }
}
