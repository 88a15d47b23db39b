//! What kinds of disagreement there are, and to which question each of them is an answer.

/// A question that every look asks, and answers for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// a: is the mirror what the cloud has?
    Mirror,
    /// b: are the key numbers what the cloud counts?
    Numbers,
    /// c: does what we wrote still stand?
    Writes,
    /// d: is what documents are made of what we know?
    Schema,
    /// e: do the documents agree with each other?
    Rules,
    /// f: do our clock and our configuration hold?
    Settings,
}

impl Family {
    /// Every question.
    pub const ALL: [Self; 6] = [Self::Mirror, Self::Numbers, Self::Writes, Self::Schema, Self::Rules, Self::Settings];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Mirror => "mirror",
            Self::Numbers => "numbers",
            Self::Writes => "writes",
            Self::Schema => "schema",
            Self::Rules => "rules",
            Self::Settings => "settings",
        }
    }

    /// The family that `word` stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.word() == word)
    }
}

/// What kind of disagreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingKind {
    /// A document's fields differ between mirror and cloud.
    MirrorDiffers,
    /// The cloud has a document that the mirror lacks.
    MissingInMirror,
    /// The mirror has a document that the cloud lacks.
    ExtraInMirror,
    /// The numbers of documents differ, and no single document was made out.
    CountDiffers,
    /// A number that was derived here is not what the cloud counts.
    NumberDiffers,
    /// Somebody else changed what an approved write wrote.
    WriteOverwritten,
    /// Documents have a field that their collection did not have before.
    NewField,
    /// A field holds another type than the documents had before, or than it has to.
    WrongType,
    /// A field holds a word that the vocabulary does not know.
    UnknownWord,
    /// A document lacks a field that it has to have.
    MissingField,
    /// A document names another one that does not exist.
    DanglingReference,
    /// Two fields of one document contradict each other.
    FlagsDisagree,
    /// Documents break a rule of consistency.
    RuleBroken,
    /// Our clock and the server's differ.
    ClockDiffers,
    /// The configuration is another than the one that runs.
    ConfigDiffers,
}

impl FindingKind {
    /// Every kind.
    pub const ALL: [Self; 15] = [
        Self::MirrorDiffers,
        Self::MissingInMirror,
        Self::ExtraInMirror,
        Self::CountDiffers,
        Self::NumberDiffers,
        Self::WriteOverwritten,
        Self::NewField,
        Self::WrongType,
        Self::UnknownWord,
        Self::MissingField,
        Self::DanglingReference,
        Self::FlagsDisagree,
        Self::RuleBroken,
        Self::ClockDiffers,
        Self::ConfigDiffers,
    ];

    /// The word for it in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::MirrorDiffers => "mirror-differs",
            Self::MissingInMirror => "missing-in-mirror",
            Self::ExtraInMirror => "extra-in-mirror",
            Self::CountDiffers => "count-differs",
            Self::NumberDiffers => "number-differs",
            Self::WriteOverwritten => "write-overwritten",
            Self::NewField => "new-field",
            Self::WrongType => "wrong-type",
            Self::UnknownWord => "unknown-word",
            Self::MissingField => "missing-field",
            Self::DanglingReference => "dangling-reference",
            Self::FlagsDisagree => "flags-disagree",
            Self::RuleBroken => "rule-broken",
            Self::ClockDiffers => "clock-differs",
            Self::ConfigDiffers => "config-differs",
        }
    }

    /// The kind that `word` stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The question that it answers.
    pub const fn family(self) -> Family {
        match self {
            Self::MirrorDiffers | Self::MissingInMirror | Self::ExtraInMirror | Self::CountDiffers => Family::Mirror,
            Self::NumberDiffers => Family::Numbers,
            Self::WriteOverwritten => Family::Writes,
            Self::NewField | Self::WrongType | Self::UnknownWord | Self::MissingField | Self::DanglingReference => {
                Family::Schema
            }
            Self::FlagsDisagree | Self::RuleBroken => Family::Rules,
            Self::ClockDiffers | Self::ConfigDiffers => Family::Settings,
        }
    }
}

/// How sure we are of what a look said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// What it rests on is past its bound.
    Low,
    /// What it rests on is no longer fresh.
    Medium,
    /// Both sides are of one moment, or what it rests on is fresh.
    High,
}

impl Confidence {
    /// Every degree.
    pub const ALL: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// The degree that `word` stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|confidence| confidence.word() == word)
    }
}
