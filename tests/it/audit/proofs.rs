//! Proofs, as another implementation sees them: `ct-merkle` makes the same ones and believes ours.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{ConsistencyProof, InclusionProof};
use sha2::Sha256;
use studio_brain::domain::audit::tree::{
    Frontier, Inclusion, Place, Stored, consistency, consistency_reads, inclusion_reads, is_consistent, leaf_hash,
};
use studio_brain::domain::ids::Hash;

use super::stage::{Dice, Log};

/// Our tree as it is stored, and theirs, over the same leaves.
struct Trees {
    stored: Vec<Vec<u8>>,
    roots: Vec<Hash>,
    theirs: MemoryBackedTree<Sha256, Vec<u8>>,
}

impl Trees {
    fn of(leaves: usize) -> Self {
        let (mut frontier, mut trees) = (
            Frontier::default(),
            Self { stored: Vec::new(), roots: vec![Hash::of("")], theirs: MemoryBackedTree::new() },
        );
        for number in 0..leaves {
            let data = format!("entry {number}").into_bytes();
            let mut stored = Vec::new();
            frontier.push(leaf_hash(&data), |hash| stored.extend(hash.bytes()));
            trees.stored.push(stored);
            trees.roots.push(frontier.root());
            trees.theirs.push(data);
        }
        trees
    }

    fn read(&self, indexes: &[u64]) -> Stored {
        let hash = |index| {
            let place = Place::of(index);
            place.hash_in(&self.stored[place.sequence as usize - 1]).expect("is stored")
        };
        indexes.iter().map(|index| (*index, hash(*index))).collect()
    }
}

fn bytes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.bytes()).collect()
}

#[test]
fn inclusion_and_consistency_proofs_agree_with_a_second_implementation() {
    let mut dice = Dice::new(6_962);
    let sizes: Vec<usize> = (1..=20).chain((0..25).map(|_| 21 + dice.below(700))).collect();
    for size in sizes {
        let trees = Trees::of(size);
        let (ours, root) = (trees.roots[size], trees.theirs.root());
        assert_eq!(ours.bytes().as_slice(), root.as_bytes().as_slice(), "{size}: the root");
        for _ in 0..20 {
            let number = dice.below(size);
            let sequence = number as u64 + 1;
            let stored = trees.read(&inclusion_reads(size as u64, sequence));
            let inclusion = Inclusion::prove(size as u64, sequence, &stored).expect("is in it");
            let data = format!("entry {number}").into_bytes();
            let path = bytes(&inclusion.path);
            assert_eq!(path, trees.theirs.prove_inclusion(number).as_bytes(), "{number} of {size}");
            let theirs = InclusionProof::<Sha256>::from_bytes(path);
            root.verify_inclusion(&data, number as u64, &theirs).expect("they believe it");
            assert!(inclusion.holds(leaf_hash(&data), ours));
            assert!(!inclusion.holds(leaf_hash(b"else"), ours));
            let elsewhere = Inclusion { sequence: 1 + (sequence + dice.below(size) as u64) % size as u64, ..inclusion };
            assert!(size == 1 || elsewhere.sequence == sequence || !elsewhere.holds(leaf_hash(&data), ours));

            let older = 1 + dice.below(size);
            let stored = trees.read(&consistency_reads(size as u64, older as u64));
            let proof = consistency(size as u64, older as u64, &stored).expect("is its beginning");
            assert_eq!(bytes(&proof), trees.theirs.prove_consistency(size - older).as_bytes(), "{older} of {size}");
            let head = |size: usize| (size as u64, trees.roots[size]);
            assert!(is_consistent(&proof, head(size), head(older)));
            assert!(!is_consistent(&proof, head(size), (older as u64, Hash::of("else"))));
            if older < size {
                let theirs = ConsistencyProof::<Sha256>::try_from_bytes(bytes(&proof)).expect("has whole hashes");
                let before = ct_merkle::RootHash::<Sha256>::new((*trees.roots[older].bytes()).into(), older as u64);
                root.verify_consistency(&before, &theirs).expect("they believe it");
            }
        }
        trees.theirs.self_check().expect("their tree is sound");
    }
}

#[tokio::test]
async fn an_entry_is_proved_out_of_the_database() {
    let log = Log::of(2_500, 1_000).await;
    let mut dice = Dice::new(3);
    for _ in 0..50 {
        let sequence = 1 + dice.below(2_500) as u64;
        let proof = log.store.audit_proof(sequence).await.expect("reads").expect("is covered");
        assert!(proof.holds() && proof.checkpoint.is_signed_by(&log.public()), "{sequence}");
        assert!(proof.text.expect("is there").starts_with(&format!("{{\"sequence\":{sequence},")));
        let older = 1 + dice.below(2_500) as u64;
        let root = async |size| log.store.audit_root(size).await.expect("reads").expect("had so many");
        let steps = log.store.audit_consistency(2_500, older).await.expect("proves");
        assert!(is_consistent(&steps, (2_500, root(2_500).await), (older, root(older).await)), "{older}");
    }
    assert!(log.store.audit_proof(0).await.expect("reads").is_none());
    assert!(log.store.audit_proof(2_501).await.expect("reads").is_none());
    assert_eq!(log.store.audit_root(2_501).await.expect("reads"), None);
}
