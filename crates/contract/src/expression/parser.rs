//! Builds an expression from its words: `or` binds weakest, then `and`, then `not`.

use super::{
    Comparison, Expression, MAX_LENGTH, Subject,
    lexer::{Token, tokens},
};

/// How deep parentheses and `not` may nest.
const MAX_DEPTH: usize = 32;

/// Why a text is not an expression, and at which column (characters, counted from 1).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    /// Longer than [`MAX_LENGTH`].
    #[error("is longer than {MAX_LENGTH} bytes")]
    TooLong,
    /// Nested too deep.
    #[error("nests deeper than {MAX_DEPTH} levels at column {column}")]
    TooDeep {
        /// Where, counted from 1.
        column: usize,
    },
    /// A character that begins no word.
    #[error("has {found:?} at column {column}, which means nothing here")]
    Character {
        /// Where, counted from 1.
        column: usize,
        /// The character.
        found: char,
    },
    /// A quotation mark without its pair.
    #[error("has a text at column {column} that never ends")]
    OpenText {
        /// Where, counted from 1.
        column: usize,
    },
    /// A number that is no proficiency.
    #[error("has a number at column {column} that is not a proficiency from 0.0 to 5.0")]
    Level {
        /// Where, counted from 1.
        column: usize,
    },
    /// Something else stands where `wanted` must stand.
    #[error("lacks {wanted} at column {column}")]
    Wanted {
        /// Where, counted from 1.
        column: usize,
        /// What must stand there.
        wanted: &'static str,
    },
}

struct Parser<'a> {
    tokens: Vec<(usize, Token<'a>)>,
    next: usize,
    end: usize,
}

pub(super) fn parse(text: &str) -> Result<Expression, ExpressionError> {
    if text.len() > MAX_LENGTH {
        return Err(ExpressionError::TooLong);
    }
    let mut parser = Parser { tokens: tokens(text)?, next: 0, end: text.chars().count() + 1 };
    if parser.tokens.is_empty() {
        return Ok(Expression::Anyone);
    }
    let expression = parser.any(0)?;
    if parser.next < parser.tokens.len() {
        return Err(parser.wanted("\"and\", \"or\" or the end"));
    }
    Ok(expression)
}

impl<'a> Parser<'a> {
    fn column(&self) -> usize {
        self.tokens.get(self.next).map_or(self.end, |(column, _)| *column)
    }

    fn peek(&self) -> Option<&Token<'a>> {
        self.tokens.get(self.next).map(|(_, token)| token)
    }

    fn wanted(&self, wanted: &'static str) -> ExpressionError {
        ExpressionError::Wanted { column: self.column(), wanted }
    }

    /// Takes the next token if it is this word or sign.
    fn takes(&mut self, word: &str, sign: &str) -> bool {
        let found = match self.peek() {
            Some(Token::Name(name)) => name.eq_ignore_ascii_case(word),
            Some(Token::Sign(found)) => *found == sign,
            _ => false,
        };
        self.next += usize::from(found);
        found
    }

    fn any(&mut self, depth: usize) -> Result<Expression, ExpressionError> {
        let mut parts = vec![self.all(depth)?];
        while self.takes("or", "||") {
            parts.push(self.all(depth)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::Any(parts) })
    }

    fn all(&mut self, depth: usize) -> Result<Expression, ExpressionError> {
        let mut parts = vec![self.one(depth)?];
        while self.takes("and", "&&") {
            parts.push(self.one(depth)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::All(parts) })
    }

    fn one(&mut self, depth: usize) -> Result<Expression, ExpressionError> {
        if depth > MAX_DEPTH {
            return Err(ExpressionError::TooDeep { column: self.column() });
        }
        if self.takes("not", "") {
            return Ok(Expression::Not(Box::new(self.one(depth + 1)?)));
        }
        if self.takes("", "(") {
            let inner = self.any(depth + 1)?;
            return if self.takes("", ")") { Ok(inner) } else { Err(self.wanted("\")\"")) };
        }
        let Some(Token::Name(name)) = self.peek() else { return Err(self.wanted("a skill or attribute")) };
        let name = *name;
        self.next += 1;
        if name.eq_ignore_ascii_case("anyone") {
            return Ok(Expression::Anyone);
        }
        self.comparison(name)
    }

    fn comparison(&mut self, name: &str) -> Result<Expression, ExpressionError> {
        if self.takes("in", "") {
            return Ok(Expression::OneOf(subject(name), self.list()?));
        }
        let comparison = match self.peek() {
            Some(Token::Sign("==")) => Comparison::Equal,
            Some(Token::Sign("!=")) => Comparison::NotEqual,
            Some(Token::Sign(">=")) => Comparison::AtLeast,
            Some(Token::Sign("<=")) => Comparison::AtMost,
            Some(Token::Sign(">")) => Comparison::More,
            Some(Token::Sign("<")) => Comparison::Less,
            _ => return Ok(Expression::Skill(name.into(), Comparison::More, 0)),
        };
        self.next += 1;
        let found = match (self.peek(), comparison) {
            (Some(Token::Number(level)), _) => Expression::Skill(name.into(), comparison, *level),
            (Some(Token::Text(text)), Comparison::Equal) => {
                Expression::OneOf(subject(name), vec![(*text).into()])
            }
            (Some(Token::Text(text)), Comparison::NotEqual) => {
                Expression::Not(Box::new(Expression::OneOf(subject(name), vec![(*text).into()])))
            }
            _ => return Err(self.wanted("a proficiency, or a text after == or !=")),
        };
        self.next += 1;
        Ok(found)
    }

    fn list(&mut self) -> Result<Vec<crate::Name>, ExpressionError> {
        if !self.takes("", "[") {
            return Err(self.wanted("\"[\""));
        }
        let mut values = Vec::new();
        loop {
            let Some(Token::Text(text)) = self.peek() else { return Err(self.wanted("a text")) };
            values.push((*text).into());
            self.next += 1;
            if self.takes("", "]") {
                return Ok(values);
            }
            if !self.takes("", ",") {
                return Err(self.wanted("\",\" or \"]\""));
            }
        }
    }
}

fn subject(name: &str) -> Subject {
    match name {
        "agent.id" => Subject::Agent,
        "team" => Subject::Team,
        other => Subject::Attribute(other.into()),
    }
}
