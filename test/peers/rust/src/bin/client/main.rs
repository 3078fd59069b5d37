//! ttrpc-rust's asynchronous client: it runs one case on one connection and prints one JSON line.

mod calls;
mod matrix;
mod streams;

use std::time::Duration;

use tokio::runtime::Builder;
use ttrpc::context::{self, Context};
use ttrpc::{r#async::Client, Result};
use ttrpc_rust_peer::args::{fail, Args};
use ttrpc_rust_peer::report::Report;

/// The flags a case may look at.
#[derive(Clone)]
pub struct Params {
    pub n: Option<u32>,
    pub inflight: Option<u32>,
    pub size: Option<usize>,
    pub timeout: Option<Duration>,
}

impl Params {
    pub fn context(&self) -> Context {
        self.timeout.map(context::with_duration).unwrap_or_default()
    }
}

const INTEGRATION: [&str; 7] = ["echo", "echo-stream", "sum-stream", "divide-stream", "echo-null", "echo-null-stream", "empty-payload-stream"];

async fn run(name: &str, client: Client, params: &Params) -> Result<Report> {
    match name {
        "echo" => calls::echo(client, params).await,
        "many-unary" => calls::many_unary(client, params).await,
        "blob" => calls::blob(client, params).await,
        "blob-reply" => calls::blob_reply(client, params).await,
        "metadata" => calls::metadata(client, params).await,
        "metadata-case" => calls::metadata_case(client).await,
        "deadline" => calls::deadline(client, params).await,
        "deadline-seen" => calls::deadline_seen(client, params).await,
        "fail" => calls::failing(client, params).await,
        "plain-error" => calls::plain_error(client).await,
        "nil" => calls::nil(client, params).await,
        "unknown-service" => calls::unknown(client, "ttrpc.test.Missing", "service ttrpc.test.Missing").await,
        "unknown-method" => calls::unknown(client, "ttrpc.test.Peer", "method Nope").await,
        "die" => calls::die(client).await,
        "echo-stream" => streams::echo_stream(client, params).await,
        "sum-stream" => streams::sum_stream(client, params).await,
        "divide-stream" => streams::divide_stream(client, params).await,
        "echo-null" => streams::echo_null(client, params).await,
        "echo-null-stream" => streams::echo_null_stream(client, params).await,
        "empty-payload-stream" => streams::empty_payload_stream(client, params).await,
        "count-stream" => streams::count_stream(client, params).await,
        "fail-after" => streams::fail_after(client, params).await,
        "collect" => streams::collect(client, params).await,
        "streams" => streams::many(client, params).await,
        "stream-context" => streams::context(client, params).await,
        _ => fail(&format!("there is no case {name}")),
    }
}

fn main() {
    let args = Args::parse(&["address", "case", "n", "inflight", "size", "timeout-ms", "limit-ms", "threads"]);
    let mut runtime = match args.or("threads", 1) {
        1 => Builder::new_current_thread(),
        many => {
            let mut builder = Builder::new_multi_thread();
            builder.worker_threads(many);
            builder
        }
    };
    runtime.enable_all().build().expect("a runtime").block_on(program(args));
}

async fn program(args: Args) {
    let address = args.address();
    let name: String = args.get("case").unwrap_or_else(|| fail("-case is missing"));
    if name == "matrix" {
        return matrix::run(&address).await;
    }
    let params = Params { n: args.get("n"), inflight: args.get("inflight"), size: args.get("size"), timeout: args.timeout() };
    let limit = Duration::from_millis(args.or("limit-ms", 30_000));
    let client = Client::connect(&address).await.unwrap_or_else(|error| fail(&error.to_string()));
    let names = if name == "all" { INTEGRATION.to_vec() } else { vec![name.as_str()] };
    for name in names {
        let report = match tokio::time::timeout(limit, run(name, client.clone(), &params)).await {
            Ok(result) => result.unwrap_or_else(Report::broken),
            Err(_) => Report::default().check(false, || format!("no result within {limit:?}")),
        };
        report.print(name);
    }
}
