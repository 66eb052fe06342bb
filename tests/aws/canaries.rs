//! Secrets in the answers of AWS, and in errors: none gets into a file, a journal, a report or a log, however loud it is. Names
//! of resources, which have to be there, are none of the places.

use std::{
    path::Path,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    calls::CHAINS,
    estate, many,
    planted::{CANARIES, FORMATS, MARK, files, formed, leaks, plant},
    run::environment,
    stub::{Reply, Request, Stub},
};

/// Where they stand in JSON: the call, and the place in its answer.
const PLACES: [(&str, &str); 56] = [
    ("ListFunctions", "Functions/0/Environment/Variables/STAGE"),
    ("ListFunctions", "Functions/0/Environment/Variables/DB_PASSWORD"),
    ("ListFunctions", "Functions/1/Environment/Variables/STAGE"),
    ("ListFunctions", "Functions/0/Description"),
    ("ListFunctions", "Functions/0/StateReason"),
    ("ListFunctions", "Functions/0/LastUpdateStatusReason"),
    ("ListFunctions", "Functions/0/ImageConfigResponse/ImageConfig/EntryPoint/+"),
    ("ListFunctions", "Functions/0/ImageConfigResponse/ImageConfig/Command/+"),
    ("ListFunctions", "Functions/0/ImageConfigResponse/ImageConfig/WorkingDirectory"),
    ("ListFunctions", "Functions/0/ImageConfigResponse/Error/Message"),
    ("ListFunctions", "Functions/0/RuntimeVersionConfig/Error/Message"),
    ("ListFunctions", "Functions/1/Environment/Error/Message"),
    ("ListFunctions", "Functions/1/Description"),
    ("GetFunction", "Configuration/Environment/Variables/TOKEN"),
    ("GetFunction", "Configuration/Description"),
    ("GetFunction", "Configuration/StateReason"),
    ("GetFunction", "Configuration/LastUpdateStatusReason"),
    ("GetFunction", "Code/Location"),
    ("GetFunction", "Tags/team-token"),
    ("GetFunction", "TagsError/Message"),
    ("ListAliases", "Aliases/0/Description"),
    ("GetCodeSigningConfig", "CodeSigningConfig/Description"),
    ("ListWebFunctions", "functions/0/stateReason"),
    ("ListWebFunctionEndpoints", "endpoints/0/stateReason"),
    ("ListWebFunctionEndpoints", "endpoints/0/description"),
    ("GetWebFunctionRevision", "serviceConfig/environmentVariables/STAGE"),
    ("GetWebFunctionRevision", "serviceConfig/environmentVariables/DB_PASSWORD"),
    ("GetWebFunctionRevision", "description"),
    ("GetWebFunctionRevision", "stateReason"),
    ("GetMicrovm", "stateReason"),
    ("GetNetworkConnector", "StateReason"),
    ("DescribeKey", "KeyMetadata/Description"),
    ("ListLayers", "Layers/0/LatestMatchingVersion/Description"),
    ("ListLayerVersions", "LayerVersions/0/Description"),
    ("ListLayerVersions", "LayerVersions/0/LicenseInfo"),
    ("ListEventSourceMappings", "EventSourceMappings/0/FilterCriteria/Filters/0/Pattern"),
    ("ListEventSourceMappings", "EventSourceMappings/0/SourceAccessConfigurations/0/URI"),
    ("ListEventSourceMappings", "EventSourceMappings/0/StateTransitionReason"),
    ("ListEventSourceMappings", "EventSourceMappings/0/LastProcessingResult"),
    ("ListEventSourceMappings", "EventSourceMappings/0/FilterCriteriaError/Message"),
    ("GetRestApis", "item/0/description"),
    ("GetRestApis", "item/0/tags/team"),
    ("GetStages", "item/0/description"),
    ("GetStages", "item/0/variables/DB_PASSWORD"),
    ("GetStages", "item/0/canarySettings/stageVariableOverrides/DB_PASSWORD"),
    ("GetStages", "item/0/methodSettings/~1*/unauthorizedCacheControlHeaderStrategy"),
    ("GetExport", "info/description"),
    ("GetExport", "paths/~1/get/x-amazon-apigateway-integration/requestTemplates/x"),
    ("GetExport", "paths/~1/get/x-amazon-apigateway-integration/requestParameters/integration.request.header.X"),
    ("GetExport", "components/securitySchemes/s/x-amazon-apigateway-authorizer/identityValidationExpression"),
    ("GetApis", "items/0/description"),
    ("GetApis", "items/0/tags/team"),
    ("GetStagesV2", "items/1/stageVariables/DB_PASSWORD"),
    ("GetStagesV2", "items/1/lastDeploymentStatusMessage"),
    ("GetIntegrations", "items/0/requestParameters/append:header.X"),
    ("GetRoutes", "items/0/operationName"),
];

