//! What every page has to be, whatever is broken: a frame, one heading, and either what was asked for or words about it.

use scraper::{ElementRef, Html, Selector};

use crate::web_stage::Answer;

/// What SQLite and Rust would say, and no page may.
const CAUSES: [&str; 5] = ["no such table", "SQLITE", "sqlx", "panicked", "rows returned"];

/// Is this a page that a person can use?
///
/// # Errors
/// What is wrong with it.
pub(super) fn judge(address: &str, answer: &Answer) -> Result<(), String> {
    if !answer.header("content-type").starts_with("text/html") {
        return Err(format!("is {} and no page: {}", answer.status, answer.header("content-type")));
    }
    let page = Html::parse_document(&answer.body);
    for (part, selector) in [("skip link", "a.skip"), ("main part", "main#main"), ("style", "link[rel=stylesheet]")] {
        if all(&page, selector).is_empty() {
            return Err(format!("has no {part}"));
        }
    }
    match texts(&page, "h1").as_slice() {
        [heading] if !heading.is_empty() => {}
        headings => return Err(format!("has the headings {headings:?}")),
    }
    let said = texts(&page, "main").join(" ");
    if said.len() < 40 {
        return Err(format!("says only {said:?}"));
    }
    if let Some(cause) = CAUSES.iter().find(|cause| answer.body.contains(**cause)) {
        return Err(format!("shows the cause: {cause}"));
    }
    let id = answer.header("x-request-id");
    let again = |link: ElementRef<'_>| text(link) == "Try again" && link.attr("href") == Some(address);
    if answer.status.is_server_error() && !(said.contains(id) && all(&page, "main a").into_iter().any(again)) {
        return Err(format!("fails without an error id or a way to try again: {said}"));
    }
    for trouble in all(&page, "main [role=alert]").into_iter().filter(|part| text(*part).contains("could not be read"))
    {
        if !text(trouble).contains(id) || trouble.select(&selector("a[href]")).next().is_none() {
            return Err(format!("has a part that failed without an error id or a way to try again: {}", text(trouble)));
        }
    }
    Ok(())
}

/// Does some part of the page say that it could not be read?
pub(super) fn owns_up(answer: &Answer) -> bool {
    let page = Html::parse_document(&answer.body);
    texts(&page, "main").join(" ").contains(answer.header("x-request-id"))
}

/// What the main part tells, without what is new each time.
pub(super) fn telling(answer: &Answer) -> String {
    let page = Html::parse_document(&answer.body);
    texts(&page, "main").join(" ").replace(answer.header("x-request-id"), "")
}

fn texts(page: &Html, of: &str) -> Vec<String> {
    all(page, of).into_iter().map(text).collect()
}

fn all<'a>(page: &'a Html, of: &str) -> Vec<ElementRef<'a>> {
    page.select(&selector(of)).collect()
}

fn selector(text: &str) -> Selector {
    Selector::parse(text).expect("a selector")
}

fn text(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}
