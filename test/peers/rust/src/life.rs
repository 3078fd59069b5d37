//! The life of a server process under a test: it says when it listens, and ends when the test lets go of its stdin.

use std::{io, process::exit};

use crate::report::text;

/// Prints the line the tests wait for.
pub fn ready(address: &str) {
    println!("{{\"ready\":true,\"address\":{}}}", text(address));
}

/// Blocks until stdin ends, then takes the socket file away and exits.
pub fn until_stdin_ends(address: &str) -> ! {
    let _ = io::copy(&mut io::stdin(), &mut io::sink());
    if let Some(path) = address.strip_prefix("unix://").filter(|path| !path.starts_with('@')) {
        let _ = std::fs::remove_file(path);
    }
    exit(0)
}
