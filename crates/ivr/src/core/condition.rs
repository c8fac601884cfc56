//! What a branch decides by: `balance > 100 and tier == "gold"`, `customer_name`, `not pin or tries >= 3`.
//!
//! `and` binds tighter than `or`. Two numbers compare as numbers, everything else as texts whatever the case; less and
//! greater hold between numbers only. A bare name holds when the variable has a value.

use std::{collections::BTreeMap, str::FromStr};

use super::text::is_name;

/// Most comparisons of a condition.
const MAX_TERMS: usize = 20;

/// A condition, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// Any of these, of which each holds when all of it holds.
    any: Vec<Vec<Term>>,
}

#[derive(Clone, Debug, PartialEq)]
struct Term {
    name: String,
    test: Test,
}

#[derive(Clone, Debug, PartialEq)]
enum Test {
    Set,
    Unset,
    Compares(Sign, String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Is,
    IsNot,
    Less,
    AtMost,
    More,
    AtLeast,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Sign(Sign),
}

impl Condition {
    /// Whether it holds.
    pub fn holds(&self, variables: &BTreeMap<String, String>) -> bool {
        self.any.iter().any(|all| all.iter().all(|term| term.holds(variables)))
    }

    /// The variables it looks at.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.any.iter().flatten().map(|term| term.name.as_str())
    }
}

impl Term {
    fn holds(&self, variables: &BTreeMap<String, String>) -> bool {
        let value = variables.get(&self.name).map(String::as_str).unwrap_or_default();
        match &self.test {
            Test::Set => !value.is_empty(),
            Test::Unset => value.is_empty(),
            Test::Compares(sign, wanted) => compares(value, *sign, wanted),
        }
    }
}

fn compares(value: &str, sign: Sign, wanted: &str) -> bool {
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    let (left, right) = (number(value), number(wanted));
    let same = match (left, right) {
        (Some(left), Some(right)) => left.total_cmp(&right).is_eq(),
        _ => value.to_lowercase() == wanted.to_lowercase(),
    };
    let ordered =
        |holds: fn(f64, f64) -> bool| left.zip(right).is_some_and(|(left, right)| holds(left, right));
    match sign {
        Sign::Is => same,
        Sign::IsNot => !same,
        Sign::Less => ordered(|left, right| left < right),
        Sign::AtMost => ordered(|left, right| left <= right),
        Sign::More => ordered(|left, right| left > right),
        Sign::AtLeast => ordered(|left, right| left >= right),
    }
}

impl FromStr for Condition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let tokens = tokens(text)?;
        let mut any = vec![Vec::new()];
        let mut rest = tokens.as_slice();
        loop {
            let (term, after) = term(rest)?;
            if let Some(all) = any.last_mut() {
                all.push(term);
            }
            if any.iter().map(Vec::len).sum::<usize>() > MAX_TERMS {
                return Err(format!("compares more than {MAX_TERMS} times"));
            }
            match after {
                [] => return Ok(Self { any }),
                [Token::Word(word), after @ ..] if word == "and" => rest = after,
                [Token::Word(word), after @ ..] if word == "or" => {
                    any.push(Vec::new());
                    rest = after;
                }
                [other, ..] => {
                    return Err(format!("has {}, where only \"and\" or \"or\" may stand", other.show()));
                }
            }
        }
    }
}

fn term(tokens: &[Token]) -> Result<(Term, &[Token]), String> {
    let named = |name: &String| {
        if is_name(name) { Ok(name.clone()) } else { Err(format!("has {name:?}, which is no variable")) }
    };
    match tokens {
        [Token::Word(not), Token::Word(name), rest @ ..] if not == "not" => {
            Ok((Term { name: named(name)?, test: Test::Unset }, rest))
        }
        [Token::Word(name), Token::Sign(sign), Token::Word(value) | Token::Text(value), rest @ ..] => {
            Ok((Term { name: named(name)?, test: Test::Compares(*sign, value.clone()) }, rest))
        }
        [Token::Word(_), Token::Sign(_), ..] => Err("lacks a value after its sign".to_owned()),
        [Token::Word(name), rest @ ..] => Ok((Term { name: named(name)?, test: Test::Set }, rest)),
        [] => Err("lacks a comparison".to_owned()),
        [other, ..] => Err(format!("has {}, where a variable should stand", other.show())),
    }
}

impl Token {
    fn show(&self) -> String {
        match self {
            Self::Word(text) | Self::Text(text) => format!("{text:?}"),
            Self::Sign(_) => "a sign".to_owned(),
        }
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    const SIGNS: [(&str, Sign); 6] = [
        ("==", Sign::Is),
        ("!=", Sign::IsNot),
        ("<=", Sign::AtMost),
        (">=", Sign::AtLeast),
        ("<", Sign::Less),
        (">", Sign::More),
    ];
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if let Some((spelt, sign)) = SIGNS.iter().find(|(spelt, _)| rest.starts_with(spelt)) {
            found.push(Token::Sign(*sign));
            rest = &rest[spelt.len()..];
        } else if first == '"' {
            let end = rest[1..].find('"').ok_or("has a text without its closing quote")?;
            found.push(Token::Text(rest[1..=end].to_owned()));
            rest = &rest[end + 2..];
        } else {
            let end = rest
                .find(|c: char| c.is_whitespace() || matches!(c, '"' | '=' | '!' | '<' | '>'))
                .unwrap_or(rest.len());
            if end == 0 {
                return Err(format!("has {first:?}, which is no sign; known are == != < <= > >="));
            }
            found.push(Token::Word(rest[..end].to_owned()));
            rest = &rest[end..];
        }
        rest = rest.trim_start();
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{BTreeMap, Condition};

    fn holds(condition: &str) -> bool {
        let variables: BTreeMap<String, String> = [("balance", "120.50"), ("tier", "Gold"), ("empty", "")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        condition.parse::<Condition>().unwrap().holds(&variables)
    }

    #[test]
    fn numbers_compare_as_numbers_and_texts_whatever_the_case() {
        assert!(holds("balance > 100 and tier == \"gold\""));
        assert!(holds("balance == 120.5"));
        assert!(!holds("balance<100"));
        assert!(holds("tier != silver"));
        assert!(!holds("tier > 3"));
        assert!(holds("balance < 1 or tier == gold"));
    }

    #[test]
    fn a_bare_name_asks_whether_something_is_known() {
        assert!(holds("tier"));
        assert!(holds("not empty and not unheard_of"));
        assert!(!holds("empty"));
    }

    #[test]
    fn mistakes_say_what_is_wrong() {
        for (condition, reason) in [
            ("", "lacks a comparison"),
            ("balance >", "lacks a value after its sign"),
            ("balance > 1 tier", "has \"tier\", where only \"and\" or \"or\" may stand"),
            ("Balance > 1", "has \"Balance\", which is no variable"),
            ("balance == \"x", "has a text without its closing quote"),
            ("balance = 1", "has '=', which is no sign; known are == != < <= > >="),
        ] {
            assert_eq!(condition.parse::<Condition>().unwrap_err(), reason, "{condition}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[a-c0-9 =!<>\"é]{0,40}|(a|and|or|not|==|<| ){0,60}") {
            if let Ok(condition) = text.parse::<Condition>() {
                condition.holds(&BTreeMap::new());
            }
        }
    }
}
