//! Whatever is changed in the database is found, and the first entry that can't be trusted is named.

use sqlx::SqlitePool;
use studio_brain::domain::audit::checkpoint::{Checkpoint, SealKey};
use studio_brain::domain::ids::Hash;
use studio_brain::store::audit::VerifyError;

use super::stage::{Dice, Log, run, studio};

const ENTRIES: i64 = 10_000;
const MUTATIONS: usize = 500;

/// What an intruder does: which table, the rows that are not as they were, and the first bad entry where one can be named.
struct Deed {
    table: &'static str,
    rows: (i64, i64),
    first: Option<i64>,
    what: String,
}

async fn text(pool: &SqlitePool, sql: &str, row: i64) -> String {
    let sql = sqlx::AssertSqlSafe(sql.to_owned());
    sqlx::query_scalar(sql).bind(row).fetch_one(pool).await.expect("reads")
}

/// Changes one letter into another.
fn changed(text: &str, dice: &mut Dice) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let at = dice.below(letters.len());
    letters[at] = if letters[at] == 'x' { 'y' } else { 'x' };
    letters.into_iter().collect()
}

/// One deed, chosen by chance.
async fn intrude(pool: &SqlitePool, dice: &mut Dice) -> Deed {
    // The first entry names the key: without it, every signature is the first thing that is wrong.
    let row = 2 + dice.below(ENTRIES as usize - 1) as i64;
    let other = 1 + (row + dice.below(ENTRIES as usize - 1) as i64) % ENTRIES;
    let (low, high) = (row.min(other), row.max(other));
    let deed = |table, rows, first, what: String| Deed { table, rows, first, what };
    let one = |table, what: &str| Deed { table, rows: (row, row), first: Some(row), what: format!("{what} {row}") };
    match dice.below(18) {
        0..=2 => {
            // The database itself refuses what is no JSON: then it is another letter.
            loop {
                let entry = changed(&text(pool, "select entry from audit where sequence = ?", row).await, dice);
                let sql = sqlx::query("update audit set entry = ? where sequence = ?").bind(entry).bind(row);
                if sql.execute(pool).await.is_ok() {
                    break;
                }
            }
            one("audit", "a letter of")
        }
        3..=5 => {
            let members =
                ["sequence", "at", "studio", "actor", "name", "action", "target", "reason", "input", "details.n"];
            let member = members[dice.below(members.len())];
            let sql = format!("update audit set entry = json_set(entry, '$.{member}', 'else') where sequence = {row}");
            run(pool, &sql).await;
            one("audit", member)
        }
        6 => {
            run(pool, &format!("delete from audit where sequence = {row}")).await;
            one("audit", "without")
        }
        7 => {
            let first = text(pool, "select entry from audit where sequence = ?", low).await;
            let second = text(pool, "select entry from audit where sequence = ?", high).await;
            for (row, entry) in [(low, second), (high, first)] {
                let sql = sqlx::query("update audit set entry = ? where sequence = ?").bind(entry).bind(row);
                sql.execute(pool).await.expect("changes");
            }
            deed("audit", (low, high), Some(low), format!("{low} and {high} swapped"))
        }
        8 => {
            let place = if dice.below(2) == 0 { ENTRIES + 1 } else { 0 };
            let sql =
                format!("insert into audit (sequence, entry) select {place}, entry from audit where sequence = {row}");
            run(pool, &sql).await;
            deed("audit", (1, 0), None, format!("one more at {place}"))
        }
        9 => {
            let from = ENTRIES - dice.below(50) as i64;
            run(pool, &format!("delete from audit where sequence >= {from}")).await;
            deed("audit", (from, ENTRIES), Some(from), format!("cut at {from}"))
        }
        10 => {
            run(pool, &format!("update audit set entry = null where sequence = {row}")).await;
            one("audit", "the payload of")
        }
        11 => {
            run(pool, &format!("update audit set sequence = {ENTRIES} + 5 where sequence = {row}")).await;
            one("audit", "moved")
        }
        12 => {
            let sql = format!("update audit_tree set hashes = zeroblob(length(hashes)) where sequence = {row}");
            run(pool, &sql).await;
            one("audit_tree", "the hashes of")
        }
        13 => {
            let sql =
                format!("update audit_tree set hashes = cast(hashes || zeroblob(32) as blob) where sequence = {row}");
            run(pool, &sql).await;
            one("audit_tree", "one more hash of")
        }
        14 => {
            run(pool, &format!("delete from audit_tree where sequence = {row}")).await;
            one("audit_tree", "without the hashes of")
        }
        15 => {
            let sql = format!("insert into audit_tree (sequence, hashes) values ({ENTRIES} + 1, zeroblob(32))");
            run(pool, &sql).await;
            deed("audit_tree", (1, 0), None, "one more hash".to_owned())
        }
        16 => {
            let row = 1 + dice.below(10) as i64;
            let sql = match dice.below(4) {
                0 => format!("delete from audit_checkpoints where number = {row}"),
                1 => format!("update audit_checkpoints set size = size + 1 where number = {row}"),
                2 => format!("update audit_checkpoints set number = number + 20 where number = {row}"),
                _ => format!(
                    "update audit_checkpoints set note = (select note from audit_checkpoints where number = {})
                     where number = {row}",
                    1 + row % 10
                ),
            };
            run(pool, &sql).await;
            deed("audit_checkpoints", (1, 0), None, sql)
        }
        _ => {
            let row = 1 + dice.below(10) as i64;
            let note = text(pool, "select note from audit_checkpoints where number = ?", row).await;
            let note = if dice.below(4) == 0 {
                let (size, root) = (ENTRIES as u64, Hash::of("forged"));
                Checkpoint::sign(&studio(), size, root, &SealKey::from_seed(&studio(), [9; 32])).note().to_owned()
            } else {
                changed(&note, dice)
            };
            let sql = sqlx::query("update audit_checkpoints set note = ? where number = ?").bind(note).bind(row);
            sql.execute(pool).await.expect("changes");
            deed("audit_checkpoints", (1, 0), None, format!("the note of checkpoint {row}"))
        }
    }
}

