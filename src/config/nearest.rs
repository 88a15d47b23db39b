//! "Did you mean": the nearest known name.

/// The known name nearest to `typed`, if it is near enough to be meant.
pub(super) fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let (distance, name) = known.into_iter().map(|name| (distance(typed, name), name)).min()?;
    (distance <= (typed.chars().count() / 3).clamp(2, 6)).then_some(name)
}

/// How many letters must be changed, added, dropped or swapped with their neighbour to get from `left` to `right`.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().take(128).collect();
    let right: Vec<char> = right.chars().take(128).collect();
    let mut rows = vec![(0..=right.len()).collect::<Vec<usize>>()];
    for i in 1..=left.len() {
        let mut row = vec![i];
        for j in 1..=right.len() {
            let changed = rows[i - 1][j - 1] + usize::from(left[i - 1] != right[j - 1]);
            let mut best = changed.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[left.len()][right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_key_and_nonsense_finds_none() {
        let known = ["web.listen", "web.public_origin", "push.enabled"];
        assert_eq!(nearest("web.lisetn", known), Some("web.listen"));
        assert_eq!(nearest("push.enable", known), Some("push.enabled"));
        assert_eq!(nearest("web.origin", known), None);
        assert_eq!(nearest("kiln", known), None);
    }

    #[test]
    fn swapped_neighbours_are_one_step() {
        assert_eq!(distance("batch", "bacth"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kiln", "kiln"), 0);
    }
}
