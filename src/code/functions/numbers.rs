//! Functions of numbers.

use crate::code::{
    Node, Number, Value, Why,
    expression::{Fault, as_number},
};

use super::{Arguments, Outcome};

pub(super) fn call(name: &str, arguments: &Arguments<'_>) -> Option<Outcome> {
    Some(match name {
        "abs" => arguments
            .number(0)
            .and_then(|number| held(if number < Number::from(0_usize) { number.negated() } else { Some(number) })),
        "ceil" => arguments.number(0).and_then(|number| held(number.ceil())),
        "floor" => arguments.number(0).and_then(|number| held(number.floor())),
        "max" => extreme(arguments, Ord::max),
        "min" => extreme(arguments, Ord::min),
        "pow" => pow(arguments),
        "signum" => arguments.number(0).map(|number| {
            let zero = Number::from(0_usize);
            Value::Number(Number::from(i128::from(number > zero) - i128::from(number < zero))).into()
        }),
        "sum" => arguments.list(0).and_then(|list| {
            let numbers = list.iter().map(as_number).collect::<Result<Vec<_>, _>>()?;
            let (first, rest) = numbers.split_first().ok_or_else(|| arguments.fault("requires an element"))?;
            held(rest.iter().try_fold(*first, |sum, number| sum.plus(*number)))
        }),
        "parseint" => parse(arguments),
        _ => return None,
    })
}

fn held(number: Option<Number>) -> Outcome {
    let number = number.ok_or_else(|| Fault::Other(Why::Limit, "a number that is not held exactly".into()))?;
    Ok(Value::Number(number).into())
}

fn extreme(arguments: &Arguments<'_>, pick: fn(Number, Number) -> Number) -> Outcome {
    let numbers = arguments.all().iter().map(as_number).collect::<Result<Vec<_>, _>>()?;
    let picked = numbers.into_iter().reduce(pick).ok_or_else(|| arguments.fault("requires an argument"))?;
    held(Some(picked))
}

fn pow(arguments: &Arguments<'_>) -> Outcome {
    let (base, power) = (arguments.number(0)?, arguments.number(1)?);
    match power.whole().and_then(|power| usize::try_from(power).ok()) {
        Some(power) if power <= 200 => {
            held(std::iter::repeat_n(base, power).try_fold(Number::from(1_usize), Number::times))
        }
        _ => held(None),
    }
}

fn parse(arguments: &Arguments<'_>) -> Outcome {
    let (text, base) = (arguments.text(0)?, arguments.whole(1)?);
    let base = u32::try_from(base).ok().filter(|base| (2..=62).contains(base));
    let base = base.ok_or_else(|| arguments.fault("requires a base between 2 and 62"))?;
    if base > 36 {
        return held(None);
    }
    i128::from_str_radix(&text, base)
        .map(|number| Node::from(Value::Number(number.into())))
        .map_err(|_| arguments.fault("requires a number of that base"))
}
