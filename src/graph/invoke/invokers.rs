//! Who a resource policy lets in, name by name, and the grants that let nobody in.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::policy::{
        Caller, Compare, Entry, Pattern, Placed, Request, Statements, Step, Truth, Value, account_of, is_account,
    },
    INVOKE, INVOKE_URL, Invoke,
};
use crate::{evidence::Known, model::UrlAuthentication};

/// Somebody whom a resource policy lets call.
#[derive(Debug, Clone)]
pub struct Invoker {
    /// Who, as the policy writes it.
    pub principal: String,
    /// What that is, as facts name it.
    pub kind: &'static str,
    /// The account that it belongs to; none where its name does not tell.
    pub account: Option<String>,
    /// The permission.
    pub action: &'static str,
    /// The ARN that it may call.
    pub on: String,
    /// The statement.
    pub sid: String,
    /// Whether the statement has conditions.
    pub conditional: bool,
    /// Whether it certainly gets in.
    pub holds: Known<bool>,
}

/// A statement that lets nobody in.
#[derive(Debug, Clone)]
pub struct Dead {
    /// To whom it was meant.
    pub principal: String,
    /// The permission.
    pub action: &'static str,
    /// The statement.
    pub sid: String,
    /// The ARN whose policy it is in.
    pub on: String,
    /// Why it lets nobody in.
    pub because: &'static str,
}

/// Whom to ask for: what to call them, and what is known of their requests.
struct Candidate {
    principal: String,
    kind: &'static str,
    caller: Caller,
    given: BTreeMap<String, Value>,
}

impl Candidate {
    fn of(entry: &Entry) -> Option<Self> {
        let (principal, kind) = match entry {
            Entry::Account(id) => (id, "account"),
            Entry::Named(arn) if arn.contains(":role/") => (arn, "role"),
            Entry::Named(arn) if arn.contains(":user/") => (arn, "user"),
            Entry::Named(arn) => (arn, "session"),
            Entry::Only(kind, text) => (text, *kind),
            Entry::Everyone | Entry::Service(_) | Entry::AnyService | Entry::Strange(_) => return None,
        };
        Some(Self { principal: principal.clone(), kind, caller: entry.caller()?, given: BTreeMap::new() })
    }

    /// Everyone of whom conditions speak by one value.
    fn by_key(key: &str, text: &str) -> Option<Self> {
        let stranger = || Caller::Aws { account: None, name: None };
        let given =
            |keys: &[(&str, Value)]| keys.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        let (kind, caller, given) = match key {
            "aws:principalorgid" => (
                "organization",
                stranger(),
                given(&[(key, Value::is(text)), ("aws:principalorgpaths", Value::Unknown)]),
            ),
            "aws:principalorgpaths" => {
                let example = text.replace('*', "any");
                (
                    "organization",
                    stranger(),
                    given(&[(key, Value::is(example)), ("aws:principalorgid", Value::Unknown)]),
                )
            }
            "aws:principalaccount" if is_account(text) => return Self::of(&Entry::Account(text.to_owned())),
            "aws:principalarn" if text.contains(['*', '?']) => {
                let account = account_of(text)?.to_owned();
                ("account", Caller::Aws { account: Some(account), name: None }, BTreeMap::new())
            }
            "aws:principalarn" => return Self::of(&Entry::Named(text.to_owned())),
            "aws:sourcevpc" | "aws:sourcevpce" | "aws:vpceaccount" | "aws:vpceorgid" => {
                ("network", stranger(), given(&[(key, Value::is(text))]))
            }
            _ => return None,
        };
        Some(Self { principal: text.to_owned(), kind, caller, given })
    }

    fn account(&self) -> Option<String> {
        match &self.caller {
            Caller::Aws { account, .. } => account.clone(),
            _ => None,
        }
    }
}

impl Invoke {
    /// Adds everyone whom the statements of one ARN let call, by the API or by the URL that it has.
    pub(super) fn list(&mut self, statements: &Statements<'_>, url: &Known<Option<&UrlAuthentication>>) {
        for (index, placed) in statements.list.iter().enumerate().filter(|(_, placed)| placed.statement.allow) {
            let concerned = [INVOKE, INVOKE_URL].map(|action| placed.statement.concerns(action, statements.arn));
            if concerned == [Some(false); 2] {
                continue;
            }
            let view = View { statements, url, index, placed };
            let action = if concerned[0] == Some(false) { INVOKE_URL } else { INVOKE };
            let principals = &placed.statement.principals;
            if !principals.but {
                for entry in &principals.entries {
                    if let Some(candidate) = Candidate::of(entry) {
                        self.one(&view, &candidate, action);
                    }
                }
            }
            let open = |entry: &Entry| matches!(entry, Entry::Everyone | Entry::Strange(_));
            if principals.but || principals.entries.iter().any(open) {
                self.many(&view, action);
            }
        }
    }

    /// A principal that a statement names.
    fn one(&mut self, view: &View<'_, '_>, candidate: &Candidate, action: &'static str) {
        let because = if candidate.kind == "orphaned" {
            Some("the principal was deleted, and only its id is left")
        } else {
            view.lacks_url(&candidate.caller)
        };
        if let Some(because) = because {
            self.dead.push(view.dead(&candidate.principal, action, because));
            return;
        }
        let holds = view.holds(candidate);
        if holds != Known::Known(false) {
            self.invokers.push(view.invoker(candidate, action, holds));
        }
    }

