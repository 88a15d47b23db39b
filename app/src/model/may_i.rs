//! May I? The gate's answer without anything being done, with everything that stands in the way.

use super::{facts::Capability, trouble::Panel};

/// What is asked; from the query string of `/policy/may-i`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MayQuestion {
    /// Query parameter `act`.
    pub act: String,
    /// Query parameter `capability`.
    pub capability: String,
    /// Query parameter `document`.
    pub document: String,
    /// Query parameter `proposal`.
    pub proposal: String,
}

impl MayQuestion {
    /// Reads decoded query parameters; unknown names count as not given.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut question = Self::default();
        for (name, value) in pairs {
            let field = match name {
                "act" => &mut question.act,
                "capability" => &mut question.capability,
                "document" => &mut question.document,
                "proposal" => &mut question.proposal,
                _ => continue,
            };
            value.trim().clone_into(field);
        }
        question
    }

    /// Was anything asked?
    pub fn is_asked(&self) -> bool {
        *self != Self::default()
    }
}

/// The page.
#[derive(Debug, Clone)]
pub struct MayI {
    /// The capabilities to choose from.
    pub capabilities: Vec<Capability>,
    /// The acts to choose from, with what they mean, and whether each is about a proposal.
    pub acts: Vec<ActChoice>,
    /// The answer; `None` when nothing was asked.
    pub answer: Option<Panel<MayAnswer>>,
}

/// Something that may be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActChoice {
    /// The word in the query.
    pub word: String,
    /// What it means.
    pub meaning: String,
}

/// What the gate answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MayAnswer {
    /// The question can't be answered as it is asked: the field, and what is wrong with it.
    Unclear {
        /// `act`, `capability`, `document` or `proposal`.
        field: &'static str,
        /// One sentence.
        why: String,
    },
    /// It was judged.
    Judged(Judged),
}

/// A judged question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Would it be allowed now?
    pub allowed: bool,
    /// What was asked, in words.
    pub asked: String,
    /// Everything that stands in the way.
    pub obstacles: Vec<Obstacle>,
    /// The policies that decided.
    pub policies: Vec<String>,
}

/// One thing that stands in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// Such as `SELF_APPROVAL`.
    pub code: String,
    /// What it means and what to do.
    pub sentence: String,
    /// The policies that say so; none when no policy permits it.
    pub policies: Vec<String>,
    /// Does it pass by itself?
    pub passes: bool,
}
