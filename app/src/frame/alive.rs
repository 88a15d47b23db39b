//! What scripts make alive, beside the page: hidden until they run, and not there at all without the bundle.

use leptos::prelude::*;

use crate::{
    assets::{BUNDLE, Bundle},
    model::viewer::{Live, Viewer},
    parts::icon::{Glyph, Icon},
    paths,
};

/// What keys do, in the order in which they are listed.
const KEYS: [(&[&str], &str); 14] = [
    (&["Ctrl", "K"], "Jump to a page or search documents"),
    (&["?"], "This list"),
    (&["/"], "Search"),
    (&["j"], "Next row"),
    (&["k"], "Row before"),
    (&["Enter"], "Open the row"),
    (&["x"], "Pick the row"),
    (&["g", "t"], "Today"),
    (&["g", "s"], "State"),
    (&["g", "d"], "Drift"),
    (&["g", "o"], "Documents"),
    (&["g", "p"], "Proposals"),
    (&["g", "w"], "Writes"),
    (&["g", "a"], "Audit"),
];

/// The bundle, for a page that somebody reads who is signed in.
fn bundle(viewer: &Viewer) -> Option<(Bundle, &Live)> {
    BUNDLE.zip(viewer.live.as_ref())
}

/// What the page asks for before it is shown.
pub(super) fn head(viewer: &Viewer) -> Option<AnyView> {
    let (bundle, _) = bundle(viewer)?;
    Some(
        view! {
            <link rel="stylesheet" href=bundle.style.path() />
            <link rel="preload" r#as="fetch" type="application/wasm" crossorigin="anonymous" href=bundle.wasm.path() />
            <script type="module" src=bundle.script.path()></script>
        }
        .into_any(),
    )
}

/// The buttons that open what is hidden.
pub(super) fn openers(viewer: &Viewer) -> Option<AnyView> {
    bundle(viewer)?;
    Some(
        view! {
            <button class="opener" type="button" data-opens="palette" hidden>"Jump to … " <kbd>"Ctrl K"</kbd></button>
            " "
            <button class="opener" type="button" data-opens="shortcuts" hidden>"Keys"</button>
        }
        .into_any(),
    )
}

/// What stands beside the page.
pub(super) fn body(viewer: &Viewer) -> Option<AnyView> {
    let (_, live) = bundle(viewer)?;
    Some(
        view! {
            {news(viewer, live)}
            {palette()}
            {shortcuts()}
        }
        .into_any(),
    )
}

fn news(viewer: &Viewer, live: &Live) -> AnyView {
    let here = viewer.here.clone();
    view! {
        <aside
            id="alive"
            aria-label="While you read"
            data-live=paths::LIVE
            data-after=live.place.clone()
            data-topics=topics(&viewer.here)
            data-made=viewer.now.as_millisecond().to_string()
            data-seconds=live.seconds.to_string()
            data-can-stay=if live.can_stay { "true" } else { "false" }
            hidden
        >
            <p id="said" class="hidden" role="status"></p>
            <div class="live">
                <p role="status"></p>
                <a class="button" href=here.clone() hidden><Icon glyph=Glyph::Refresh /><span>"Reload"</span></a>
                <button class="button plain" type="button" hidden>"Pause"</button>
            </div>
            <div class="ending" hidden>
                <p role="alert"></p>
                <a class="button primary" href=here data-stay="" hidden>"Stay signed in"</a>
                <a class="button primary" href=paths::sign_in_then(&viewer.here) data-again="" hidden>"Sign in again"</a>
            </div>
        </aside>
    }
    .into_any()
}

/// What changes on a page; who signed in does on none but the log's.
fn topics(here: &str) -> &'static str {
    let path = here.split(['?', '#']).next().unwrap_or_default();
    match path.split('/').nth(1).unwrap_or_default() {
        "audit" => "",
        "documents" => "documents",
        "state" => "documents state",
        "drift" => "drift",
        "proposals" => "proposals writes policy",
        "writes" => "writes proposals",
        "policy" => "policy",
        "agents" => "agents",
        "intake" => "intake",
        "connectors" | "jobs" | "reads" => "box documents",
        _ => "documents state proposals writes drift policy agents intake box",
    }
}

fn palette() -> AnyView {
    view! {
        <dialog id="palette" class="palette" aria-labelledby="palette-name">
            <form method="get" action=paths::DOCUMENTS role="search">
                <h2 id="palette-name">"Jump to"</h2>
                <label class="hidden" for="palette-words">"A page’s name, or the beginning of a document’s path or id"</label>
                <input id="palette-words" name="id" type="search" autocomplete="off" />
                <button class="button" type="submit"><Icon glyph=Glyph::Search /><span>"Find documents"</span></button>
            </form>
            <p class="hidden" role="status"></p>
            <ul></ul>
            <form method="dialog"><button class="button plain" type="submit">"Close"</button></form>
        </dialog>
    }
    .into_any()
}

fn shortcuts() -> AnyView {
    let keys = KEYS.map(|(keys, does)| {
        let keys: Vec<AnyView> = keys.iter().map(|key| view! { <kbd>{*key}</kbd> " " }.into_any()).collect();
        view! { <div class="fact"><dt>{does}</dt><dd>{keys}</dd></div> }
    });
    view! {
        <dialog id="shortcuts" class="palette" aria-labelledby="shortcuts-name">
            <h2 id="shortcuts-name">"Keys"</h2>
            <label class="tick"><input type="checkbox" checked /><span>"Single keys do something"</span></label>
            <p class="aside">"No key approves, rejects or stops anything."</p>
            <dl class="facts">{keys.into_iter().collect_view()}</dl>
            <form method="dialog"><button class="button" type="submit">"Close"</button></form>
        </dialog>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_told_of_what_it_shows() {
        assert_eq!(topics("/proposals/1?x=/audit"), "proposals writes policy");
        assert_eq!(topics("/audit?target=a"), "", "everything");
        assert!(!topics("/").contains("record"), "who signs in is no news on other pages");
    }
}
