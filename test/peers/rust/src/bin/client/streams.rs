//! Streaming cases.

use std::time::Duration;

use ttrpc::r#async::{Client, ClientStream, ClientStreamReceiver};
use ttrpc::{Error, Result};
use ttrpc_rust_peer::asynchronous::streaming::{Part, Sum};
use ttrpc_rust_peer::asynchronous::{peer_ttrpc::PeerClient, streaming_ttrpc::StreamingClient};
use ttrpc_rust_peer::report::Report;
use ttrpc_rust_peer::services::{payload, EchoPayload};
use ttrpc_rust_peer::NULL_TEXT;

use super::{calls::alive, Params};

fn want_eof<T: std::fmt::Debug>(report: Report, result: Result<T>) -> Report {
    let eof = matches!(result, Err(Error::Eof));
    report.check(eof, || format!("after the last message: {result:?}, want the end"))
}

pub async fn echo_stream(client: Client, params: &Params) -> Result<Report> {
    let mut stream = StreamingClient::new(client).echo_stream(params.context()).await?;
    let n = params.n.unwrap_or(50);
    let mut report = Report::default().number("messages", n);
    for i in 0..n {
        let request = payload(2 * i, format!("message {i} of a stream"));
        stream.send(&request).await?;
        let reply = stream.recv().await?;
        report = report.check(reply.seq == request.seq + 1 && reply.msg == request.msg, || format!("message {i}: {reply:?}"));
    }
    stream.close_send().await?;
    Ok(want_eof(report, stream.recv().await))
}

/// Zeros at both ends: those parts are empty on the wire and still have to be counted.
pub async fn sum_stream(client: Client, params: &Params) -> Result<Report> {
    let mut stream = StreamingClient::new(client).sum_stream(params.context()).await?;
    let part = |add| Part { add, ..Default::default() };
    stream.send(&part(0)).await?;
    for add in -99..=100 {
        stream.send(&part(add)).await?;
    }
    stream.send(&part(0)).await?;
    let sum = stream.close_and_recv().await?;
    Ok(Report::default().number("sum", sum.sum).number("num", sum.num).check(sum.sum == 100 && sum.num == 202, || format!("{sum:?}")))
}

pub async fn divide_stream(client: Client, params: &Params) -> Result<Report> {
    let request = Sum { sum: 392, num: 30, ..Default::default() };
    let mut stream = StreamingClient::new(client).divide_stream(params.context(), &request).await?;
    let (mut sum, mut num) = (0, 0);
    while let Some(part) = stream.recv().await? {
        sum += part.add;
        num += 1;
    }
    Ok(Report::default().number("sum", sum).number("num", num).check(sum == 392 && num == 30, || format!("{sum} of {num} parts")))
}

pub async fn echo_null(client: Client, params: &Params) -> Result<Report> {
    let mut stream = StreamingClient::new(client).echo_null(params.context()).await?;
    let n = params.n.unwrap_or(100);
    for seq in 0..n {
        stream.send(&payload(seq, NULL_TEXT)).await?;
    }
    stream.close_and_recv().await?;
    Ok(Report::default().number("messages", n))
}

pub async fn echo_null_stream(client: Client, params: &Params) -> Result<Report> {
    let stream = StreamingClient::new(client).echo_null_stream(params.context()).await?;
    let (sender, mut receiver) = stream.split();
    let n = params.n.unwrap_or(100);
    let counted = tokio::spawn(async move {
        let mut received = 0;
        loop {
            match receiver.recv().await {
                Ok(_) => received += 1,
                Err(end) => return (received, end),
            }
        }
    });
    for seq in 0..n {
        sender.send(&payload(seq, NULL_TEXT)).await?;
    }
    sender.close_send().await?;
    let (received, end) = counted.await.expect("the reader ends");
    let report = Report::default().number("messages", n).number("received", received);
    let report = want_eof::<()>(report, Err(end));
    Ok(report.check(received == 10 * n, || format!("received {received} messages")))
}

