//! Whatever is changed in a copy is found: by chance, and by somebody who puts the manifest right.

use studio_brain::domain::audit::Action;
use studio_brain::domain::audit::bundle::{BundleCheck, BundleFault, BundleVerified};
use studio_brain::domain::audit::checkpoint::{PublicKey, SealKey};
use studio_brain::domain::audit::walk::{Fault, KEY};
use studio_brain::domain::ids::Hash;

use super::stage::{Dice, Log, event, studio};

const ENTRIES: u64 = 10_000;

fn check(bundle: &[u8], key: Option<&PublicKey>) -> Result<BundleVerified, BundleFault> {
    let mut check = BundleCheck::default();
    for piece in bundle.chunks(1 << 16) {
        check.push(piece)?;
    }
    check.finish(key)
}

/// The files of a bundle, in their order.
fn unpacked(bundle: &[u8]) -> Vec<(String, Vec<u8>)> {
    let (mut files, mut at) = (Vec::new(), 0);
    while bundle[at] != 0 {
        let name = String::from_utf8(bundle[at..at + 100].to_vec()).expect("a name").trim_end_matches('\0').to_owned();
        let size = std::str::from_utf8(&bundle[at + 124..at + 135]).expect("digits");
        let size = usize::from_str_radix(size, 8).expect("a size");
        files.push((name, bundle[at + 512..at + 512 + size].to_vec()));
        at += 512 + size.next_multiple_of(512);
    }
    files
}

/// A bundle of these files, whose manifest tells their sizes and hashes: what is signed is all that is left.
fn packed(bundle: &[u8], files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut manifest: serde_json::Value = serde_json::from_slice(&files.last().expect("the manifest").1).expect("JSON");
    for (at, (name, data)) in files.iter().enumerate() {
        let mut data = data.clone();
        if name == "manifest.json" {
            data = serde_json::to_vec_pretty(&manifest).expect("JSON");
            data.push(b'\n');
        } else {
            manifest["files"][at]["size"] = data.len().into();
            manifest["files"][at]["sha256"] = Hash::of(&data).to_string().into();
        }
        let mut header = bundle[..512].to_vec();
        header[..100].fill(0);
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..135].copy_from_slice(format!("{:011o}", data.len()).as_bytes());
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        packed.extend(header);
        packed.extend(&data);
        packed.resize(packed.len().next_multiple_of(512), 0);
    }
    packed.resize(packed.len() + 1_024, 0);
    packed
}

#[tokio::test]
async fn five_hundred_changes_of_a_bundle_are_all_found() {
    let log = Log::of(ENTRIES, 1_000).await;
    let (bundle, key) = (log.bundle().await, log.public());
    let verified = check(&bundle, Some(&key)).expect("holds");
    assert_eq!((verified.log.entries, verified.studio.as_str()), (ENTRIES, "monsoon-west"));
    let files = unpacked(&bundle);
    assert_eq!(packed(&bundle, &files), bundle, "there is one way to write it");

    // What comes before the change was read already: it is not read again for each.
    const PIECE: usize = 1 << 16;
    let (mut on_the_way, mut states) = (BundleCheck::default(), Vec::new());
    for piece in bundle.chunks(PIECE) {
        states.push(on_the_way.clone());
        on_the_way.push(piece).expect("holds");
    }
    let mut dice = Dice::new(7);
    let mut changed = bundle.clone();
    for number in 0..380 {
        let (at, bit) = (dice.below(bundle.len()), dice.below(8));
        changed[at] ^= 1 << bit;
        let from = at / PIECE;
        let mut check = states[from].clone();
        let found = changed[from * PIECE..].chunks(PIECE).try_for_each(|piece| check.push(piece));
        let found = found.and_then(|()| check.finish(Some(&key)));
        assert!(found.is_err(), "{number}: bit {bit} of byte {at} of {}", bundle.len());
        changed[at] ^= 1 << bit;
    }
    for number in 0..120 {
        let mut files = files.clone();
        let (expected, what) = tamper(&mut files, &mut dice);
        let fault = check(&packed(&bundle, &files), Some(&key)).expect_err(&format!("{number}: {what}"));
        assert!(expected.is_none() || fault.entry() == expected, "{number}: {what}: {fault}");
    }
}

