//! Who a member of a policy is.

use super::place::project_of;

/// A member of a policy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Principal {
    /// As the policy writes it.
    pub text: String,
    /// What it is.
    pub kind: PrincipalKind,
}

/// What kinds of members there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PrincipalKind {
    /// Anyone, without saying who.
    Everyone,
    /// Anyone with an account of Google, of whichever customer.
    AnyGoogleAccount,
    /// A person.
    User,
    /// A group.
    Group,
    /// Every account of a domain.
    Domain,
    /// A service account.
    ServiceAccount,
    /// One identity of a Kubernetes cluster.
    ClusterIdentity,
    /// One identity of a pool.
    Identity,
    /// Several identities of a pool.
    Identities,
    /// Every identity of a pool.
    Pool,
    /// Whoever holds a basic role in a project, or every account of a project, folder or organisation.
    Container,
    /// One that was deleted, and can do nothing.
    Deleted,
    /// Of a form that this version does not know.
    Unknown,
}

impl PrincipalKind {
    /// As facts name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::AnyGoogleAccount => "any-google-account",
            Self::User => "user",
            Self::Group => "group",
            Self::Domain => "domain",
            Self::ServiceAccount => "service-account",
            Self::ClusterIdentity => "cluster-identity",
            Self::Identity => "identity",
            Self::Identities => "identities",
            Self::Pool => "pool",
            Self::Container => "container",
            Self::Deleted => "deleted",
            Self::Unknown => "unknown",
        }
    }
}

impl Principal {
    /// A member, as a policy writes it. Addresses are the same in either case of letters.
    pub(super) fn of(member: &str) -> Self {
        use PrincipalKind as Kind;
        let (prefix, rest) = member.split_once(':').unwrap_or((member, ""));
        let kind = match prefix {
            "allUsers" => Kind::Everyone,
            "allAuthenticatedUsers" => Kind::AnyGoogleAccount,
            "user" => Kind::User,
            "group" => Kind::Group,
            "domain" => Kind::Domain,
            "serviceAccount" if rest.contains(".svc.id.goog[") => Kind::ClusterIdentity,
            "serviceAccount" => Kind::ServiceAccount,
            "deleted" => Kind::Deleted,
            "projectOwner" | "projectEditor" | "projectViewer" => Kind::Container,
            "principal" if rest.contains(".svc.id.goog/subject/") => Kind::ClusterIdentity,
            "principal" => Kind::Identity,
            "principalSet" if rest.contains("//cloudresourcemanager.googleapis.com/") => Kind::Container,
            "principalSet" if rest.ends_with("/*") => Kind::Pool,
            "principalSet" => Kind::Identities,
            _ => Kind::Unknown,
        };
        let same_in_any_case = matches!(kind, Kind::User | Kind::Group | Kind::Domain | Kind::ServiceAccount);
        let text = if same_in_any_case { format!("{prefix}:{}", rest.to_lowercase()) } else { member.to_owned() };
        Self { text, kind }
    }

    /// The address of a service account.
    pub fn account(&self) -> Option<&str> {
        self.text.strip_prefix("serviceAccount:").filter(|_| self.kind == PrincipalKind::ServiceAccount)
    }

    /// The number of the organisation whose principals it stands for.
    pub fn organization(&self) -> Option<&str> {
        let (_, rest) = self.text.split_once("/organizations/").filter(|_| self.kind == PrincipalKind::Container)?;
        rest.split('/').next()
    }

    /// The domain of a person, of a group, or that it stands for.
    pub fn domain(&self) -> Option<&str> {
        let (_, rest) = self.text.split_once(':')?;
        match self.kind {
            PrincipalKind::User | PrincipalKind::Group => rest.rsplit_once('@').map(|(_, domain)| domain),
            PrincipalKind::Domain => Some(rest),
            _ => None,
        }
    }