/// And in XML: the call, what it stands behind, and what is around it.
const ELEMENTS: [(&str, &str, &str); 16] = [
    ("DescribeVpcs", "<vpcId>vpc-1</vpcId>", "<tagSet><item><key>team</key><value>{}</value></item></tagSet>"),
    (
        "DescribeSubnets",
        "<subnetId>subnet-1</subnetId>",
        "<tagSet><item><key>team</key><value>{}</value></item></tagSet>",
    ),
    ("DescribeNatGateways", "<natGatewayId>nat-1</natGatewayId>", "<failureMessage>{}</failureMessage>"),
    ("DescribeNatGateways", "<allocationId>eipalloc-1</allocationId>", "<failureMessage>{}</failureMessage>"),
    ("DescribeSecurityGroups", "<groupId>sg-1</groupId>", "<groupDescription>{}</groupDescription>"),
    ("DescribeSecurityGroups", "<prefixListId>pl-2</prefixListId>", "<description>{}</description>"),
    ("DescribeNetworkInterfaces", "<networkInterfaceId>eni-1</networkInterfaceId>", "<description>{}</description>"),
    ("DescribeVpcEndpoints", "<vpcEndpointId>vpce-1</vpcEndpointId>", "<failureReason>{}</failureReason>"),
    ("DescribeVpcEndpoints", "<vpcEndpointId>vpce-1</vpcEndpointId>", "<lastError><message>{}</message></lastError>"),
    ("DescribeManagedPrefixLists", "<prefixListId>pl-1</prefixListId>", "<stateMessage>{}</stateMessage>"),
    ("GetManagedPrefixListEntries", "<cidr>52.92.0.0/17</cidr>", "<description>{}</description>"),
    ("DescribeVpcBlockPublicAccessOptions", "<awsRegion>us-west-2</awsRegion>", "<reason>{}</reason>"),
    ("DescribeVpcBlockPublicAccessExclusions", "<exclusionId>vpcbpa-exclude-1</exclusionId>", "<reason>{}</reason>"),
    ("DescribeTransitGateways", "<transitGatewayId>tgw-1</transitGatewayId>", "<description>{}</description>"),
    ("DescribeLoadBalancers", "<Scheme>internet-facing</Scheme>", "<State><Reason>{}</Reason></State>"),
    (
        "GetAccountAuthorizationDetails",
        "<RoleName>r</RoleName>",
        "<Tags><member><Key>k</Key><Value>{}</Value></member></Tags>",
    ),
];

/// The calls that give policies, where what has a form is known by it: in an id, and in a condition.
const POLICIES: [&str; 7] = [
    "GetResourcePolicy",
    "GetLayerVersionPolicy",
    "GetKeyPolicy",
    "GetRestApis",
    "GetExport",
    "DescribeVpcEndpoints",
    "GetAccountAuthorizationDetails",
];

/// What AWS says, with a canary in every place.
fn infested(request: &Request, canary: &str) -> Reply {
    let Reply::Text { status: 200, headers, mut body } = estate::answer(request) else {
        return estate::answer(request);
    };
    let operation = request.operation.as_str();
    if let Ok(mut document) = serde_json::from_str::<Value>(&body) {
        for (_, place) in PLACES.iter().filter(|(call, _)| *call == operation) {
            plant(&mut document, place, &json!(canary));
        }
        let policy = policy(canary);
        match operation {
            "GetRestApis" => document["item"][0]["policy"] = escaped(&policy).into(),
            "GetExport" => document["x-amazon-apigateway-policy"] = policy,
            _ if POLICIES.contains(&operation) => document["Policy"] = policy.to_string().into(),
            _ => {}
        }
        return Reply::Text { status: 200, headers, body: document.to_string() };
    }
    for (_, behind, element) in ELEMENTS.iter().filter(|(call, ..)| *call == operation) {
        assert!(body.contains(behind), "{operation}: {behind}");
        body = body.replacen(behind, &format!("{behind}{}", element.replace("{}", &xml(canary))), 1);
    }
    let policy = policy(canary).to_string();
    match operation {
        "DescribeVpcEndpoints" => {
            let end = "</vpcEndpointId>";
            body = body.replacen(end, &format!("{end}<policyDocument>{}</policyDocument>", xml(&policy)), 1);
        }
        "GetAccountAuthorizationDetails" => {
            let document = "%7B%22Version%22%3A%20%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D";
            assert!(body.contains(document), "{body}");
            body = body.replace(document, &xml(&policy.replace('%', "%25")));
        }
        _ => {}
    }
    Reply::Text { status: 200, headers, body }
}

