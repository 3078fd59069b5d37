//! The benchmark's client on ttrpc-rust. Its flags, and what it prints, are those of all systems.

mod histogram;
mod loads;
mod window;

use std::io;
use std::thread;
use std::time::Duration;

use tokio::time::timeout_at;
use ttrpc::{context::Context, r#async::Client, Result};
use ttrpc_rust_bench::{raise_open_files, runtime};
use ttrpc_rust_peer::args::{fail, Args};
use ttrpc_rust_peer::{asynchronous::streaming_ttrpc::StreamingClient, services::payload};

use loads::Work;
use window::Window;

/// How long after the window workers are waited for. One whose message was lost would wait for ever.
const GRACE: Duration = Duration::from_secs(2);

fn main() {
    let args = Args::parse(&["address", "case", "inflight", "size", "connections", "seconds", "warmup-ms", "runtime"]);
    raise_open_files();
    if let Err(error) = runtime(&args).block_on(program(&args)) {
        fail(&error.to_string());
    }
}

async fn program(args: &Args) -> Result<()> {
    let name: String = args.get("case").unwrap_or_else(|| fail("-case is missing"));
    let msg = "x".repeat(args.or("size", 32)).leak();
    let mut clients = Vec::new();
    for _ in 0..args.or("connections", 1) {
        clients.push(Client::connect(&args.address()).await?);
    }
    match name.as_str() {
        "once" | "idle" => still(&name, clients, msg).await,
        _ => measure(args, &name, clients, msg).await,
    }
}

/// A call on each connection. `idle` then holds them until stdin ends: what they cost is read from outside.
async fn still(name: &str, clients: Vec<Client>, msg: &str) -> Result<()> {
    for client in &clients {
        StreamingClient::new(client.clone()).echo(Context::default(), &payload(1, msg)).await?;
    }
    if name == "once" {
        println!("{{\"case\":\"once\",\"calls\":{}}}", clients.len());
        return Ok(());
    }
    println!("{{\"window\":\"open\"}}");
    let ended = tokio::task::spawn_blocking(|| io::copy(&mut io::stdin(), &mut io::sink()));
    let _ = ended.await;
    println!("{{\"case\":\"idle\"}}");
    Ok(())
}

async fn measure(args: &Args, name: &str, clients: Vec<Client>, msg: &'static str) -> Result<()> {
    let (inflight, connections) = (args.or("inflight", 1), clients.len());
    let length = Duration::from_secs_f64(args.or("seconds", 1.0));
    // They live as long as the program, which is over with the case.
    let window: &Window = Box::leak(Box::new(Window::new(Duration::from_millis(args.or("warmup-ms", 300)), length)));
    let work = Work { clients: clients.leak(), msg, window };
    let watch = thread::spawn(|| window.watch());
    let workers: Vec<_> = (0..inflight)
        .map(|_| {
            let (name, work) = (name.to_string(), work.clone());
            tokio::spawn(async move { loads::run(&name, work).await })
        })
        .collect();
    for worker in workers {
        match timeout_at((window.to + GRACE).into(), worker).await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(error))) => eprintln!("{name}: {error}"),
            Ok(Err(panic)) => eprintln!("{name}: {panic}"),
            Err(_) => eprintln!("{name}: a worker did not end"),
        }
    }
    let (user, system) = watch.join().expect("the watch ends with the window");

    let samples = &window.samples;
    let quantiles: String =
        [("p10us", 0.1), ("p25us", 0.25), ("p50us", 0.5), ("p75us", 0.75), ("p90us", 0.9), ("p99us", 0.99), ("p999us", 0.999), ("maxUs", 1.0)]
            .map(|(name, share)| format!("\"{name}\":{:.2},", samples.micros(share)))
            .concat();
    let (calls, seconds, size) = (samples.total(), length.as_secs_f64(), msg.len());
    let per_second = calls as f64 / seconds;
    println!(
        "{{\"case\":\"{name}\",\"inflight\":{inflight},\"size\":{size},\"connections\":{connections},\"calls\":{calls},\
         \"seconds\":{seconds},\"perSecond\":{per_second:.0},{quantiles}\"cpuUserMs\":{},\"cpuSysMs\":{}}}",
        user.as_millis(),
        system.as_millis()
    );
    Ok(())
}
