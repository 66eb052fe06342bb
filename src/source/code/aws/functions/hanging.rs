//! Which function of the code a part hangs on, by address, by its ARN or by its name.

use std::collections::BTreeMap;

use super::super::{
    is_of,
    names::id,
    parts::{Part, Parts},
};
use crate::{evidence::Gap, snapshot::kinds, source::code::item::Item};

/// A function of the code.
pub(super) struct Function<'a> {
    pub(super) item: Item<'a>,
    pub(super) arn: String,
    name: String,
}

impl Function<'_> {
    /// The ARN of an alias or a version of it, or its own.
    pub(super) fn at(&self, qualifier: Option<&str>) -> String {
        qualifier.map_or_else(|| self.arn.clone(), |name| format!("{}:{name}", self.arn))
    }
}

/// The functions of the code, by what may be said of them.
pub(super) struct Functions<'a> {
    pub(super) all: Vec<Function<'a>>,
    /// The first of a root that has this ARN or this name.
    by_word: BTreeMap<(&'a str, String), usize>,
}

/// What a part that hangs on a function says of which one it is.
enum Of {
    /// This one, and this alias or version of it.
    This(usize, Option<String>),
    /// None of the code.
    Other,
    /// It may be any.
    Any(Gap),
}

/// A part, and the alias or version of its function that it is about.
pub(super) type About<'p, 'a> = (&'p Part<'a>, Option<String>);

/// The parts of a name, by the function that they hang on.
pub(super) struct Hanging<'p, 'a> {
    /// Those of each function.
    own: Vec<Vec<About<'p, 'a>>>,
    /// Why there may be others: one may hang on any.
    pub(super) any: Option<Gap>,
}

impl<'a> Functions<'a> {
    pub(super) fn of(items: &[Item<'a>]) -> Self {
        let own = |item: &&Item<'_>| is_of(**item, kinds::FUNCTION) && !item.resource.symbolic;
        let function = |item: &Item<'a>| {
            let arn = id(*item);
            let name = arn.rsplit(':').next().unwrap_or(&arn).to_owned();
            Function { item: *item, arn, name }
        };
        let all: Vec<Function<'a>> = items.iter().filter(own).map(function).collect();
        let mut by_word = BTreeMap::new();
        for (index, function) in all.iter().enumerate() {
            for word in [&function.arn, &function.name] {
                by_word.entry((&*function.item.resource.root, word.clone())).or_insert(index);
            }
        }
        Self { all, by_word }
    }

    /// The function that a part means, by its ARN or its name, and what may stand behind either.
    fn meant(&self, part: &Part<'a>) -> Of {
        let Some(text) = part.text("Function") else {
            return part.gap("Function").map_or(Of::Other, Of::Any);
        };
        let before = text.match_indices(':').filter_map(|(end, _)| text.get(..end));
        let inside = text.split(':').zip(text.split(':').skip(1)).filter(|(left, _)| left.ends_with("function"));
        let words = before.chain(inside.map(|(_, name)| name)).chain([text]);
        let root = &*part.item.resource.root;
        let index = words.filter_map(|word| self.by_word.get(&(root, word.to_owned())).copied()).min();
        let Some((index, function)) = index.and_then(|index| Some((index, self.all.get(index)?))) else {
            return Of::Other;
        };
        let behind = text.rsplit_once(&function.name).map(|(_, rest)| rest.trim_start_matches(':'));
        let qualifier = behind.filter(|rest| !rest.is_empty()).map(str::to_owned);
        Of::This(index, part.text("Qualifier").map(str::to_owned).or(qualifier))
    }

    /// The parts of a name that hang on functions.
    pub(super) fn hanging<'p>(&self, name: &str, parts: &'p Parts<'a>) -> Hanging<'p, 'a> {
        let mut found = Hanging { own: vec![Vec::new(); self.all.len()], any: None };
        for part in parts.perhaps(name) {
            match self.meant(part) {
                Of::This(index, qualifier) => {
                    if let Some(own) = found.own.get_mut(index) {
                        own.push((part, qualifier));
                    }
                }
                Of::Any(gap) => found.any = found.any.or(Some(gap)),
                Of::Other => {}
            }
        }
        found
    }
}

impl<'p, 'a> Hanging<'p, 'a> {
    /// Those of a function.
    pub(super) fn on(&self, index: usize) -> &[About<'p, 'a>] {
        self.own.get(index).map_or(&[], Vec::as_slice)
    }

    /// Those of a function, where nobody can doubt which there are.
    pub(super) fn certain(&self, index: usize) -> Result<&[About<'p, 'a>], Gap> {
        let own = self.on(index);
        let number = || own.iter().find(|(part, _)| part.item.resource.symbolic).map(|(part, _)| part.number_gap());
        self.any.clone().or_else(number).map_or(Ok(own), Err)
    }
}
