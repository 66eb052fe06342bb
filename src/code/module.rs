//! A module as it is called: with inputs, providers, and values that are found when they are asked for.

mod calls;
mod instances;
mod names;
mod providers;

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    rc::{Rc, Weak},
    sync::Arc,
};

use super::{
    CodeGap, Library, Node, Provider,
    declared::{Declared, ResourceName},
    expression::{Frame, Meter},
};

pub(super) use instances::Instance;

/// How many modules may be called in one another.
const DEEPEST: usize = 24;
/// How many instances one resource or module may have.
const MOST_INSTANCES: usize = 10_000;
/// How many instances a whole evaluation may have, besides those that stand in a root one by one: they take some 4 KB each.
const MOST_OF_ALL: usize = 8_000;
/// In how many bytes of code there may be one more: who writes more has more.
const BYTES_FOR_ONE: usize = 16;

/// A call by the root that it belongs to and the names that lead to it: `net.sub`.
pub(super) type Call = (Arc<str>, String);

/// Everything that is evaluated together.
pub(super) struct World<'a> {
    pub(super) library: &'a dyn Library,
    pub(super) folders: &'a BTreeMap<Arc<str>, Declared<'a>>,
    /// The folders of modules that `terraform init` has fetched: by the root, and the names of the calls.
    pub(super) fetched: BTreeMap<Call, Arc<str>>,
    pub(super) meter: Meter,
    pub(super) gaps: RefCell<BTreeSet<Noted>>,
    /// How much code there is, in bytes.
    pub(super) bytes: usize,
    pub(super) instances: Cell<usize>,
    /// Whether there were more: then nothing further is made, and the rest of the code says nothing.
    pub(super) is_full: Cell<bool>,
}

/// A gap, in an order: by its place.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Noted {
    place: Option<super::Place>,
    gap: crate::evidence::Gap,
}

impl World<'_> {
    pub(super) fn note(&self, gap: CodeGap) {
        self.gaps.borrow_mut().insert(Noted { place: gap.place, gap: gap.gap });
    }

    pub(super) fn noted(&self) -> Vec<CodeGap> {
        let noted = std::mem::take(&mut *self.gaps.borrow_mut());
        noted.into_iter().map(|noted| CodeGap { gap: noted.gap, place: noted.place }).collect()
    }

    /// Whether so many more instances may be made.
    fn admit(&self, count: usize) -> bool {
        let sum = self.instances.get().saturating_add(count);
        let fits = count <= MOST_INSTANCES && sum <= MOST_OF_ALL + self.bytes / BYTES_FOR_ONE;
        if fits {
            self.instances.set(sum);
        }
        fits
    }
}

/// What a resource or a module call comes to.
pub(super) enum Expansion<T> {
    /// Neither `count` nor `for_each`.
    One(T),
    /// By `count`.
    Count(Vec<T>),
    /// By `for_each`.
    Each(BTreeMap<Arc<str>, T>),
    /// As many as nobody knows: one stands for all.
    Symbolic(T),
}

impl<T> Expansion<T> {
    /// All of them.
    pub(super) fn iter(&self) -> Box<dyn Iterator<Item = &T> + '_> {
        match self {
            Self::One(one) | Self::Symbolic(one) => Box::new(std::iter::once(one)),
            Self::Count(all) => Box::new(all.iter()),
            Self::Each(all) => Box::new(all.values()),
        }
    }
}

/// Where the inputs of a module come from.
enum Inputs<'a> {
    /// Files of values, beside the root.
    Files(BTreeMap<Arc<str>, Node>),
    /// A call in another module.
    Call { parent: Rc<Module<'a>>, written: Box<super::declared::Written<'a>>, bound: Bound },
}

/// What `each` or `count` stands for in a block.
#[derive(Clone, Default)]
pub(super) struct Bound {
    each: Option<Node>,
    count: Option<Node>,
}

