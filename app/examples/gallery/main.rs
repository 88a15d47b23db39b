//! Renders every page from a made-up studio into a folder: `cargo run -p studio-cockpit --example gallery -- <folder>`.

mod scenes;
mod studio;

use std::{env, fs, path::Path, process::ExitCode};

use studio_cockpit::assets::assets;

fn main() -> ExitCode {
    let Some(folder) = env::args().nth(1) else {
        eprintln!("usage: gallery <folder>");
        return ExitCode::FAILURE;
    };
    match write_all(Path::new(&folder)) {
        Ok(count) => {
            println!("{count} pages in {folder}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("could not write the gallery to {folder}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write_all(folder: &Path) -> std::io::Result<usize> {
    fs::create_dir_all(folder.join("assets"))?;
    for asset in assets() {
        fs::write(folder.join(asset.path().trim_start_matches('/')), asset.bytes)?;
    }
    let scenes = scenes::all();
    for (name, rendered) in &scenes {
        let html = rendered.html.replace("\"/assets/", "\"assets/");
        fs::write(folder.join(format!("{name}.html")), &html)?;
        fs::write(
            folder.join(format!("{name}.dark.html")),
            html.replace("data-theme=\"system\"", "data-theme=\"dark\""),
        )?;
    }
    Ok(scenes.len())
}
