//! Unary cases.

use std::sync::{atomic::AtomicU32, atomic::Ordering, Arc};
use std::time::{Duration, Instant};

use protobuf::Message;
use ttrpc::{context, r#async::Client, Error, Request, Result};
use ttrpc_rust_peer::asynchronous::{peer_ttrpc::PeerClient, streaming_ttrpc::StreamingClient};
use ttrpc_rust_peer::report::{code_of, Report};
use ttrpc_rust_peer::services::payload;
use ttrpc_rust_peer::MAX;

use super::Params;

/// One more call on the same connection.
pub async fn alive(client: &Client, report: Report) -> Report {
    let call = StreamingClient::new(client.clone());
    let request = payload(7, "still there");
    let reply = tokio::time::timeout(Duration::from_secs(5), call.echo(Default::default(), &request)).await;
    let alive = matches!(&reply, Ok(Ok(message)) if message.seq == 8 && message.msg == request.msg);
    report.number("alive", alive).check(alive, || format!("connection unusable afterwards: {reply:?}"))
}

pub async fn echo(client: Client, params: &Params) -> Result<Report> {
    let request = payload(1, "one call");
    let reply = StreamingClient::new(client).echo(params.context(), &request).await?;
    Ok(Report::default().check(reply.seq == 2 && reply.msg == request.msg, || format!("{reply:?}")))
}

/// `n` echoes, `inflight` at a time. What is refused is counted by its text, so that a test can say which refusals it expects.
pub async fn many_unary(client: Client, params: &Params) -> Result<Report> {
    let (n, inflight, size) = (params.n.unwrap_or(1000), params.inflight.unwrap_or(32), params.size.unwrap_or(0));
    let next = Arc::new(AtomicU32::new(0));
    let workers: Vec<_> = (0..inflight)
        .map(|_| {
            let (call, next, padding) = (StreamingClient::new(client.clone()), next.clone(), "y".repeat(size));
            tokio::spawn(async move {
                let mut refused = Vec::new();
                loop {
                    let seq = next.fetch_add(1, Ordering::Relaxed);
                    if seq >= n {
                        return refused;
                    }
                    let request = payload(seq, format!("call {seq} {padding}"));
                    match call.echo(Default::default(), &request).await {
                        Ok(reply) if reply.seq == seq + 1 && reply.msg == request.msg => {}
                        Ok(reply) => refused.push((0, format!("a wrong reply, seq {}", reply.seq))),
                        Err(error) => refused.push(code_of(&error)),
                    }
                }
            })
        })
        .collect();
    let mut refused = Vec::new();
    for worker in workers {
        refused.extend(worker.await.expect("a worker ends"));
    }
    let other = refused.iter().find(|first| *first != &refused[0]);
    let report = Report::default().number("calls", n).number("refused", refused.len());
    let report = match refused.first() {
        Some((code, text)) => report.ended_with(*code, text),
        None => report,
    };
    let alike = other.is_none();
    let right = refused.is_empty();
    Ok(report.check(alike, || format!("{other:?}")).check(right, || format!("{} calls failed", refused.len())))
}

/// An echo whose Request envelope has exactly `size` bytes.
pub async fn blob(client: Client, params: &Params) -> Result<Report> {
    let size = params.size.unwrap_or(MAX);
    let service = "ttrpc.integration.streaming.Streaming";
    let envelope = |letters: usize| {
        let mut request = Request::new();
        request.service = service.into();
        request.method = "Echo".into();
        request.payload = payload(1, "x".repeat(letters)).write_to_bytes().expect("a message can be encoded");
        (request.compute_size() as usize, letters)
    };
    let mut letters = size;
    while envelope(letters).0 > size {
        letters -= envelope(letters).0 - size;
    }
    let (actual, _) = envelope(letters);
    let result = StreamingClient::new(client.clone()).echo(Default::default(), &payload(1, "x".repeat(letters))).await;
    let report = Report::ended(&result).number("envelope", actual).check(actual == size, || format!("no request has {size} bytes"));
    let report = report.check(result.is_ok() == (size <= MAX), || format!("{:?}", result.as_ref().err()));
    Ok(alive(&client, report).await)
}

/// A reply with `size` letters.
pub async fn blob_reply(client: Client, params: &Params) -> Result<Report> {
    let size = params.size.unwrap_or(1 << 20);
    let result = PeerClient::new(client.clone()).blob(params.context(), &payload(size as u32, "")).await;
    let bytes = result.as_ref().map(|reply| reply.msg.len()).unwrap_or_default();
    let report = Report::ended(&result).number("bytes", bytes).check(result.is_err() || bytes == size, || "not the reply asked for".into());
    Ok(alive(&client, report).await)
}

pub async fn metadata(client: Client, params: &Params) -> Result<Report> {
    let mut ctx = params.context();
    for (key, value) in [("foo", "one"), ("foo", "two"), ("foo", "one"), ("solo", "<1>"), ("blank", "")] {
        ctx.add(key.into(), value.into());
    }
    let seen = PeerClient::new(client).metadata(ctx, &payload(0, "")).await?.msg;
    let want = r#"{"blank":[""],"foo":["one","two","one"],"solo":["<1>"]}"#;
    Ok(Report::default().words("seen", &seen).check(seen == want, || format!("metadata is not what was sent: {seen}")))
}

/// A key in upper case: `Context::add` would lower it, a whole map is sent as it is.
pub async fn metadata_case(client: Client) -> Result<Report> {
    let ctx = context::with_metadata([("Upper-Key".to_string(), vec!["one".to_string()])].into());
    let seen = PeerClient::new(client).metadata(ctx, &payload(0, "")).await?.msg;
    Ok(Report::default().words("seen", &seen))
}

/// Two ends are right and they race: the client's own error, which is no status, and the server's.
pub async fn deadline(client: Client, params: &Params) -> Result<Report> {
    let timeout = params.timeout.unwrap_or(Duration::from_millis(100));
    let start = Instant::now();
    let result = PeerClient::new(client.clone()).sleep(context::with_duration(timeout), &payload(60_000, "")).await;
    let elapsed = start.elapsed();
    let local = result == Err(Error::Others("Request deadline elapsed".into()));
    let report = Report::ended(&result).number("local", local).number("elapsedMs", elapsed.as_millis());
    let right = local || report.code == 4;
    let report = report.check(right, || format!("{result:?}")).check(elapsed < timeout + Duration::from_secs(5), || format!("after {elapsed:?}"));
    Ok(alive(&client, report).await)
}

pub async fn deadline_seen(client: Client, params: &Params) -> Result<Report> {
    let peer = PeerClient::new(client);
    let without = peer.deadline(Default::default(), &payload(0, "")).await?.msg;
    let timeout = params.timeout.unwrap_or(Duration::from_secs(30));
    let with = peer.deadline(context::with_duration(timeout), &payload(0, "")).await?.msg;
    let left: u64 = with.parse().unwrap_or(u64::MAX);
    let total = timeout.as_millis() as u64;
    let right = without == "none" && left <= total && left + 5_000 > total;
    Ok(Report::default().words("without", &without).words("with", &with).check(right, || format!("{with} of {total} ms, {without} without")))
}

/// The status with code `n`, its text and its detail.
pub async fn failing(client: Client, params: &Params) -> Result<Report> {
    let (code, text) = (params.n.unwrap_or(5), "nothing here: ünïcödé");
    let result = PeerClient::new(client.clone()).fail(params.context(), &payload(code, text)).await;
    let details: Vec<String> = match &result {
        Err(Error::RpcStatus(status)) => status.details.iter().map(|detail| format!("{} {:02x?}", detail.type_url, detail.value)).collect(),
        _ => Vec::new(),
    };
    let details = details.join(", ");
    let right = details == "type.googleapis.com/google.protobuf.Duration [08, 01, 10, 80, ca, b5, ee, 01]";
    let report = Report::ended(&result).words("details", &details).want(code as i32, text).check(right, || format!("details {details}"));
    Ok(alive(&client, report).await)
}

pub async fn plain_error(client: Client) -> Result<Report> {
    let result = PeerClient::new(client.clone()).plain_error(Default::default(), &payload(0, "just an error")).await;
    Ok(alive(&client, Report::ended(&result).want(2, "just an error")).await)
}

pub async fn nil(client: Client, params: &Params) -> Result<Report> {
    let result = PeerClient::new(client.clone()).nil(params.context(), &payload(0, "")).await;
    Ok(alive(&client, Report::ended(&result).want(2, "ttrpc: marshal called with nil")).await)
}

/// The generated client has no such call, so the request is made by hand.
pub async fn unknown(client: Client, service: &str, want: &str) -> Result<Report> {
    let mut request = Request::new();
    request.service = service.into();
    request.method = "Nope".into();
    let result = client.request(request).await;
    Ok(alive(&client, Report::ended(&result).want(12, want)).await)
}

/// Ends the server in the middle of a call.
pub async fn die(client: Client) -> Result<Report> {
    let result = PeerClient::new(client).die(Default::default(), &payload(0, "")).await;
    let closed = matches!(result, Err(Error::Socket(_)));
    Ok(Report::ended(&result).number("closed", closed).check(closed, || format!("{result:?}")))
}
