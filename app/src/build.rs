//! Takes in the browser bundle that `app/bundle` left beside what cargo builds, if it did.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// The bundle's three files, in the order of `assets::Bundle`: field, extension, `Content-Type`.
const FILES: [(&str, &str, &str); 3] = [
    ("script", "js", "text/javascript; charset=utf-8"),
    ("wasm", "wasm", "application/wasm"),
    ("style", "css", "text/css; charset=utf-8"),
];

fn main() {
    println!("cargo:rerun-if-changed=src/build.rs");
    let out = PathBuf::from(env::var("OUT_DIR").expect("BUG: cargo sets OUT_DIR"));
    println!("cargo:rustc-check-cfg=cfg(bundled)");
    let bundle = bundle(&out).and_then(|place| taken_in(&place));
    if bundle.is_some() {
        println!("cargo:rustc-cfg=bundled");
    }
    fs::write(out.join("bundle.rs"), bundle.as_deref().unwrap_or("None"))
        .expect("could not write what was found of the bundle");
}

/// Where the bundle is, in the directory that cargo marks as its own. The list of its files is made if it is missing:
/// cargo would build everything anew each time if it had to watch what is not there.
fn bundle(out: &Path) -> Option<PathBuf> {
    let target = out.ancestors().find(|place| place.join("CACHEDIR.TAG").exists())?;
    let place = target.join("cockpit-bundle");
    let list = place.join("files");
    if !list.exists() {
        fs::create_dir_all(&place).ok()?;
        fs::write(&list, "").ok()?;
    }
    println!("cargo:rerun-if-changed={}", list.display());
    Some(place)
}

/// The bundle as an expression, if all of its files are there.
fn taken_in(place: &Path) -> Option<String> {
    let list = fs::read_to_string(place.join("files")).ok()?;
    let fields = FILES.iter().map(|(field, extension, kind)| {
        let name = list.lines().find(|name| name.rsplit_once('.').is_some_and(|(_, end)| end == *extension))?;
        let all = ["", ".br", ".gz"].map(|end| place.join(format!("{name}{end}")));
        let taken = all.map(|path| path.exists().then(|| format!("include_bytes!({path:?})")));
        let [plain, brotli, gzip] = taken;
        Some(format!("{field}: Asset::built({name:?}, {kind:?}, {}, {}, {})", plain?, brotli?, gzip?))
    });
    Some(format!("Some(Bundle {{ {} }})", fields.collect::<Option<Vec<_>>>()?.join(", ")))
}
