//! What the rail leads to, in groups: places only that exist.

use super::Section;
use crate::{model::viewer::Counts, parts::icon::Glyph, paths};

/// Entries that belong together.
pub(super) struct Group {
    /// What they are about.
    pub(super) name: &'static str,
    /// In the order in which a day goes.
    pub(super) entries: Vec<Entry>,
}

/// One place.
pub(super) struct Entry {
    /// Which pages lie there.
    pub(super) section: Section,
    /// Its picture.
    pub(super) glyph: Glyph,
    /// Its name.
    pub(super) name: &'static str,
    /// Its address.
    pub(super) href: &'static str,
    /// How many of what wait there, where that is known.
    pub(super) count: Option<(u64, &'static str)>,
}

/// Every group, in its order; one without entries is not shown.
pub(super) fn groups(counts: Option<Counts>) -> [Group; 5] {
    let counted = |of: fn(Counts) -> u64, what| counts.map(|counts| (of(counts), what));
    let studio = vec![
        entry(Section::Overview, Glyph::Today, "Today", paths::OVERVIEW),
        entry(Section::State, Glyph::State, "State", paths::STATE),
        entry(Section::Drift, Glyph::Drift, "Drift", paths::DRIFT).with(counted(|counts| counts.findings, "open")),
        entry(Section::Documents, Glyph::Document, "Documents", paths::DOCUMENTS),
    ];
    let changes = vec![
        entry(Section::Proposals, Glyph::Proposal, "Proposals", paths::PROPOSALS)
            .with(counted(|counts| counts.proposals, "waiting")),
        entry(Section::Writes, Glyph::Write, "Writes", paths::WRITES)
            .with(counted(|counts| counts.writes, "need a look")),
        entry(Section::Recommendations, Glyph::Advice, "Recommendations", paths::RECOMMENDATIONS),
    ];
    let rules = vec![
        entry(Section::Policy, Glyph::Policy, "Policy", paths::POLICY),
        entry(Section::Agents, Glyph::Agent, "Agents", paths::AGENTS),
        entry(Section::Intake, Glyph::Filter, "Intake", paths::INTAKE).with(counted(|counts| counts.intake, "waiting")),
    ];
    let edge = vec![
        entry(Section::Connectors, Glyph::Connector, "Connectors", paths::CONNECTORS),
        entry(Section::Jobs, Glyph::Job, "Jobs", paths::JOBS),
        entry(Section::Reads, Glyph::Cost, "Reads", paths::READS),
        entry(Section::Scorecard, Glyph::Checked, "Scorecard", paths::SCORECARD),
    ];
    let record = vec![
        entry(Section::Audit, Glyph::Audit, "Audit", paths::AUDIT),
        entry(Section::Help, Glyph::Help, "Help", paths::HELP),
    ];
    [
        Group { name: "Studio", entries: studio },
        Group { name: "Changes", entries: changes },
        Group { name: "Rules", entries: rules },
        Group { name: "Box", entries: edge },
        Group { name: "Record", entries: record },
    ]
}

const fn entry(section: Section, glyph: Glyph, name: &'static str, href: &'static str) -> Entry {
    Entry { section, glyph, name, href, count: None }
}

impl Entry {
    /// The same place with what waits there.
    const fn with(self, count: Option<(u64, &'static str)>) -> Self {
        Self { count, ..self }
    }
}