    /// Everyone, or those of everyone whom conditions and denials leave.
    fn many(&mut self, view: &View<'_, '_>, action: &'static str) {
        let caller = Caller::Aws { account: None, name: None };
        let stranger =
            Candidate { principal: "*".into(), kind: "any-account", caller: caller.clone(), given: BTreeMap::new() };
        if let Some(because) = view.lacks_url(&caller) {
            self.dead.push(view.dead("*", action, because));
            return;
        }
        let holds = view.holds(&stranger);
        if holds != Known::Known(false) {
            self.invokers.push(view.invoker(&stranger, action, holds));
            return;
        }
        let before = self.invokers.len();
        if view.narrow(&caller) {
            let few = Candidate { kind: "addresses", ..stranger };
            // Which addresses these are the conditions say; that there are any is certain enough to show them.
            self.invokers.push(view.invoker(&few, action, Known::Known(true)));
        }
        let mut seen = BTreeSet::new();
        for test in view.statements.list.iter().flat_map(|placed| &placed.statement.tests) {
            if matches!(test.operator, None | Some((Compare::Null, _))) {
                continue;
            }
            for text in test.values.iter().filter_map(Pattern::literal) {
                if !seen.insert((test.key.clone(), text.clone())) {
                    continue;
                }
                let Some(candidate) = Candidate::by_key(&test.key, &text) else { continue };
                let holds = view.holds(&candidate);
                if holds != Known::Known(false) {
                    self.invokers.push(view.invoker(&candidate, action, holds));
                }
            }
        }
        if self.invokers.len() == before {
            let anybody = Candidate { principal: "*".into(), kind: "unknown", caller, given: view.nothing_known() };
            if let unknown @ Known::Unknown(_) = view.holds(&anybody) {
                self.invokers.push(view.invoker(&anybody, action, unknown));
            }
        }
    }
}

/// One statement that allows, among all that speak for the ARN.
struct View<'a, 'b> {
    statements: &'a Statements<'b>,
    url: &'a Known<Option<&'a UrlAuthentication>>,
    index: usize,
    placed: &'a Placed<'b>,
}

impl View<'_, '_> {
    fn truth(&self, caller: &Caller, given: &BTreeMap<String, Value>, step: Step, by_url: bool) -> Truth {
        let request = Request { by_url, given: given.clone(), ..Request::new(caller.clone(), vec![step]) };
        self.statements.ask(&request.only(self.index)).truth
    }

    /// By the API, or by a URL that asks for signatures, where this statement is one of the two.
    fn holds(&self, candidate: &Candidate) -> Known<bool> {
        let Candidate { caller, given, .. } = candidate;
        let by_api = self.statements.known(self.truth(caller, given, Step::api(INVOKE), false));
        let both = Request { given: given.clone(), ..Request::over_url(caller.clone(), "AWS_IAM") };
        let part = |step| self.statements.known(self.truth(caller, given, step, true));
        let own = part(Step::url("AWS_IAM")).or(part(Step::by_url("AWS_IAM")));
        let both = self.statements.known(self.statements.ask(&both).truth);
        let signed = self.url.as_ref().map(|url| url.is_some_and(|url| *url == UrlAuthentication::Iam));
        by_api.or(signed.and(own).and(both))
    }

    /// Everything that its conditions ask of, unknown.
    fn nothing_known(&self) -> BTreeMap<String, Value> {
        let keys = self.statements.list.iter().flat_map(|placed| &placed.statement.tests).map(|test| &test.key);
        keys.map(|key| (key.clone(), Value::Unknown)).collect()
    }

    /// Why it lets nobody in, where only a URL that is not there could bring anybody.
    fn lacks_url(&self, caller: &Caller) -> Option<&'static str> {
        if *self.url != Known::Known(None) {
            return None;
        }
        let given = self.nothing_known();
        let by_url = |caller: &Caller| {
            ["NONE", "AWS_IAM"].into_iter().any(|way| {
                [Step::url(way), Step::by_url(way)]
                    .into_iter()
                    .any(|step| self.truth(caller, &given, step, true) != Truth::No)
            })
        };
        let dead = self.truth(caller, &given, Step::api(INVOKE), false) == Truth::No && by_url(caller);
        dead.then_some("it is for calls by a function URL, and there is none")
    }

    /// Whether it lets in whoever comes from a few addresses, signed or not.
    fn narrow(&self, caller: &Caller) -> bool {
        let by_api = Request::new(caller.clone(), vec![Step::api(INVOKE)]).only(self.index);
        let open = *self.url == Known::Known(Some(&UrlAuthentication::None));
        self.statements.ask(&by_api).narrow
            || (open && self.statements.ask(&Request::over_url(Caller::Anonymous, "NONE")).narrow)
    }

    fn invoker(&self, candidate: &Candidate, action: &'static str, holds: Known<bool>) -> Invoker {
        Invoker {
            principal: candidate.principal.clone(),
            kind: candidate.kind,
            account: candidate.account(),
            action,
            on: self.statements.arn.to_owned(),
            sid: self.placed.statement.sid.clone(),
            conditional: !self.placed.statement.tests.is_empty(),
            holds,
        }
    }

    fn dead(&self, principal: &str, action: &'static str, because: &'static str) -> Dead {
        let (sid, on) = (self.placed.statement.sid.clone(), self.placed.arn.to_owned());
        Dead { principal: principal.to_owned(), action, sid, on, because }
    }
}

#[cfg(test)]
#[path = "invokers_tests.rs"]
mod tests;
