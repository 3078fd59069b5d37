//! The client's half of the matrix: every kind of call with every outcome, each on a connection of its own, one JSON line each.

use std::time::Duration;

use tokio::time::timeout;
use ttrpc::{context, context::Context, r#async::Client, Error, Result};
use ttrpc_rust_peer::asynchronous::matrix_ttrpc::MatrixClient;
use ttrpc_rust_peer::report::{code_of, text};
use ttrpc_rust_peer::services::{payload, EchoPayload};
use ttrpc_rust_peer::MAX;

const KINDS: [&str; 4] = ["unary", "serverStream", "clientStream", "bidi"];
const OUTCOMES: [&str; 6] = ["ok", "error", "deadline", "cancel", "oversize request", "oversize response"];
const DEADLINE: Duration = Duration::from_millis(150);
const CANCEL_AFTER: Duration = Duration::from_millis(50);
/// How long to wait for any end, and for the end of a deadline that nobody may keep.
const PATIENCE: Duration = Duration::from_secs(20);
const DEADLINE_PATIENCE: Duration = Duration::from_secs(2);

pub async fn run(address: &str) {
    let cells = KINDS.iter().flat_map(|kind| OUTCOMES.iter().map(move |outcome| (*kind, *outcome)));
    let tasks: Vec<_> = cells.map(|(kind, outcome)| tokio::spawn(cell(address.to_string(), kind, outcome))).collect();
    for task in tasks {
        println!("{}", task.await.expect("a cell ends"));
    }
}

fn order(outcome: &str) -> EchoPayload {
    match outcome {
        "error" => payload(5, "fail"),
        "deadline" => payload(60_000, "wait"),
        "cancel" => payload(250, "wait"),
        "oversize request" => payload(0, format!("answer {}", "x".repeat(MAX))),
        "oversize response" => payload(MAX as u32, "blob"),
        _ => payload(3, "answer"),
    }
}

async fn cell(address: String, kind: &str, outcome: &str) -> String {
    let client = Client::connect(&address).await.expect("the server listens");
    let ctx = if outcome == "deadline" { context::with_duration(DEADLINE) } else { Context::default() };
    let patience = match outcome {
        "cancel" => CANCEL_AFTER,
        "deadline" => DEADLINE_PATIENCE,
        _ => PATIENCE,
    };
    let call = perform(MatrixClient::new(client.clone()), kind, order(outcome), ctx);
    let (end, code, words) = match timeout(patience, call).await {
        // There is no other way to give a call up than to drop it.
        Err(_) if outcome == "cancel" => ("dropped", 1, String::new()),
        Err(_) => ("none", -1, format!("nothing within {patience:?}")),
        Ok(Ok(wrong)) if wrong.is_empty() => ("ok", 0, wrong),
        Ok(Ok(wrong)) => ("wrong", 0, wrong),
        Ok(Err(error)) => {
            let (code, words) = code_of(&error);
            match error {
                Error::RpcStatus(_) => ("status", code, words),
                Error::Socket(_) => ("closed", code, words),
                _ if words.ends_with("Request deadline elapsed") => ("own", 4, words),
                _ => ("own", code, words),
            }
        }
    };
    // Behind the late answer of a call that was given up.
    let check = payload(300, if outcome == "cancel" { "wait" } else { "answer" });
    let reply = timeout(Duration::from_secs(5), MatrixClient::new(client).unary(Context::default(), &check)).await;
    let alive = matches!(reply, Ok(Ok(message)) if message.seq == 301);
    let (kind, outcome, words) = (text(kind), text(outcome), text(&words));
    format!("{{\"kind\":{kind},\"outcome\":{outcome},\"end\":\"{end}\",\"code\":{code},\"text\":{words},\"extra\":0,\"alive\":{alive}}}")
}

/// What is wrong with the answer; nothing, if it is right.
async fn perform(client: MatrixClient, kind: &str, order: EchoPayload, ctx: Context) -> Result<String> {
    let wrong = |right: bool, got: String| if right { String::new() } else { got };
    let first = payload(1, "answer");
    match kind {
        "unary" => {
            let reply = client.unary(ctx, &order).await?;
            Ok(wrong(reply.seq == order.seq + 1 && reply.msg == order.msg, format!("seq {}", reply.seq)))
        }
        "serverStream" => {
            let mut stream = client.server_stream(ctx, &order).await?;
            let mut seqs = Vec::new();
            while let Some(message) = stream.recv().await? {
                seqs.push(message.seq);
            }
            Ok(wrong(seqs == [0, 1, 2], format!("{seqs:?}")))
        }
        "clientStream" => {
            let mut stream = client.client_stream(ctx).await?;
            stream.send(&first).await?;
            stream.send(&order).await?;
            let reply = stream.close_and_recv().await?;
            Ok(wrong(reply.seq == 2, format!("{} messages", reply.seq)))
        }
        _ => {
            let mut stream = client.bidi(ctx).await?;
            stream.send(&first).await?;
            let mut seqs = vec![stream.recv().await?.seq];
            stream.send(&order).await?;
            seqs.push(stream.recv().await?.seq);
            stream.close_send().await?;
            match stream.recv().await {
                Err(Error::Eof) => Ok(wrong(seqs == [2, order.seq + 1], format!("{seqs:?}"))),
                other => Ok(format!("{seqs:?}, then {other:?} in place of the end")),
            }
        }
    }
}
