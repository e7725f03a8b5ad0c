//! From tokens to a tree, by recursive descent.

use regex::Regex;

use super::FilterError;
use super::ast::{Filter, Pattern, Relation, Test};
use super::lexer::{Kind, Segment, Token, tokens};

/// Deeper nesting is refused: a filter comes from outside and must not exhaust the stack.
const DEEPEST: usize = 64;

impl Filter {
    /// Reads a filter; the empty one matches everything.
    pub(in crate::sandbox::server) fn parse(source: &str) -> Result<Self, FilterError> {
        let tokens = tokens(source)?;
        if tokens.is_empty() {
            return Ok(Self::Everything);
        }
        let mut parser = Parser {
            source,
            tokens: &tokens,
            next: 0,
            depth: 0,
        };
        let filter = parser.conjunction()?;
        match parser.peek() {
            None => Ok(filter),
            Some(_) => Err(parser.error("syntax error")),
        }
    }
}

struct Parser<'a> {
    source: &'a str,
    tokens: &'a [Token],
    next: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a Kind> {
        self.tokens.get(self.next).map(|token| &token.kind)
    }

    fn take(&mut self) -> Option<&'a Kind> {
        let kind = self.peek();
        self.next += usize::from(kind.is_some());
        kind
    }

    fn error(&self, problem: impl Into<String>) -> FilterError {
        let (start, end) = self
            .tokens
            .get(self.next)
            .map_or((self.source.len(), self.source.len()), |token| {
                (token.start, token.end)
            });
        let token = if start == end {
            "<EOF>"
        } else {
            &self.source[start..end]
        };
        FilterError::at(self.source, start, token, problem)
    }

    fn keyword(&mut self, word: &str) -> bool {
        let found = self.peek().is_some_and(|kind| is_word(kind, word));
        self.next += usize::from(found);
        found
    }

    fn conjunction(&mut self) -> Result<Filter, FilterError> {
        let mut parts = vec![self.disjunction()?];
        while self.peek().is_some_and(|kind| *kind != Kind::Close) {
            self.keyword("AND");
            parts.push(self.disjunction()?);
        }
        Ok(one_or(parts, Filter::And))
    }

    fn disjunction(&mut self) -> Result<Filter, FilterError> {
        let mut parts = vec![self.negation()?];
        while self.keyword("OR") {
            parts.push(self.negation()?);
        }
        Ok(one_or(parts, Filter::Or))
    }

    fn negation(&mut self) -> Result<Filter, FilterError> {
        let minus = self.peek() == Some(&Kind::Minus);
        self.next += usize::from(minus);
        if minus || self.keyword("NOT") {
            return Ok(Filter::Not(Box::new(self.nested(Self::negation)?)));
        }
        self.primary()
    }

    fn nested<T>(
        &mut self,
        inner: impl FnOnce(&mut Self) -> Result<T, FilterError>,
    ) -> Result<T, FilterError> {
        if self.depth == DEEPEST {
            return Err(self.error("the filter is nested too deeply"));
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    fn primary(&mut self) -> Result<Filter, FilterError> {
        match self.peek() {
            Some(Kind::Open) => {
                self.next += 1;
                let inner = self.nested(Self::conjunction)?;
                self.close()?;
                Ok(inner)
            }
            Some(Kind::Member(segments)) if !is_reserved(segments) => {
                self.next += 1;
                self.after_member(segments)
            }
            _ => Err(self.error("syntax error")),
        }
    }

    fn close(&mut self) -> Result<(), FilterError> {
        if self.peek() == Some(&Kind::Close) {
            self.next += 1;
            return Ok(());
        }
        Err(self.error("a closing parenthesis is missing"))
    }

    fn after_member(&mut self, segments: &[Segment]) -> Result<Filter, FilterError> {
        if let Some(Kind::Operator(operator)) = self.peek() {
            self.next += 1;
            let path: Vec<String> = segments.iter().map(|s| s.text.clone()).collect();
            return self.value(&path, operator);
        }
        if self.peek() == Some(&Kind::Open) && self.adjoins() {
            return self.function(&raw(segments));
        }
        Ok(Filter::Text(raw(segments)))
    }

    /// Is there no blank between the last token and the next one?
    fn adjoins(&self) -> bool {
        self.tokens[self.next - 1].end == self.tokens[self.next].start
    }

    fn function(&mut self, name: &str) -> Result<Filter, FilterError> {
        let start = self.next - 1;
        self.next += 1;
        let arguments = self.arguments()?;
        match (name, arguments.as_slice()) {
            ("SEARCH", [text]) => Ok(search(None, &raw(text))),
            ("SEARCH", [field, text]) => Ok(search(Some(field), &raw(text))),
            ("log_id", [id]) => Ok(log_id(&raw(id))),
            _ => {
                self.next = start;
                Err(self.error("unsupported function"))
            }
        }
    }

    fn arguments(&mut self) -> Result<Vec<&'a [Segment]>, FilterError> {
        let mut found = Vec::new();
        loop {
            let Some(Kind::Member(argument)) = self.peek() else {
                return Err(self.error("an argument is missing"));
            };
            found.push(argument.as_slice());
            self.next += 1;
            if self.peek() != Some(&Kind::Comma) {
                self.close()?;
                return Ok(found);
            }
            self.next += 1;
        }
    }

    /// One value, or a group such as `("a" OR "b")`.
    fn value(&mut self, path: &[String], operator: &str) -> Result<Filter, FilterError> {
        match self.peek() {
            Some(Kind::Open) => {
                self.next += 1;
                let group = self.nested(|parser| parser.value_group(path, operator))?;
                self.close()?;
                Ok(group)
            }
            Some(Kind::Member(segments)) => {
                let test = self.test(operator, segments)?;
                self.next += 1;
                Ok(Filter::Compare {
                    path: path.to_vec(),
                    test,
                })
            }
            _ => Err(self.error("a value is missing")),
        }
    }

    fn value_group(&mut self, path: &[String], operator: &str) -> Result<Filter, FilterError> {
        let mut all = vec![];
        loop {
            let mut any = vec![self.grouped_value(path, operator)?];
            while self.keyword("OR") {
                any.push(self.grouped_value(path, operator)?);
            }
            all.push(one_or(any, Filter::Or));
            self.keyword("AND");
            if matches!(self.peek(), None | Some(Kind::Close)) {
                return Ok(one_or(all, Filter::And));
            }
        }
    }

    fn grouped_value(&mut self, path: &[String], operator: &str) -> Result<Filter, FilterError> {
        if self.peek() == Some(&Kind::Minus) || self.peek().is_some_and(|k| is_word(k, "NOT")) {
            self.take();
            let inner = self.nested(|parser| parser.grouped_value(path, operator))?;
            return Ok(Filter::Not(Box::new(inner)));
        }
        self.value(path, operator)
    }

    fn test(&self, operator: &str, segments: &[Segment]) -> Result<Test, FilterError> {
        let value = raw(segments);
        let bare_star = matches!(segments, [Segment { text, quoted: false }] if text == "*");
        let relation = match operator {
            "=~" | "!~" => {
                let pattern =
                    Regex::new(&value).map_err(|_| self.error("invalid regular expression"))?;
                return Ok(Test::Matches {
                    pattern: Pattern(pattern),
                    negated: operator == "!~",
                });
            }
            ":" if bare_star => return Ok(Test::Present),
            ":" => Relation::Has,
            "=" => Relation::Equal,
            "!=" => Relation::NotEqual,
            "<" => Relation::Less,
            "<=" => Relation::LessOrEqual,
            ">" => Relation::Greater,
            _ => Relation::GreaterOrEqual,
        };
        Ok(Test::Value(relation, value))
    }
}

