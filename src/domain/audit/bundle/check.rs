//! Reading an archive, piece by piece, and believing none of it.

use std::collections::VecDeque;

use crate::domain::audit::bundle::archive::{BLOCK, END, padding_of, size_of};
use crate::domain::audit::bundle::{
    CHECKPOINTS_FILE, Contents, ENTRIES_FILE, FileLine, Hashing, KEYS_FILE, MANIFEST_FILE, Manifest, README,
    README_FILE, TileFile, checkpoint_line, dropped_leaf, keys_text,
};
use crate::domain::audit::checkpoint::{Checkpoint, PublicKey};
use crate::domain::audit::tree::Frontier;
use crate::domain::audit::walk::{Fault, Verified, Walk};
use crate::domain::ids::Hash;

/// The longest line of an entry, and the largest of the other files, that are read into memory.
const LONGEST_LINE: usize = 1 << 20;
const LARGEST_FILE: u64 = 1 << 28;

/// Why a bundle is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleFault {
    /// It is not written as a bundle is.
    #[error("this is no bundle, or one that was changed: {0}")]
    Archive(String),
    /// No checkpoint is in it, so that nobody vouches for anything.
    #[error("the bundle is not signed: it has no checkpoint")]
    Unsigned,
    /// The tiles are not those of the tree that was signed.
    #[error("the tiles are not those of the tree that was signed: `{tile}`")]
    Tiles {
        /// The first of them that is not.
        tile: String,
    },
    /// The log in it is not what was recorded.
    #[error(transparent)]
    Log(#[from] Fault),
}

impl BundleFault {
    /// The first entry that can't be trusted, if that can be told.
    pub const fn entry(&self) -> Option<u64> {
        match self {
            Self::Log(fault) => fault.entry(),
            Self::Archive(_) | Self::Unsigned | Self::Tiles { .. } => None,
        }
    }
}

/// A bundle that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleVerified {
    /// What was found.
    pub log: Verified,
    /// Whose log it is.
    pub studio: String,
}

/// What comes next.
#[derive(Clone, Debug)]
enum State {
    Header,
    Data { rest: u64, padding: usize },
    Padding(usize),
    End,
}

/// What is being read.
#[derive(Clone, Debug, PartialEq, Eq)]
enum File {
    Readme,
    Keys,
    Checkpoints,
    Tile(TileFile),
    Entries,
    Manifest,
}

/// A check that is under way. Memory: 32 bytes for every entry, and the checkpoints.
#[derive(Clone, Debug)]
pub struct BundleCheck {
    state: State,
    ahead: VecDeque<File>,
    /// What is not used yet: less than a block, a line, or a small file.
    buffer: Vec<u8>,
    name: String,
    hasher: Hashing,
    files: Vec<FileLine>,
    keys: String,
    walk: Walk,
    leaves: Vec<Hash>,
    /// The nodes of the levels above that tiles hold, as they follow from the leaves: by level.
    above: Vec<Vec<Hash>>,
    newest: Option<Checkpoint>,
}

impl Default for BundleCheck {
    fn default() -> Self {
        Self {
            state: State::Header,
            ahead: [File::Readme, File::Keys, File::Checkpoints].into(),
            buffer: Vec::new(),
            name: String::new(),
            hasher: Hashing::default(),
            files: Vec::new(),
            keys: String::new(),
            walk: Walk::default(),
            leaves: Vec::new(),
            above: Vec::new(),
            newest: None,
        }
    }
}

impl File {
    fn name(&self) -> &str {
        match self {
            Self::Readme => README_FILE,
            Self::Keys => KEYS_FILE,
            Self::Checkpoints => CHECKPOINTS_FILE,
            Self::Tile(tile) => &tile.name,
            Self::Entries => ENTRIES_FILE,
            Self::Manifest => MANIFEST_FILE,
        }
    }
}

fn archive(what: impl Into<String>) -> BundleFault {
    BundleFault::Archive(what.into())
}

