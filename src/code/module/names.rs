//! What the names in a module stand for: variables, locals, resources, the outputs of other modules.

use std::sync::Arc;

use crate::code::{
    ListKind, MapKind, Mode, Node, Reference, Unknown, Value, Why,
    declared::Written,
    expression::{Fault, Meter, Names, Scope, evaluate},
    library::{join, relative},
    syntax::Step,
    types,
};

use super::{Expansion, Inputs, Module, Space, calls::Called};

fn undeclared(what: &str) -> Node {
    Fault::invalid(format!("`{what}` is not declared")).node()
}

impl Names for Module<'_> {
    fn resolve(&self, name: &str, steps: &[Step], _: &Meter) -> (Node, usize) {
        let at = |index: usize| match steps.get(index) {
            Some(Step::Attribute(name)) => Some(name),
            _ => None,
        };
        match (name, at(0)) {
            ("var", Some(variable)) => (self.value(Space::Variable, variable), 1),
            ("local", Some(local)) => (self.value(Space::Local, local), 1),
            ("path", Some(which)) => (self.path(which), 1),
            ("terraform", Some(which)) => (Value::unknown(Why::NoValue, format!("terraform.{which}")).into(), 1),
            ("module", Some(call)) => self.output(call, steps),
            ("data", Some(kind)) => match at(1) {
                Some(name) => (self.instances(&(Mode::Data, kind.clone(), name.clone())), 2),
                None => (undeclared("data"), 1),
            },
            ("ephemeral", Some(kind)) => (Value::unknown(Why::Unsupported, format!("ephemeral.{kind}")).into(), 1),
            ("each" | "count" | "self", _) => {
                (Value::unknown(Why::Unsupported, format!("`{name}` outside of a block that has it")).into(), 0)
            }
            (kind, Some(name)) => (self.instances(&(Mode::Managed, kind.into(), name.clone())), 1),
            (name, None) => (undeclared(name), 0),
        }
    }

    fn file(&self, path: &str) -> Result<Arc<str>, Fault> {
        let outside = || Fault::Other(Why::File, format!("`{path}`, which is outside of the folder"));
        let file = join(&self.root, path).ok_or_else(outside)?;
        self.world.library.text(&file).map_err(|unread| Fault::Other(Why::File, format!("`{file}`: {}", unread.detail)))
    }

    fn has_file(&self, path: &str) -> Result<bool, Fault> {
        let outside = || Fault::Other(Why::File, format!("`{path}`, which is outside of the folder"));
        let file = join(&self.root, path).ok_or_else(outside)?;
        Ok(self.world.library.files().binary_search_by(|name| (**name).cmp(&file)).is_ok())
    }

    fn files(&self, folder: &str) -> Result<Vec<String>, Fault> {
        let outside = || Fault::Other(Why::File, format!("`{folder}`, which is outside of the folder"));
        let folder = join(&self.root, folder).ok_or_else(outside)?;
        let below = |file: &Arc<str>| match &*folder {
            "" => Some(file.to_string()),
            folder => Some(file.strip_prefix(folder)?.strip_prefix('/')?.to_owned()),
        };
        Ok(self.world.library.files().iter().filter_map(below).collect())
    }
}

