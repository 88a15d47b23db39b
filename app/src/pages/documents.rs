//! The mirror's documents, collection by collection.

use leptos::prelude::*;

use crate::{
    frame::{PageHead, Section, Sheet},
    model::documents::{CollectionHeld, DocumentFilter, DocumentList, DocumentRow, Documents},
    parts::{
        absence::{Empty, FilteredEmpty, panel},
        button::Button,
        field::{LineField, SelectField},
        icon::Glyph,
        naming::Code,
        pager::{Neighbour, Pager},
        state,
        table::{Column, Row, Table},
        tabs::{Chip, Chips},
        when::{When, counted, number},
    },
    paths,
};

/// The page.
pub(crate) fn sheet(documents: Documents, filter: &DocumentFilter) -> Sheet {
    let title = match &filter.collection {
        Some(collection) => format!("{collection} · Documents"),
        None => "Documents".to_owned(),
    };
    let names: Vec<String> = documents
        .collections
        .as_ref()
        .map(|rows| rows.iter().map(|row| row.collection.clone()).collect())
        .unwrap_or_default();
    let lede = view! { <p>"What the cloud holds, as it was last seen from here."</p> }.into_any();
    let is_open = filter.collection.is_some();
    let collections = panel(documents.collections, |rows| collections(rows, filter));
    let collections = if is_open {
        view! { <details><summary>"All collections"</summary>{collections}</details> }.into_any()
    } else {
        collections
    };
    let body = view! {
        <PageHead title="Documents" lede=lede />
        {search(filter, names)}
        <Chips chips=chips(filter) clear=paths::documents(&filter.cleared()) />
        {documents.list.map(|list| panel(list, |list| found(list, filter)))}
        {collections}
    }
    .into_any();
    Sheet::new(Section::Documents, title, body)
}

fn search(filter: &DocumentFilter, names: Vec<String>) -> AnyView {
    let options = std::iter::once((String::new(), "Choose one".to_owned()))
        .chain(names.into_iter().map(|name| (name.clone(), name)))
        .collect();
    view! {
        <search>
            <form method="get" action=paths::DOCUMENTS class="filters">
                <SelectField
                    id="collection"
                    label="Collection"
                    options=options
                    chosen=filter.collection.clone().unwrap_or_default()
                />
                <LineField
                    id="id"
                    label="Path or id begins with"
                    value=filter.id.clone().unwrap_or_default()
                    kind="search"
                />
                <LineField
                    id="title"
                    label="Title contains"
                    value=filter.title.clone().unwrap_or_default()
                    kind="search"
                />
                <Button label="Search" glyph=Glyph::Search />
            </form>
        </search>
    }
    .into_any()
}

fn chips(filter: &DocumentFilter) -> Vec<Chip> {
    let start = DocumentFilter { after: None, ..filter.clone() };
    let chip = |name: &str, value: &String, without: DocumentFilter| Chip {
        name: name.to_owned(),
        value: value.clone(),
        without: paths::documents(&without),
    };
    let id = filter.id.as_ref().map(|id| chip("Begins with", id, DocumentFilter { id: None, ..start.clone() }));
    let title = filter.title.as_ref();
    let title = title.map(|title| chip("Title contains", title, DocumentFilter { title: None, ..start.clone() }));
    id.into_iter().chain(title).collect()
}

fn collections(rows: Vec<CollectionHeld>, filter: &DocumentFilter) -> AnyView {
    if rows.is_empty() {
        return view! {
            <Empty
                glyph=Glyph::Document
                what="No collection is mirrored"
                more="The configuration names none. An operator can add some under mirror.collections."
            />
        }
        .into_any();
    }
    let columns = vec![
        Column::text("Collection"),
        Column::number("Documents"),
        Column::text("State"),
        Column::text("As of"),
        Column::text("Oldest open"),
        Column::number("Can't be kept"),
    ];
    let unknown = || view! { <span class="missing">"unknown"</span> }.into_any();
    let row = |row: CollectionHeld| {
        let here = filter.collection.as_ref() == Some(&row.collection);
        let href =
            paths::documents(&DocumentFilter { collection: Some(row.collection.clone()), ..DocumentFilter::default() });
        Row::of(vec![
            view! { <a href=href aria-current=here.then_some("true")><Code text=row.collection /></a> }.into_any(),
            row.documents.map_or_else(unknown, |count| number(count).into_any()),
            state::freshness(row.freshness),
            row.as_of.map_or_else(unknown, |at| view! { <When at=at /> }.into_any()),
            row.oldest_open.map_or_else(
                || view! { <span class="missing">"none"</span> }.into_any(),
                |at| view! { <When at=at /> }.into_any(),
            ),
            number(row.unreadable).into_any(),
        ])
    };
    let rows = rows.into_iter().map(row).collect();
    view! { <Table caption="Mirrored collections, derived from cloud" columns=columns rows=rows /> }.into_any()
}

fn found(list: DocumentList, filter: &DocumentFilter) -> AnyView {
    let next = list.next.map(|after| {
        let href = paths::documents(&DocumentFilter { after: Some(after), ..filter.clone() });
        let name = if list.looked_through.is_some() { "Look through more" } else { "Next page" };
        Neighbour { href, name: name.to_owned() }
    });
    let first = filter.after.is_some().then(|| {
        let href = paths::documents(&DocumentFilter { after: None, ..filter.clone() });
        Neighbour { href, name: "First page".to_owned() }
    });
    let through = list.looked_through.map(|count| {
        let place = if filter.after.is_some() { "the next" } else { "the first" };
        format!(" Titles of {place} {} were looked through.", counted(count, "document", "documents"))
    });
    let place = counted(list.rows.len() as u64, "document", "documents");
    let rows = if list.rows.is_empty() && next.is_none() && first.is_none() && !filter.narrows() {
        view! {
            <Empty glyph=Glyph::Document what="No document here" more="The collection is empty, or it was never read." />
        }
        .into_any()
    } else if list.rows.is_empty() {
        view! { <FilteredEmpty what="No document here matches" clear=paths::documents(&filter.cleared()) /> }.into_any()
    } else {
        let columns = ["Document", "Title", "State", "Last changed"].map(Column::text).into();
        let rows = list.rows.into_iter().map(row).collect();
        view! { <Table caption="Documents of the collection" columns=columns rows=rows /> }.into_any()
    };
    view! {
        <section aria-labelledby="found">
            <h2 id="found">{filter.collection.clone().unwrap_or_default()}</h2>
            <p class="list-count">{place.clone()} " on this page, in the order of their paths." {through}</p>
            {rows}
            <Pager label="Pages of the collection" previous=first next=next place=place />
        </section>
    }
    .into_any()
}

fn row(row: DocumentRow) -> Row {
    let none = || view! { <span class="missing">"none"</span> }.into_any();
    let name = match row.href {
        Some(href) => view! { <a href=href><Code text=row.path /></a> }.into_any(),
        None => view! { <Code text=row.path /> <span class="row-note">"Only an admin may open it"</span> }.into_any(),
    };
    Row::of(vec![
        name,
        row.title.map_or_else(none, |title| title.into_any()),
        row.state.map_or_else(none, |word| word.into_any()),
        view! { <When at=row.updated_at /> }.into_any(),
    ])
}
