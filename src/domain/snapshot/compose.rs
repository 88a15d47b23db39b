//! From sources and sums to a snapshot.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::domain::digest::Tally;
use crate::domain::ids::{CollectionId, Hash, StudioId};
use crate::domain::snapshot::{
    CloudSync, CollectionState, Completeness, Diagnostics, Figures, Profile, SCHEMA, STRIPE, Snapshot, SourceHashes,
    Sum, UnknownWord,
};
use crate::domain::time::Timestamp;
use crate::domain::value::FieldPath;
use crate::domain::vocabulary::{Block, CollectionVocabulary, Reading, Standing, Vocabulary};

/// Everything that a snapshot is made of.
#[derive(Clone, Debug)]
pub struct Parts<'a> {
    /// The studio.
    pub studio: &'a StudioId,
    /// The zone in which its days are.
    pub zone: &'a TimeZone,
    /// Our clock.
    pub now: Timestamp,
    /// Every mirrored collection.
    pub sources: Vec<Source>,
    /// What the documents come to, profile by profile.
    pub sums: Vec<(Profile, Sum)>,
}

/// One mirrored collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The collection.
    pub collection: CollectionId,
    /// What is known of it.
    pub knowledge: Knowledge,
}

/// What is known of a collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Knowledge {
    /// Nothing.
    Unknown {
        /// Why.
        why: String,
    },
    /// It was counted.
    Counted {
        /// The cloud's time as of which.
        read_time: Timestamp,
        /// How many documents, and the sum of the digests of their contents.
        tally: Tally,
        /// How many exist but can't be kept.
        unreadable: i64,
        /// Since when the oldest open document is open.
        oldest_open: Option<Timestamp>,
        /// How many should be over.
        over_deadline: i64,
        /// Since when the longest of these should be over.
        oldest_over_deadline: Option<Timestamp>,
    },
}

impl Snapshot {
    /// Makes a snapshot. The sums of collections that are unknown are left out.
    pub fn compose(vocabulary: &Vocabulary, parts: &Parts<'_>) -> Self {
        let mut collections: BTreeMap<CollectionId, CollectionState> =
            parts.sources.iter().map(|source| (source.collection.clone(), state(vocabulary, source))).collect();
        let mut figures: BTreeMap<&str, i64> = BTreeMap::new();
        let mut amounts: BTreeMap<(&str, String), i64> = BTreeMap::new();
        for (profile, sum) in parts.sums.iter().filter(|(_, sum)| sum.documents != 0) {
            let Some(state) = collections.get_mut(&profile.collection).filter(|state| state.is_known()) else {
                continue;
            };
            count(vocabulary, state, profile, *sum);
            for figure in &profile.figures {
                *figures.entry(figure).or_default() += sum.documents;
                let currency = profile.currency.clone().unwrap_or_default();
                *amounts.entry((figure, currency)).or_default() += sum.cents;
            }
        }
        let block = |wanted: Block| -> Figures {
            let all = vocabulary.iter().flat_map(|known| known.figures().iter().map(move |figure| (known, figure)));
            all.filter(|(_, figure)| figure.block() == wanted)
                .map(|(known, figure)| {
                    let is_known = is_known(&collections, known);
                    let value = is_known.then(|| figures.get(figure.name()).copied().unwrap_or_default());
                    (figure.name().to_owned(), value)
                })
                .collect()
        };
        let worth = vocabulary.iter().filter(|known| known.has_amount());
        let amounts_cents = worth
            .flat_map(|known| known.figures().iter().map(move |figure| (known, figure.name())))
            .map(|(known, name)| {
                let of_figure = amounts.iter().filter(|((figure, _), _)| *figure == name);
                let by_currency = of_figure.map(|((_, currency), cents)| (currency.clone(), *cents)).collect();
                (name.to_owned(), is_known(&collections, known).then_some(by_currency))
            })
            .collect();
        let not_mirrored = vocabulary
            .iter()
            .filter(|known| !known.figures().is_empty() && !collections.contains_key(known.collection()))
            .map(|known| known.collection().clone())
            .collect();
        Self {
            schema: SCHEMA.to_owned(),
            studio: parts.studio.clone(),
            snapshot_date: day_of(parts.now, parts.zone),
            time_zone: parts.zone.iana_name().unwrap_or("unknown").to_owned(),
            generated_at: parts.now,
            cloud_sync: CloudSync {
                firestore_read_at: read_at(&collections, |_| true),
                stripe_read_at: read_at(&collections, is_of_stripe),
            },
            counts: block(Block::Counts),
            ops: block(Block::Ops),
            finance: block(Block::Finance),
            community: block(Block::Community),
            amounts_cents,
            source_hashes: SourceHashes {
                firestore: hash_of(&collections, |_| true),
                stripe: hash_of(&collections, is_of_stripe),
            },
            content_hash: content_hash(&collections),
            diagnostics: diagnostics(vocabulary, &collections, not_mirrored),
            collections,
        }
    }
}

/// The studio's day at a moment.
pub(super) fn day_of(now: Timestamp, zone: &TimeZone) -> jiff::civil::Date {
    now.to_jiff().to_zoned(zone.clone()).date()
}

fn is_of_stripe(collection: &CollectionId) -> bool {
    STRIPE.contains(&collection.as_str())
}

fn is_known(collections: &BTreeMap<CollectionId, CollectionState>, known: &CollectionVocabulary) -> bool {
    collections.get(known.collection()).is_some_and(CollectionState::is_known)
}

