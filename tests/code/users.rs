//! Users and groups of IAM: whoever may let themselves call is found, whichever way the policy comes to them.

use crate::{
    stacks,
    verdicts::{failed, open, shown, text, written},
};

const RULE: &str = "self-granting-principal";
/// What lets somebody add to the policy of a function.
const MAY: &str = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"lambda:AddPermission\",\"Resource\":\"*\"}]}";

const TERRAFORM: &str = "
variable \"x\" {}
resource \"aws_iam_user\" \"eve\" {
  name = \"eve\"
}
resource \"aws_iam_group\" \"ops\" {
  name = \"ops\"
}
resource \"aws_iam_policy\" \"may\" {
  name   = \"may\"
  policy = jsonencode(MAY)
}
";

const TEMPLATE: &str = "Parameters: {Who: {Type: String}}
Resources:
  Function:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: orders
      Runtime: nodejs22.x
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Code: {S3Bucket: code, S3Key: orders.zip}
  Role:
    Type: AWS::IAM::Role
    Properties: {AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: []}}
  Ops:
    Type: AWS::IAM::Group
    Properties: {GroupName: ops}
";

fn template(resources: &str) -> egress_audit::code::Evaluated {
    stacks::of(&format!("{TEMPLATE}{}", resources.replace("MAY", MAY)))
}

fn terraform(resources: &str) -> egress_audit::code::Evaluated {
    written(&format!("{}{TERRAFORM}{resources}", text("aws/sound/main.tf")).replace("MAY", MAY))
}

/// Users and a group with policies of each kind.
pub(crate) fn fixture() -> egress_audit::code::Evaluated {
    terraform(
        "resource \"aws_iam_user_policy\" \"x\" {\n  user = aws_iam_user.eve.name\n  policy = jsonencode(MAY)\n}\nresource \"aws_iam_group_policy_attachment\" \"x\" {\n  group = aws_iam_group.ops.name\n  policy_arn = aws_iam_policy.may.arn\n}\nresource \"aws_iam_group_membership\" \"x\" {\n  name = \"x\"\n  group = \"ops\"\n  users = [\"eve\"]\n}\n",
    )
}

#[test]
fn a_user_who_may_let_themselves_call_is_found_by_each_way_to_a_policy() {
    let ways = [
        "resource \"aws_iam_user_policy\" \"x\" {\n  user = aws_iam_user.eve.name\n  policy = jsonencode(MAY)\n}\n",
        "resource \"aws_iam_user_policy_attachment\" \"x\" {\n  user = \"eve\"\n  policy_arn = aws_iam_policy.may.arn\n}\n",
        "resource \"aws_iam_policy_attachment\" \"x\" {\n  name = \"x\"\n  users = [aws_iam_user.eve.name]\n  policy_arn = aws_iam_policy.may.arn\n}\n",
        "resource \"aws_iam_group_policy\" \"x\" {\n  group = aws_iam_group.ops.name\n  policy = jsonencode(MAY)\n}\nresource \"aws_iam_user_group_membership\" \"x\" {\n  user = aws_iam_user.eve.name\n  groups = [aws_iam_group.ops.name]\n}\n",
        "resource \"aws_iam_group_policy_attachment\" \"x\" {\n  group = aws_iam_group.ops.name\n  policy_arn = aws_iam_policy.may.arn\n}\nresource \"aws_iam_group_membership\" \"x\" {\n  name = \"x\"\n  group = \"ops\"\n  users = [\"eve\"]\n}\n",
    ];
    for way in ways {
        let code = terraform(way);
        assert!(failed(&code).contains(RULE) && open(&code).is_empty(), "{way}{:#?}", shown(&code));
    }
    let eve = "  Eve:\n    Type: AWS::IAM::User\n    Properties: {UserName: eve}\n";
    let ways = [
        "  Eve: {Type: AWS::IAM::User, Properties: {Policies: [{PolicyName: x, PolicyDocument: MAY}]}}\n".to_owned(),
        "  Eve: {Type: AWS::IAM::User, Properties: {ManagedPolicyArns: [!Ref May]}}\n  May: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: MAY}}\n".to_owned(),
        format!("{eve}  May: {{Type: AWS::IAM::ManagedPolicy, Properties: {{Users: [!Ref Eve], PolicyDocument: MAY}}}}\n"),
        format!("{eve}  May: {{Type: AWS::IAM::Policy, Properties: {{PolicyName: x, Users: [!Ref Eve], PolicyDocument: MAY}}}}\n"),
        format!("{eve}  May: {{Type: AWS::IAM::UserPolicy, Properties: {{PolicyName: x, UserName: !Ref Eve, PolicyDocument: MAY}}}}\n"),
        "  Eve: {Type: AWS::IAM::User, Properties: {Groups: [!Ref Ops]}}\n  May: {Type: AWS::IAM::GroupPolicy, Properties: {PolicyName: x, GroupName: !Ref Ops, PolicyDocument: MAY}}\n".to_owned(),
        format!("{eve}  In: {{Type: AWS::IAM::UserToGroupAddition, Properties: {{GroupName: !Ref Ops, Users: [!Ref Eve]}}}}\n  May: {{Type: AWS::IAM::Policy, Properties: {{PolicyName: x, Groups: [!Ref Ops], PolicyDocument: MAY}}}}\n"),
    ];
    for way in ways {
        let code = template(&way);
        assert!(failed(&code).contains(RULE) && open(&code).is_empty(), "{way}{:#?}", shown(&code));
    }
}

#[test]
fn a_user_without_such_a_policy_is_no_finding_and_one_whose_policies_nobody_knows_is_open() {
    for code in [terraform(""), template("  Eve: {Type: AWS::IAM::User}\n")] {
        assert!(!failed(&code).contains(RULE) && open(&code).is_empty(), "{:#?}", shown(&code));
    }
    for code in [
        terraform("resource \"aws_iam_user_policy\" \"x\" {\n  user = aws_iam_user.eve.name\n  policy = var.x\n}\n"),
        terraform("resource \"aws_iam_user_policy\" \"x\" {\n  user = var.x\n  policy = jsonencode(MAY)\n}\n"),
        terraform(
            "resource \"aws_iam_user_group_membership\" \"x\" {\n  user = aws_iam_user.eve.name\n  groups = var.x\n}\n",
        ),
        template("  Eve: {Type: AWS::IAM::User, Properties: {ManagedPolicyArns: [!Ref Who]}}\n"),
        template("  Eve: {Type: AWS::IAM::User, Properties: {Groups: [!Ref Who]}}\n"),
        template(
            "  Eve: {Type: AWS::IAM::User}\n  May: {Type: AWS::IAM::Policy, Properties: {PolicyName: x, Users: [!Ref Who], PolicyDocument: MAY}}\n",
        ),
    ] {
        assert!(open(&code).contains(RULE), "{:#?}", shown(&code));
    }
}
