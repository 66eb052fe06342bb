//! A stack: a template with the values of its parameters, and the stacks that it nests.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
    sync::Arc,
};

use crate::{
    code::{
        CodeGap, Evaluated, Library, MapKind, Mode, Node, Place, Provider, Reference, Resource, Unknown, Value, Why,
        expression::{Meter, unknown_of},
    },
    evidence::GapReason,
};

use super::{
    TemplateOptions, language, parameters, sam,
    sections::{Sections, is_named},
    tree::{Entry, Form, Tree},
};

/// How deep stacks may nest.
pub(super) const DEEPEST: u32 = 16;
/// How many stacks one template may come to.
pub(super) const MOST_STACKS: usize = 500;
/// How many gaps are kept.
const MOST_GAPS: usize = 2_000;

/// Nested stacks by their logical ids; none where the template cannot be had.
pub(super) type Children<'a> = BTreeMap<Arc<str>, Option<Rc<Stack<'a>>>>;

/// Properties by the logical ids of their resources and their names.
type Properties = BTreeMap<(Arc<str>, Arc<str>), Option<Node>>;

/// What all stacks of one evaluation share.
pub(super) struct World<'a> {
    pub(super) library: Option<&'a dyn Library>,
    pub(super) options: &'a TemplateOptions,
    pub(super) meter: Meter,
    gaps: RefCell<Vec<CodeGap>>,
    /// Zones that were asked for, by what they are.
    pub(super) zones: RefCell<BTreeMap<String, Node>>,
    pub(super) stacks: Cell<usize>,
}

impl<'a> World<'a> {
    pub(super) fn new(library: Option<&'a dyn Library>, options: &'a TemplateOptions) -> Self {
        let (gaps, zones) = (RefCell::default(), RefCell::default());
        Self { library, options, meter: Meter::default(), gaps, zones, stacks: Cell::new(0) }
    }

    /// Keeps a gap, once.
    pub(super) fn note(&self, gap: CodeGap) {
        let mut gaps = self.gaps.borrow_mut();
        if gaps.len() < MOST_GAPS && !gaps.contains(&gap) {
            gaps.push(gap);
        }
    }

    pub(super) fn noted(&self) -> Vec<CodeGap> {
        self.gaps.take()
    }
}

/// A template that is being evaluated.
pub(super) struct Stack<'a> {
    pub(super) world: &'a World<'a>,
    pub(super) file: Arc<str>,
    root: Arc<str>,
    /// The stacks that it is in: empty, or `Network.`.
    prefix: String,
    name: Option<String>,
    pub(super) depth: u32,
    pub(super) sections: Sections,
    pub(super) values: BTreeMap<Arc<str>, Node>,
    pub(super) conditions: RefCell<BTreeMap<Arc<str>, Node>>,
    /// The condition of the resource that is being evaluated: within it, the condition is true.
    pub(super) assumed: RefCell<Option<Arc<str>>>,
    /// Properties that others ask for; none while one is being evaluated.
    properties: RefCell<Properties>,
    pub(super) children: RefCell<Children<'a>>,
}

impl<'a> Stack<'a> {
    /// The stack of a template that no other one nests.
    pub(super) fn root(
        world: &'a World<'a>,
        file: &Arc<str>,
        sections: Sections,
        given: &dyn Fn(&str) -> Option<Node>,
    ) -> Self {
        Self::new(world, file, sections, given, None)
    }

    /// The stack of a template, within another one or on its own.
    pub(super) fn new(
        world: &'a World<'a>,
        file: &Arc<str>,
        sections: Sections,
        given: &dyn Fn(&str) -> Option<Node>,
        parent: Option<(&Self, &str)>,
    ) -> Self {
        let values = sections.parameters.values();
        let values = values.map(|entry| (entry.name.clone(), parameters::value(entry, given(&entry.name)))).collect();
        let mut stack = Self {
            world,
            file: file.clone(),
            root: parent.map_or_else(|| file.clone(), |(parent, _)| parent.root.clone()),
            prefix: parent.map_or_else(String::new, |(parent, name)| format!("{}{name}.", parent.prefix)),
            name: if parent.is_some() { None } else { world.options.stack_name.clone() },
            depth: parent.map_or(0, |(parent, _)| parent.depth + 1),
            sections,
            values,
            conditions: RefCell::default(),
            assumed: RefCell::default(),
            properties: RefCell::default(),
            children: RefCell::default(),
        };
        stack.report_transforms();
        stack.report_nulls();
        language::expand(&mut stack);
        if stack.sections.asks_for(sam::TRANSFORM) {
            sam::transform(&mut stack);
        }
        stack
    }

    fn report_transforms(&self) {
        for transform in &self.sections.transforms {
            if ![sam::TRANSFORM, language::TRANSFORM].iter().any(|known| is_named(transform, known)) {
                let name = transform.scalar().or_else(|| transform.get("Name").and_then(Tree::scalar));
                let name = name.unwrap_or_else(|| "a macro".into());
                let detail = "the template is transformed by something that is not part of it";
                let what = format!("what `{name}` makes of {}", self.file);
                self.world.note(CodeGap::new(what, GapReason::Unsupported, detail).at(&transform.place));
            }
        }
    }

