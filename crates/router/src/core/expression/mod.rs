//! Who may take an interaction: the language of rings, shared with the directory, which checks it.

pub(crate) mod agents;

pub use contract::expression::{Comparison, Expression, ExpressionError, Level, MAX_LENGTH, Subject};
