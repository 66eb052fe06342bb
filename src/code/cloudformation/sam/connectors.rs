//! Connectors: what one resource needs to use another one, as policies and permissions.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;
use serde_json::Value as Json;

use super::{Entry, Form, Pen, Sam, Source, Tree, kind};

/// What SAM makes for each pair of types, and how each type is named.
#[derive(Deserialize, Default)]
struct Table {
    profiles: BTreeMap<String, BTreeMap<String, Profile>>,
    resources: BTreeMap<String, Json>,
}

#[derive(Deserialize)]
struct Profile {
    #[serde(rename = "Type")]
    kind: String,
    #[serde(rename = "Properties")]
    properties: Json,
}

static TABLE: LazyLock<Table> =
    LazyLock::new(|| serde_json::from_str(include_str!("../data/connectors.json")).unwrap_or_default());

/// A side of a connector.
struct End {
    kind: String,
    /// What profiles write between `%{` and `}` for this side.
    names: BTreeMap<&'static str, Tree>,
    role: Option<Tree>,
}

impl Sam<'_, '_> {
    /// All connectors: resources of their own, and those that stand at the resource that they start from.
    pub(super) fn connectors(&mut self, sources: &[Entry]) {
        for entry in sources.iter().filter(|entry| kind(&entry.value) == Some("Connector")) {
            let source = Source::of(entry);
            match (source.get("Source").cloned(), source.get("Destination").cloned()) {
                (Some(from), Some(to)) => self.connector(&source, &from, &to),
                _ => self.unfollowed(&source.id, "Connector", &source.at),
            }
        }
        let others = self.stack.sections.resources.values().filter(|entry| kind(&entry.value).is_none());
        let all: Vec<Entry> = sources.iter().chain(others).cloned().collect();
        for entry in all {
            for connector in entry.value.get("Connectors").map(Tree::entries).unwrap_or_default() {
                let source = Source {
                    id: format!("{}{}", entry.name, connector.name).into(),
                    condition: entry.value.get("Condition").and_then(Tree::as_text).cloned(),
                    ..Source::of(connector)
                };
                let pen = Pen(&source.whole);
                let mut from = pen.map([("Id", pen.text(&*entry.name))]);
                for given in source.get("SourceReference").map(Tree::entries).unwrap_or_default() {
                    from.set(&given.name, given.value.clone());
                }
                match source.get("Destination").cloned() {
                    Some(to) => self.connector(&source, &from, &to),
                    None => self.unfollowed(&source.id, "Connector", &source.at),
                }
            }
        }
    }

    fn connector(&mut self, source: &Source, from: &Tree, to: &Tree) {
        let several = matches!(to.form, Form::List(_));
        for (index, to) in to.one_or_more().iter().enumerate() {
            let suffix = if several { format!("Destination{index}") } else { String::new() };
            let ends = self.end(from, to).zip(self.end(to, from));
            let made = ends.and_then(|(start, end)| self.connect(source, &suffix, &start, &end));
            if made.is_none() {
                self.unfollowed(&source.id, "Connector", &to.place);
            }
        }
    }

    fn connect(&mut self, source: &Source, suffix: &str, from: &End, to: &End) -> Option<()> {
        let profile = TABLE.profiles.get(&from.kind)?.get(&to.kind)?;
        let (pen, id) = (source.pen(), &source.id);
        let by_source = profile.properties.get("SourcePolicy").and_then(Json::as_bool)?;
        let (holder, side) = if by_source { (from, "Source") } else { (to, "Destination") };
        let wanted: Vec<String> = source
            .get("Permissions")?
            .items()
            .iter()
            .filter_map(|name| self.literal(name))
            .map(|name| name.to_string())
            .collect();
        let categories = profile.properties.get("AccessCategories").and_then(Json::as_object)?;
        let categories: Vec<(&String, Tree)> = categories
            .iter()
            .filter(|(name, _)| wanted.contains(name))
            .map(|(name, what)| Some((name, filled(what, from, to, pen)?)))
            .collect::<Option<_>>()?;
        if categories.len() != wanted.len() || wanted.is_empty() {
            return None;
        }
        let statements =
            || categories.iter().flat_map(|(_, what)| what.get("Statement").map(Tree::items).unwrap_or_default());
        let document = pen.map([("Version", pen.text("2012-10-17")), ("Statement", pen.list(statements().cloned()))]);
        match &*profile.kind {
            "AWS_IAM_ROLE_MANAGED_POLICY" => {
                let role = holder.role.clone()?;
                let policy = pen.map([("PolicyDocument", document), ("Roles", pen.list([role]))]);
                self.add(&format!("{id}Policy{suffix}"), "AWS::IAM::ManagedPolicy", policy, source);
            }
            "AWS_SQS_QUEUE_POLICY" => {
                let url = holder.names.get(if by_source { "Source.Url" } else { "Destination.Url" })?.clone();
                let policy = pen.map([("PolicyDocument", document), ("Queues", pen.list([url]))]);
                self.add(&format!("{id}QueuePolicy{suffix}"), "AWS::SQS::QueuePolicy", policy, source);
            }
            "AWS_SNS_TOPIC_POLICY" => {
                let topic = holder.names.get(if by_source { "Source.Arn" } else { "Destination.Arn" })?.clone();
                let policy = pen.map([("PolicyDocument", document), ("Topics", pen.list([topic]))]);
                self.add(&format!("{id}TopicPolicy{suffix}"), "AWS::SNS::TopicPolicy", policy, source);
            }
            "AWS_LAMBDA_PERMISSION" => {
                let function = holder.names.get(if side == "Source" { "Source.Arn" } else { "Destination.Arn" })?;
                for (name, what) in &categories {
                    let mut permission = pen.map([("FunctionName", function.clone())]);
                    for name in ["Action", "Principal", "SourceArn", "SourceAccount"] {
                        if let Some(value) = what.get(name) {
                            permission.set(name, value.clone());
                        }
                    }
                    let id = format!("{id}{name}LambdaPermission{suffix}");
                    self.add(&id, "AWS::Lambda::Permission", permission, source);
                }
            }
            _ => return None,
        }
        Some(())
    }

