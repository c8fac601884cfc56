//! Measures a running centre through its public doors: visitors on WebSockets, an agent on the desktop's stream.
//!
//! `cargo bench -p ingress-chat --profile quick --bench load -- --http 127.0.0.1:8080 --grpc http://127.0.0.1:8081 --pid PID`

mod agent;
mod cpu;
mod visitor;

use std::{
    io::{self, Write as _},
    time::{Duration, Instant},
};

use clap::Parser;
use hdrhistogram::Histogram;

#[derive(Parser)]
#[command(about = "Load on the chat of a running centre")]
struct Options {
    /// Address of the HTTP port.
    #[arg(long, default_value = "127.0.0.1:8080")]
    http: String,
    /// URL of the gRPC port.
    #[arg(long, default_value = "http://127.0.0.1:8081")]
    grpc: String,
    /// Entry point to arrive at.
    #[arg(long, default_value = "web-chat")]
    entry_point: String,
    /// Button of the menu that leads into a queue.
    #[arg(long, default_value = "2")]
    choose: String,
    /// Visitors connected at once.
    #[arg(long, default_value_t = 1_000)]
    visitors: usize,
    /// Messages a second of all visitors together.
    #[arg(long, default_value_t = 5_000)]
    rate: u64,
    /// Seconds of load.
    #[arg(long, default_value_t = 15)]
    seconds: u64,
    /// Process whose CPU and memory count, with all its children; 0: none.
    #[arg(long, default_value_t = 0)]
    pid: i32,
    /// Agent who takes a chat for the second measurement, as login:password; empty: only the first.
    #[arg(long, default_value = "ann:demo")]
    agent: String,
    /// Messages of the second measurement.
    #[arg(long, default_value_t = 500)]
    seen: usize,
    /// Passed by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let mut out = io::stdout();
    if !options.agent.is_empty() {
        let seen = agent::seen_by_agent(&options).await?;
        writeln!(out, "chat message in → seen by agent, {} messages: {}", seen.len(), quantiles(&seen))?;
    }
    durable(&options, &mut out).await
}

async fn durable(options: &Options, out: &mut impl io::Write) -> anyhow::Result<()> {
    let before = cpu::usage(options.pid);
    let arriving = Instant::now();
    let visitors = visitor::arrive(options).await?;
    let arrived = arriving.elapsed();
    writeln!(
        out,
        "{} visitors in the queue after {:.1} s ({:.0} chats/s)",
        visitors.len(),
        arrived.as_secs_f64(),
        visitors.len() as f64 / arrived.as_secs_f64()
    )?;
    let connected = cpu::usage(options.pid);
    if options.pid != 0 {
        writeln!(
            out,
            "  {:.2} ms CPU a chat until it waits, {:.0} KiB a chat",
            connected.cpu.saturating_sub(before.cpu).as_secs_f64() * 1_000.0 / visitors.len() as f64,
            (connected.rss_kib - before.rss_kib) as f64 / visitors.len() as f64
        )?;
    }
    tokio::time::sleep(Duration::from_secs(2)).await;

    let begun = cpu::usage(options.pid);
    let started = Instant::now();
    let acknowledged = visitor::load(visitors, options).await?;
    let took = started.elapsed();
    // What was acknowledged is still on its way to the bus and the other services for a moment; it counts.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let ended = cpu::usage(options.pid);

    let count = acknowledged.len();
    writeln!(
        out,
        "messages durable: {count} in {:.1} s = {:.0}/s of {}/s offered, send → ack {}",
        took.as_secs_f64(),
        count as f64 / took.as_secs_f64(),
        options.rate,
        quantiles(&acknowledged)
    )?;
    if options.pid != 0 {
        let cpu = ended.cpu.saturating_sub(begun.cpu);
        writeln!(
            out,
            "  {:.3} ms CPU a message, the whole centre with Postgres and NATS ({:.2} cores)",
            cpu.as_secs_f64() * 1_000.0 / count as f64,
            cpu.as_secs_f64() / took.as_secs_f64()
        )?;
        for (name, busy) in ended.by_name.iter().map(|(name, cpu)| (name, cpu.saturating_sub(begun.of(name))))
        {
            let share = busy.as_secs_f64() * 1_000.0 / count as f64;
            if share >= 0.001 {
                writeln!(out, "    {name}: {share:.3} ms")?;
            }
        }
    }
    Ok(())
}

fn quantiles(histogram: &Histogram<u64>) -> String {
    let millis = |quantile| histogram.value_at_quantile(quantile) as f64 / 1_000.0;
    format!("p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms", millis(0.5), millis(0.99), millis(1.0))
}

/// A histogram of microseconds, 1 µs to a minute.
fn histogram() -> anyhow::Result<Histogram<u64>> {
    Ok(Histogram::new_with_bounds(1, 60_000_000, 3)?)
}

fn record(histogram: &mut Histogram<u64>, took: Duration) {
    histogram.saturating_record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1));
}
