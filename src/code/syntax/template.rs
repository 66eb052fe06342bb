//! Templates: texts with values, conditions and loops in them, and the marks that eat the space beside them.
//!
//! Outside of quotes every line of a template is a text of its own: a mark eats no more than what is left of its line,
//! and the indentation of an indented heredoc is counted over what the marks have left.

use std::{collections::VecDeque, sync::Arc};

use hcl_edit::{
    Span as _,
    template::{Directive, Element, HeredocTemplate, Strip, Template},
};

use super::{Piece, native::Reader};

/// What a template is written in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Quoted,
    Lines,
    Indented,
}

/// A template as one row of texts and marks.
enum Token {
    Text(Vec<String>),
    Mark(Strip),
}

/// Reads a template in quotes.
pub(super) fn quoted(reader: &Reader<'_>, template: &Template) -> Vec<Piece> {
    read(reader, template, Form::Quoted)
}

/// Reads a template that is a file of its own.
pub(super) fn of_file(reader: &Reader<'_>, template: &Template) -> Vec<Piece> {
    read(reader, template, Form::Lines)
}

/// Reads a heredoc.
pub(super) fn heredoc(reader: &Reader<'_>, heredoc: &HeredocTemplate) -> Vec<Piece> {
    let written = heredoc.span().and_then(|span| reader.written(span)).unwrap_or_default();
    read(reader, &heredoc.template, if written.starts_with("<<-") { Form::Indented } else { Form::Lines })
}

fn read(reader: &Reader<'_>, template: &Template, form: Form) -> Vec<Piece> {
    let mut tokens = Vec::new();
    flatten(reader, template, form, &mut tokens);
    eat(&mut tokens);
    if form == Form::Indented {
        dedent(&mut tokens);
    }
    let texts = tokens.into_iter().filter_map(|token| if let Token::Text(lines) = token { Some(lines) } else { None });
    let mut texts: VecDeque<String> = texts
        .map(|lines| {
            let text = lines.concat();
            if form == Form::Quoted { text } else { text.replace("$${", "${").replace("%%{", "%{") }
        })
        .collect();
    pieces(reader, template, &mut texts)
}

fn flatten(reader: &Reader<'_>, template: &Template, form: Form, tokens: &mut Vec<Token>) {
    for element in template {
        match element {
            Element::Literal(text) => {
                let raw = text.span().and_then(|span| reader.written(span)).filter(|_| form != Form::Quoted);
                tokens.push(Token::Text(match raw {
                    Some(raw) => raw.split_inclusive('\n').map(str::to_owned).collect(),
                    None => vec![text.value().clone()],
                }));
            }
            Element::Interpolation(value) => tokens.push(Token::Mark(value.strip)),
            Element::Directive(directive) => match &**directive {
                Directive::If(branch) => {
                    tokens.push(Token::Mark(branch.if_expr.strip));
                    flatten(reader, &branch.if_expr.template, form, tokens);
                    if let Some(other) = &branch.else_expr {
                        tokens.push(Token::Mark(other.strip));
                        flatten(reader, &other.template, form, tokens);
                    }
                    tokens.push(Token::Mark(branch.endif_expr.strip));
                }
                Directive::For(each) => {
                    tokens.push(Token::Mark(each.for_expr.strip));
                    flatten(reader, &each.for_expr.template, form, tokens);
                    tokens.push(Token::Mark(each.endfor_expr.strip));
                }
            },
        }
    }
}

/// Takes away the space that marks eat.
fn eat(tokens: &mut [Token]) {
    let marks: Vec<Strip> =
        tokens.iter().map(|token| if let Token::Mark(strip) = token { *strip } else { Strip::None }).collect();
    for (index, token) in tokens.iter_mut().enumerate() {
        let Token::Text(lines) = token else { continue };
        let before = index.checked_sub(1).and_then(|at| marks.get(at));
        if before.is_some_and(|mark| mark.strip_end())
            && let Some(first) = lines.first_mut()
        {
            *first = first.trim_start().to_owned();
        }
        if marks.get(index + 1).is_some_and(|mark| mark.strip_start())
            && let Some(last) = lines.last_mut()
            && !last.ends_with('\n')
        {
            *last = last.trim_end().to_owned();
        }
    }
}

/// Takes away the indentation that all lines share; lines of nothing but space do not count.
fn dedent(tokens: &mut [Token]) {
    let mut starts = Vec::new();
    let mut fewest = usize::MAX;
    let mut at_start = true;
    for (index, token) in tokens.iter().enumerate() {
        let Token::Text(lines) = token else {
            fewest = if at_start { 0 } else { fewest };
            at_start = false;
            continue;
        };
        for (line, text) in lines.iter().enumerate() {
            if at_start && !(text.trim().is_empty() && text.ends_with('\n')) {
                fewest = fewest.min(text.chars().take_while(|c| c.is_whitespace()).count());
                starts.push((index, line));
            }
            at_start = text.ends_with('\n');
        }
    }
    for (index, line) in starts {
        if let Some(Token::Text(lines)) = tokens.get_mut(index)
            && let Some(text) = lines.get_mut(line)
        {
            *text = text.chars().skip(fewest).collect();
        }
    }
}

/// The pieces of a template, whose texts come in their order.
fn pieces(reader: &Reader<'_>, template: &Template, texts: &mut VecDeque<String>) -> Vec<Piece> {
    let mut found = Vec::new();
    for element in template {
        match element {
            Element::Literal(_) => {
                let text = texts.pop_front().unwrap_or_default();
                if !text.is_empty() {
                    found.push(Piece::Text(Arc::from(text)));
                }
            }
            Element::Interpolation(value) => found.push(Piece::Value(reader.expr(&value.expr))),
            Element::Directive(directive) => match &**directive {
                Directive::If(branch) => {
                    let when = reader.expr(&branch.if_expr.cond_expr);
                    let then = pieces(reader, &branch.if_expr.template, texts);
                    let other = branch.else_expr.as_ref();
                    let otherwise = other.map_or_else(Vec::new, |other| pieces(reader, &other.template, texts));
                    found.push(Piece::If { when, then, otherwise });
                }
                Directive::For(each) => found.push(Piece::For {
                    index: each.for_expr.key_var.as_ref().map(|name| name.as_str().into()),
                    item: each.for_expr.value_var.as_str().into(),
                    over: reader.expr(&each.for_expr.collection_expr),
                    each: pieces(reader, &each.for_expr.template, texts),
                }),
            },
        }
    }
    found
}
