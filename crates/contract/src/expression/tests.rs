use super::{Comparison, Expression, ExpressionError, Subject};

fn parsed(text: &str) -> Expression {
    text.parse().unwrap()
}

#[test]
fn or_binds_weaker_than_and() {
    let expression = parsed("a >= 1 and b >= 2 or c >= 3");

    let skill = |name: &str, level| Expression::Skill(name.into(), Comparison::AtLeast, level);
    assert_eq!(
        expression,
        Expression::Any(vec![Expression::All(vec![skill("a", 100), skill("b", 200)]), skill("c", 300)])
    );
}

#[test]
fn texts_compare_with_agent_team_and_attributes() {
    assert_eq!(
        parsed("agent.id in [\"ann\", 'bob']"),
        Expression::OneOf(Subject::Agent, vec!["ann".into(), "bob".into()])
    );
    assert_eq!(parsed("team == \"night\""), Expression::OneOf(Subject::Team, vec!["night".into()]));
    assert_eq!(
        parsed("site != \"LIS\""),
        Expression::Not(Box::new(Expression::OneOf(Subject::Attribute("site".into()), vec!["LIS".into()])))
    );
}

#[test]
fn nothing_means_anyone() {
    assert_eq!(parsed("  "), Expression::Anyone);
}

#[test]
fn a_bare_name_is_a_skill_the_agent_must_have() {
    assert_eq!(parsed("french"), Expression::Skill("french".into(), Comparison::More, 0));
}

#[test]
fn the_canonical_text_parses_to_the_same_expression() {
    for text in [
        "french >= 4 and billing >= 2.25",
        "(a >= 1 or b < 0.5) and not (site == \"LIS\" or team in [\"x\", \"y\"])",
        "name in ['say \"hi\"', \"back\\slash\"]",
        "anyone",
    ] {
        let expression = parsed(text);

        assert_eq!(parsed(&expression.to_string()), expression, "{expression}");
    }
}

#[test]
fn mistakes_name_their_place() {
    let error = |text: &str| text.parse::<Expression>().unwrap_err();

    assert_eq!(error("a >= 6"), ExpressionError::Level { column: 6 });
    assert_eq!(
        error("a >= 1 b"),
        ExpressionError::Wanted { column: 8, wanted: "\"and\", \"or\" or the end" }
    );
    assert_eq!(error("(a >= 1"), ExpressionError::Wanted { column: 8, wanted: "\")\"" });
    assert_eq!(error("a == \"x"), ExpressionError::OpenText { column: 6 });
    assert_eq!(error("a ~ 1"), ExpressionError::Character { column: 3, found: '~' });
    assert!(matches!(error(&"(".repeat(60)), ExpressionError::TooDeep { .. }));
    assert_eq!(error(&" ".repeat(5_000)), ExpressionError::TooLong);
}

#[test]
fn a_column_counts_characters_not_bytes() {
    let error = "é >= 1 und b".parse::<Expression>().unwrap_err();

    assert_eq!(error.to_string(), "lacks \"and\", \"or\" or the end at column 8");
}

#[test]
fn every_condition_is_seen_from_left_to_right() {
    let expression = parsed("a and not (team == \"x\" or b >= 2)");

    let mut seen = Vec::new();
    expression.each_condition(&mut |condition| seen.push(condition.to_string()));

    assert_eq!(seen, ["a > 0", "team == \"x\"", "b >= 2"]);
}

proptest::proptest! {
    #[test]
    fn any_text_parses_or_names_a_column_of_it(text in "[ab0-5 .()<>=!&|\"'é,\\[\\]and or not in]{0,60}") {
        match text.parse::<Expression>() {
            Ok(expression) => proptest::prop_assert_eq!(parsed(&expression.to_string()), expression),
            Err(
                ExpressionError::Character { column, .. }
                | ExpressionError::OpenText { column }
                | ExpressionError::Level { column }
                | ExpressionError::TooDeep { column }
                | ExpressionError::Wanted { column, .. },
            ) => proptest::prop_assert!((1..=text.chars().count() + 1).contains(&column)),
            Err(ExpressionError::TooLong) => proptest::prop_assert!(false),
        }
    }
}
