//! Charts, drawn here as SVG.
//!
//! Owns: how a chart is drawn. Its colours and its type are the style sheet's: every mark has a class,
//! and nothing that a page's policy forbids. What a chart shows stands in a table beneath it as well.
//!
//! Decision: the library draws in colours of its own; ours are signs that are turned into classes.

use plotters::coord::Shift;
use plotters::coord::ranged1d::ValueFormatter;
use plotters::prelude::*;

/// Of all charts but the funnel.
const SIZE: (u32, u32) = (720, 240);

/// No chart tells more series apart.
pub(super) const MOST_SERIES: usize = 6;

const WORDS: RGBColor = RGBColor(2, 0, 1);

const AXIS: RGBColor = RGBColor(2, 0, 2);

const MESH: RGBColor = RGBColor(2, 0, 3);

const TYPE: (&str, i32) = ("sans-serif", 12);

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

type Drawn = Result<(), Box<dyn std::error::Error>>;

/// The sign of the series of this number.
fn series(place: usize) -> RGBColor {
    RGBColor(1, 0, u8::try_from(place.min(MOST_SERIES - 1)).unwrap_or(0))
}

/// What a chart is about, for whoever cannot see it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caption<'a> {
    /// Tells it from the other charts of the page: letters.
    pub(super) id: &'a str,
    pub(super) title: &'a str,
    pub(super) description: &'a str,
}

/// Bars one below the other, each with its label and its number; each is a part of the first one.
pub(super) fn funnel(caption: Caption<'_>, bars: &[(&str, i64)]) -> Option<String> {
    let most = bars.first().map(|(_, count)| *count).filter(|most| *most > 0)?;
    let rows = i32::try_from(bars.len()).ok()?;
    draw(caption, (SIZE.0, 44 * rows.cast_unsigned() + 8), |area| {
        let (begin, length) = (120, 480);
        let style = TextStyle::from(TYPE.into_font().resize(14.0)).color(&WORDS);
        for (row, (place, (label, count))) in (0..rows).zip(bars.iter().enumerate()) {
            let (top, bottom) = (row * 44 + 8, row * 44 + 44);
            let end = begin + i32::try_from(i64::from(length) * count / most)?.max(1);
            area.draw_text(label, &style, (0, top + 11))?;
            area.draw(&Rectangle::new([(begin, top), (end, bottom)], series(place).filled()))?;
            let share = 100 * count / most;
            area.draw_text(&format!("{count} ({share} %)"), &style, (end + 8, top + 11))?;
        }
        Ok(())
    })
}

/// A line for each series; `days` are the labels of its points.
pub(super) fn lines(caption: Caption<'_>, days: &[String], all: &[Vec<i64>]) -> Option<String> {
    let most = all.iter().flatten().copied().max().filter(|most| *most > 0)?;
    let last = i32::try_from(days.len()).ok()?.saturating_sub(1).max(1);
    draw(caption, SIZE, |area| {
        let mut chart = builder(area).build_cartesian_2d(0..last, 0..most + most / 10 + 1)?;
        mesh(&mut chart, days)?;
        for (place, counts) in all.iter().enumerate() {
            let points = (0..).zip(counts.iter().copied());
            chart.draw_series(LineSeries::new(points, series(place).stroke_width(2)))?;
        }
        Ok(())
    })
}

/// Bars side by side, in each the series one above the other.
pub(super) fn stacks(caption: Caption<'_>, days: &[String], all: &[Vec<i64>]) -> Option<String> {
    let sum = |day: usize| all.iter().filter_map(|counts| counts.get(day)).sum::<i64>();
    let most = (0..days.len()).map(sum).max().filter(|most| *most > 0)?;
    let width = i32::try_from(days.len()).ok()?;
    draw(caption, SIZE, |area| {
        let mut chart = builder(area).build_cartesian_2d(0..width, 0..most + most / 10 + 1)?;
        mesh(&mut chart, days)?;
        let mut reached = vec![0; days.len()];
        for (place, counts) in all.iter().enumerate() {
            let bars = (0..width).zip(counts.iter().zip(&mut reached));
            let bars = bars.filter(|(_, (count, _))| **count > 0).map(|(day, (count, base))| {
                let from = std::mem::replace(base, *base + count);
                let mut bar =
                    Rectangle::new([(day, from), (day + 1, *base)], series(place).filled());
                bar.set_margin(0, 0, 1, 1);
                bar
            });
            chart.draw_series(bars)?;
        }
        Ok(())
    })
}

fn builder<'a, 'b>(area: &'a Area<'b>) -> ChartBuilder<'a, 'b, SVGBackend<'b>> {
    let mut builder = ChartBuilder::on(area);
    builder.margin(8).x_label_area_size(24).y_label_area_size(48);
    builder
}

