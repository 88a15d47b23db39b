use super::builder::{Fill, days, doc, hours};
use super::people::{Person, mara, some_member, theo};
use super::random::Random;
use super::{Case, NOW, SampleDocument};

const LOANS: usize = 39;

/// (title, author)
const BOOKS: [(&str, &str); 12] = [
    ("Mastering Kilns and Firing", "Lindsay Oesterritter"),
    ("The Complete Guide to Mid-Range Glazes", "John Britt"),
    ("A Potter's Book", "Bernard Leach"),
    ("The Ceramic Spectrum", "Robin Hopper"),
    ("Functional Pottery", "Robin Hopper"),
    ("The Kiln Book", "Frederick Olsen"),
    ("Clay and Glazes for the Potter", "Daniel Rhodes"),
    ("Ash Glazes", "Phil Rogers"),
    ("Shoji Hamada: A Potter's Way and Work", "Susan Peterson"),
    ("Centering", "M. C. Richards"),
    ("Handbuilding (studio zine, no. 4)", "Studio members"),
    ("Raku: A Practical Approach", "Steven Branfman"),
];

/// The shelf, loans that are in time or returned, and requests that were answered.
pub(super) fn ordinary(scale: usize) -> Vec<SampleDocument> {
    let items = BOOKS.iter().enumerate().map(|(index, (title, author))| {
        doc("libraryItems", item_id(index))
            .text("title", *title)
            .texts("authors", [*author])
            .text("mediaType", "book")
            .text("status", "available")
            .int("totalCopies", 6)
            .int("availableCopies", 3)
            .text("source", "manual")
            .text("coverQualityStatus", "approved")
            .time("updatedAt", NOW - days(30))
    });
    let loans = (0..LOANS * scale).map(|index| {
        let mut random = Random::of("libraryLoans", index);
        let borrower = some_member(&mut random, scale);
        let loan_id = format!("loan-{:04}", index + 1);
        if index % 2 == 0 {
            return loan(&loan_id, index % BOOKS.len(), &borrower, random.between(1, 12));
        }
        let loaned_days_ago = random.between(30, 200);
        loan(&loan_id, index % BOOKS.len(), &borrower, loaned_days_ago)
            .text("status", "returned")
            .time("returnedAt", NOW - days(loaned_days_ago - random.between(5, 20)))
    });
    let requests = (0..6).map(|index| {
        let requester = some_member(&mut Random::of("libraryRequests", index), scale);
        request(&format!("lreq-{:02}", index + 1), index, &requester, 20).text("status", "fulfilled")
    });
    items.chain(loans).chain(requests).collect()
}

fn item_id(index: usize) -> String {
    format!("book-{:02}", index + 1)
}

/// A loan for three weeks.
fn loan(id: &str, item: usize, borrower: &Person, loaned_days_ago: i64) -> SampleDocument {
    let loaned = NOW - days(loaned_days_ago);
    doc("libraryLoans", id)
        .text("itemId", item_id(item))
        .text("borrowerUid", &borrower.uid)
        .text("borrowerName", &borrower.name)
        .time("loanedAt", loaned)
        .time("dueAt", loaned + days(21))
        .null("returnedAt")
        .text("status", "checked_out")
        .int("renewalCount", 0)
        .time("updatedAt", loaned)
}

fn request(id: &str, item: usize, requester: &Person, requested_days_ago: i64) -> SampleDocument {
    doc("libraryRequests", id)
        .text("itemId", item_id(item))
        .text("type", "reserve")
        .text("status", "pending_approval")
        .text("requesterUid", &requester.uid)
        .text("requesterName", &requester.name)
        .time("requestedAt", NOW - days(requested_days_ago))
        .time("updatedAt", NOW - days(requested_days_ago) + hours(1))
}

/// A book that is late, and a wish that nobody answered.
pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "loan-overdue",
            "due 21 days ago, not returned, and still only checked out",
            vec![loan("loan-overdue-21-days", 5, &theo(), 42)],
        ),
        Case::new(
            "library-request-waiting",
            "waits for approval since 10 days",
            vec![request("lreq-waiting-10-days", 2, &mara(), 10)],
        ),
    ]
}
