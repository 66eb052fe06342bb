//! Whether one principal may call a function: by the function's policies, by its own, and by what bounds it.

use super::{
    super::{
        MayCall, Workload,
        identity::{Identities, Side},
        policy::{Caller, Placed, Request, Statements, Step, Truth, account_of, is_account},
    },
    INVOKE, INVOKE_URL, qualifiers, statements_of,
};
use crate::{
    evidence::{Gap, GapReason, Known},
    model::{Aws, Configuration, Function, UrlAuthentication},
};

/// A principal that somebody asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::graph) enum Who {
    /// Anyone on the internet, without credentials.
    Anyone,
    /// An account, which is its root user.
    Account(String),
    /// A user, a role or a session of a role.
    Identity { arn: String, account: String },
    /// A service of AWS.
    Service(String),
}

impl Who {
    /// What principals of AWS look like.
    pub(in crate::graph) const FORMS: &str = "principals of AWS are `arn:aws:iam::ACCOUNT:role/NAME`, `…:user/NAME`, \
        `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`, an account's twelve digits, a service such as `s3.amazonaws.com`, and \
        `anonymous`";

    /// A principal as people write it.
    pub(in crate::graph) fn of(text: &str) -> Option<Self> {
        let account = account_of(text);
        match (text, account) {
            ("anonymous" | "*", _) => Some(Self::Anyone),
            _ if is_account(text) => Some(Self::Account(text.to_owned())),
            (_, Some(account)) if text.starts_with("arn:") && text.ends_with(":root") => {
                Some(Self::Account(account.to_owned()))
            }
            (_, Some(account))
                if text.starts_with("arn:")
                    && [":role/", ":user/", ":assumed-role/"].iter().any(|part| text.contains(part)) =>
            {
                Some(Self::Identity { arn: text.to_owned(), account: account.to_owned() })
            }
            _ if text.ends_with(".amazonaws.com") || text.ends_with(".amazonaws.com.cn") => {
                Some(Self::Service(text.to_owned()))
            }
            _ => None,
        }
    }
}

/// A way to call: by the API, or by the URL.
struct Way<'a> {
    request: Request,
    actions: &'a [&'static str],
    /// Whether there is such a way.
    open: Known<bool>,
}

/// One answer, and what decides it.
struct Said {
    is: Known<bool>,
    because: String,
}

/// Whether a principal may call a function at one version.
pub(in crate::graph) fn may_call(aws: &Aws, identities: &Identities, workload: &Workload, who: &Who) -> MayCall {
    let everyone = &workload.invoke.anonymous;
    if everyone.is == Known::Known(true) && !matches!(who, Who::Service(_)) {
        return MayCall::yes(format!("anyone on the internet may: {}", everyone.because.join("; ")));
    }
    let mut found = MayCall::no();
    match who {
        Who::Anyone => {
            let nobody = || vec!["no door lets anyone in who does not say who they are".to_owned()];
            found.or(everyone.is.clone(), nobody);
            return found;
        }
        Who::Service(name) => return service(workload, name),
        Who::Account(_) | Who::Identity { .. } => {}
    }
    found.beside.push("service control policies, resource control policies and session policies are not read".into());
    if let Who::Account(account) = who
        && *account != workload.scope.account
    {
        found.beside.push(format!("which of its users and roles may use that is for {account} to say"));
    }
    let Some((function, at)) = at(aws, workload) else {
        // No event function: what IAM says of it is not judged.
        let gap = workload.invoke.services_gap.clone();
        let gap =
            gap.unwrap_or_else(|| Gap::new(format!("whom IAM lets call {}", workload.name), GapReason::Unsupported));
        found.or(Known::Unknown(gap), Vec::new);
        return found;
    };
    for qualified in qualifiers(function, at) {
        let (list, gaps) = statements_of(function, &qualified);
        let statements = Statements { arn: &qualified.arn, list };
        let url = function.urls.as_ref().map(|urls| {
            let own = urls.iter().find(|url| url.qualifier.as_deref() == qualified.name);
            own.is_some_and(|url| url.authentication == UrlAuthentication::Iam)
        });
        let caller = caller(who);
        let ways = [
            Way {
                request: Request::new(caller.clone(), vec![Step::api(INVOKE)]),
                actions: &[INVOKE],
                open: Known::Known(true),
            },
            Way { request: Request::over_url(caller, "AWS_IAM"), actions: &[INVOKE, INVOKE_URL], open: url },
        ];
        for way in ways.iter().filter(|way| way.open != Known::Known(false)) {
            let asked = Asked { statements: &statements, way, own_account: &workload.scope.account };
            let said = asked.answer(identities, who);
            found.or(way.open.clone().and(said.is), || vec![said.because]);
        }
        for gap in gaps {
            found.or(Known::Unknown(gap), Vec::new);
        }
    }
    if let Known::Unknown(gap) = &function.aliases {
        found.or(Known::Unknown(gap.clone()), Vec::new);
    }
    found
}