    /// The project that it belongs to, as far as its name tells: an id, or a number.
    pub(super) fn project(&self) -> Option<&str> {
        match self.kind {
            PrincipalKind::ServiceAccount => project_of_account(self.account()?),
            PrincipalKind::ClusterIdentity => self
                .text
                .strip_prefix("serviceAccount:")
                .and_then(|rest| rest.split(".svc.id.goog").next())
                .or_else(|| self.text.split("/workloadIdentityPools/").nth(1)?.split(".svc.id.goog").next()),
            PrincipalKind::Identity | PrincipalKind::Identities | PrincipalKind::Pool => self.pool().map(project_of),
            PrincipalKind::Container => {
                self.text.split("/projects/").nth(1).map(|rest| rest.split('/').next().unwrap_or(rest)).or_else(|| {
                    self.text.strip_prefix("project").and_then(|rest| rest.split_once(':')).map(|(_, id)| id)
                })
            }
            _ => None,
        }
    }

    /// The workload identity pool that it is of: `projects/N/locations/global/workloadIdentityPools/P`.
    pub(super) fn pool(&self) -> Option<&str> {
        let path = self.text.split_once("//iam.googleapis.com/")?.1;
        let at = path.find("/workloadIdentityPools/")? + "/workloadIdentityPools/".len();
        let end = path.get(at..)?.find('/').map_or(path.len(), |length| at + length);
        path.get(..end).filter(|pool| pool.starts_with("projects/") && !pool.ends_with(".svc.id.goog"))
    }
}

/// The project of a service account: an id, or a number for the platform's default one.
pub(super) fn project_of_account(email: &str) -> Option<&str> {
    let (name, domain) = email.split_once('@')?;
    if let Some(project) = domain.strip_suffix(".iam.gserviceaccount.com") {
        return Some(project);
    }
    match domain {
        "appspot.gserviceaccount.com" => Some(name),
        "developer.gserviceaccount.com" => name.strip_suffix("-compute"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_syntax_of_a_member_has_its_kind() {
        use PrincipalKind as Kind;
        for (member, kind) in [
            ("allUsers", Kind::Everyone),
            ("allAuthenticatedUsers", Kind::AnyGoogleAccount),
            ("user:A@example.com", Kind::User),
            ("group:g@example.com", Kind::Group),
            ("domain:example.com", Kind::Domain),
            ("serviceAccount:s@p.iam.gserviceaccount.com", Kind::ServiceAccount),
            ("serviceAccount:p.svc.id.goog[ns/ksa]", Kind::ClusterIdentity),
            ("deleted:serviceAccount:s@p.iam.gserviceaccount.com?uid=1", Kind::Deleted),
            ("projectEditor:p", Kind::Container),
            (
                "principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/x/subject/s",
                Kind::Identity,
            ),
            (
                "principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p.svc.id.goog/subject/ns/n/sa/k",
                Kind::ClusterIdentity,
            ),
            (
                "principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/x/group/g",
                Kind::Identities,
            ),
            ("principalSet://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/x/*", Kind::Pool),
            ("principalSet://cloudresourcemanager.googleapis.com/organizations/1", Kind::Container),
            ("principal://agents.global.org-1.system.id.goog/x", Kind::Identity),
            ("somebody", Kind::Unknown),
        ] {
            assert_eq!(Principal::of(member).kind, kind, "{member}");
        }
        assert_eq!(Principal::of("user:A@Example.com"), Principal::of("user:a@example.com"));
    }

    #[test]
    fn a_member_tells_its_project_and_its_pool() {
        let of = |member: &str| Principal::of(member);
        assert_eq!(of("serviceAccount:s@p.iam.gserviceaccount.com").project(), Some("p"));
        assert_eq!(of("serviceAccount:12-compute@developer.gserviceaccount.com").project(), Some("12"));
        assert_eq!(of("serviceAccount:p@appspot.gserviceaccount.com").project(), Some("p"));
        assert_eq!(of("serviceAccount:q.svc.id.goog[n/k]").project(), Some("q"));
        let pool = "projects/1/locations/global/workloadIdentityPools/x";
        assert_eq!(of(&format!("principalSet://iam.googleapis.com/{pool}/*")).pool(), Some(pool));
        assert_eq!(of("user:a@example.com").project(), None);
    }
}