/// Changes one thing in the files; the first bad entry where one can be named.
fn tamper(files: &mut [(String, Vec<u8>)], dice: &mut Dice) -> (Option<u64>, String) {
    let at = |name: &str| files.iter().position(|(known, _)| known == name).expect("is there");
    let (entries, checkpoints) = (at("entries.jsonl"), at("checkpoints.jsonl"));
    let lines =
        |file: &Vec<u8>| -> Vec<Vec<u8>> { file.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect() };
    let (mut of_entries, mut of_checkpoints) = (lines(&files[entries].1), lines(&files[checkpoints].1));
    let (one, other) = (dice.below(of_entries.len()), dice.below(of_entries.len()));
    let (low, high) = (one.min(other), one.max(other));
    let checkpoint = dice.below(of_checkpoints.len());
    let found = match dice.below(9) {
        0 => {
            of_entries.remove(low);
            (Some(low as u64 + 1), format!("entry {} removed", low + 1))
        }
        1 if low != high => {
            of_entries.swap(low, high);
            (Some(low as u64 + 1), format!("entries {} and {} swapped", low + 1, high + 1))
        }
        1 | 2 => {
            let again = of_entries[low].clone();
            of_entries.insert(low, again);
            (Some(low as u64 + 2), format!("entry {} twice", low + 1))
        }
        3 => {
            of_entries.truncate(of_entries.len() - 1 - dice.below(100));
            (Some(of_entries.len() as u64 + 1), format!("cut after {}", of_entries.len()))
        }
        4 => {
            let letter = dice.below(of_entries[low].len() - 2) + 1;
            of_entries[low][letter] ^= 1;
            let broken = of_entries[low][letter] == b'\n';
            (Some(low as u64 + 1).filter(|_| !broken), format!("entry {} changed at {letter}", low + 1))
        }
        5 => {
            of_checkpoints.remove(checkpoint);
            (None, format!("checkpoint {} removed", checkpoint + 1))
        }
        6 => {
            let letter = dice.below(of_checkpoints[checkpoint].len() - 2) + 1;
            of_checkpoints[checkpoint][letter] ^= 1;
            (None, format!("checkpoint {} changed at {letter}", checkpoint + 1))
        }
        7 => {
            let tile = checkpoints + 1 + dice.below(entries - checkpoints - 1);
            let byte = dice.below(files[tile].1.len());
            files[tile].1[byte] ^= 1;
            (None, format!("{} changed at {byte}", files[tile].0))
        }
        _ => {
            let other = SealKey::from_seed(&studio(), [9; 32]);
            files[at("public-keys.txt")].1 = format!("{}\n", other.public()).into_bytes();
            (None, "another public key".to_owned())
        }
    };
    files[entries].1 = of_entries.concat();
    files[checkpoints].1 = of_checkpoints.concat();
    found
}

#[tokio::test]
async fn a_bundle_of_another_key_an_unsigned_one_and_one_with_a_cut_tail_are_refused() {
    let log = Log::of(700, 300).await;
    let bundle = log.bundle().await;
    check(&bundle, Some(&log.public())).expect("holds");
    check(&bundle, None).expect("holds, as far as the key in it can tell");
    let other = SealKey::from_seed(&studio(), [9; 32]);
    assert_eq!(check(&bundle, Some(other.public())), Err(Fault::OtherKey.into()));

    let mut unsigned = unpacked(&bundle);
    unsigned[2].1.clear();
    assert_eq!(check(&packed(&bundle, &unsigned), None), Err(BundleFault::Unsigned));
    let mut stripped = unpacked(&bundle);
    let notes = String::from_utf8(stripped[2].1.clone()).expect("text");
    let bodies = notes.lines().map(|line| format!("{}\"\n", line.split("\\n\\n").next().expect("a body")));
    stripped[2].1 = bodies.collect::<String>().into_bytes();
    let fault = check(&packed(&bundle, &stripped), None).expect_err("has no signature");
    assert!(matches!(fault, BundleFault::Log(Fault::Checkpoint { number: 1, .. })), "{fault}");

    for cut in [1, 1_024, 5_000, bundle.len() / 2] {
        let fault = check(&bundle[..bundle.len() - cut], Some(&log.public())).expect_err("is cut off");
        assert!(matches!(fault, BundleFault::Archive(_) | BundleFault::Log(Fault::Missing { .. })), "{cut}: {fault}");
    }
    assert!(check(b"", None).is_err() && check(&[0; 1_024], None).is_err());
    let longer = [bundle.as_slice(), b"x"].concat();
    assert!(check(&longer, None).is_err(), "something follows its end");
}

#[tokio::test]
async fn a_bundle_over_a_change_of_the_key_verifies_with_either_key() {
    let log = Log::of(300, 100).await;
    let next = SealKey::from_seed(&studio(), [2; 32]);
    log.append(vec![event(Action::AuditKeyRotated, 1).detail(KEY, next.public().as_str())]).await;
    log.seal(&log.key).await;
    log.seal(&next).await;
    log.append((0..50).map(|number| event(Action::WriteLanded, number)).collect()).await;
    log.seal(&next).await;
    let bundle = log.bundle().await;
    for key in [log.public(), next.public().clone()] {
        assert_eq!(check(&bundle, Some(&key)).expect("holds").log.keys, [log.public(), next.public().clone()]);
    }
    let other = SealKey::from_seed(&studio(), [9; 32]);
    assert_eq!(check(&bundle, Some(other.public())), Err(Fault::OtherKey.into()));

    // A key that nobody vouched for is told, and who pinned the one before is not satisfied.
    log.append(vec![event(Action::AuditKeyCreated, 2).detail(KEY, other.public().as_str())]).await;
    log.seal(&other).await;
    let bundle = log.bundle().await;
    let verified = check(&bundle, Some(other.public())).expect("holds for who trusts the new key");
    assert_eq!(verified.log.unvouched, [352]);
    assert_eq!(check(&bundle, Some(next.public())), Err(Fault::OtherKey.into()));
}

#[tokio::test]
async fn dropped_payloads_are_exported_as_their_leaves() {
    let log = Log::of(600, 600).await;
    let mut tx = log.store.begin().await.expect("begins");
    tx.audit_prune(&studio(), event(Action::AuditPruned, 0), 400).await.expect("prunes");
    tx.commit().await.expect("commits");
    log.seal(&log.key).await;
    let bundle = log.bundle().await;
    let verified = check(&bundle, Some(&log.public())).expect("holds").log;
    assert_eq!((verified.entries, verified.dropped), (601, 399), "the entry that names the key is kept");
}
