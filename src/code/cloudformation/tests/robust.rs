//! Whatever is done to a template, there is an answer, and it says where something is wrong.

use proptest::prelude::*;

use super::*;

/// Templates to be damaged.
fn good() -> [String; 6] {
    let yaml = holder("!Sub ['${a}-${Vpc.CidrBlock}', {a: !If [Maybe, !Select [0, !Ref Names], '{{resolve:ssm:x}}']}]");
    let json = concat!(
        "{\"AWSTemplateFormatVersion\": \"2010-09-09\", \"Transform\": \"AWS::Serverless-2016-10-31\",\n",
        " \"Globals\": {\"Function\": {\"Timeout\": 3}},\n \"Resources\": {\"F\": {\"Type\": \"AWS::Serverless::Function\",\n",
        "  \"Properties\": {\"Handler\": \"a.b\", \"Runtime\": \"python3.13\", \"InlineCode\": \"x\",\n",
        "   \"FunctionUrlConfig\": {\"AuthType\": \"NONE\"}, \"Policies\": [{\"SQSPollerPolicy\": {\"QueueName\": \"q\"}}],\n",
        "   \"Events\": {\"Api\": {\"Type\": \"Api\", \"Properties\": {\"Path\": \"/x\", \"Method\": \"get\"}}}}}}}\n",
    );
    let inputs = [
        include_str!("../../../../tests/sam/inputs/conditional-all.yaml"),
        include_str!("../../../../tests/sam/inputs/api-auth-cognito.yaml"),
        include_str!("../../../../tests/sam/inputs/connectors.yaml"),
        include_str!("../../../../tests/sam/inputs/http-auth-lambda.yaml"),
    ];
    let [a, b, c, d] = inputs.map(str::to_owned);
    [yaml, json.to_owned(), a, b, c, d]
}

/// The answer to a text; what is wrong has a line.
fn answered(text: &str) {
    match template("t.yaml", text, &TemplateOptions::default()) {
        Ok(all) => all.gaps.iter().for_each(|gap| {
            assert!(gap.place.as_ref().is_some_and(|place| place.line > 0), "{gap:?}");
        }),
        Err(CodeError::Template { place, .. }) => assert!(place.line > 0 && place.column > 0),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_cut_anywhere_is_answered() {
    for text in good() {
        // The places between them are tried at random below.
        for (at, _) in text.char_indices().step_by(3) {
            answered(text.get(..at).expect("a character starts here"));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_byte_that_is_flipped_is_answered(which in 0_usize..6, at in any::<prop::sample::Index>(), byte in 0_u8..=127) {
        let mut bytes = good()[which].clone().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        answered(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn a_stretch_that_is_missing_is_answered(which in 0_usize..6, from in any::<prop::sample::Index>(), length in 1_usize..80) {
        let text: Vec<char> = good()[which].chars().collect();
        let from = from.index(text.len());
        let left: String = text[..from].iter().chain(text.iter().skip(from + length)).collect();
        answered(&left);
    }
}