pub async fn empty_payload_stream(client: Client, params: &Params) -> Result<Report> {
    let mut stream = StreamingClient::new(client).empty_payload_stream(params.context(), &Default::default()).await?;
    let mut report = Report::default();
    for want in 1..=2 {
        let seq = stream.recv().await?.map(|message| message.seq);
        report = report.check(seq == Some(want), || format!("seq {seq:?}, want {want}"));
    }
    let end = stream.recv().await?;
    Ok(report.check(end.is_none(), || format!("{end:?} in place of the end")))
}

/// Numbered messages until the end or an error.
async fn receive(mut stream: ClientStreamReceiver<EchoPayload>, text: &str) -> (u32, Result<()>) {
    for want in 0.. {
        match stream.recv().await {
            Ok(Some(message)) if message.seq == want && message.msg == text => {}
            Ok(Some(message)) => return (want, Err(Error::Others(format!("message {want} has seq {}", message.seq)))),
            Ok(None) => return (want, Ok(())),
            Err(error) => return (want, Err(error)),
        }
    }
    unreachable!()
}

pub async fn count_stream(client: Client, params: &Params) -> Result<Report> {
    let (n, text) = (params.n.unwrap_or(1000), "z".repeat(params.size.unwrap_or(16)));
    let stream = PeerClient::new(client).count(params.context(), &payload(n, text.as_str())).await?;
    let (received, end) = receive(stream, &text).await;
    let report = Report::ended(&end).number("received", received);
    Ok(report.check(end.is_ok() && received == n, || format!("{received} messages, then {end:?}")))
}

pub async fn fail_after(client: Client, params: &Params) -> Result<Report> {
    let (n, text) = (params.n.unwrap_or(20), "gone after that");
    let stream = PeerClient::new(client.clone()).fail_after(params.context(), &payload(n, text)).await?;
    let (received, end) = receive(stream, text).await;
    let report = Report::ended(&end).number("received", received).want(5, text).check(received == n, || format!("{received} messages"));
    Ok(alive(&client, report).await)
}

pub async fn collect(client: Client, params: &Params) -> Result<Report> {
    let (n, text) = (params.n.unwrap_or(200), "c".repeat(params.size.unwrap_or(100)));
    let mut stream = PeerClient::new(client).collect(params.context()).await?;
    for seq in 0..n {
        stream.send(&payload(seq, text.as_str())).await?;
    }
    let sum = stream.close_and_recv().await?;
    let right = sum.seq == n && sum.msg == (n as usize * text.len()).to_string();
    Ok(Report::default().number("messages", sum.seq).words("bytes", &sum.msg).check(right, || format!("{sum:?}")))
}

/// `n` streams open together, ten ping-pongs each.
pub async fn many(client: Client, params: &Params) -> Result<Report> {
    let n = params.n.unwrap_or(100);
    let mut opened = Vec::new();
    for _ in 0..n {
        opened.push(PeerClient::new(client.clone()).echo2(params.context()).await?);
    }
    let tasks: Vec<_> = opened.into_iter().enumerate().map(|(id, stream)| tokio::spawn(ping_pong(stream, id as u32))).collect();
    for task in tasks {
        task.await.expect("a stream's task ends")?;
    }
    Ok(Report::default().number("streams", n))
}

async fn ping_pong(mut stream: ClientStream<EchoPayload, EchoPayload>, id: u32) -> Result<()> {
    for round in 0..10 {
        let request = payload(id * 10 + round, format!("stream {id}"));
        stream.send(&request).await?;
        let reply = stream.recv().await?;
        if reply.seq != request.seq + 1 || reply.msg != request.msg {
            return Err(Error::Others(format!("stream {id}: {reply:?}")));
        }
    }
    stream.close_send().await?;
    match stream.recv().await {
        Err(Error::Eof) => Ok(()),
        other => Err(Error::Others(format!("stream {id}: {other:?} in place of the end"))),
    }
}

/// Metadata and a deadline on a stream: for a look at the bytes.
pub async fn context(client: Client, params: &Params) -> Result<Report> {
    let mut ctx = params.context();
    ctx.add("foo".into(), "bar".into());
    let mut stream = PeerClient::new(client).echo2(ctx).await?;
    stream.close_send().await?;
    let end = tokio::time::timeout(Duration::from_secs(10), stream.recv()).await;
    let end = end.unwrap_or_else(|_| Err(Error::Others("no end within 10 s".into())));
    Ok(want_eof(Report::default(), end))
}