    /// A side of a connector: a resource of the template, or one that is described.
    fn end(&self, side: &Tree, other: &Tree) -> Option<End> {
        let pen = Pen(&side.place);
        let Some(id) = side.get("Id").and_then(Tree::as_text) else {
            let kind = side.get("Type")?.as_text()?;
            let parts = [
                ("Arn", "Arn"),
                ("QueueUrl", "Url"),
                ("ResourceId", "Id"),
                ("Name", "Name"),
                ("Qualifier", "Qualifier"),
            ];
            let given = parts.iter().filter_map(|(from, to)| Some((*to, side.get(from)?.clone())));
            return Some(
                End { kind: plain(kind).to_owned(), names: given.collect(), role: side.get("RoleName").cloned() }
                    .named(),
            );
        };
        let resource = self.made.get(id)?;
        let kind = resource.value.get("Type")?.as_text()?;
        let about = TABLE.resources.get(&**kind).unwrap_or(&Json::Null);
        let mut names = BTreeMap::new();
        for name in ["Arn", "Url", "Id", "Name", "Qualifier"] {
            if let Some(value) = about.pointer(&format!("/Outputs/{name}")) {
                let text = value.to_string().replace("%{logicalId}", id);
                names.insert(name, pen.json(&serde_json::from_str(&text).unwrap_or_default()));
            }
        }
        if let Some(qualifier) = side.get("Qualifier") {
            names.insert("Qualifier", qualifier.clone());
        }
        let properties = resource.value.get("Properties");
        let role = match about.pointer("/Inputs/Role") {
            Some(Json::String(name)) => properties.and_then(|properties| properties.get(name)),
            Some(_) => properties.and_then(|properties| properties.get("Targets")).and_then(|targets| {
                let wanted = other.get("Id").and_then(Tree::as_text).map(|id| &**id);
                targets.items().iter().find(|target| target.get("Arn").and_then(Tree::named) == wanted)?.get("RoleArn")
            }),
            None => None,
        };
        let role = role.and_then(Tree::named).map(|role| pen.reference(role));
        Some(End { kind: kind.to_string(), names, role }.named())
    }
}

impl End {
    /// The same side under the names that profiles have for both sides.
    fn named(mut self) -> Self {
        for (short, source, destination) in [
            ("Arn", "Source.Arn", "Destination.Arn"),
            ("Url", "Source.Url", "Destination.Url"),
            ("Id", "Source.ResourceId", "Destination.ResourceId"),
            ("Name", "Source.Name", "Destination.Name"),
            ("Qualifier", "Source.Qualifier", "Destination.Qualifier"),
        ] {
            if let Some(value) = self.names.remove(short) {
                self.names.insert(source, value.clone());
                self.names.insert(destination, value);
            }
        }
        self
    }
}

/// The type that a type of SAM becomes.
fn plain(kind: &str) -> &str {
    match kind {
        "AWS::Serverless::Function" => "AWS::Lambda::Function",
        "AWS::Serverless::StateMachine" => "AWS::StepFunctions::StateMachine",
        "AWS::Serverless::SimpleTable" => "AWS::DynamoDB::Table",
        "AWS::Serverless::Api" => "AWS::ApiGateway::RestApi",
        "AWS::Serverless::HttpApi" => "AWS::ApiGatewayV2::Api",
        other => other,
    }
}

/// A part of a profile with both sides in it; none where it needs what is not known of one.
fn filled(json: &Json, from: &End, to: &End, pen: Pen<'_>) -> Option<Tree> {
    Some(match json {
        Json::String(text) => text_filled(text, from, to, pen)?,
        Json::Array(items) => {
            pen.list(items.iter().map(|item| filled(item, from, to, pen)).collect::<Option<Vec<_>>>()?)
        }
        Json::Object(entries) => {
            let entries = entries.iter().map(|(name, value)| Some((name.as_str(), filled(value, from, to, pen)?)));
            pen.map(entries.collect::<Option<Vec<_>>>()?)
        }
        other => pen.json(other),
    })
}

fn text_filled(text: &str, from: &End, to: &End, pen: Pen<'_>) -> Option<Tree> {
    let mut written = String::new();
    let mut values: Vec<(String, Tree)> = Vec::new();
    let mut rest = text;
    while let Some((before, found)) = rest.split_once("%{") {
        let (name, after) = found.split_once('}')?;
        let side = if name.starts_with("Source.") { from } else { to };
        let value = side.names.get(name)?.clone();
        if before.is_empty() && after.is_empty() && written.is_empty() {
            return Some(value);
        }
        let short: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        written.push_str(before);
        written.push_str("${");
        written.push_str(&short);
        written.push('}');
        values.push((short, value));
        rest = after;
    }
    written.push_str(rest);
    if !written.contains("${") {
        return Some(pen.text(written));
    }
    Some(pen.sub_of(&written, values.iter().map(|(name, value)| (name.as_str(), value.clone()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_table_is_sound() {
        assert!(TABLE.profiles.len() >= 10 && TABLE.resources.len() >= 10);
    }
}
