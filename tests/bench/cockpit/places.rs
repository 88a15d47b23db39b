//! The addresses that are asked for: every `GET` of the route table, with something real in its gaps.

use axum::http::Method;
use studio_brain::domain::ids::{DocPath, WriteId};
use studio_brain::web::table;

use crate::entries;
use crate::readers::Readers;

/// What a reader does not wait for: it waits by itself, or is made for files.
const LEFT_OUT: [&str; 4] = ["/api/v1/changes", "/live", "/assets/{name}", "/audit/export"];

/// An address, and the route by which it is known.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) name: String,
    pub(super) address: String,
}

/// Every address that can be asked for.
pub(super) async fn all(readers: &Readers, proposals: u64) -> anyhow::Result<Vec<Place>> {
    let finding = readers.json("/api/v1/findings").await?;
    let finding = finding["findings"][0]["id"].as_str().unwrap_or("x").to_owned();
    let snapshot = readers.json("/api/v1/snapshots").await?;
    let snapshot = snapshot["snapshots"][0]["id"].to_string().trim_matches('"').to_owned();
    // The first was sent, and the last waits.
    let (sent, waiting) = (entries::proposal(0), entries::proposal(proposals - 1));
    let write = WriteId::of(sent, &DocPath::parse("batches/d-0000000")?).to_string();
    let named: [(&str, &str); 8] = [
        ("/drift/{id}", finding.as_str()),
        ("/findings/{id}", &finding),
        ("/snapshots/{id}", &snapshot),
        ("/proposals/{id}", &waiting.to_string()),
        ("/writes/{id}", &write),
        ("/audit/{sequence}", "500"),
        ("/documents/{*path}", "batches/d-0000000"),
        ("/history/{*path}", "batches/d-0000000"),
    ];
    let question = |route: &str| match route {
        "/api/v1/may-i" => "?act=propose&capability=batch.state.correct",
        "/api/v1/state/documents" => "?number=words/batches/state/LOADED",
        _ => "",
    };
    let mut places = Vec::new();
    for route in table::routes().filter(|route| route.method == Method::GET) {
        if LEFT_OUT.contains(&route.path.as_str()) || route.path == "/healthz" {
            continue;
        }
        let known = named.iter().find(|(known, _)| route.path.contains(known));
        let address = match (route.path.split_once('{'), known) {
            (None, _) => route.path.clone(),
            (Some((before, rest)), Some((_, name))) => {
                let after = rest.split_once('}').map_or("", |(_, after)| after);
                format!("{before}{name}{after}")
            }
            (Some(_), None) => {
                eprintln!("{} is not asked for: nothing is known to stand there", route.path);
                continue;
            }
        };
        let address = format!("{address}{}", question(&route.path));
        places.push(Place { name: route.path, address });
    }
    Ok(places)
}
