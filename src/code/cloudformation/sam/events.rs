//! Events that call a function: rules, topics, buckets, pools, skills, schedules.

use super::{Entry, Form, Pen, Sam, Source, Tree, functions::Target, pen::hashed, policies::Grants, streams::STREAMS};

/// An event of a function.
pub(super) struct Event<'a> {
    pub(super) source: &'a Source,
    pub(super) target: &'a Target,
    /// The logical id of the function and the name of the event.
    pub(super) id: String,
    pub(super) properties: &'a Tree,
    pub(super) entry: &'a Entry,
}

impl Event<'_> {
    pub(super) fn get(&self, name: &str) -> Option<&Tree> {
        self.properties.get(name)
    }

    pub(super) fn pen(&self) -> Pen<'_> {
        Pen(&self.entry.value.place)
    }

    /// The properties that mean the same to what is made.
    pub(super) fn copied(&self, names: &[(&str, &str)]) -> Tree {
        let found = names.iter().filter_map(|(from, to)| Some((*to, self.get(from)?.clone())));
        Tree::map(found, &self.properties.place)
    }
}

impl Sam<'_, '_> {
    pub(super) fn events(&mut self, source: &Source, target: &Target, grants: &mut Grants) {
        let Some(events) = source.get("Events") else { return };
        if !events.is_map() || events.call().is_some() {
            return self.unfollowed(&source.id, "Events", &events.place);
        }
        let mut all: Vec<&Entry> = events.entries().iter().collect();
        // `$default` goes before all other paths, which it makes superfluous.
        let path = |entry: &&Entry| {
            let path = entry.value.at(&["Properties", "Path"]).and_then(Tree::as_text);
            let is_default = entry.value.get("Type").is_some_and(|kind| kind.is_text("HttpApi")) && path.is_none();
            (!is_default && !path.is_some_and(|path| path.starts_with('$')), entry.name.clone())
        };
        all.sort_by_key(path);
        for entry in all {
            let empty = Tree::map::<&str>([], &entry.value.place);
            let properties = entry.value.get("Properties").filter(|tree| tree.is_map()).unwrap_or(&empty);
            let event = Event { source, target, id: format!("{}{}", source.id, entry.name), properties, entry };
            let kind = entry.value.get("Type").and_then(Tree::as_text).map_or("", |kind| kind);
            match kind {
                "Schedule" | "CloudWatchEvent" | "EventBridgeRule" => self.rule(&event),
                "ScheduleV2" => self.schedule(&event),
                "S3" => self.bucket(&event),
                "SNS" => self.topic(&event, grants),
                "Cognito" => self.pool(&event),
                "IoTRule" => self.thing(&event),
                "CloudWatchLogs" => self.logs(&event),
                "AlexaSkill" => {
                    let token = event.get("SkillId").map(|skill| ("EventSourceToken", skill.clone()));
                    self.permission(&event, "alexa-appkit.amazon.com", "", token);
                }
                "Api" => self.rest_event(&event),
                "HttpApi" => self.http_event(&event),
                kind if STREAMS.iter().any(|(name, ..)| *name == kind) => self.stream(&event, kind, grants),
                _ => self.unfollowed(&source.id, &format!("Events {}", entry.name), &entry.at),
            }
        }
    }

    /// The permission that lets a service call the function for an event.
    pub(super) fn permission<'n>(
        &mut self,
        event: &Event<'_>,
        principal: &str,
        suffix: &str,
        restrictions: impl IntoIterator<Item = (&'n str, Tree)>,
    ) {
        let prefix = format!("{}Permission", event.id);
        let plain = !suffix.is_empty() && suffix.chars().all(char::is_alphanumeric);
        let id = if plain { format!("{prefix}{suffix}") } else { hashed(&prefix, suffix) };
        self.permission_named(&id, event, principal, restrictions);
    }

    fn permission_named<'n>(
        &mut self,
        id: &str,
        event: &Event<'_>,
        principal: &str,
        restrictions: impl IntoIterator<Item = (&'n str, Tree)>,
    ) {
        let pen = event.pen();
        let mut properties = pen.map([
            ("Action", pen.text("lambda:InvokeFunction")),
            ("FunctionName", event.target.name.clone()),
            ("Principal", pen.text(principal)),
        ]);
        for (name, value) in restrictions {
            properties.set(name, value);
        }
        self.add(id, "AWS::Lambda::Permission", properties, event.source);
    }

    fn bucket(&mut self, event: &Event<'_>) {
        let pen = event.pen();
        self.permission(event, "s3.amazonaws.com", "", [("SourceAccount", pen.reference("AWS::AccountId"))]);
        let bucket = event.get("Bucket").and_then(Tree::named).map(str::to_owned);
        let Some(bucket) = bucket.and_then(|name| self.made.get_mut(&*name)) else {
            return self.unfollowed(&event.source.id, "Events Bucket", &event.entry.at);
        };
        let events = event.get("Events").map(Tree::one_or_more).unwrap_or_default();
        bucket.value.change("Properties", |properties| {
            properties.change("NotificationConfiguration", |config| {
                config.change("LambdaConfigurations", |list| {
                    for wanted in events {
                        let mut one = pen.map([("Event", wanted.clone()), ("Function", event.target.arn.clone())]);
                        if let Some(filter) = event.get("Filter") {
                            one.set("Filter", filter.clone());
                        }
                        let conditional = event.source.condition.as_ref();
                        list.push(match conditional {
                            Some(condition) => pen.choice(condition, one, pen.reference("AWS::NoValue")),
                            None => one,
                        });
                    }
                });
            });
        });
    }

