//! HCL as people write it: the syntax tree of the parser, read into ours.

use std::sync::Arc;

use hcl_edit::{
    Span as _,
    expr::{BinaryOperator, Expression, ObjectKey, TraversalOperator, UnaryOperator},
    structure,
};

use crate::{
    code::{CodeGap, Place, Value, place::Lines},
    evidence::GapReason,
};

use super::{Attribute, Block, Body, Expr, ExprKind, For, Key, Operator, Piece, Step, template, within_measure};

pub(super) fn parse(file: &Arc<str>, text: &str) -> Result<Body, CodeGap> {
    within_measure(file, text)?;
    let body = hcl_edit::parser::parse_body(text).map_err(|error| refused(file, &error))?;
    Ok(Reader::new(file, text).body(&body))
}

pub(super) fn parse_template(file: &Arc<str>, text: &str) -> Result<Vec<Piece>, CodeGap> {
    within_measure(file, text)?;
    let parsed = hcl_edit::parser::parse_template(text).map_err(|error| refused(file, &error))?;
    Ok(template::of_file(&Reader::new(file, text), &parsed))
}

pub(super) fn parse_expression(file: &Arc<str>, text: &str) -> Result<Expr, CodeGap> {
    let parsed = hcl_edit::parser::parse_expr(text).map_err(|error| refused(file, &error))?;
    Ok(Reader::new(file, text).expr(&parsed))
}

fn refused(file: &Arc<str>, error: &hcl_edit::parser::Error) -> CodeGap {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let (line, column) = (count(error.location().line()), count(error.location().column()));
    let place = Place { file: file.clone(), line, column, end_line: line, end_column: column };
    CodeGap::new(&**file, GapReason::Malformed, error.message()).at(&place)
}

/// Reads syntax trees of one text.
pub(super) struct Reader<'a> {
    lines: Lines<'a>,
}

impl<'a> Reader<'a> {
    fn new(file: &Arc<str>, text: &'a str) -> Self {
        Self { lines: Lines::new(file.clone(), text) }
    }

    fn place(&self, span: Option<std::ops::Range<usize>>) -> Place {
        self.lines.place(span.unwrap_or_default())
    }