fn caller(who: &Who) -> Caller {
    match who {
        Who::Anyone => Caller::Anonymous,
        Who::Account(account) => Caller::Aws { account: Some(account.clone()), name: None },
        Who::Identity { arn, account } => Caller::Aws { account: Some(account.clone()), name: Some(arn.clone()) },
        Who::Service(name) => Caller::Service(Some(name.clone())),
    }
}

fn at<'a>(aws: &'a Aws, workload: &Workload) -> Option<(&'a Function, &'a Configuration)> {
    aws.functions.iter().filter(|(scope, _)| **scope == workload.scope).find_map(|(_, function)| {
        let at = std::iter::once(&function.latest).chain(&function.versions).find(|at| at.version == workload.version);
        let own = workload.id.strip_prefix(&function.arn).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'));
        at.filter(|_| own).map(|at| (function, at))
    })
}

fn service(workload: &Workload, name: &str) -> MayCall {
    let mut found = MayCall::no();
    let every = "every service";
    for grant in workload.invoke.services.iter().filter(|grant| grant.service == name || grant.service == every) {
        let (is, bound) = match &grant.bound {
            Ok(true) => (Known::Known(true), "for the sources that its conditions name"),
            Ok(false) => (Known::Known(true), "for any source, also in other accounts"),
            Err(gap) => (Known::Unknown(gap.clone()), "for sources that were not understood"),
        };
        found.or(is, || vec![format!("statement {} of the policy of {} allows it, {bound}", grant.sid, grant.arn)]);
    }
    if let Some(gap) = &workload.invoke.services_gap {
        found.or(Known::Unknown(gap.clone()), Vec::new);
    }
    if found.because.is_empty() && found.is == Known::Known(false) {
        found.because.push("no statement of its policies allows it".into());
    }
    found
}

/// One way, put to the statements of one name.
struct Asked<'a> {
    statements: &'a Statements<'a>,
    way: &'a Way<'a>,
    own_account: &'a str,
}

