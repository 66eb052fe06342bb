//! Whether one principal may invoke a workload: by a grant to it or to a circle that holds it, or as an account that it can
//! become.

use super::{
    access::Level,
    invokers::{Invoker, Invokers},
    principal::{Principal, PrincipalKind as Kind},
};
use crate::{
    evidence::{Gap, GapReason, Known},
    graph::{MayCall, invoke::Answer},
};

/// What principals of Google Cloud look like.
const FORMS: &str = "principals of Google Cloud are `user:A`, `serviceAccount:A`, `group:A`, `domain:D`, `principal://…`, \
    `principalSet://…`, `allAuthenticatedUsers`, `anonymous`, or an address alone";

/// Whether a principal may invoke a workload, as its cloud writes it.
pub(in crate::graph) fn may_call(invokers: &Invokers, anonymous: &Answer, text: &str) -> Result<MayCall, &'static str> {
    if invokers.permission.is_none() {
        let because = vec!["nobody invokes it".to_owned()];
        return Ok(MayCall { because, ..MayCall::no() });
    }
    let asked = principal(text)?;
    if invokers.check_disabled {
        return Ok(MayCall::yes("the check of invokers is off"));
    }
    let mut found = MayCall::no();
    if asked.kind == Kind::Everyone {
        found.or(anonymous.is.clone(), || match anonymous.because.as_slice() {
            [] => vec!["no door lets anyone in who does not say who they are".to_owned()],
            because => because.to_vec(),
        });
        return Ok(found);
    }
    for invoker in &invokers.list {
        found.take(&asked, invoker);
    }
    if let Some(gap) = &invokers.gap {
        found.or(Known::Unknown(gap.clone()), Vec::new);
    }
    if found.is == Known::Known(false) {
        found.because.push(format!("no grant of {} holds it", invokers.permission.unwrap_or_default()));
    }
    if !invokers.denied_by.is_empty() {
        let names = invokers.denied_by.join(", ");
        found.beside.push(format!("deny policies name the permission, and are not counted: {names}"));
    }
    Ok(found)
}

fn principal(text: &str) -> Result<Principal, &'static str> {
    let asked = match text {
        "anonymous" | "*" => Principal::of("allUsers"),
        _ if text.contains(':') || text.starts_with("all") => Principal::of(text),
        _ if text.ends_with(".gserviceaccount.com") => Principal::of(&format!("serviceAccount:{text}")),
        _ if text.contains('@') => Principal::of(&format!("user:{text}")),
        _ => return Err(FORMS),
    };
    if asked.kind == Kind::Unknown { Err(FORMS) } else { Ok(asked) }
}

impl MayCall {
    /// One grant, and those who can become whom it is for.
    fn take(&mut self, asked: &Principal, invoker: &Invoker) {
        let grant = &invoker.grant;
        let on = if grant.level == Level::Resource { "it".to_owned() } else { grant.on.clone() };
        let condition = grant.condition.as_ref().map_or_else(String::new, |text| format!(", if {text}"));
        let held = format!("{} holds {} on {on}{condition}", grant.principal.text, grant.role);
        self.or(within(asked, &grant.principal).and(grant.holds.clone()), || vec![held.clone()]);
        for other in &invoker.impersonators {
            let through = other.through.iter().fold(String::new(), |text, account| text + ", through " + account);
            self.or(within(asked, &other.principal).and(other.holds.clone()).and(grant.holds.clone()), || {
                let becomes = format!("{} holds {} on {}{through}", other.principal.text, other.role, other.on);
                vec![format!("it can become {}: {becomes}; and {held}", grant.principal.text)]
            });
        }
        if let Some(gap) = &invoker.impersonators_gap {
            self.or(Known::Unknown(gap.clone()), Vec::new);
        }
    }
}

/// Whether a principal is one of those whom a member of a policy stands for.
fn within(asked: &Principal, member: &Principal) -> Known<bool> {
    if asked.text == member.text {
        return Known::Known(true);
    }
    let google_account = matches!(asked.kind, Kind::User | Kind::ServiceAccount | Kind::Group | Kind::Domain);
    let unread = || {
        let what = format!("whether {} is one of {}", asked.text, member.text);
        Known::Unknown(Gap::new(what, GapReason::NotRead))
    };
    match member.kind {
        Kind::Everyone => Known::Known(true),
        Kind::AnyGoogleAccount => Known::Known(google_account),
        Kind::Domain => match (asked.kind, address(asked).and_then(|it| it.split_once('@'))) {
            (Kind::User, Some((_, domain))) => Known::Known(address(member) == Some(domain)),
            // Groups may be of a domain; whether those count is for the directory to say.
            (Kind::Group, Some((_, domain))) if address(member) == Some(domain) => unread(),
            _ => Known::Known(false),
        },
        Kind::Group | Kind::Container if google_account => unread(),
        Kind::Pool | Kind::Identities if asked.kind == Kind::Identity || asked.kind == Kind::ClusterIdentity => {
            match (member.kind, asked.pool(), member.pool()) {
                (Kind::Pool, Some(own), Some(pool)) => Known::Known(own == pool),
                (Kind::Identities, Some(own), Some(pool)) if own != pool => Known::Known(false),
                _ => unread(),
            }
        }
        Kind::Unknown => unread(),
        _ => Known::Known(false),
    }
}

/// What stands behind the kind of a member.
fn address(of: &Principal) -> Option<&str> {
    of.text.split_once(':').map(|(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(asked: &str, member: &str) -> Known<bool> {
        within(&principal(asked).expect("a principal"), &Principal::of(member))
    }

    #[test]
    fn an_address_alone_is_a_person_or_a_service_account() {
        assert_eq!(principal("A@example.com").map(|it| it.text), Ok("user:a@example.com".into()));
        let account = "s@p.iam.gserviceaccount.com";
        assert_eq!(principal(account).map(|it| it.kind), Ok(Kind::ServiceAccount));
        assert!(principal("somebody").is_err() && principal("agent:x").is_err());
    }

    #[test]
    fn a_person_is_in_their_domain_and_nobody_knows_in_which_groups() {
        assert_eq!(is("ops@example.com", "domain:example.com"), Known::Known(true));
        assert_eq!(is("ops@example.org", "domain:example.com"), Known::Known(false));
        assert!(matches!(is("ops@example.com", "group:all@example.com"), Known::Unknown(_)));
        assert_eq!(is("s@p.iam.gserviceaccount.com", "domain:p.iam.gserviceaccount.com"), Known::Known(false));
    }

    #[test]
    fn identities_of_a_pool_are_no_accounts_of_google() {
        let pool = "iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/x";
        let identity = format!("principal://{pool}/subject/s");
        assert_eq!(is(&identity, "allAuthenticatedUsers"), Known::Known(false));
        assert_eq!(is(&identity, &format!("principalSet://{pool}/*")), Known::Known(true));
        assert_eq!(is(&identity, &format!("principalSet://{pool}2/*")), Known::Known(false));
        assert!(matches!(is(&identity, &format!("principalSet://{pool}/group/g")), Known::Unknown(_)));
    }
}
