//! A part of the log that proves itself without a database: entries, tiles, checkpoints, public keys and a manifest in
//! one archive that `tar` can read.
//!
//! There is exactly one archive of a log up to a checkpoint, byte for byte, so that nothing in it can be changed unseen.
//! Tiles are those of C2SP tlog-tiles, checkpoints those of C2SP tlog-checkpoint.

/// The archive's format.
mod archive;

/// Reading an archive, piece by piece.
mod check;

use std::fmt::Write as _;

use aws_lc_rs::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use tlog_tiles::Tile;

use crate::domain::audit::checkpoint::{Checkpoint, PublicKey};
use crate::domain::audit::tree::Place;
use crate::domain::ids::{Hash, StudioId};

pub use archive::TooLarge;
pub use check::{BundleCheck, BundleFault, BundleVerified};

/// How many levels of the tree a tile holds.
const TILE_HEIGHT: u8 = 8;

/// What a bundle says that it is.
const FORMAT: &str = "studio-brain audit bundle, version 1";

const README_FILE: &str = "README.txt";
const KEYS_FILE: &str = "public-keys.txt";
const CHECKPOINTS_FILE: &str = "checkpoints.jsonl";
const ENTRIES_FILE: &str = "entries.jsonl";
const MANIFEST_FILE: &str = "manifest.json";

/// For whoever holds an archive and not this program.
const README: &str = "\
This is an audit log that proves itself.

entries.jsonl      one entry a line, in order: the canonical text, whose bytes are the leaf of a Merkle tree (RFC 6962:
                   leaf = SHA-256(0x00 || text), node = SHA-256(0x01 || left || right)). A line {\"dropped\":\"<hex>\"}
                   stands for an entry whose payload was dropped: it is the hash of its leaf.
tile/              the hashes of the tree, as in https://c2sp.org/tlog-tiles
checkpoints.jsonl  the signed heads of the tree, oldest first, each a JSON string that is a signed note:
                   https://c2sp.org/tlog-checkpoint, https://c2sp.org/signed-note (Ed25519)
public-keys.txt    the keys that signed them, oldest first. An entry `audit.key_rotated` names the next key; the
                   checkpoint that covers it is signed by the one before.
manifest.json      what is here, with the SHA-256 of every file

Verify it with `studio-brain audit verify-bundle FILE --key KEY`. Get the key from the studio, not from here: who makes
a false log can put a false key beside it. The newest checkpoint is also in Cloud Logging and in Firestore.
";

/// What is in a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    format: String,
    /// Whose log it is.
    pub studio: String,
    /// How many entries.
    pub entries: u64,
    /// How many checkpoints; the newest covers every entry.
    pub checkpoints: u64,
    /// The root of the tree.
    pub root: Hash,
    /// The keys that signed, oldest first.
    pub keys: Vec<String>,
    files: Vec<FileLine>,
}

/// One file of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileLine {
    name: String,
    size: u64,
    sha256: Hash,
}

/// What a manifest says of the log.
#[derive(Clone, Debug)]
struct Contents {
    studio: String,
    checkpoints: u64,
    size: u64,
    root: Hash,
    keys: Vec<PublicKey>,
}

impl Manifest {
    fn of(contents: &Contents, files: Vec<FileLine>) -> Self {
        Self {
            format: FORMAT.to_owned(),
            studio: contents.studio.clone(),
            entries: contents.size,
            checkpoints: contents.checkpoints,
            root: contents.root,
            keys: contents.keys.iter().map(PublicKey::to_string).collect(),
            files,
        }
    }

    fn text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("BUG: texts and numbers are JSON");
        text.push('\n');
        text
    }
}

/// The file's name of a tile, as C2SP has it, how many bytes it has, and where its hashes are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TileFile {
    /// Such as `tile/0/x001/067`.
    pub name: String,
    level: u8,
    first: u64,
    width: u64,
}

impl TileFile {
    /// The tiles of a tree of this size, lowest level first.
    pub fn all(size: u64) -> Vec<Self> {
        let tiles = Tile::new_tiles(TILE_HEIGHT, 0, size);
        let file = |tile: Tile| Self {
            name: tile.path().replacen(&format!("tile/{TILE_HEIGHT}/"), "tile/", 1),
            level: tile.level() * TILE_HEIGHT,
            first: tile.level_index() << TILE_HEIGHT,
            width: u64::from(tile.width()),
        };
        tiles.into_iter().map(file).collect()
    }

    /// Where its hashes are stored, in their order.
    pub fn places(&self) -> impl Iterator<Item = Place> {
        let level = self.level;
        (self.first..self.first + self.width).map(move |number| Place { sequence: (number + 1) << level, level })
    }

    const fn bytes(&self) -> u64 {
        self.width * 32
    }
}

