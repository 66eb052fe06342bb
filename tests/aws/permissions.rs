//! What the present credentials lack, as IAM simulates it.

use std::process::{Command, Stdio};

use crate::{
    run::environment,
    stub::{Reply, Request, Stub},
};

fn check(source: &str, stub: &Stub) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_egress-audit"));
    command.args(["permissions", source, "--check"]).env_clear().envs(environment(&stub.endpoint()));
    let output = command.env("AWS_MAX_ATTEMPTS", "1").stdin(Stdio::null()).output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code(), said)
}

fn identity(arn: &str) -> Reply {
    let result = format!("<Arn>{arn}</Arn><UserId>A</UserId><Account>123456789012</Account>");
    Reply::ok(format!(
        "<GetCallerIdentityResponse><GetCallerIdentityResult>{result}</GetCallerIdentityResult></GetCallerIdentityResponse>"
    ))
}

/// A page of the simulation.
fn page(decisions: &[(&str, &str)], next: Option<&str>) -> Reply {
    let member = |(action, decision): &(&str, &str)| {
        format!("<member><EvalActionName>{action}</EvalActionName><EvalDecision>{decision}</EvalDecision></member>")
    };
    let members: String = decisions.iter().map(member).collect();
    let next = next.map_or_else(
        || "<IsTruncated>false</IsTruncated>".to_owned(),
        |token| format!("<IsTruncated>true</IsTruncated><Marker>{token}</Marker>"),
    );
    let inside = format!("<EvaluationResults>{members}</EvaluationResults>{next}");
    Reply::ok(format!(
        "<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult>{inside}</SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
    ))
}

const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/auditor/me";

/// An account in which the caller may do everything but what is said of an action.
fn account(arn: &'static str, simulate: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Stub {
    Stub::start(move |request, _| match request.operation.as_str() {
        "GetCallerIdentity" => identity(arn),
        "SimulatePrincipalPolicy" => simulate(request),
        _ => Reply::error(request, 400, "InvalidAction", "nobody asked for that"),
    })
}

#[test]
fn what_the_role_of_a_session_lacks_is_named_page_by_page() {
    let stub = account(SESSION, |request| {
        assert!(request.names("arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fauditor"), "{request:?}");
        if request.token().is_none() {
            return page(&[("lambda:ListFunctions", "allowed"), ("kms:GetKeyPolicy", "implicitDeny")], Some("2"));
        }
        page(&[("ec2:DescribeNatGateways", "explicitDeny")], None)
    });
    let (code, said) = check("aws", &stub);
    assert_eq!(code, Some(3), "{said}");
    let line = said.lines().find(|line| line.contains("ec2:DescribeNatGateways")).expect("it is lacking");
    assert!(line.contains("not evaluated without it: ") && line.contains(" more rules"), "{said}");
    assert!(said.contains("  kms:GetKeyPolicy ") && said.contains("2 are lacking"), "{said}");
    // Of the rest nothing was said.
    assert!(said.contains("not asked: ") && said.contains("IAM gave no answer about it"), "{said}");
    assert_eq!(stub.count("SimulatePrincipalPolicy"), 2);
}

#[test]
fn who_may_not_ask_is_told_so_and_nothing_counts_as_held() {
    let stub = account(SESSION, |request| Reply::error(request, 403, "AccessDenied", "not authorized"));
    let (code, said) = check("aws", &stub);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("iam:SimulatePrincipalPolicy failed (denied)") && !said.contains("lacking"), "{said}");
}

#[test]
fn the_root_of_an_account_may_do_everything_and_a_federated_user_cannot_be_asked_about() {
    let never = |request: &Request| Reply::error(request, 400, "InvalidInput", "not this one");
    let (code, said) = check("aws", &account("arn:aws:iam::123456789012:root", never));
    assert_eq!((code, said.contains("all held")), (Some(0), true), "{said}");
    let (code, said) = check("aws", &account("arn:aws:sts::123456789012:federated-user/me", never));
    assert_eq!((code, said.contains("cannot simulate")), (Some(3), true), "{said}");
}

#[test]
fn of_an_organisation_whoever_starts_is_asked_about() {
    let stub =
        account("arn:aws:iam::123456789012:user/auditor", |_| page(&[("organizations:ListAccounts", "allowed")], None));
    let (code, said) = check("aws:org/reader", &stub);
    assert_eq!((code, said.contains("1 permission, all held")), (Some(0), true), "{said}");
}