impl Asked<'_> {
    fn answer(&self, identities: &Identities, who: &Who) -> Said {
        let (statements, request) = (self.statements, &self.way.request);
        let denied = statements.known(statements.denies(request));
        if denied == Known::Known(true) {
            let because = format!("{} of the policy of {} denies it", self.denials(), statements.arn);
            return Said { is: Known::Known(false), because };
        }
        match who {
            Who::Account(account) if account == self.own_account => Said {
                is: denied.negate(),
                because: "the root user may do everything in its own account that nothing denies".into(),
            },
            Who::Identity { arn, account } => {
                let side = identities.side(arn, self.way.actions, statements.arn);
                if account == self.own_account { self.same(denied, &side) } else { self.across(&side, account) }
            }
            Who::Account(_) | Who::Anyone | Who::Service(_) => self.by_policy(statements),
        }
    }

    /// In one account either side is enough.
    fn same(&self, denied: Known<bool>, side: &Side) -> Said {
        if side.denied == Known::Known(true) {
            let because = format!("a policy of its own denies it: {}", list(&side.denied_by));
            return Said { is: Known::Known(false), because };
        }
        let (directly, unsure) = self.directly();
        let named = self.by_policy(&directly);
        let mut resource = named.is.clone();
        if let Some(statement) = unsure {
            resource = resource.or(Known::Unknown(self.statements.gap_of(statement)));
        }
        // A boundary also limits what a resource grants to a role; a user whom it names goes past it.
        let within = if side.is_user { Known::Known(true) } else { side.within.clone() };
        let by_name = resource.clone().and(side.denied.clone().negate()).and(within);
        let by_own = side.may.is.clone().and(denied.negate());
        let because = match (&by_name, &by_own) {
            (Known::Known(true), _) => named.because,
            (_, Known::Known(true)) => {
                let by: Vec<String> = side.may.by.iter().cloned().collect();
                format!("its own policies allow {}: {}", self.way.actions.join(" and "), list(&by))
            }
            (Known::Known(false), Known::Known(false)) if side.within == Known::Known(false) => {
                "its permissions boundary does not allow it".into()
            }
            (Known::Known(false), Known::Known(false)) if !side.exists => {
                "nobody of that name is in the account, and no statement names it".into()
            }
            (Known::Known(false), Known::Known(false)) => {
                "no statement of the function's policies names it, and none of its own policies allows it".into()
            }
            _ => String::new(),
        };
        Said { is: by_name.or(by_own), because }
    }

    /// Across accounts both sides must allow it.
    fn across(&self, side: &Side, account: &str) -> Said {
        let own = self.by_policy(self.statements);
        let is = own.is.clone().and(side.may.is.clone());
        let because = match (&own.is, &is) {
            (Known::Known(false), _) => own.because,
            (_, Known::Known(true)) => {
                let by: Vec<String> = side.may.by.iter().cloned().collect();
                format!("{}, and so does its own account: {}", own.because, list(&by))
            }
            (_, Known::Known(false)) => format!("{}, and no policy of its own in {account} does", own.because),
            (_, Known::Unknown(_)) => format!("{}; {account} must allow it too", own.because),
        };
        Said { is, because }
    }

    /// What the function's policies say.
    fn by_policy(&self, statements: &Statements<'_>) -> Said {
        let decision = statements.ask(&self.way.request);
        let conditional = decision
            .by
            .iter()
            .any(|at| statements.list.get(*at).is_some_and(|placed| !placed.statement.tests.is_empty()));
        let because = match decision.truth {
            Truth::Yes => {
                let conditions = if conditional { ", under its conditions" } else { "" };
                format!("{} of the policy of {} allows it{conditions}", statements.names(&decision.by), statements.arn)
            }
            Truth::No => "no statement of the function's policies allows it".into(),
            Truth::Unknown(_) => String::new(),
        };
        Said { is: statements.known(decision.truth), because }
    }

    /// The statements without the grants that only reach the account, which its own policies pass on; and one of which it
    /// cannot be said whether it names the caller.
    fn directly(&self) -> (Statements<'_>, Option<usize>) {
        let mut unsure = None;
        let direct = self.statements.list.iter().enumerate().filter(|(index, placed)| {
            let held = placed.statement.principals.hold_by_name(&self.way.request.caller);
            if placed.statement.allow && held.is_none() {
                unsure = Some(*index);
            }
            !placed.statement.allow || held == Some(true)
        });
        let list = direct.map(|(_, placed)| placed.clone()).collect();
        (Statements { arn: self.statements.arn, list }, unsure)
    }

    /// The statements that deny it.
    fn denials(&self) -> String {
        let denials = self.statements.list.iter().enumerate().filter(|(_, placed)| {
            let alone = Statements { arn: self.statements.arn, list: vec![Placed::clone(placed)] };
            !placed.statement.allow && alone.denies(&self.way.request) == Truth::Yes
        });
        self.statements.names(&denials.map(|(index, _)| index).collect())
    }
}

fn list(names: &[String]) -> String {
    names.join(", ")
}
