//! Many rules, by id and by alias.

use std::collections::BTreeMap;

use super::{Rule, RuleCases, RuleError, Scalar, Severity, embedded, expression, load};

/// Rules that were loaded together: no two share an id, and no alias is another's id.
#[derive(Debug, Clone, Default)]
pub struct RuleSet {
    rules: Vec<Rule>,
    /// Every id and every alias, and the rules that go by it.
    names: BTreeMap<String, Vec<usize>>,
}

impl RuleSet {
    /// The rules that come with the tool.
    ///
    /// # Errors
    /// One of them is at fault, which the tests of the tool rule out.
    pub fn embedded() -> Result<Self, RuleError> {
        Self::parse(embedded::RULES)
    }

    /// The test cases that come with the tool.
    ///
    /// # Errors
    /// One of the files is at fault, which the tests of the tool rule out.
    pub fn embedded_cases(&self) -> Result<Vec<RuleCases>, RuleError> {
        embedded::CASES.iter().map(|(file, text)| RuleCases::parse(file, text, self)).collect()
    }

    /// Rules from files: the name of each, with `/` between its folders, and its text.
    ///
    /// # Errors
    /// The first file that is at fault.
    pub fn parse<N: AsRef<str> + Sync, T: AsRef<str> + Sync>(files: &[(N, T)]) -> Result<Self, RuleError> {
        let mut set = Self::default();
        set.extend(files)?;
        Ok(set)
    }

    /// Adds rules from further files.
    ///
    /// # Errors
    /// The first file that is at fault, such as one whose id is taken.
    pub fn extend<N: AsRef<str> + Sync, T: AsRef<str> + Sync>(&mut self, files: &[(N, T)]) -> Result<(), RuleError> {
        let read = || files.iter().map(|(file, text)| load::load(file.as_ref(), text.as_ref())).collect();
        let Some(first) = files.first() else { return Ok(()) };
        let about = |problem: &str| RuleError::new(first.0.as_ref(), problem);
        let loaded: Result<Vec<Rule>, RuleError> = match expression::roomy(read) {
            Ok(Ok(loaded)) => loaded,
            Ok(Err(_)) => Err(about("reading the rules failed unexpectedly")),
            Err(_) => Err(about("there is no room to read the rules")),
        };
        let mut next = self.clone();
        for rule in loaded? {
            next.add(rule)?;
        }
        next.aliases_apart()?;
        *self = next;
        Ok(())
    }

    /// All rules, in the order of their files.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule of that id.
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// The rules that go by that name: one for an id; for an alias perhaps several, as other tools cut things differently.
    pub fn find(&self, name: &str) -> Vec<&Rule> {
        let indexes = self.names.get(name).map_or(&[][..], Vec::as_slice);
        indexes.iter().filter_map(|index| self.rules.get(*index)).collect()
    }

    /// Sets a parameter of the rule of that id.
    ///
    /// # Errors
    /// There is no such rule, it has no such parameter, or the parameter is of another type.
    pub fn set_param(&mut self, id: &str, name: &str, value: Scalar) -> Result<(), RuleError> {
        if let Some(rule) = self.rules.iter_mut().find(|rule| rule.id == id) {
            return rule.set_param(name, value);
        }
        let hint = self.nearest(id);
        let error = RuleError::new("params", format!("there is no rule `{id}`"));
        Err(hint.into_iter().fold(error, RuleError::with_hint))
    }

    /// Sets how bad a failure of the rule of that id is.
    pub fn set_severity(&mut self, id: &str, severity: Severity) {
        for rule in self.rules.iter_mut().filter(|rule| rule.id == id) {
            rule.severity = severity;
        }
    }

    /// Takes out the rules of these ids.
    pub fn without(&mut self, ids: &[String]) {
        let rules = std::mem::take(self).rules;
        for rule in rules.into_iter().filter(|rule| !ids.contains(&rule.id)) {
            let index = self.rules.len();
            for name in rule.aliases.iter().chain([&rule.id]) {
                self.names.entry(name.clone()).or_default().push(index);
            }
            self.rules.push(rule);
        }
    }

    /// What somebody may have meant who named a rule that there is not.
    pub(crate) fn nearest(&self, id: &str) -> Option<String> {
        expression::did_you_mean(id, self.rules.iter().map(|rule| rule.id.as_str()))
    }

    fn add(&mut self, rule: Rule) -> Result<(), RuleError> {
        if let Some(other) = self.rules.iter().find(|other| other.id == rule.id) {
            return Err(RuleError::new(&rule.file, format!("the id `{}` is taken by {}", rule.id, other.file)));
        }
        let index = self.rules.len();
        for name in rule.aliases.iter().chain([&rule.id]) {
            let indexes = self.names.entry(name.clone()).or_default();
            if indexes.contains(&index) {
                return Err(RuleError::new(&rule.file, format!("the name `{name}` is given twice")));
            }
            indexes.push(index);
        }
        self.rules.push(rule);
        Ok(())
    }

    fn aliases_apart(&self) -> Result<(), RuleError> {
        for rule in &self.rules {
            if let Some(alias) = rule.aliases.iter().find(|alias| self.get(alias).is_some()) {
                return Err(RuleError::new(&rule.file, format!("the alias `{alias}` is the id of another rule")));
            }
        }
        Ok(())
    }
}
