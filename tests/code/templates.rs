//! CloudFormation: a whole architecture as one template, in YAML and in JSON, with everything in it linked.

use std::{collections::BTreeMap, path::Path};

use egress_audit::code::{
    CodeError, Disk, Evaluated, Library as _, Node, Reference, Shape, TemplateOptions, Value, Why, template,
    template_of, templates,
};

fn folder() -> Disk {
    Disk::list(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cloudformation")).expect("a folder")
}

fn evaluated(file: &str) -> Evaluated {
    template_of(&folder(), file, &TemplateOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// Calls back for every attribute of a resource that something is or hangs on.
fn each_reference(node: &Node, hear: &mut dyn FnMut(&Reference)) {
    if let Some(is) = &node.is {
        hear(is);
    }
    match &node.value {
        Value::List(list) => list.iter().for_each(|node| each_reference(node, hear)),
        Value::Map(map) => map.values().for_each(|node| each_reference(node, hear)),
        Value::Unknown(unknown) => {
            unknown.mentions.iter().for_each(&mut *hear);
            if let Some(Shape::Text(pieces)) = &unknown.shape {
                pieces.iter().for_each(|piece| each_reference(piece, hear));
            }
        }
        _ => {}
    }
}

/// The value at the end of a way of names and indexes.
fn at<'a>(all: &'a Evaluated, address: &str, way: &[&str]) -> &'a Node {
    let resource = all.resources.iter().find(|one| &*one.address == address).unwrap_or_else(|| panic!("{address}"));
    way.iter().fold(&resource.body, |node, step| match (&node.value, step.parse::<usize>()) {
        (Value::List(list), Ok(index)) => &list[index],
        _ => node.get(step).unwrap_or_else(|| panic!("{address} {way:?}: {node:?}")),
    })
}

fn text(all: &Evaluated, address: &str, way: &[&str]) -> String {
    at(all, address, way).text().unwrap_or_else(|| panic!("{address} {way:?}")).to_string()
}

#[test]
fn every_link_of_the_architecture_leads_to_a_resource() {
    let all = evaluated("private.yaml");
    assert!(all.gaps.is_empty(), "{:?}", all.gaps);
    let known: BTreeMap<&str, &str> = all.resources.iter().map(|one| (&*one.address, &*one.kind)).collect();
    assert_eq!((known.len(), all.resources.len()), (26, 26));
    let mut links = 0;
    for resource in &all.resources {
        assert!(resource.place.is_some() && !resource.symbolic && &*resource.root == "private.yaml");
        each_reference(&resource.body, &mut |reference| {
            links += 1;
            assert!(known.contains_key(&*reference.address), "{} mentions {reference}", resource.address);
        });
    }
    assert!(links > 40, "{links}");
    let hops = [
        ("Function", &["VpcConfig", "SubnetIds", "0"][..], "PrivateA.Ref"),
        ("Function", &["VpcConfig", "SubnetIds", "1"], "PrivateB.Ref"),
        ("Function", &["VpcConfig", "SecurityGroupIds", "0"], "Group.GroupId"),
        ("PrivateAssociationA", &["RouteTableId"], "PrivateTable.Ref"),
        ("PrivateRoute", &["NatGatewayId"], "Nat.Ref"),
        ("Nat", &["AllocationId"], "Address.AllocationId"),
        ("Nat", &["SubnetId"], "Public.Ref"),
        ("PublicAssociation", &["SubnetId"], "Public.Ref"),
        ("PublicRoute", &["GatewayId"], "Gateway.Ref"),
        ("Attachment", &["VpcId"], "Vpc.Ref"),
        ("Function", &["KmsKeyArn"], "Key.Arn"),
        ("Function", &["Role"], "Role.Arn"),
        ("Permission", &["FunctionName"], "Function.Ref"),
        ("Live", &["DeploymentId"], "Deployment.Ref"),
        ("Orders", &["ParentId"], "Api.RootResourceId"),
        ("Key", &["KeyPolicy", "Statement", "1", "Principal", "AWS"], "Role.Arn"),
    ];
    for (address, way, expected) in hops {
        let is = at(&all, address, way).is.as_ref().map(ToString::to_string);
        assert_eq!(is.as_deref(), Some(expected), "{address} {way:?}");
    }
}

#[test]
fn what_the_template_says_is_known_and_the_rest_has_a_reason() {
    let all = evaluated("private.yaml");
    assert_eq!(text(&all, "Vpc", &["CidrBlock"]), "10.20.0.0/16");
    assert_eq!(text(&all, "PrivateB", &["CidrBlock"]), "10.20.2.0/24");
    assert_eq!(text(&all, "Permission", &["FunctionName"]), "orders-prod");
    assert_eq!(text(&all, "Public", &["MapPublicIpOnLaunch"]), "yes");
    let function = at(&all, "Function", &[]);
    assert!(function.get("TracingConfig").is_none() && function.get("DependsOn").is_none());
    let why = |address: &str, way: &[&str]| at(&all, address, way).first_unknown().map(|unknown| unknown.why);
    assert_eq!(why("PrivateA", &["AvailabilityZone"]), Some(Why::DataSource));
    assert_eq!(why("Function", &["Environment", "Variables", "TABLE"]), Some(Why::DataSource));
    assert!(at(&all, "Function", &["Environment", "Variables", "SECRET"]).sensitive);
    assert_eq!(why("Api", &["Policy"]), Some(Why::NoValue));
    let source = at(&all, "Permission", &["SourceArn"]).unknown().expect("unknown").clone();
    let Some(Shape::Text(pieces)) = &source.shape else { panic!("{source:?}") };
    assert_eq!(pieces.last().and_then(Node::text).map(|text| &**text), Some("/prod/POST/orders"));
    assert_eq!(source.only_mention().map(ToString::to_string).as_deref(), Some("Api.Ref"));
    let place = at(&all, "Nat", &["AllocationId"]).place.clone().expect("a place");
    assert_eq!((&*place.file, place.line), ("private.yaml", 58));
    assert_eq!(all.outputs.len(), 2);
}

#[test]
fn yaml_and_json_come_to_the_same() {
    let (yaml, json) = (evaluated("private.yaml"), evaluated("private.json"));
    let shown = |all: &Evaluated| -> Vec<String> {
        all.resources.iter().map(|one| format!("{} {} {:?}", one.address, one.kind, one.body)).collect()
    };
    assert_eq!(shown(&yaml), shown(&json));
}

#[test]
fn each_template_of_a_folder_is_a_scope_of_its_own() {
    let all = templates(&folder(), &TemplateOptions::default());
    let of = |root: &str| all.resources.iter().filter(|one| &*one.root == root).count();
    assert_eq!((of("private.yaml"), of("private.json")), (26, 26));
}

/// How a template ends that is cut at a place: refused, with a gap, or as a template of its own.
fn cut(text: &str, at: usize) -> bool {
    let found = template("t.yaml", text.get(..at).unwrap_or_default(), &TemplateOptions::default());
    match found {
        Ok(all) => {
            assert!(all.gaps.iter().all(|gap| gap.place.as_ref().is_some_and(|place| place.line > 0)));
            !all.gaps.is_empty()
        }
        Err(CodeError::Template { place, .. }) => place.line > 0,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_template_that_is_cut_off_says_so_as_far_as_anybody_can_tell() {
    let (yaml, json) =
        (folder().text("private.yaml").expect("a template"), folder().text("private.json").expect("a template"));
    assert!((1..json.len() - 2).step_by(11).all(|at| cut(&json, at)));
    // What is cut off between two lines of a block, or within a word, is a template of its own. Whatever is left of
    // one that speaks of what was further down is not.
    let places = || (yaml.len() / 20..yaml.len() - 2).step_by(11);
    let said = places().filter(|at| cut(&yaml, *at)).count();
    assert!(said * 10 > places().count() * 7, "{said} of {}", places().count());
}