impl Bound {
    /// Runs something with the names bound.
    fn with<T>(&self, run: impl FnOnce(Option<&Frame<'_>>) -> T) -> T {
        let (name, value) = match (&self.each, &self.count) {
            (Some(each), _) => ("each", each),
            (None, Some(count)) => ("count", count),
            (None, None) => return run(None),
        };
        run(Some(&Frame { name, value: value.clone(), up: None }))
    }
}

/// A value that was found, or is being looked for.
enum Slot<T> {
    Busy,
    Found(T),
}

/// What was looked up before.
type Cache<K, T> = RefCell<BTreeMap<K, Slot<T>>>;

/// A module as it is called.
pub(super) struct Module<'a> {
    me: Weak<Module<'a>>,
    world: &'a World<'a>,
    declared: &'a Declared<'a>,
    /// The folder of the root that it belongs to.
    root: Arc<str>,
    /// What stands before the addresses in it: `module.net[0].`; empty for a root.
    prefix: Arc<str>,
    /// The names of the calls that lead to it, without indexes: `net.sub`.
    calls: String,
    depth: usize,
    inputs: Inputs<'a>,
    providers: BTreeMap<Arc<str>, Provider>,
    values: Cache<(Space, Arc<str>), Node>,
    resources: Cache<ResourceName, Rc<Expansion<Instance>>>,
    children: Cache<Arc<str>, Rc<calls::Called<'a>>>,
}

/// What a name is the name of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Space {
    Variable,
    Local,
    Output,
}

impl<'a> Module<'a> {
    /// A root module, with the values that files beside it give.
    pub(super) fn root(world: &'a World<'a>, declared: &'a Declared<'a>, values: BTreeMap<Arc<str>, Node>) -> Rc<Self> {
        Self::build(world, declared, |module| {
            module.root = declared.folder.clone();
            module.inputs = Inputs::Files(values);
        })
    }

    fn build(world: &'a World<'a>, declared: &'a Declared<'a>, change: impl FnOnce(&mut Self)) -> Rc<Self> {
        let mut built = Self {
            me: Weak::new(),
            world,
            declared,
            root: "".into(),
            prefix: "".into(),
            calls: String::new(),
            depth: 0,
            inputs: Inputs::Files(BTreeMap::new()),
            providers: BTreeMap::new(),
            values: RefCell::default(),
            resources: RefCell::default(),
            children: RefCell::default(),
        };
        change(&mut built);
        Rc::new_cyclic(|me| {
            built.me = me.clone();
            built
        })
    }

    /// The resources in it and in the modules that it calls, into the result.
    pub(super) fn collect(&self, into: &mut super::Evaluated) {
        for name in self.declared.resources.keys() {
            if self.world.is_full.get() {
                return;
            }
            let Some(expansion) = self.expansion(name) else { continue };
            into.resources.extend(expansion.iter().map(|instance| self.resource(name, instance)));
        }
        for name in self.declared.modules.keys() {
            if let Some(called) = self.called(name)
                && let calls::Called::Modules(modules) = &*called
            {
                modules.iter().for_each(|module| module.collect(into));
            }
        }
        if self.prefix.is_empty() {
            for name in self.declared.outputs.keys() {
                let key = (self.root.to_string(), name.to_string());
                into.outputs.insert(key, self.value(Space::Output, name));
            }
        }
    }

    /// Looks something up once; none while it is being looked for, which is when it hangs on itself.
    fn once<K: Ord + Clone, T: Clone>(cache: &Cache<K, T>, key: &K, find: impl FnOnce() -> T) -> Option<T> {
        match cache.borrow().get(key) {
            Some(Slot::Found(found)) => return Some(found.clone()),
            Some(Slot::Busy) => return None,
            None => {}
        }
        cache.borrow_mut().insert(key.clone(), Slot::Busy);
        let found = find();
        cache.borrow_mut().insert(key.clone(), Slot::Found(found.clone()));
        Some(found)
    }
}
