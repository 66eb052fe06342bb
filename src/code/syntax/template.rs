//! Templates: texts with values, conditions and loops in them, and the marks that eat the space beside them.

use std::sync::Arc;

use hcl_edit::{
    expr::Expression,
    template::{Directive, Element, Strip, Template},
};

use super::{Piece, native::Reader};

/// An element with the marks that eat the white space before and behind it.
struct Marked {
    before: bool,
    behind: bool,
    piece: Piece,
}

/// Reads a template: the space that marks eat is gone, and neighbouring texts are one.
pub(super) fn pieces(reader: &Reader<'_>, template: &Template) -> Vec<Piece> {
    inner(reader, template, false, false)
}

/// Reads a template that stands between two directives, whose marks eat the space at its ends.
fn inner(reader: &Reader<'_>, template: &Template, eat_start: bool, eat_end: bool) -> Vec<Piece> {
    let marked: Vec<Marked> = template.iter().map(|element| read(reader, element)).collect();
    let behind = std::iter::once(eat_start).chain(marked.iter().map(|element| element.behind)).collect::<Vec<_>>();
    let before = marked.iter().skip(1).map(|element| element.before).chain([eat_end]).collect::<Vec<_>>();
    let mut pieces: Vec<Piece> = Vec::new();
    for ((element, eat_start), eat_end) in marked.into_iter().zip(behind).zip(before) {
        match element.piece {
            Piece::Text(text) => {
                let text = if eat_start { text.trim_start() } else { &text };
                let text = if eat_end { text.trim_end() } else { text };
                if !text.is_empty() {
                    pieces.push(Piece::Text(text.into()));
                }
            }
            other => pieces.push(other),
        }
    }
    pieces
}

fn read(reader: &Reader<'_>, element: &Element) -> Marked {
    match element {
        Element::Literal(text) => {
            Marked { before: false, behind: false, piece: Piece::Text(Arc::from(text.value().as_str())) }
        }
        Element::Interpolation(value) => marked(value.strip, value.strip, Piece::Value(expression(reader, &value.expr))),
        Element::Directive(directive) => match &**directive {
            Directive::If(branch) => {
                let (first, last) = (branch.if_expr.strip, branch.endif_expr.strip);
                let other = branch.else_expr.as_ref();
                let next = other.map_or(last, |other| other.strip);
                let then = inner(reader, &branch.if_expr.template, first.strip_end(), next.strip_start());
                let otherwise = other.map_or_else(Vec::new, |other| {
                    inner(reader, &other.template, other.strip.strip_end(), last.strip_start())
                });
                let when = expression(reader, &branch.if_expr.cond_expr);
                marked(first, last, Piece::If { when, then, otherwise })
            }
            Directive::For(each) => {
                let (first, last) = (each.for_expr.strip, each.endfor_expr.strip);
                let piece = Piece::For {
                    index: each.for_expr.key_var.as_ref().map(|name| name.as_str().into()),
                    item: each.for_expr.value_var.as_str().into(),
                    over: expression(reader, &each.for_expr.collection_expr),
                    each: inner(reader, &each.for_expr.template, first.strip_end(), last.strip_start()),
                };
                marked(first, last, piece)
            }
        },
    }
}

fn expression(reader: &Reader<'_>, expr: &Expression) -> super::Expr {
    reader.expr(expr)
}

fn marked(first: Strip, last: Strip, piece: Piece) -> Marked {
    Marked { before: first.strip_start(), behind: last.strip_end(), piece }
}
