//! The figures, with the aims and the best peer's figure beside them.

use std::io::Write as _;

use hdrhistogram::Histogram;
use serde_json::json;

use crate::{Arguments, Mode, run::Figures};

struct Row {
    what: &'static str,
    value: String,
    aim: &'static str,
    peer: &'static str,
}

pub fn print(arguments: &Arguments, figures: &Figures) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    let rows = rows(arguments, figures);
    if arguments.json {
        let fields: serde_json::Map<String, serde_json::Value> = rows
            .iter()
            .map(|row| (row.what.to_owned(), json!({"value": row.value, "aim": row.aim, "peer": row.peer})))
            .collect();
        writeln!(out, "{}", json!({"mode": format!("{:?}", arguments.mode).to_lowercase(), "rows": fields}))?;
        return Ok(());
    }
    for Row { what, value, aim, peer } in rows {
        writeln!(out, "| {what} | {value} | {aim} | {peer} |")?;
    }
    Ok(())
}

fn rows(arguments: &Arguments, figures: &Figures) -> Vec<Row> {
    let seen = &figures.seen;
    let calls = format!(
        "{} begun, {} answered, {} served, {} refused",
        seen.begun, seen.answered, seen.served, seen.refused
    );
    let mut rows = vec![Row { what: "calls", value: calls, aim: "", peer: "" }];
    let own = figures.after.own_ms - figures.before.own_ms;
    let tree = figures.after.tree_ms - figures.before.tree_ms;
    let memory = figures.after.resident_kb - figures.before.resident_kb;
    let each = figures.at_once.max(1) as f64;
    match arguments.mode {
        Mode::Setup => rows.push(Row {
            what: "INVITE in → INVITE to a free agent",
            value: percentiles(&seen.setup),
            aim: "p50 ≤ 2, p99 ≤ 4 ms at 40/s; p99 ≤ 5 ms at 120/s",
            peer: "Asterisk p50 2.5, p99 3.3 ms at 40/s; 3.0, 5.1 at 120/s",
        }),
        Mode::Backlog => {
            rows.push(Row {
                what: "agent's BYE → its next INVITE, backlog",
                value: percentiles(&seen.pickup),
                aim: "p50 ≤ 2, p99 ≤ 10 ms",
                peer: "FreeSWITCH p50 436, p99 671 ms",
            });
            let ideal = arguments.agents as f64 * 1_000.0 / arguments.talk_ms as f64;
            rows.push(Row {
                what: "calls served a second, backlog",
                value: format!("{:.1} of {ideal:.0}", seen.served as f64 / figures.took.as_secs_f64()),
                aim: "≥ 39.5 of 40",
                peer: "FreeSWITCH 19.9 of 40",
            });
        }
        Mode::Held | Mode::Bridged | Mode::Soak => {}
    }
    if arguments.pid.is_empty() {
        return rows;
    }
    match arguments.mode {
        Mode::Setup | Mode::Backlog => rows.push(Row {
            what: "CPU per queued call",
            value: format!(
                "{:.2} ms in the process, {:.2} ms with Postgres and NATS",
                own / (seen.begun.max(1) as f64),
                tree / (seen.begun.max(1) as f64)
            ),
            aim: "≤ 2 ms with history, CRM and events on",
            peer: "Asterisk 6.7–7.7 ms",
        }),
        Mode::Held | Mode::Bridged | Mode::Soak => {
            let share = own / figures.took.as_millis().max(1) as f64 * 1_000.0 / each;
            let held = arguments.mode == Mode::Held;
            let what = if held { "a held call with music" } else { "a bridged two-way call" };
            let packets = figures.heard.packets as f64 / figures.took.as_secs_f64() / each;
            rows.push(Row {
                what,
                value: format!(
                    "{share:.2} ‰ of a core, {:.0} KB each; {} at once, {packets:.1} packets/s heard each",
                    memory / each,
                    figures.at_once
                ),
                aim: if held { "≤ 0.2 ‰, ≤ 40 KB" } else { "≤ 0.4 ‰" },
                peer: if held { "Asterisk 1.3 ‰, 99–157 KB" } else { "RustPBX 1.7 ‰" },
            });
            rows.push(Row {
                what: "jitter of a phone's packets, the driver's own included",
                value: percentiles(&figures.heard.jitter),
                aim: "p99 ≤ 2 ms at 500 two-way calls",
                peer: "",
            });
        }
    }
    rows
}

fn percentiles(micros: &Histogram<u64>) -> String {
    let at = |quantile| micros.value_at_quantile(quantile) as f64 / 1_000.0;
    format!("p50 {:.1}, p99 {:.1}, max {:.1} ms ({} measured)", at(0.5), at(0.99), at(1.0), micros.len())
}
