//! Numbers over days: drawn, and beside it as a table, which says the same without the picture.

use leptos::prelude::*;

use crate::{
    model::state::{Trend, Trends},
    parts::{absence::Empty, icon::Glyph},
};

const WIDTH: f64 = 240.0;
const HEIGHT: f64 = 48.0;

/// The part of the page.
pub(crate) fn part(trends: Trends) -> AnyView {
    if trends.days.len() < 2 {
        return view! {
            <Empty
                glyph=Glyph::Clock
                what="There are no trends yet"
                more="They begin once the state of two days was kept."
            />
        }
        .into_any();
    }
    let span = format!(
        "from {} to {}",
        trends.days.first().cloned().unwrap_or_default(),
        trends.days.last().cloned().unwrap_or_default()
    );
    let heads = trends.lines.iter().map(|line| view! { <th scope="col" class="number">{line.name.clone()}</th> });
    let heads = heads.collect_view();
    let rows = trends.days.iter().enumerate().map(|(at, day)| {
        let cells = trends.lines.iter().map(|line| {
            view! { <td class="number" data-label=line.name.clone()>{shown(line.values.get(at).copied().flatten())}</td> }
        });
        view! {
            <tr>
                <th scope="row" data-label="Day">{day.clone()}</th>
                {cells.collect_view()}
            </tr>
        }
    });
    let rows = rows.collect_view();
    view! {
        <div class="trends">
            {trends.lines.iter().map(|line| chart(line, &span)).collect_view()}
        </div>
        <div class="scroll" role="group" aria-label="The same numbers, day by day" tabindex="0">
            <table class="list">
                <caption class="hidden">"The same numbers, day by day"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Day"</th>
                        {heads}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn shown(value: Option<i64>) -> String {
    value.map_or_else(|| "unknown".to_owned(), |value| value.to_string())
}

fn chart(line: &Trend, span: &str) -> AnyView {
    let last = line.values.last().copied().flatten();
    let label = format!("{}, {span}: now {}", line.name, shown(last));
    let runs = runs(&line.values).into_iter().map(|points| view! { <polyline points=points /> }).collect_view();
    view! {
        <figure class="trend">
            <figcaption>
                <span>{line.name.clone()}</span>
                " "
                <strong>{shown(last)}</strong>
            </figcaption>
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=label preserveAspectRatio="none">
                {runs}
            </svg>
        </figure>
    }
    .into_any()
}

/// The known stretches of a line as points; where nothing is known, nothing is drawn.
fn runs(values: &[Option<i64>]) -> Vec<String> {
    let known = || values.iter().flatten();
    let (Some(least), Some(most)) = (known().min(), known().max()) else { return Vec::new() };
    let reach = (most - least).max(1) as f64;
    let step = WIDTH / (values.len().max(2) - 1) as f64;
    let mut runs: Vec<Vec<String>> = vec![Vec::new()];
    for (at, value) in values.iter().enumerate() {
        match value {
            Some(value) => {
                let (x, y) = (at as f64 * step, HEIGHT - 2.0 - (value - least) as f64 / reach * (HEIGHT - 4.0));
                runs.last_mut().expect("BUG: there is always a run").push(format!("{x:.1},{y:.1}"));
            }
            None => runs.push(Vec::new()),
        }
    }
    runs.into_iter().filter(|run| !run.is_empty()).map(|run| run.join(" ")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_a_gap_where_nothing_is_known_and_never_a_zero() {
        assert_eq!(runs(&[Some(5), None, Some(15)]), ["0.0,46.0", "240.0,2.0"]);
        assert_eq!(runs(&[Some(5), Some(5)]), ["0.0,46.0 240.0,46.0"]);
        assert!(runs(&[None, None]).is_empty());
    }
}
