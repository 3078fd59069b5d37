//! What the client does, by the name of the case. Every load is one worker that runs until the window is over.

use std::time::{Duration, Instant};

use tokio::time::timeout;
use ttrpc::context::{self, Context};
use ttrpc::{r#async::Client, Error, Result};
use ttrpc_rust_peer::asynchronous::{peer::Chunk, peer_ttrpc::PeerClient, streaming_ttrpc::StreamingClient};
use ttrpc_rust_peer::services::{payload, EchoPayload};

use crate::window::Window;

#[derive(Clone)]
pub struct Work {
    pub clients: &'static [Client],
    pub msg: &'static str,
    pub window: &'static Window,
}

impl Work {
    fn streaming(&self) -> StreamingClient {
        StreamingClient::new(self.clients[0].clone())
    }

    fn request(&self) -> EchoPayload {
        payload(1, self.msg)
    }

    /// Few enough messages that a stream ends soon after the window, and enough that its beginning does not count.
    fn messages_per_stream(&self) -> u32 {
        ((16 << 20) / (self.msg.len() as u32 + 16)).clamp(100, 100_000)
    }
}

/// On several threads ttrpc-rust may lose the end of a stream; the next stream is no worse for it.
const PATIENCE: Duration = Duration::from_millis(1000);

fn lost() -> Error {
    Error::Others(format!("a stream did not end within {PATIENCE:?}"))
}

pub async fn run(name: &str, work: Work) -> Result<()> {
    match name {
        "unary" => unary(work).await,
        "bytes" => bytes(work).await,
        "rich" => rich(work).await,
        "connections" => connections(work).await,
        "serverStream" => server_stream(work).await,
        "clientStream" => client_stream(work).await,
        "bidi" => bidi(work).await,
        _ => Err(Error::Others(format!("there is no case {name}"))),
    }
}

async fn unary(work: Work) -> Result<()> {
    let (client, request) = (work.streaming(), work.request());
    let mut from = Instant::now();
    while from < work.window.to {
        client.echo(Context::default(), &request).await?;
        from = work.window.call(from);
    }
    Ok(())
}

async fn bytes(work: Work) -> Result<()> {
    let client = PeerClient::new(work.clients[0].clone());
    let request = Chunk { value: work.msg.into(), ..Default::default() };
    let mut from = Instant::now();
    while from < work.window.to {
        client.echo_bytes(Context::default(), &request).await?;
        from = work.window.call(from);
    }
    Ok(())
}

/// Metadata and a deadline; ttrpc-rust has no interceptors.
async fn rich(work: Work) -> Result<()> {
    let (client, request) = (work.streaming(), work.request());
    let mut from = Instant::now();
    while from < work.window.to {
        let mut ctx = context::with_duration(Duration::from_secs(5));
        ctx.add("tenant".into(), "benchmark".into());
        ctx.add("request-kind".into(), "echo".into());
        client.echo(ctx, &request).await?;
        from = work.window.call(from);
    }
    Ok(())
}

async fn connections(work: Work) -> Result<()> {
    let clients: Vec<_> = work.clients.iter().map(|client| StreamingClient::new(client.clone())).collect();
    let request = work.request();
    let mut from = Instant::now();
    for client in clients.iter().cycle().take_while(|_| !work.window.is_over()) {
        client.echo(Context::default(), &request).await?;
        from = work.window.call(from);
    }
    Ok(())
}

/// Counts what arrives, in whatever order: on several threads neither is certain.
async fn server_stream(work: Work) -> Result<()> {
    let client = PeerClient::new(work.clients[0].clone());
    let request = payload(work.messages_per_stream(), work.msg);
    let mut from = Instant::now();
    let mut result = Ok(());
    while from < work.window.to {
        let one = async {
            let mut stream = client.count(Context::default(), &request).await?;
            while from < work.window.to && stream.recv().await?.is_some() {
                from = work.window.call(from);
            }
            Ok(())
        };
        result = timeout(PATIENCE, one).await.unwrap_or_else(|_| Err(lost())).and(result);
        from = Instant::now();
    }
    result
}

/// Messages that are sent without a look at the clock.
const BETWEEN_LOOKS: u32 = 100;

/// Counts what the server says has arrived. A stream is cut short at the end of the window, so that both sides soon rest.
async fn client_stream(work: Work) -> Result<()> {
    let client = PeerClient::new(work.clients[0].clone());
    let messages = work.messages_per_stream();
    let mut message = work.request();
    let mut from = Instant::now();
    let mut result = Ok(());
    while from < work.window.to {
        let mut sent = 0;
        let one = async {
            let mut stream = client.collect(Context::default()).await?;
            while sent < messages && (sent % BETWEEN_LOOKS != 0 || !work.window.is_over()) {
                message.seq = sent;
                stream.send(&message).await?;
                sent += 1;
            }
            stream.close_and_recv().await
        };
        match timeout(PATIENCE, one).await.unwrap_or_else(|_| Err(lost())) {
            Ok(sum) => {
                from = work.window.batch(sum.seq, from);
                if sum.seq != sent {
                    result = Err(Error::Others(format!("{sent} messages were sent and {} arrived", sum.seq)));
                }
            }
            Err(error) => (result, from) = (Err(error), Instant::now()),
        }
    }
    result
}

async fn bidi(work: Work) -> Result<()> {
    let mut stream = work.streaming().echo_stream(Context::default()).await?;
    let request = work.request();
    let mut from = Instant::now();
    while from < work.window.to {
        stream.send(&request).await?;
        stream.recv().await?;
        from = work.window.call(from);
    }
    Ok(())
}
