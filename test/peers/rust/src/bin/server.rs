//! ttrpc-rust's asynchronous server, on one thread.

use ttrpc::r#async::Server;
use ttrpc_rust_peer::{args::fail, args::Args, life, services};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let address = Args::parse(&["address"]).address();
    let server = Server::new().bind(&address).unwrap_or_else(|error| fail(&error.to_string()));
    let mut server = services::register(server);
    server.start().await.unwrap_or_else(|error| fail(&error.to_string()));
    life::ready(&address);
    let end = tokio::task::spawn_blocking(move || life::until_stdin_ends(&address));
    end.await.expect("the program exits there")
}