    pub(super) fn written(&self, span: std::ops::Range<usize>) -> Option<&'a str> {
        self.lines.written(span)
    }

    fn body(&self, body: &structure::Body) -> Body {
        let mut read = Body::default();
        for structure in body {
            match structure {
                structure::Structure::Attribute(attribute) => read.attributes.push(Attribute {
                    name: attribute.key.as_str().into(),
                    value: self.expr(&attribute.value),
                    place: self.place(attribute.span()),
                }),
                structure::Structure::Block(block) => read.blocks.push(Block {
                    kind: block.ident.as_str().into(),
                    labels: block.labels.iter().map(|label| label.as_str().into()).collect(),
                    body: self.body(&block.body),
                    place: self.place(block.span()),
                }),
            }
        }
        read
    }

    pub(super) fn expr(&self, expr: &Expression) -> Expr {
        let kind = match expr {
            Expression::Null(_) => ExprKind::Literal(Value::Null),
            Expression::Bool(yes) => ExprKind::Literal(Value::Bool(*yes.value())),
            Expression::Number(number) => {
                let written = number.span().and_then(|span| self.lines.written(span)).unwrap_or_default();
                let known = written.parse().or_else(|_| number.value().to_string().parse());
                ExprKind::Literal(
                    known.map_or_else(|_| Value::unknown(super::super::Why::Limit, written), Value::Number),
                )
            }
            Expression::String(text) => ExprKind::Literal(Value::text(text.as_str())),
            Expression::Array(items) => ExprKind::Tuple(items.iter().map(|item| self.expr(item)).collect()),
            Expression::Object(object) => {
                ExprKind::Object(object.iter().map(|(key, value)| (self.key(key), self.expr(value.expr()))).collect())
            }
            Expression::StringTemplate(parsed) => ExprKind::Template(template::quoted(self, parsed)),
            Expression::HeredocTemplate(heredoc) => ExprKind::Template(template::heredoc(self, heredoc)),
            Expression::Parenthesis(inner) => return self.expr(inner.inner()),
            Expression::Variable(name) => ExprKind::Name(name.as_str().into()),
            Expression::Conditional(conditional) => ExprKind::Conditional(Box::new((
                self.expr(&conditional.cond_expr),
                self.expr(&conditional.true_expr),
                self.expr(&conditional.false_expr),
            ))),
            Expression::FuncCall(call) => {
                let namespace = call.name.namespace.iter().map(|part| format!("{}::", part.as_str()));
                ExprKind::Call {
                    name: namespace.chain([call.name.name.as_str().to_owned()]).collect::<String>().into(),
                    arguments: call.args.iter().map(|argument| self.expr(argument)).collect(),
                    spread: call.args.expand_final(),
                }
            }
            Expression::Traversal(traversal) => ExprKind::Steps(
                Box::new(self.expr(&traversal.expr)),
                traversal.operators.iter().map(|operator| self.step(operator.value())).collect(),
            ),
            Expression::UnaryOp(unary) => {
                let inner = Box::new(self.expr(&unary.expr));
                match unary.operator.value() {
                    UnaryOperator::Neg => ExprKind::Minus(inner),
                    UnaryOperator::Not => ExprKind::Not(inner),
                }
            }
            Expression::BinaryOp(binary) => ExprKind::Binary(
                operator(*binary.operator.value()),
                Box::new((self.expr(&binary.lhs_expr), self.expr(&binary.rhs_expr))),
            ),
            Expression::ForExpr(each) => ExprKind::For(Box::new(For {
                index: each.intro.key_var.as_ref().map(|name| name.as_str().into()),
                item: each.intro.value_var.as_str().into(),
                over: self.expr(&each.intro.collection_expr),
                key: each.key_expr.as_ref().map(|key| self.expr(key)),
                value: self.expr(&each.value_expr),
                grouped: each.grouping,
                when: each.cond.as_ref().map(|condition| self.expr(&condition.expr)),
            })),
        };
        Expr { kind, place: self.place(expr.span()) }
    }

    fn key(&self, key: &ObjectKey) -> Key {
        match key {
            ObjectKey::Ident(name) | ObjectKey::Expression(Expression::Variable(name)) => {
                Key::Name(name.as_str().into())
            }
            ObjectKey::Expression(Expression::String(text)) => Key::Name(text.as_str().into()),
            ObjectKey::Expression(expr) => Key::Computed(self.expr(expr)),
        }
    }

    fn step(&self, operator: &TraversalOperator) -> Step {
        match operator {
            TraversalOperator::AttrSplat(_) => Step::Splat { full: false },
            TraversalOperator::FullSplat(_) => Step::Splat { full: true },
            TraversalOperator::GetAttr(name) => Step::Attribute(name.as_str().into()),
            TraversalOperator::Index(index) => Step::Index(self.expr(index)),
            TraversalOperator::LegacyIndex(index) => {
                let number = Value::Number(i128::from(*index.value()).into());
                Step::Index(Expr { kind: ExprKind::Literal(number), place: self.place(index.span()) })
            }
        }
    }
}

fn operator(operator: BinaryOperator) -> Operator {
    match operator {
        BinaryOperator::Eq => Operator::Equal,
        BinaryOperator::NotEq => Operator::NotEqual,
        BinaryOperator::Less => Operator::Less,
        BinaryOperator::LessEq => Operator::LessEqual,
        BinaryOperator::Greater => Operator::Greater,
        BinaryOperator::GreaterEq => Operator::GreaterEqual,
        BinaryOperator::Plus => Operator::Plus,
        BinaryOperator::Minus => Operator::Minus,
        BinaryOperator::Mul => Operator::Times,
        BinaryOperator::Div => Operator::Over,
        BinaryOperator::Mod => Operator::Modulo,
        BinaryOperator::And => Operator::And,
        BinaryOperator::Or => Operator::Or,
    }
}
