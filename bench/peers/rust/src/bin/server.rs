//! The test services on ttrpc-rust's asynchronous server: `server -address ADDRESS [-runtime current_thread|multi_thread]`.

use ttrpc::r#async::Server;
use ttrpc_rust_bench::{raise_open_files, runtime};
use ttrpc_rust_peer::{args::fail, args::Args, life, services};

fn main() {
    let args = Args::parse(&["address", "runtime"]);
    raise_open_files();
    runtime(&args).block_on(serve(args.address()));
}

async fn serve(address: String) {
    let server = Server::new().bind(&address).unwrap_or_else(|error| fail(&error.to_string()));
    let mut server = services::register(server);
    server.start().await.unwrap_or_else(|error| fail(&error.to_string()));
    life::ready(&address);
    let end = tokio::task::spawn_blocking(move || life::until_stdin_ends(&address));
    end.await.expect("the program exits there")
}