    /// CloudFormation takes no null: where there is one, something is missing, as in a file that is cut off.
    fn report_nulls(&self) {
        for section in ["Parameters", "Mappings", "Conditions", "Resources", "Outputs"] {
            if let Some(entry) = self.sections.whole.entry(section) {
                self.nulls(&entry.name, &entry.at, &entry.value);
            }
        }
    }

    fn nulls(&self, name: &str, at: &Place, tree: &Tree) {
        match &tree.form {
            Form::Null => self.note(GapReason::Malformed, format!("{} `{name}`", self.file), "it has no value", at),
            Form::List(items) => items.iter().for_each(|item| self.nulls(name, &item.place, item)),
            Form::Map(entries) => entries.iter().for_each(|entry| self.nulls(&entry.name, &entry.at, &entry.value)),
            _ => {}
        }
    }

    pub(super) fn note(&self, why: GapReason, what: impl Into<Arc<str>>, detail: &str, at: &Place) {
        self.world.note(CodeGap::new(what, why, detail).at(at));
    }

    pub(super) fn address(&self, name: &str) -> Arc<str> {
        format!("{}{name}", self.prefix).into()
    }

    /// What the deployment says of itself; none where the name is no pseudo parameter.
    pub(super) fn pseudo(&self, name: &str) -> Option<Node> {
        parameters::pseudo(name, self.world.options, self.name.as_deref())
    }

    /// Whether a resource or an output is there: yes, no, or an unknown.
    pub(super) fn is_there(&self, entry: &Entry) -> Node {
        match entry.value.get("Condition") {
            Some(condition) => match condition.as_text() {
                Some(name) => self.condition(name, &condition.place),
                None => self.invalid("a condition that is no name", &condition.place),
            },
            None => Value::Bool(true).into(),
        }
    }

    /// A property of a resource, where it is written, for others that ask for it.
    pub(super) fn property(&self, resource: &Entry, property: &str) -> Option<Node> {
        let tree = resource.value.at(&["Properties", property])?;
        let key = (resource.name.clone(), Arc::from(property));
        if let Some(known) = self.properties.borrow().get(&key) {
            return known.clone();
        }
        self.properties.borrow_mut().insert(key.clone(), None);
        let node = self.optional(tree);
        self.properties.borrow_mut().insert(key, node.clone());
        node
    }

    /// Adds all resources and outputs.
    pub(super) fn collect(&self, symbolic: bool, result: &mut Evaluated) {
        for entry in self.sections.resources.values() {
            let there = self.is_there(entry);
            if there.value == Value::Bool(false) {
                continue;
            }
            let symbolic = symbolic || there.unknown().is_some();
            let Some(kind) = entry.value.get("Type").and_then(Tree::as_text) else {
                let what = format!("{} {}", self.file, entry.name);
                self.note(GapReason::Malformed, what, "a resource without a type", &entry.at);
                continue;
            };
            if !is_type(kind) {
                let what = format!("{} {}", self.file, entry.name);
                self.note(GapReason::Malformed, what, &format!("`{kind}` is no type of a resource"), &entry.at);
            }
            if kind.ends_with("::MODULE") {
                let detail = "a module of a registry, which is not part of the template";
                self.note(GapReason::UnresolvedModule, format!("{} {}", self.file, entry.name), detail, &entry.at);
                continue;
            }
            if &**kind == "AWS::CloudFormation::StackSet" {
                let detail = "what a stack set deploys to other accounts is not followed";
                self.note(GapReason::Unsupported, format!("{} {}", self.file, entry.name), detail, &entry.at);
            }
            result.resources.push(Resource {
                root: self.root.clone(),
                address: self.address(&entry.name),
                kind: kind.clone(),
                mode: Mode::Managed,
                symbolic,
                provider: self.provider(),
                body: if there.unknown().is_some() { self.body_if_there(entry) } else { self.body(entry) },
                place: Some(entry.whole()),
                action: None,
            });
            if &**kind == "AWS::CloudFormation::Stack"
                && let Some(child) = self.child(entry)
            {
                child.collect(symbolic, result);
            }
        }
        if self.depth == 0 {
            let outputs = self.sections.outputs.keys();
            let outputs =
                outputs.filter_map(|name| Some(((self.root.to_string(), name.to_string()), self.output(name)?)));
            result.outputs.extend(outputs);
        }
    }

    /// Who deploys the stack, and where, as far as anybody said so.
    fn provider(&self) -> Provider {
        let mut settings: BTreeMap<Arc<str>, Node> = BTreeMap::new();
        let text = |text: &str| Node::from(Value::text(text));
        let options = self.world.options;
        settings.extend(options.region.as_deref().map(|region| ("region".into(), text(region))));
        let account = options.account.as_deref().map(|account| Value::tuple(vec![text(account)]).into());
        settings.extend(account.map(|account| ("allowed_account_ids".into(), account)));
        let settings = (!settings.is_empty()).then(|| Value::object(settings).into());
        Provider { name: "cloudformation".into(), settings, ..Provider::default() }
    }