impl Module<'_> {
    fn path(&self, which: &str) -> Node {
        match which {
            "module" => Value::text(relative(&self.root, &self.declared.folder)).into(),
            "root" => Value::text(".").into(),
            _ => Value::unknown(Why::File, format!("path.{which}")).into(),
        }
    }

    /// The value of a variable, a local or an output.
    pub(super) fn value(&self, space: Space, name: &Arc<str>) -> Node {
        let scope = Scope { names: self, frame: None, meter: &self.world.meter };
        let key = (space, name.clone());
        let found = Self::once(&self.values, &key, || {
            self.world.meter.deeper(|| match space {
                Space::Variable => match self.declared.variables.get(name) {
                    Some(written) => self.variable(name, written),
                    None => undeclared(&format!("var.{name}")),
                },
                Space::Local => match self.declared.locals.get(name) {
                    Some(local) => evaluate(&local.value, scope),
                    None => undeclared(&format!("local.{name}")),
                },
                Space::Output => match self.declared.outputs.get(name) {
                    Some(written) => {
                        let value = written.attribute("value").map(|value| evaluate(&value.value, scope));
                        self.marked(written, value.unwrap_or_else(Node::null))
                    }
                    None => undeclared(&format!("module output {name}")),
                },
            })
        });
        let what = match space {
            Space::Variable => "var",
            Space::Local => "local",
            Space::Output => "output",
        };
        found.unwrap_or_else(|| Value::unknown(Why::Loop, format!("{what}.{name}")).into())
    }

    fn marked(&self, written: &Written<'_>, node: Node) -> Node {
        let scope = Scope { names: self, frame: None, meter: &self.world.meter };
        let says = written.attribute("sensitive").map(|says| evaluate(&says.value, scope).value);
        Node { sensitive: node.sensitive || says == Some(Value::Bool(true)), ..node }
    }

    fn variable(&self, name: &Arc<str>, written: &Written<'_>) -> Node {
        let meter = &self.world.meter;
        let scope = Scope { names: self, frame: None, meter };
        let given = match &self.inputs {
            Inputs::Files(values) => values.get(name).cloned(),
            Inputs::Call { parent, written, bound } => written
                .attribute(name)
                .map(|input| bound.with(|frame| evaluate(&input.value, Scope { names: &**parent, frame, meter }))),
        };
        let nullable = written.attribute("nullable").map(|says| evaluate(&says.value, scope).value);
        let takes_null = nullable != Some(Value::Bool(false));
        let given = given.filter(|given| takes_null || given.value != Value::Null);
        let default = || written.attribute("default").map(|default| evaluate(&default.value, scope));
        let Some(value) = given.or_else(default) else {
            let missing: Node = Value::unknown(Why::NoValue, format!("{}var.{name}", self.prefix)).into();
            return self.marked(written, missing.at(written.place));
        };
        let value = match written.attribute("type") {
            Some(kind) => types::convert(&value, &types::read(&kind.value, self, meter)),
            None => value,
        };
        self.marked(written, value)
    }

    /// All instances of a resource, as the language shows them.
    fn instances(&self, name: &super::ResourceName) -> Node {
        let what = self.address(name);
        if !self.declared.resources.contains_key(name) {
            return undeclared(&what);
        }
        let Some(expansion) = self.expansion(name) else {
            return Value::unknown(Why::Loop, what).into();
        };
        match &*expansion {
            Expansion::One(instance) => instance.body.clone(),
            Expansion::Count(all) => Value::tuple(all.iter().map(|instance| instance.body.clone()).collect()).into(),
            Expansion::Each(all) => {
                let entries = all.iter().map(|(key, instance)| (key.clone(), instance.body.clone()));
                Value::object(entries.collect()).into()
            }
            Expansion::Symbolic(instance) => {
                let is = Reference { address: instance.address.clone(), path: "".into() };
                let unknown = Unknown::new(Why::Instances, what).mentioning(is.clone());
                Node { is: Some(is.into()), ..unknown.into() }
            }
        }
    }

    /// The address of a resource, without an index.
    pub(super) fn address(&self, (mode, kind, name): &super::ResourceName) -> String {
        let data = if *mode == Mode::Data { "data." } else { "" };
        format!("{}{data}{kind}.{name}", self.prefix)
    }

    /// What `module.NAME` stands for, with as many steps as that takes.
    fn output(&self, call: &Arc<str>, steps: &[Step]) -> (Node, usize) {
        let Some(called) = self.called(call) else {
            return (Value::unknown(Why::Loop, format!("module.{call}")).into(), 1);
        };
        let modules = match &*called {
            Called::Modules(modules) => modules,
            Called::Unresolved(unknown) => return (Value::Unknown(unknown.clone()).into(), steps.len().min(2)),
            Called::Undeclared => return (undeclared(&format!("module.{call}")), 1),
        };
        match (modules, steps.get(1)) {
            // One output alone is asked for: the others may hang on what asks.
            (Expansion::One(module), Some(Step::Attribute(output))) => (module.value(Space::Output, output), 2),
            (Expansion::One(module), _) => (module.outputs(), 1),
            (Expansion::Count(modules), _) => {
                (Value::list(modules.iter().map(|module| module.outputs()).collect(), ListKind::Tuple).into(), 1)
            }
            (Expansion::Each(modules), _) => {
                let entries = modules.iter().map(|(key, module)| (key.clone(), module.outputs())).collect();
                (Value::map(entries, MapKind::Object).into(), 1)
            }
            (Expansion::Symbolic(module), _) => {
                let mut unknown = Unknown::new(Why::Instances, format!("{}module.{call}", self.prefix));
                unknown.absorb(&module.outputs());
                (unknown.into(), 1)
            }
        }
    }

    fn outputs(&self) -> Node {
        let outputs = self.declared.outputs.keys();
        Value::object(outputs.map(|name| (name.clone(), self.value(Space::Output, name))).collect()).into()
    }
}