/// Puts everything back as it was.
async fn undo(pool: &SqlitePool, deed: &Deed) {
    let (low, high) = deed.rows;
    let (key, columns, outside) = match deed.table {
        "audit" => ("sequence", "sequence, entry", format!("sequence < 1 or sequence > {ENTRIES}")),
        "audit_tree" => ("sequence", "sequence, hashes", format!("sequence < 1 or sequence > {ENTRIES}")),
        _ => ("number", "number, size, note", "1".to_owned()),
    };
    let table = deed.table;
    run(pool, &format!("delete from {table} where {outside} or {key} between {low} and {high}")).await;
    let missing = if outside == "1" { "1".to_owned() } else { format!("{key} between {low} and {high}") };
    run(pool, &format!("insert into {table} ({columns}) select {columns} from kept_{table} where {missing}")).await;
}

#[tokio::test]
async fn five_hundred_changes_of_the_database_are_all_found() {
    let log = Log::of(ENTRIES as u64, ENTRIES as u64 / 10).await;
    let pinned = log.public();
    let verified = log.store.audit_verify(Some(&pinned)).await.expect("holds");
    assert_eq!((verified.entries, verified.sealed, verified.checkpoints), (10_000, 10_000, 10));
    let pool = log.intruder().await;
    for (table, columns) in
        [("audit", "sequence, entry"), ("audit_tree", "sequence, hashes"), ("audit_checkpoints", "number, size, note")]
    {
        let key = columns.split(',').next().expect("a column");
        run(&pool, &format!("create table kept_{table} as select {columns} from {table}")).await;
        run(&pool, &format!("create unique index kept_{table}_key on kept_{table} ({key})")).await;
    }
    let mut dice = Dice::new(20_260_318);
    for number in 0..MUTATIONS {
        let deed = intrude(&pool, &mut dice).await;
        let (table, what) = (deed.table, &deed.what);
        match log.store.audit_verify(Some(&pinned)).await {
            Err(VerifyError::Fault(fault)) => {
                let named = fault.entry().map(|entry| entry as i64);
                assert!(deed.first.is_none() || named == deed.first, "{number}: {table}, {what}: {fault}");
            }
            Err(VerifyError::Store(error)) => panic!("{number}: {table}, {what}: could not tell: {error}"),
            Ok(_) => panic!("{number}: {table}, {what}: not found"),
        }
        undo(&pool, &deed).await;
    }
    assert_eq!(log.store.audit_verify(Some(&pinned)).await.expect("is as it was"), verified);
    pool.close().await;
}
