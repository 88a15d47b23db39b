//! Picking many: all at once, and how many they are.

use wasm_bindgen::JsCast as _;
use web_sys::{HtmlElement, HtmlInputElement};

use super::page;

/// A box that picks a row.
pub(super) const BOX: &str = ".pick > input[type=checkbox]";

/// Adds a box for all of them, and says how many are picked.
pub(super) fn start() -> Option<()> {
    let boxes: Vec<HtmlInputElement> = page::all(BOX).into_iter().filter_map(|each| each.dyn_into().ok()).collect();
    let form = boxes.first()?.form()?;
    let all: HtmlInputElement = page::made("input", "", "")?.dyn_into().ok()?;
    all.set_type("checkbox");
    let label = page::made("label", "pick-all", "")?;
    page::append(&label, &all);
    let words = page::made("span", "", "All on this page")?;
    page::append(&label, &words);
    let count = page::made("span", "pick-count", "")?;
    count.set_attribute("role", "status").ok()?;
    let place = page::made("p", "picks", "")?;
    page::append(&place, &label);
    page::append(&place, &count);
    form.insert_adjacent_element("afterbegin", &place).ok()?;
    tell(&boxes, &all, &count);
    let (others, whole, said) = (boxes.clone(), all.clone(), count.clone());
    page::on(&all, "change", move |_| {
        for each in others.iter().filter(|each| !each.disabled()) {
            each.set_checked(whole.checked());
        }
        tell(&others, &whole, &said);
    });
    for each in boxes.clone() {
        let (others, whole, said) = (boxes.clone(), all.clone(), count.clone());
        page::on(&each, "change", move |_| tell(&others, &whole, &said));
    }
    Some(())
}

fn tell(boxes: &[HtmlInputElement], all: &HtmlInputElement, count: &HtmlElement) {
    let free = boxes.iter().filter(|each| !each.disabled());
    let (picked, of) = free.fold((0, 0), |(picked, of), each| (picked + i32::from(each.checked()), of + 1));
    all.set_checked(of > 0 && picked == of);
    all.set_indeterminate(picked > 0 && picked < of);
    page::write(count, &if picked == 0 { String::new() } else { format!("{picked} of {of} picked") });
}