fn state(vocabulary: &Vocabulary, source: &Source) -> CollectionState {
    let mut state = CollectionState {
        completeness: Completeness::Unknown,
        why: None,
        read_time: None,
        documents: None,
        unreadable: None,
        hash: None,
        standing: None,
        states: BTreeMap::new(),
        without_state: BTreeMap::new(),
        unknown_words: Vec::new(),
        oldest_open: None,
        over_deadline: None,
        oldest_over_deadline: None,
    };
    let Knowledge::Counted { read_time, tally, unreadable, oldest_open, over_deadline, oldest_over_deadline } =
        &source.knowledge
    else {
        let Knowledge::Unknown { why } = &source.knowledge else { return state };
        return CollectionState { why: Some(why.clone()), ..state };
    };
    let known = vocabulary.of(&source.collection);
    (state.completeness, state.why) = match unreadable {
        0 => (Completeness::Full, None),
        1 => (Completeness::Partial, Some("1 document can't be kept, and is not counted".to_owned())),
        more => (Completeness::Partial, Some(format!("{more} documents can't be kept, and are not counted"))),
    };
    (state.read_time, state.documents, state.unreadable) = (Some(*read_time), Some(tally.documents), Some(*unreadable));
    state.hash = Some(tally.hash());
    if known.is_some_and(CollectionVocabulary::has_standing) {
        state.standing = Some(Standing::ALL.into_iter().map(|standing| (standing.into(), 0)).collect());
        (state.oldest_open, state.oldest_over_deadline) = (*oldest_open, *oldest_over_deadline);
        let has_deadlines = known.is_some_and(|known| !known.deadlines().is_empty());
        state.over_deadline = has_deadlines.then_some(*over_deadline);
    }
    for words in known.into_iter().flat_map(CollectionVocabulary::states) {
        let zeros = words.iter().map(|word| (word.word().to_owned(), 0)).collect();
        state.states.insert(words.field().to_string(), zeros);
    }
    state
}

fn count(vocabulary: &Vocabulary, state: &mut CollectionState, profile: &Profile, sum: Sum) {
    if let (Some(standings), Some(standing)) = (&mut state.standing, profile.standing) {
        *standings.entry(standing).or_default() += sum.documents;
    }
    for (field, word) in &profile.states {
        let Some(word) = word else {
            *state.without_state.entry(field.clone()).or_default() += sum.documents;
            continue;
        };
        *state.states.entry(field.clone()).or_default().entry(word.clone()).or_default() += sum.documents;
        let words = vocabulary.of(&profile.collection).zip(FieldPath::parse(field).ok());
        let words = words.and_then(|(known, field)| known.words_of(&field));
        if words.is_none_or(|words| words.read(word) == Reading::Unknown) {
            match state.unknown_words.iter_mut().find(|one| one.field == *field && one.word == *word) {
                Some(one) => one.documents += sum.documents,
                None => state.unknown_words.push(UnknownWord {
                    field: field.clone(),
                    word: word.clone(),
                    documents: sum.documents,
                }),
            }
        }
    }
    state.unknown_words.sort_by(|one, other| (&one.field, &one.word).cmp(&(&other.field, &other.word)));
}

fn read_at(
    collections: &BTreeMap<CollectionId, CollectionState>,
    wanted: fn(&CollectionId) -> bool,
) -> Option<Timestamp> {
    let wanted = collections.iter().filter(|(name, _)| wanted(name));
    wanted.filter_map(|(_, state)| state.read_time).min()
}

/// The hash of all these collections; none when one of them is unknown, or there are none.
fn hash_of(collections: &BTreeMap<CollectionId, CollectionState>, wanted: fn(&CollectionId) -> bool) -> Option<Hash> {
    let wanted = collections.iter().filter(|(name, _)| wanted(name));
    let lines: Vec<String> =
        wanted.map(|(name, state)| Some(format!("{name} {}\n", state.hash?))).collect::<Option<_>>()?;
    (!lines.is_empty()).then(|| Hash::of(lines.concat()))
}

fn content_hash(collections: &BTreeMap<CollectionId, CollectionState>) -> Hash {
    let line = |(name, state): (&CollectionId, &CollectionState)| match state.hash {
        Some(hash) => format!("{name} {hash} {}\n", state.unreadable.unwrap_or_default()),
        None => format!("{name} unknown\n"),
    };
    Hash::of(collections.iter().map(line).collect::<String>())
}

fn diagnostics(
    vocabulary: &Vocabulary,
    collections: &BTreeMap<CollectionId, CollectionState>,
    not_mirrored: Vec<CollectionId>,
) -> Diagnostics {
    let mut warnings = Vec::new();
    for (name, state) in collections {
        match (state.completeness, &state.why) {
            (Completeness::Unknown, Some(why)) => warnings.push(format!("`{name}` is unknown: {why}")),
            (_, Some(why)) => warnings.push(format!("`{name}`: {why}")),
            (_, None) => {}
        }
        for one in &state.unknown_words {
            let UnknownWord { field, word, documents } = one;
            warnings.push(format!("`{name}`: `{field}` holds {word} in {documents}, which is none of its words"));
        }
        for (field, documents) in &state.without_state {
            let is_standing = vocabulary.of(name).and_then(CollectionVocabulary::standing_field);
            if is_standing.is_some_and(|standing| standing.to_string() == *field) {
                warnings
                    .push(format!("`{name}`: {documents} have no word in `{field}`, and are neither open nor closed"));
            }
        }
    }
    let all = |wanted| !collections.is_empty() && collections.values().all(|state| state.completeness == wanted);
    let completeness = match () {
        () if all(Completeness::Full) => Completeness::Full,
        () if collections.is_empty() || all(Completeness::Unknown) => Completeness::Unknown,
        () => Completeness::Partial,
    };
    let sample = collections.iter().filter_map(|(name, state)| Some((name.clone(), state.documents?)));
    Diagnostics { completeness, warnings, source_sample: sample.collect(), not_mirrored, durations_ms: BTreeMap::new() }
}