    fn topic(&mut self, event: &Event<'_>, grants: &mut Grants) {
        let pen = event.pen();
        let Some(topic) = event.get("Topic") else {
            return self.unfollowed(&event.source.id, "Events Topic", &event.entry.at);
        };
        let mut subscription = event.copied(&[
            ("Topic", "TopicArn"),
            ("Region", "Region"),
            ("FilterPolicy", "FilterPolicy"),
            ("FilterPolicyScope", "FilterPolicyScope"),
            ("RedrivePolicy", "RedrivePolicy"),
        ]);
        let queued = event.get("SqsSubscription").filter(|queued| queued.truth() != Some(false));
        if let Some(queued) = queued {
            let (arn, url) = if let (Some(arn), Some(url)) = (queued.get("QueueArn"), queued.get("QueueUrl")) {
                (arn.clone(), url.clone())
            } else {
                let queue = format!("{}Queue", event.id);
                self.add(&queue, "AWS::SQS::Queue", pen.map([]), event.source);
                (pen.attribute(&queue, "Arn"), pen.reference(&queue))
            };
            let policy = queued.get("QueuePolicyLogicalId").and_then(Tree::as_text).map(ToString::to_string);
            let policy = policy.unwrap_or_else(|| format!("{}QueuePolicy", event.id));
            let document = send(pen, pen.text("*"), &arn, topic.clone());
            let properties = pen.map([("PolicyDocument", document), ("Queues", pen.list([url]))]);
            self.add(&policy, "AWS::SQS::QueuePolicy", properties, event.source);
            let mapping = pen.map([
                ("FunctionName", event.target.name.clone()),
                ("EventSourceArn", arn.clone()),
                ("Enabled", pen.bool(true)),
            ]);
            self.add(
                &format!("{}EventSourceMapping", event.id),
                "AWS::Lambda::EventSourceMapping",
                mapping,
                event.source,
            );
            grants.managed_of_events.push(super::policies::managed_policy("AWSLambdaSQSQueueExecutionRole", pen));
            subscription.set("Protocol", pen.text("sqs"));
            subscription.set("Endpoint", arn);
        } else {
            subscription.set("Protocol", pen.text("lambda"));
            subscription.set("Endpoint", event.target.arn.clone());
            self.permission(event, "sns.amazonaws.com", "", [("SourceArn", topic.clone())]);
        }
        self.add(&event.id, "AWS::SNS::Subscription", subscription, event.source);
    }

    fn pool(&mut self, event: &Event<'_>) {
        let pen = event.pen();
        let pool = event.get("UserPool").and_then(Tree::named).map(str::to_owned);
        let Some(pool) = pool.filter(|name| self.made.contains_key(&**name)) else {
            return self.unfollowed(&event.source.id, "Events UserPool", &event.entry.at);
        };
        let id = format!("{}CognitoPermission", event.target.id);
        let arn = pen.attribute(&pool, "Arn");
        self.permission_named(&id, event, "cognito-idp.amazonaws.com", [("SourceArn", arn)]);
        let triggers = event.get("Trigger").map(Tree::one_or_more).unwrap_or_default();
        let Some(pool) = self.made.get_mut(&*pool) else { return };
        pool.value.change("Properties", |properties| {
            properties.change("LambdaConfig", |config| {
                triggers.iter().filter_map(Tree::as_text).for_each(|name| config.set(name, event.target.arn.clone()));
            });
        });
    }

    fn thing(&mut self, event: &Event<'_>) {
        let pen = event.pen();
        let arn = "arn:${AWS::Partition}:iot:${AWS::Region}:${AWS::AccountId}:rule/${RuleName}";
        let arn = pen.sub_of(arn, [("RuleName", pen.reference(&event.id))]);
        let account = pen.sub("${AWS::AccountId}");
        self.permission(event, "iot.amazonaws.com", "", [("SourceArn", arn), ("SourceAccount", account)]);
        let mut payload = event.copied(&[("Sql", "Sql"), ("AwsIotSqlVersion", "AwsIotSqlVersion")]);
        let action = pen.map([("Lambda", pen.map([("FunctionArn", event.target.arn.clone())]))]);
        payload.set("Actions", pen.list([action]));
        payload.set("RuleDisabled", pen.bool(false));
        self.add(&event.id, "AWS::IoT::TopicRule", pen.map([("TopicRulePayload", payload)]), event.source);
    }

    fn logs(&mut self, event: &Event<'_>) {
        let pen = event.pen();
        let group = event.get("LogGroupName").cloned().unwrap_or_else(|| pen.text("*"));
        let arn = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${__LogGroupName__}:*";
        let arn = pen.sub_of(arn, [("__LogGroupName__", group)]);
        self.permission(event, "logs.amazonaws.com", "", [("SourceArn", arn)]);
        let mut filter = event.copied(&[("LogGroupName", "LogGroupName"), ("FilterPattern", "FilterPattern")]);
        filter.set("DestinationArn", event.target.arn.clone());
        self.add(&event.id, "AWS::Logs::SubscriptionFilter", filter, event.source);
    }
}

/// A policy of a queue that lets a source send to it.
pub(super) fn send(pen: Pen<'_>, principal: Tree, queue: &Tree, source: Tree) -> Tree {
    let condition = pen.map([("ArnEquals", pen.map([("aws:SourceArn", source)]))]);
    let statement = pen.map([
        ("Action", pen.text("sqs:SendMessage")),
        ("Effect", pen.text("Allow")),
        ("Principal", principal),
        ("Resource", queue.clone()),
        ("Condition", condition),
    ]);
    let form = Form::List(vec![statement]);
    pen.map([("Version", pen.text("2012-10-17")), ("Statement", Tree::new(form, pen.0))])
}