/// A policy with a canary in it, if its form is known.
fn policy(canary: &str) -> Value {
    let canary = if formed().any(|it| it == canary) { canary } else { "plain" };
    json!({"Version": "2012-10-17", "Statement": [{"Sid": canary, "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
        "Action": "lambda:InvokeFunction", "Resource": "*", "Condition": {"StringEquals": {"aws:Referer": [canary, "x"]}}}]})
}

/// A policy as API Gateway gives it: the inside of a literal.
fn escaped(policy: &Value) -> String {
    let literal = Value::String(policy.to_string()).to_string();
    literal.trim_matches('"').to_owned()
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn command(endpoint: &str, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_egress-audit"));
    command.args(arguments).current_dir(folder).env_clear().envs(environment(endpoint)).stdin(Stdio::null());
    command.env("AWS_MAX_ATTEMPTS", "1").env("RUST_LOG", "trace").env("RUST_BACKTRACE", "full");
    command.env("AWS_SECRET_ACCESS_KEY", "c4n4ry-secret-access-key").env("AWS_SESSION_TOKEN", "c4n4ry-session-token");
    command
}

/// Runs it, and gives its code with what it printed and said.
fn run(endpoint: &str, folder: &TempDir, arguments: &[&str]) -> (Option<i32>, [(String, String); 2]) {
    let output = command(endpoint, folder.path(), arguments).output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let said = text(&output.stderr);
    assert!(matches!(output.status.code(), Some(0..=4)), "{arguments:?}: {said}");
    let texts = [(format!("{arguments:?} prints"), text(&output.stdout)), (format!("{arguments:?} says"), said)];
    (output.status.code(), texts)
}

#[test]
fn no_secret_in_an_answer_of_aws_gets_anywhere() {
    let calls: Vec<&str> = CHAINS.into_iter().flatten().map(|(call, ..)| *call).collect();
    let all = PLACES.iter().map(|(call, _)| call).chain(ELEMENTS.iter().map(|(call, ..)| call)).chain(&POLICIES);
    all.for_each(|call| assert!(calls.contains(call), "{call}"));
    let cells: Vec<(usize, &str)> = CANARIES.into_iter().enumerate().collect();
    let (planted, read) = (AtomicUsize::new(0), AtomicUsize::new(0));
    many::each(4, &cells, |(nth, canary)| {
        let canary = *canary;
        let sent = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&sent);
        let stub = Stub::start(move |request, _| {
            let reply = infested(request, canary);
            if let Reply::Text { body, .. } = &reply {
                counted.fetch_add(body.to_lowercase().matches(MARK).count(), Ordering::Relaxed);
            }
            reply
        });
        let (endpoint, folder) = (stub.endpoint(), tempfile::tempdir().expect("a folder"));
        let region = ["--region", "us-west-2"];
        let mut texts = Vec::new();
        let mut ask = |arguments: &[&str]| texts.extend(run(&endpoint, &folder, arguments).1);
        ask(&[&["collect", "aws", "-o", "out.json", "-vvv"], region.as_slice()].concat());
        planted.fetch_add(sent.load(Ordering::Relaxed), Ordering::Relaxed);
        ask(&[&["report", "aws", "-vvv", "--all", "--format", FORMATS[nth % FORMATS.len()]], region.as_slice()]
            .concat());
        for format in FORMATS {
            ask(&["report", "out.json", "-vvv", "--all", "--format", format]);
        }
        ask(&["ips", "out.json", "-vvv", "--format", "json"]);
        ask(&["invokers", "f", "out.json", "-vvv"]);
        ask(&["trace", "f", "out.json", "-vvv", "--format", "json"]);
        ask(&["diff", "out.json", "out.json", "-vvv"]);
        texts.extend(files(folder.path()));
        let snapshot = texts.iter().find(|(name, _)| name.ends_with("out.json")).expect("a snapshot");
        assert!(snapshot.1.contains("DB_PASSWORD"), "names stay");
        assert!(!snapshot.1.contains("\"malformed\""), "{canary}: what was planted is not what was read");
        read.fetch_add(texts.len(), Ordering::Relaxed);
        let leaks = leaks(&texts);
        assert!(leaks.is_empty(), "{canary}: {}", leaks.join("\n"));
        // Those that stand in the estate itself: in headers, in clients of identity providers, in comments.
        for secret in estate::SECRETS {
            assert!(texts.iter().all(|(_, text)| !text.contains(secret)), "{secret}");
        }
    });
    let (planted, places) = (planted.into_inner(), PLACES.len() + ELEMENTS.len());
    assert!(planted >= places * CANARIES.len(), "{planted} of {places} places");
    println!("{planted} canaries in {places} places and {} policies, {} texts", POLICIES.len(), read.into_inner());
}