fn one_or(mut parts: Vec<Filter>, many: impl FnOnce(Vec<Filter>) -> Filter) -> Filter {
    if parts.len() == 1 {
        parts.remove(0)
    } else {
        many(parts)
    }
}

fn raw(segments: &[Segment]) -> String {
    segments
        .iter()
        .map(|s| s.text.as_str())
        .collect::<Vec<_>>()
        .join(".")
}

fn is_word(kind: &Kind, word: &str) -> bool {
    matches!(kind, Kind::Member(segments)
        if matches!(segments.as_slice(), [Segment { text, quoted: false }] if text == word))
}

fn is_reserved(segments: &[Segment]) -> bool {
    matches!(segments, [Segment { text, quoted: false }] if ["AND", "OR", "NOT"].contains(&text.as_str()))
}

/// `SEARCH("a b")`, `SEARCH(field, "a b")`: every word is somewhere, or somewhere in the field.
fn search(field: Option<&[Segment]>, text: &str) -> Filter {
    let word = |word: &str| match field {
        None => Filter::Text(word.to_owned()),
        Some(field) => Filter::Compare {
            path: field.iter().map(|segment| segment.text.clone()).collect(),
            test: Test::Value(Relation::Has, word.to_owned()),
        },
    };
    let words: Vec<Filter> = text.split_whitespace().map(word).collect();
    if words.is_empty() {
        word("")
    } else {
        one_or(words, Filter::And)
    }
}

/// `log_id("x")`: the last part of the log's name, as it is encoded there.
fn log_id(id: &str) -> Filter {
    let suffix = format!("/logs/{}", id.replace('/', "%2F"));
    let test = Test::Value(Relation::Has, suffix);
    Filter::Compare {
        path: vec!["logName".to_owned()],
        test,
    }
}
