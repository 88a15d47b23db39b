//! What goes wrong: every problem at once, each with its fix.

use std::fmt;

/// One thing wrong with the configuration.
///
/// No secret's value ever gets into one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The setting, file or variable concerned.
    pub key: String,
    /// What is wrong with it, and where it was read.
    pub what: String,
    /// The rule its value must keep; empty where there is none.
    pub rule: String,
    /// What to do about it.
    pub fix: String,
}

/// Every problem of a configuration, in the order of reading; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors {
    problems: Vec<Problem>,
}

impl ConfigErrors {
    pub(super) fn new(problems: Vec<Problem>) -> Self {
        debug_assert!(!problems.is_empty(), "BUG: reading failed and nothing said why");
        Self { problems }
    }

    /// The problems, in the order of reading.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problems.len() {
            1 => write!(out, "one problem in the configuration:")?,
            count => write!(out, "{count} problems in the configuration:")?,
        }
        for (index, problem) in self.problems.iter().enumerate() {
            write!(out, "\n{:>3}. {}: {}", index + 1, problem.key, problem.what)?;
            if !problem.rule.is_empty() {
                write!(out, "\n     rule: {}", problem.rule)?;
            }
            write!(out, "\n     fix:  {}", problem.fix)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}