/// The type of a chart over days.
type OverDays<'a, 'b> = ChartContext<
    'a,
    SVGBackend<'b>,
    Cartesian2d<plotters::coord::types::RangedCoordi32, plotters::coord::types::RangedCoordi64>,
>;

fn mesh(chart: &mut OverDays<'_, '_>, days: &[String]) -> Drawn
where
    plotters::coord::types::RangedCoordi32: ValueFormatter<i32>,
{
    let label = |day: &i32| {
        usize::try_from(*day).ok().and_then(|day| days.get(day)).cloned().unwrap_or_default()
    };
    chart
        .configure_mesh()
        .disable_x_mesh()
        .x_labels(8)
        .y_labels(5)
        .axis_style(AXIS)
        .bold_line_style(MESH)
        .light_line_style(TRANSPARENT)
        .label_style(TextStyle::from(TYPE.into_font()).color(&WORDS))
        .x_label_formatter(&label)
        .draw()?;
    Ok(())
}

fn draw(
    caption: Caption<'_>,
    size: (u32, u32),
    marks: impl FnOnce(&Area<'_>) -> Drawn,
) -> Option<String> {
    let mut svg = String::new();
    let drawn = {
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        marks(&area).and_then(|()| Ok(area.present()?))
    };
    if let Err(error) = drawn {
        tracing::warn!(%error, "a chart could not be drawn");
        return None;
    }
    Some(dressed(&svg, caption))
}

/// Turns the signs into classes, and says what the chart is about.
fn dressed(svg: &str, caption: Caption<'_>) -> String {
    let hex = |RGBColor(red, green, blue): RGBColor| format!("#{red:02X}{green:02X}{blue:02X}");
    let mut text = svg.replace(r#" font-family="sans-serif""#, "");
    for (ink, class) in [(WORDS, "chart-words"), (AXIS, "chart-axis"), (MESH, "chart-mesh")] {
        for property in ["fill", "stroke"] {
            let (sign, class) =
                (format!(r#"{property}="{}""#, hex(ink)), format!(r#"class="{class}""#));
            text = text.replace(&sign, &class);
        }
    }
    for place in 0..MOST_SERIES {
        for property in ["fill", "stroke"] {
            let sign = format!(r#"{property}="{}""#, hex(series(place)));
            text = text.replace(&sign, &format!(r#"class="{property}-{place}""#));
        }
    }
    let Some((head, marks)) = text.split_once('>') else { return text };
    let view = head.find("viewBox").and_then(|begin| head.get(begin..)).unwrap_or_default();
    let Caption { id, title, description } = caption;
    format!(
        r#"<svg class="chart" role="img" aria-labelledby="{id}-title {id}-about" {view}><title id="{id}-title">{}</title><desc id="{id}-about">{}</desc>{marks}"#,
        escaped(title),
        escaped(description)
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::{Caption, funnel, lines, stacks};

    const CAPTION: Caption<'_> = Caption { id: "a", title: "A & B", description: "<c>" };

    fn days() -> Vec<String> {
        (1..=9).map(|day| format!("{day} Nov")).collect()
    }

    #[test]
    fn a_chart_has_no_colour_of_its_own_and_says_what_it_is() {
        let counts = vec![vec![1, 2, 3, 4, 5, 6, 7, 8, 9], vec![0, 1, 0, 1, 0, 1, 0, 1, 0]];
        let charts = [
            funnel(CAPTION, &[("Offered", 100), ("Begun", 50), ("Finished", 0)]),
            lines(CAPTION, &days(), &counts),
            stacks(CAPTION, &days(), &counts),
        ];
        for chart in charts {
            let chart = chart.expect("a chart");
            let head =
                r#"<svg class="chart" role="img" aria-labelledby="a-title a-about" viewBox="#;
            assert!(chart.starts_with(head), "{chart}");
            let title =
                r#"<title id="a-title">A &amp; B</title><desc id="a-about">&lt;c&gt;</desc>"#;
            assert!(chart.contains(title), "{chart}");
            assert!(!chart.contains("=\"#"), "a colour is left in {chart}");
            assert!(!chart.contains("style="), "{chart}");
            for element in chart.split('<').filter(|element| element.contains("class=")) {
                assert_eq!(element.matches("class=").count(), 1, "{element}");
            }
        }
    }

    #[test]
    fn where_there_is_nothing_nothing_is_drawn() {
        assert_eq!(funnel(CAPTION, &[("Offered", 0), ("Begun", 0)]), None);
        assert_eq!(lines(CAPTION, &days(), &[vec![0; 9]]), None);
        assert_eq!(stacks(CAPTION, &[], &[]), None);
    }
}