impl BundleCheck {
    /// The next bytes of the archive.
    ///
    /// # Errors
    /// The first thing that is wrong. Nothing more can be pushed then.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<(), BundleFault> {
        while !bytes.is_empty() {
            match self.state {
                State::Header => {
                    if self.take(&mut bytes, BLOCK) {
                        self.header()?;
                    }
                }
                State::Data { rest, padding } => {
                    let now = usize::try_from(rest).map_or(bytes.len(), |rest| rest.min(bytes.len()));
                    let (data, after) = bytes.split_at(now);
                    bytes = after;
                    self.data(data)?;
                    self.state = State::Data { rest: rest - now as u64, padding };
                    if rest == now as u64 {
                        self.state = State::Padding(padding);
                        self.file_ends()?;
                    }
                }
                State::Padding(length) => {
                    if self.take(&mut bytes, length) {
                        if self.buffer.iter().any(|byte| *byte != 0) {
                            return Err(archive("something is hidden between the files"));
                        }
                        self.buffer.clear();
                        self.state = if self.ahead.is_empty() { State::End } else { State::Header };
                    }
                }
                State::End => {
                    self.buffer.extend(bytes);
                    bytes = &[];
                    if self.buffer.len() > END.len() || self.buffer.iter().any(|byte| *byte != 0) {
                        return Err(archive("something follows its end"));
                    }
                }
            }
            // A file may need no padding at all.
            if matches!(self.state, State::Padding(0)) {
                self.state = if self.ahead.is_empty() { State::End } else { State::Header };
            }
        }
        Ok(())
    }

    /// The archive is over: what it holds, if all of it holds and `pinned` has signed it.
    ///
    /// # Errors
    /// What is wrong.
    pub fn finish(self, pinned: Option<&PublicKey>) -> Result<BundleVerified, BundleFault> {
        if !matches!(self.state, State::End) || self.buffer.len() != END.len() {
            return Err(match self.ahead.front() {
                Some(File::Entries | File::Manifest) if self.newest.is_some() && self.name == ENTRIES_FILE => {
                    Fault::Missing { sequence: self.walk.at() + 1 }.into()
                }
                Some(_) | None => archive("it is cut off"),
            });
        }
        let log = self.walk.finish(pinned)?;
        Ok(BundleVerified { log, studio: self.studio() })
    }

    fn studio(&self) -> String {
        self.walk.origin().split_once('/').map(|(_, studio)| studio.to_owned()).unwrap_or_default()
    }

    /// Gathers so many bytes; says whether they are there.
    fn take(&mut self, bytes: &mut &[u8], wanted: usize) -> bool {
        let now = (wanted - self.buffer.len()).min(bytes.len());
        let (taken, after) = bytes.split_at(now);
        self.buffer.extend(taken);
        *bytes = after;
        self.buffer.len() == wanted
    }

    fn header(&mut self) -> Result<(), BundleFault> {
        let Some(file) = self.ahead.front() else { return Err(archive("there are more files than there should be")) };
        let name = file.name().to_owned();
        let Some(size) = size_of(&self.buffer, &name) else {
            return Err(archive(format!("`{name}` is not where it has to be")));
        };
        let fits = match file {
            File::Readme => size == README.len() as u64,
            File::Tile(tile) => size == tile.bytes(),
            File::Keys | File::Checkpoints | File::Manifest => size <= LARGEST_FILE,
            File::Entries => true,
        };
        if !fits {
            return Err(archive(format!("`{name}` has a size that it can't have")));
        }
        self.buffer.clear();
        self.hasher = Hashing::default();
        self.name = name.clone();
        self.files.push(FileLine { name, size, sha256: Hash::from_bytes([0; 32]) });
        self.state = State::Data { rest: size, padding: padding_of(size) };
        if size == 0 {
            self.state = State::Padding(0);
            self.file_ends()?;
        }
        Ok(())
    }

    fn data(&mut self, data: &[u8]) -> Result<(), BundleFault> {
        self.hasher.update(data);
        if self.ahead.front() != Some(&File::Entries) {
            self.buffer.extend(data);
            return Ok(());
        }
        let mut rest = data;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let (line, after) = rest.split_at(end);
            rest = &after[1..];
            if self.buffer.is_empty() {
                self.line(line)?;
            } else {
                self.buffer.extend(line);
                let line = std::mem::take(&mut self.buffer);
                self.line(&line)?;
            }
        }
        self.buffer.extend(rest);
        if self.buffer.len() > LONGEST_LINE {
            return Err(Fault::Changed { sequence: self.walk.at() + 1 }.into());
        }
        Ok(())
    }

    fn line(&mut self, line: &[u8]) -> Result<(), BundleFault> {
        let sequence = self.walk.at() + 1;
        let recorded = usize::try_from(sequence - 1).ok().and_then(|at| self.leaves.get(at).copied());
        let recorded = recorded.ok_or(Fault::Strange { sequence })?;
        match dropped_leaf(line) {
            Some(leaf) if leaf == recorded => self.walk.leaf(None, recorded)?,
            Some(_) => return Err(Fault::Changed { sequence }.into()),
            None => self.walk.leaf(Some(line), recorded)?,
        }
        Ok(())
    }

    fn file_ends(&mut self) -> Result<(), BundleFault> {
        let hash = std::mem::take(&mut self.hasher).end();
        if let Some(file) = self.files.last_mut() {
            file.sha256 = hash;
        }
        let data = std::mem::take(&mut self.buffer);
        let Some(file) = self.ahead.pop_front() else { return Ok(()) };
        match file {
            File::Readme if data != README.as_bytes() => return Err(archive("its README was changed")),
            File::Readme => {}
            File::Keys => self.keys = text(data)?,
            File::Checkpoints => self.checkpoints(&text(data)?)?,
            File::Tile(tile) => self.tile(&tile, &data)?,
            File::Entries if !data.is_empty() || self.walk.at() != self.leaves.len() as u64 => {
                return Err(Fault::Missing { sequence: self.walk.at() + 1 }.into());
            }
            File::Entries => {}
            File::Manifest => self.manifest(&text(data)?)?,
        }
        Ok(())
    }

    fn checkpoints(&mut self, lines: &str) -> Result<(), BundleFault> {
        for (number, line) in (1..).zip(lines.split_terminator('\n')) {
            let fault = Fault::Checkpoint { number, what: "no signed checkpoint" };
            let note: String = serde_json::from_str(line).map_err(|_| fault.clone())?;
            if checkpoint_line(&note) != line {
                return Err(fault.into());
            }
            let checkpoint = Checkpoint::parse(&note).map_err(|_| fault.clone())?;
            self.walk.expect(number, &note)?;
            self.newest = Some(checkpoint);
        }
        if !lines.is_empty() && !lines.ends_with('\n') {
            return Err(archive(format!("`{CHECKPOINTS_FILE}` is cut off")));
        }
        let size = self.newest.as_ref().ok_or(BundleFault::Unsigned)?.size();
        if size > LARGEST_FILE {
            return Err(archive("its newest checkpoint covers more than can be in a bundle"));
        }
        self.ahead.extend(TileFile::all(size).into_iter().map(File::Tile));
        self.ahead.extend([File::Entries, File::Manifest]);
        Ok(())
    }

    /// Tiles of the lowest level come first: with the last of them, the whole tree is known.
    fn tile(&mut self, tile: &TileFile, data: &[u8]) -> Result<(), BundleFault> {
        let hashes = data.chunks_exact(32).filter_map(|hash| hash.try_into().ok()).map(Hash::from_bytes);
        let wrong = || BundleFault::Tiles { tile: tile.name.clone() };
        if tile.level == 0 {
            self.leaves.extend(hashes);
            let newest = self.newest.as_ref().ok_or(BundleFault::Unsigned)?;
            if self.leaves.len() as u64 == newest.size() {
                let mut frontier = Frontier::default();
                for leaf in &self.leaves {
                    let mut level = 0_usize;
                    frontier.push(*leaf, |hash| {
                        if level > 0 && level.is_multiple_of(8) {
                            let above = level / 8 - 1;
                            self.above.resize(self.above.len().max(above + 1), Vec::new());
                            self.above[above].push(hash);
                        }
                        level += 1;
                    });
                }
                if frontier.root() != newest.root() {
                    return Err(wrong());
                }
            }
            return Ok(());
        }
        let nodes = self.above.get(usize::from(tile.level) / 8 - 1).ok_or_else(wrong)?;
        let first = usize::try_from(tile.first).map_err(|_| wrong())?;
        let held = nodes.get(first..).unwrap_or_default();
        if hashes.enumerate().any(|(at, hash)| held.get(at) != Some(&hash)) {
            return Err(wrong());
        }
        Ok(())
    }

    fn manifest(&mut self, found: &str) -> Result<(), BundleFault> {
        let log = self.walk.finish(None)?;
        if keys_text(&log.keys) != self.keys {
            return Err(archive(format!("`{KEYS_FILE}` does not name the keys that signed")));
        }
        let contents = Contents {
            studio: self.studio(),
            checkpoints: log.checkpoints,
            size: log.entries,
            root: log.root,
            keys: log.keys,
        };
        // The manifest does not list itself.
        let files = self.files.iter().take(self.files.len() - 1).cloned().collect();
        if Manifest::of(&contents, files).text() != found {
            return Err(archive("its manifest does not tell what is in it"));
        }
        Ok(())
    }
}

fn text(data: Vec<u8>) -> Result<String, BundleFault> {
    String::from_utf8(data).map_err(|_| archive("a file is no text"))
}