#[test]
fn no_secret_in_an_answer_of_aws_gets_into_a_journal() {
    let next = AtomicUsize::new(0);
    let stub = Stub::start(move |request, _| {
        let turn = next.fetch_add(1, Ordering::Relaxed);
        let network = request.operation == "DescribeVpcs";
        if network { Reply::Silence } else { infested(request, CANARIES[turn % CANARIES.len()]) }
    });
    let folder = tempfile::tempdir().expect("a folder");
    let arguments = ["collect", "aws", "--region", "us-west-2", "-o", "out.json"];
    let mut child = command(&stub.endpoint(), folder.path(), &arguments).spawn().expect("it starts");
    let journal = |left: &[(String, String)]| {
        left.iter().any(|(name, text)| name.ends_with(".journal") && text.contains("lambda:policy"))
    };
    // The function is written down while the network is not read yet.
    for _ in 0..500 {
        if journal(&files(folder.path())) {
            break;
        }
        thread::sleep(Duration::from_millis(20));
    }
    child.kill().expect("killed");
    child.wait().expect("it ended");
    let left = files(folder.path());
    assert!(journal(&left), "{left:?}");
    let leaks = leaks(&left);
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}

#[test]
fn no_secret_in_an_error_or_in_what_is_no_answer_gets_anywhere() {
    let kinds: [fn(&Request, &str) -> Reply; 7] = [
        |_, it| Reply::text(403, it),
        |_, it| Reply::ok(it),
        |_, it| Reply::ok(format!("{{\"Functions\": [{{\"a\": {}", json!(it))),
        |_, it| Reply::ok(json!({"Functions": it, "NextMarker": 7}).to_string()),
        |_, it| Reply::text(302, "").with("Location", &it.replace('\n', "")),
        |_, it| Reply::Short(it.into()),
        |request, it| Reply::error(request, 403, "AccessDeniedException", &said(request, it)),
    ];
    let cells: Vec<usize> = (0..kinds.len()).collect();
    many::each(4, &cells, |nth| {
        let (nth, kind, next) = (*nth, kinds[*nth], AtomicUsize::new(0));
        // What a service says is repeated, without what has the form of a credential.
        let canaries: Vec<&str> = if nth + 1 == kinds.len() { formed().collect() } else { CANARIES.to_vec() };
        let stub = Stub::start(move |request, _| {
            let turn = next.fetch_add(1, Ordering::Relaxed);
            let identity = request.operation == "GetCallerIdentity";
            if identity { estate::answer(request) } else { kind(request, canaries[turn % canaries.len()]) }
        });
        let folder = tempfile::tempdir().expect("a folder");
        let arguments = [
            "report",
            "aws",
            "--region",
            "us-west-2",
            "-vvv",
            "--all",
            "--format",
            "json",
            "--write",
            "sarif=out.sarif",
        ];
        let (code, texts) = run(&stub.endpoint(), &folder, &arguments);
        assert_eq!(code, Some(3), "{nth}: {}", texts[1].1);
        let texts: Vec<_> = texts.into_iter().chain(files(folder.path())).collect();
        let leaks = leaks(&texts);
        assert!(leaks.is_empty(), "{nth}: {}", leaks.join("\n"));
    });
}

/// A message with a canary in it, in the form of the service.
fn said(request: &Request, canary: &str) -> String {
    let said = format!("cannot use '{canary}', sorry");
    if request.is_xml() { xml(&said) } else { said }
}
