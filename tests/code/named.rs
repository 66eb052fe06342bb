//! Which function, role or user a resource belongs to, by every way to write it.

use crate::verdicts::{failed, open, shown, text, written};

#[test]
fn a_permission_is_on_the_function_that_it_names_in_any_form() {
    let arn = "arn:aws:lambda:us-west-2:123456789012:function:orders";
    let main = text("aws/sound/main.tf");
    let alias = "resource \"aws_lambda_alias\" \"live\" {\n  name = \"live\"\n  function_name = aws_lambda_function.orders.function_name\n  function_version = \"$LATEST\"\n}\n";
    let on = |name: &str| {
        let permission = format!(
            "resource \"aws_lambda_permission\" \"x\" {{\n  action = \"lambda:InvokeFunction\"\n  function_name = {name}\n  principal = \"*\"\n}}\n"
        );
        written(&format!("{main}{alias}{permission}"))
    };
    let own = [
        "aws_lambda_function.orders.function_name".to_owned(),
        "aws_lambda_function.orders.arn".into(),
        "\"${aws_lambda_function.orders.arn}:live\"".into(),
        "\"orders\"".into(),
        "\"orders:live\"".into(),
        format!("\"{arn}\""),
        format!("\"{arn}:live\""),
        "\"123456789012:function:orders\"".into(),
        "\"123456789012:function:orders:live\"".into(),
    ];
    for name in own {
        let code = on(&name);
        assert!(failed(&code).contains("any-principal-invocation"), "{name}: {:#?}", shown(&code));
    }
    for name in
        ["\"order\"", "\"orders2\"", "\"my-orders\"", "\"arn:aws:lambda:us-west-2:123456789012:function:other:orders\""]
    {
        let code = on(name);
        assert!(failed(&code).is_empty() && open(&code).is_empty(), "{name}: {:#?}", shown(&code));
    }
}

#[test]
fn a_policy_for_a_role_of_a_name_that_nobody_knows_may_be_for_any_such_role() {
    let main = format!("variable \"name\" {{}}\n{}", text("aws/sound/main.tf"));
    let policy = |role: &str| {
        format!(
            "resource \"aws_iam_role_policy\" \"x\" {{\n  role = \"{role}\"\n  policy = jsonencode({{ Version = \"2012-10-17\", Statement = [{{ Effect = \"Allow\", Action = \"*\", Resource = \"*\" }}] }})\n}}\n"
        )
    };
    let unnamed = main.replacen("  name               = \"orders\"", "  name = \"${var.name}-orders\"", 1);
    assert_ne!(unnamed, main);
    let rules = |code: &str, role: &str| {
        let code = written(&format!("{code}{}", policy(role)));
        (failed(&code).contains("privileged-runtime-identity"), open(&code).contains("privileged-runtime-identity"))
    };
    assert_eq!(rules(&main, "orders"), (true, false));
    assert_eq!(rules(&main, "other"), (false, false));
    assert_eq!(rules(&unnamed, "shop-orders"), (false, true));
}
