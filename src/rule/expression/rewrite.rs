//! Makes `exists` and `all` right over a list that may be incomplete.
//!
//! Such a list ends in an element of which nothing is known, and which may not be there at all. A condition that does
//! not depend on the element would be decided by it: `list.exists(i, true)` would hold over no element. So each
//! condition also asks whether the element is there, which is an error for that last one, and true for the others:
//! `exists(i, P)` becomes `exists(i, P && i.@whole)`, and `all(i, P)` becomes `all(i, P || !i.@whole)`.

use cel::{
    IdedExpr,
    common::ast::{CallExpr, Expr, SelectExpr, operators},
};

/// The hidden field that every element has but the last one of an incomplete list. No rule can write this name.
pub(crate) const WHOLE: &str = "@whole";

/// The same expression with every condition guarded.
pub(super) fn rewrite(tree: IdedExpr) -> IdedExpr {
    let IdedExpr { id, expr } = tree;
    let expr = match expr {
        Expr::Call(call) => Expr::Call(CallExpr {
            func_name: call.func_name,
            target: call.target.map(|target| Box::new(rewrite(*target))),
            args: call.args.into_iter().map(rewrite).collect(),
        }),
        Expr::Comprehension(mut walk) => {
            if let Expr::Call(step) = walk.loop_step.expr {
                let mut args = step.args.into_iter();
                let so_far = args.next();
                let condition =
                    args.next().map(|condition| guarded(&step.func_name, &walk.iter_var, rewrite(condition)));
                let args = so_far.into_iter().chain(condition).collect();
                walk.loop_step.expr = Expr::Call(CallExpr { func_name: step.func_name, target: None, args });
            }
            Expr::Comprehension(walk)
        }
        other => other,
    };
    IdedExpr { id, expr }
}

fn guarded(connective: &str, element: &str, condition: IdedExpr) -> IdedExpr {
    let id = condition.id;
    let node = |expr| IdedExpr { id, expr };
    let call = |name: &str, args| node(Expr::Call(CallExpr { func_name: name.to_owned(), target: None, args }));
    let whole = node(Expr::Select(SelectExpr {
        operand: Box::new(node(Expr::Ident(element.to_owned()))),
        field: WHOLE.to_owned(),
        test: false,
    }));
    if connective == operators::LOGICAL_OR {
        call(operators::LOGICAL_AND, vec![condition, whole])
    } else {
        call(operators::LOGICAL_OR, vec![condition, call(operators::LOGICAL_NOT, vec![whole])])
    }
}