/// Makes a bundle: every function gives the bytes that come next. Call them in the order in which they stand here.
#[derive(Debug)]
pub struct Packer {
    contents: Contents,
    files: Vec<FileLine>,
    open: Option<(String, u64, Hashing)>,
}

impl Packer {
    /// A bundle of everything that the newest of these checkpoints covers, signed by these keys; what it begins with.
    ///
    /// # Errors
    /// There are too many checkpoints for one file.
    pub fn begin(
        studio: &StudioId,
        checkpoints: &[Checkpoint],
        keys: Vec<PublicKey>,
    ) -> Result<Option<(Self, Vec<u8>)>, TooLarge> {
        let Some(newest) = checkpoints.last() else { return Ok(None) };
        let contents = Contents {
            studio: studio.to_string(),
            checkpoints: checkpoints.len() as u64,
            size: newest.size(),
            root: newest.root(),
            keys,
        };
        let keys = keys_text(&contents.keys);
        let mut packer = Self { contents, files: Vec::new(), open: None };
        let mut bytes = packer.file(README_FILE, README.as_bytes())?;
        bytes.extend(packer.file(KEYS_FILE, keys.as_bytes())?);
        let mut notes = String::new();
        for checkpoint in checkpoints {
            notes.push_str(&checkpoint_line(checkpoint.note()));
            notes.push('\n');
        }
        bytes.extend(packer.file(CHECKPOINTS_FILE, notes.as_bytes())?);
        Ok(Some((packer, bytes)))
    }

    /// A tile, with its hashes one after the other.
    ///
    /// # Errors
    /// It is too large, which no tile is.
    pub fn tile(&mut self, tile: &TileFile, hashes: &[u8]) -> Result<Vec<u8>, TooLarge> {
        self.file(&tile.name, hashes)
    }

    /// The entries follow, which are so many bytes with the ends of their lines.
    ///
    /// # Errors
    /// They are too many for one file of an archive.
    pub fn entries(&mut self, bytes: u64) -> Result<Vec<u8>, TooLarge> {
        self.open(ENTRIES_FILE, bytes)
    }

    /// Some of the entries, each with the end of its line.
    pub fn lines(&mut self, lines: &[u8]) {
        if let Some((_, _, hasher)) = &mut self.open {
            hasher.update(lines);
        }
    }

    /// What it ends with, and its manifest.
    ///
    /// # Errors
    /// The manifest is too large.
    pub fn end(mut self) -> Result<(Vec<u8>, Manifest), TooLarge> {
        let mut bytes = self.close();
        let manifest = Manifest::of(&self.contents, self.files);
        let text = manifest.text();
        bytes.extend(archive::header(MANIFEST_FILE, text.len() as u64)?);
        bytes.extend(text.as_bytes());
        bytes.extend(archive::padding(text.len() as u64));
        bytes.extend(archive::END);
        Ok((bytes, manifest))
    }

    fn file(&mut self, name: &str, data: &[u8]) -> Result<Vec<u8>, TooLarge> {
        let mut bytes = self.open(name, data.len() as u64)?;
        self.lines(data);
        bytes.extend(data);
        bytes.extend(self.close());
        Ok(bytes)
    }

    fn open(&mut self, name: &str, size: u64) -> Result<Vec<u8>, TooLarge> {
        self.open = Some((name.to_owned(), size, Hashing::default()));
        Ok(archive::header(name, size)?.to_vec())
    }

    fn close(&mut self) -> Vec<u8> {
        let Some((name, size, hasher)) = self.open.take() else { return Vec::new() };
        self.files.push(FileLine { name, size, sha256: hasher.end() });
        archive::padding(size)
    }
}

/// A hash of what comes bit by bit.
#[derive(Clone)]
struct Hashing(Context);

impl Default for Hashing {
    fn default() -> Self {
        Self(Context::new(&SHA256))
    }
}

impl std::fmt::Debug for Hashing {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Hashing")
    }
}

impl Hashing {
    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn end(self) -> Hash {
        Hash::from_bytes(self.0.finish().as_ref().try_into().expect("BUG: SHA-256 has 32 bytes"))
    }
}

/// The line that stands for an entry whose payload was dropped.
pub fn dropped_line(leaf: Hash) -> String {
    format!("{{\"dropped\":\"{leaf}\"}}")
}

fn dropped_leaf(line: &[u8]) -> Option<Hash> {
    let line = std::str::from_utf8(line).ok()?;
    let leaf = line.strip_prefix("{\"dropped\":\"")?.strip_suffix("\"}")?.parse().ok()?;
    (dropped_line(leaf) == line).then_some(leaf)
}

fn checkpoint_line(note: &str) -> String {
    serde_json::to_string(note).expect("BUG: a text is JSON")
}

fn keys_text(keys: &[PublicKey]) -> String {
    keys.iter().fold(String::new(), |mut text, key| {
        let _ = writeln!(text, "{key}");
        text
    })
}
