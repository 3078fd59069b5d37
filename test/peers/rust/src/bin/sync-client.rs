//! ttrpc-rust's synchronous client: it runs one case on one connection and prints one JSON line. Unary calls only.

use std::{thread, time::Duration};

use ttrpc::{context, Client, Error, Request, Result};
use ttrpc_rust_peer::args::{fail, Args};
use ttrpc_rust_peer::blocking::{peer_ttrpc::PeerClient, streaming::EchoPayload, streaming_ttrpc::StreamingClient};
use ttrpc_rust_peer::report::Report;

fn payload(seq: u32, msg: &str) -> EchoPayload {
    EchoPayload { seq, msg: msg.into(), ..Default::default() }
}

fn alive(client: &Client, report: Report) -> Report {
    let ctx = context::with_duration(Duration::from_secs(5));
    let reply = StreamingClient::new(client.clone()).echo(ctx, &payload(7, "still there"));
    let alive = matches!(&reply, Ok(message) if message.seq == 8);
    report.number("alive", alive).check(alive, || format!("connection unusable afterwards: {reply:?}"))
}

fn run(name: &str, client: Client, args: &Args) -> Result<Report> {
    let peer = PeerClient::new(client.clone());
    let call = StreamingClient::new(client.clone());
    let none = context::Context::default;
    match name {
        "echo" => {
            let reply = call.echo(none(), &payload(1, "one call"))?;
            Ok(Report::default().check(reply == payload(2, "one call"), || format!("{reply:?}")))
        }
        "many-unary" => many_unary(call, args),
        "blob-reply" => {
            let size: u32 = args.or("size", 1 << 20);
            let result = peer.blob(none(), &payload(size, ""));
            let bytes = result.as_ref().map(|reply| reply.msg.len()).unwrap_or_default();
            let report = Report::ended(&result).number("bytes", bytes);
            Ok(alive(&client, report.check(result.is_err() || bytes == size as usize, || "not the reply asked for".into())))
        }
        "metadata" => {
            let mut ctx = none();
            for (key, value) in [("foo", "one"), ("foo", "two"), ("foo", "one"), ("solo", "<1>"), ("blank", "")] {
                ctx.add(key.into(), value.into());
            }
            let seen = peer.metadata(ctx, &payload(0, ""))?.msg;
            let want = r#"{"blank":[""],"foo":["one","two","one"],"solo":["<1>"]}"#;
            Ok(Report::default().words("seen", &seen).check(seen == want, || format!("metadata is not what was sent: {seen}")))
        }
        "deadline" => {
            let timeout = args.timeout().unwrap_or(Duration::from_millis(100));
            let result = peer.sleep(context::with_duration(timeout), &payload(60_000, ""));
            let own = "Receive packet from Receiver timeout: timed out waiting on channel";
            let local = result == Err(Error::Others(own.into()));
            let report = Report::ended(&result).number("local", local);
            let right = local || report.code == 4;
            Ok(alive(&client, report.check(right, || format!("{result:?}"))))
        }
        "fail" => {
            let text = "nothing here: ünïcödé";
            let result = peer.fail(none(), &payload(args.or("n", 5), text));
            Ok(alive(&client, Report::ended(&result).want(args.or("n", 5), text)))
        }
        "plain-error" => {
            let result = peer.plain_error(none(), &payload(0, "just an error"));
            Ok(alive(&client, Report::ended(&result).want(2, "just an error")))
        }
        "unknown-service" | "unknown-method" => {
            let mut request = Request::new();
            let known = name == "unknown-method";
            request.service = if known { "ttrpc.test.Peer" } else { "ttrpc.test.Missing" }.into();
            request.method = "Nope".into();
            let want = if known { "method Nope" } else { "service ttrpc.test.Missing" };
            Ok(alive(&client, Report::ended(&client.request(request)).want(12, want)))
        }
        "die" => {
            let result = peer.die(none(), &payload(0, ""));
            let closed = matches!(result, Err(Error::Socket(_)));
            Ok(Report::ended(&result).number("closed", closed).check(closed, || format!("{result:?}")))
        }
        _ => fail(&format!("there is no case {name}")),
    }
}

/// `inflight` threads on one connection.
fn many_unary(call: StreamingClient, args: &Args) -> Result<Report> {
    let (n, inflight): (u32, u32) = (args.or("n", 1000), args.or("inflight", 8));
    let workers: Vec<_> = (0..inflight)
        .map(|first| {
            let call = call.clone();
            thread::spawn(move || -> Result<()> {
                for seq in (first..n).step_by(inflight as usize) {
                    let request = payload(seq, &format!("call {seq}"));
                    let reply = call.echo(Default::default(), &request)?;
                    if reply.seq != seq + 1 || reply.msg != request.msg {
                        return Err(Error::Others(format!("call {seq}: {reply:?}")));
                    }
                }
                Ok(())
            })
        })
        .collect();
    for worker in workers {
        worker.join().expect("a worker ends")?;
    }
    Ok(Report::default().number("calls", n))
}

fn main() {
    let args = Args::parse(&["address", "case", "n", "inflight", "size", "timeout-ms"]);
    let name: String = args.get("case").unwrap_or_else(|| fail("-case is missing"));
    let client = Client::connect(&args.address()).unwrap_or_else(|error| fail(&error.to_string()));
    run(&name, client, &args).unwrap_or_else(Report::broken).print(&name);
}
