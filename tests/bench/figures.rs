//! What a bench prints: one line of JSON for each figure.

use serde_json::{Value as Json, json};

/// Prints one figure of this bench. The baseline is what it is compared with, in the same unit.
pub(crate) fn line(measure: &str, value: f64, unit: &str, baseline: Option<f64>) {
    let round = |number: f64| (number * 1_000.0).round() / 1_000.0;
    let ratio = baseline.map(|baseline| round(value / baseline));
    let figure: Json = json!({
        "bench": env!("CARGO_CRATE_NAME"), "measure": measure, "value": round(value), "unit": unit,
        "baseline": baseline.map(round), "ratio": ratio,
    });
    println!("{figure}");
}