    /// The properties of a resource of which nobody knows whether it is there: those that it has if it is.
    fn body_if_there(&self, entry: &Entry) -> Node {
        let condition = entry.value.get("Condition").and_then(Tree::as_text).cloned();
        // What was found out without the condition may be another thing with it.
        let (conditions, properties) = (self.conditions.take(), self.properties.take());
        self.assumed.replace(condition);
        let body = self.body(entry);
        self.assumed.replace(None);
        self.conditions.replace(conditions);
        self.properties.replace(properties);
        body
    }

    /// The properties of a resource. What is not written is whatever the service makes of it.
    fn body(&self, entry: &Entry) -> Node {
        let Some(properties) = entry.value.get("Properties") else {
            return self.open(entry, BTreeMap::new()).at(&entry.whole());
        };
        if !properties.is_map() {
            return self.invalid("`Properties` is no map", &properties.place).at(&properties.place);
        }
        if properties.call().is_some() {
            return self.value(properties);
        }
        let evaluated = self.value(properties);
        match &evaluated.value {
            Value::Map(map) if !map.is_open() => self.open(entry, (***map).clone()).at(&properties.place),
            _ => evaluated,
        }
    }

    fn open(&self, entry: &Entry, entries: BTreeMap<Arc<str>, Node>) -> Node {
        let at = Arc::new(Reference { address: self.address(&entry.name), path: "".into() });
        Value::map(entries, MapKind::Open { at, why: Why::AfterApply }).into()
    }

    /// What an output says; none where there is no such output.
    pub(super) fn output(&self, name: &str) -> Option<Node> {
        let entry = self.sections.outputs.get(name)?;
        let there = self.is_there(entry);
        if there.value == Value::Bool(false) {
            return None;
        }
        let value = self.value(entry.value.get("Value")?);
        Some(if there.unknown().is_some() { unknown_of([&there, &value]) } else { value })
    }

    /// An attribute of a resource.
    pub(super) fn attribute(&self, entry: &Entry, path: &str, place: &Place) -> Node {
        let kind = entry.value.get("Type").and_then(Tree::as_text).map_or("", |kind| kind);
        if self.is_there(entry).value == Value::Bool(false) {
            let what = format!("{} {}", self.file, entry.name);
            self.note(GapReason::Malformed, what, "it is used here, and its condition is false", place);
            return Value::unknown(Why::Invalid, format!("{}, which is not made", entry.name)).into();
        }
        if let Some(output) = path.strip_prefix("Outputs.") {
            match (kind, self.nested_output(entry, output)) {
                ("AWS::CloudFormation::Stack", Some(node)) => return node,
                _ => return Unknown::new(Why::Module, format!("{}.{path}", self.address(&entry.name))).into(),
            }
        }
        let reference = Arc::new(Reference { address: self.address(&entry.name), path: path.into() });
        // A service answers with what it was given; what a function of somebody answers, nobody knows.
        let is_service = kind.starts_with("AWS::") && kind != "AWS::CloudFormation::CustomResource";
        let asked = match path {
            "Ref" => name_property(kind),
            _ => Some(path).filter(|path| is_service && !path.contains('.')),
        };
        if let Some(node) = asked.and_then(|property| self.property(entry, property))
            && !matches!(node.value, Value::Map(_))
        {
            return Node { is: node.is.clone().or(Some(reference)), ..node };
        }
        let unknown = Unknown::new(Why::AfterApply, reference.to_string()).mentioning((*reference).clone());
        Node { is: Some(reference), ..unknown.into() }
    }
}

/// Whether a text has the form of a type: three names, or those of a module, or a name of one's own.
fn is_type(kind: &str) -> bool {
    let is_name = |name: &&str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric());
    let names: Vec<&str> = kind.split("::").collect();
    match names.as_slice() {
        ["Custom", own] => !own.is_empty(),
        [_, _, _] | [_, _, _, _] => names.iter().all(is_name),
        [_, _, _, _, "MODULE"] => true,
        _ => false,
    }
}

/// The property that `Ref` answers with, where a resource has one that names it.
fn name_property(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "AWS::Lambda::Function" => "FunctionName",
        "AWS::IAM::Role" => "RoleName",
        "AWS::IAM::User" => "UserName",
        "AWS::IAM::Group" => "GroupName",
        "AWS::S3::Bucket" => "BucketName",
        "AWS::DynamoDB::Table" => "TableName",
        "AWS::KMS::Alias" => "AliasName",
        "AWS::Logs::LogGroup" => "LogGroupName",
        "AWS::Kinesis::Stream" => "Name",
        "AWS::ApiGateway::Stage" | "AWS::ApiGatewayV2::Stage" => "StageName",
        _ => return None,
    })
}
