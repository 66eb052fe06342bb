//! What we rely upon in the `cel` crate. A test that fails here after an upgrade means that verdicts may have changed:
//! do not adapt the test, look at the engine.

use cel::{Context, ExecutionError, Value};

use crate::rule::expression::LANGUAGE;

fn run(source: &str) -> Result<Value, ExecutionError> {
    let mut context = Context::with_env(std::sync::Arc::clone(&LANGUAGE));
    let key = |name: &str| cel::objects::Key::from(name);
    let inner = |value: Value| Value::from(std::collections::HashMap::from([(key("b"), value)]));
    let items = Value::from(vec![
        inner(true.into()),
        inner(false.into()),
        Value::from(std::collections::HashMap::<cel::objects::Key, Value>::new()),
    ]);
    let map = std::collections::HashMap::from([
        (key("yes"), Value::from(true)),
        (key("no"), Value::from(false)),
        (key("one"), Value::from(1)),
        (key("text"), Value::from("text")),
        (key("nothing"), Value::Null),
        (key("items"), items),
        (key("empty"), Value::from(Vec::<Value>::new())),
    ]);
    context.add_variable_from_value("x", map);
    LANGUAGE.compile(source).unwrap_or_else(|error| panic!("{source}: {error}")).execute(&context)
}

#[track_caller]
fn gives(source: &str, answer: bool) {
    assert_eq!(run(source), Ok(Value::Bool(answer)), "{source}");
}

#[track_caller]
fn misses(source: &str) {
    assert!(matches!(run(source), Err(ExecutionError::NoSuchKey(_))), "{source}: {:?}", run(source));
}

#[test]
fn a_field_that_is_not_there_is_an_error_wherever_the_answer_depends_on_it() {
    misses("x.missing");
    misses("x.missing.deeper == 1");
    misses("!x.missing");
    misses("x.missing == 1");
    misses("1 == x.missing");
    misses("x.missing != 1");
    misses("x.missing > 1");
    misses("x.missing in [1]");
    misses("size(x.missing) == 0");
    misses("x.missing.size() == 0");
    misses("x.missing.startsWith('a')");
    misses("x.text.startsWith(x.missing)");
    misses("x.missing ? true : true");
    misses("x.missing.exists(i, i.b)");
}

#[test]
fn and_and_or_absorb_errors_in_either_order() {
    gives("x.missing && x.no", false);
    gives("x.no && x.missing", false);
    gives("x.missing || x.yes", true);
    gives("x.yes || x.missing", true);
    misses("x.missing && x.yes");
    misses("x.yes && x.missing");
    misses("x.missing || x.no");
    misses("x.no || x.missing");
    misses("x.missing && x.missing");
    gives("(x.missing || x.no) && x.no", false);
    gives("!(x.missing && x.no)", true);
}

#[test]
fn exists_and_all_absorb_errors_in_either_order() {
    gives("x.items.exists(i, i.b)", true);
    gives("x.items.all(i, i.b)", false);
    misses("x.items.exists(i, i.b == null)");
    misses("x.items.all(i, i.b != null)");
    gives("x.items.exists(i, !i.b)", true);
    gives("x.items.all(i, !i.b)", false);
    gives("x.empty.all(i, i.b)", true);
    gives("x.empty.exists(i, i.b)", false);
}

#[test]
fn an_error_does_not_hide_behind_a_later_element() {
    // The first element errs on `c`, and so do the others: neither walk may end in its starting value.
    misses("x.items.all(i, i.c)");
    misses("x.items.exists(i, i.c)");
    misses("x.items.all(i, i.c || x.no)");
    gives("x.items.all(i, i.c || x.yes)", true);
    gives("x.items.exists(i, i.c && x.no)", false);
}

#[test]
fn null_equals_null_alone() {
    gives("x.nothing == null", true);
    gives("null == x.nothing", true);
    gives("x.nothing != null", false);
    gives("x.text == null", false);
    gives("null == x.text", false);
    gives("x.items == null", false);
    gives("null != x.items", true);
    gives("x.nothing == 'text'", false);
    gives("x.nothing in ['text', 'null']", false);
    assert!(run("x.nothing.deeper").is_err());
    assert!(run("x.nothing > 1").is_err());
}

#[test]
fn different_types_are_unequal_without_an_error() {
    gives("x.one == 'one'", false);
    gives("x.text == 1", false);
    gives("x.text in [1, 2]", false);
    assert!(run("x.text > 1").is_err());
}

#[test]
fn a_condition_that_is_neither_yes_nor_no_is_an_error() {
    assert!(run("x.one && true").is_err());
    assert!(run("x.one || false").is_err());
    assert!(run("!x.text").is_err());
    assert!(run("x.text ? 1 : 2").is_err());
}

#[test]
fn a_field_that_was_not_read_would_be_absent_to_has() {
    gives("has(x.missing)", false);
}

#[test]
fn some_words_cannot_be_names() {
    for word in ["function", "package", "namespace", "if", "import", "var"] {
        assert!(LANGUAGE.compile(&format!("{word} == 1")).is_err(), "{word}");
    }
    for word in ["workload", "nat", "address", "key", "path", "grant", "connector", "door"] {
        assert!(LANGUAGE.compile(&format!("{word} == 1")).is_ok(), "{word}");
    }
}

#[test]
fn optionals_are_off() {
    assert!(LANGUAGE.compile("x.?missing").is_err());
    assert!(LANGUAGE.compile("x[?'missing']").is_err());
}
