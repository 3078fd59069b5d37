//! What server and client share: Tokio in either form, and as many open files as the system allows.

use tokio::runtime::{Builder, Runtime};
use ttrpc_rust_peer::args::{fail, Args};

/// The runtime that `-runtime` names.
pub fn runtime(args: &Args) -> Runtime {
    let mut builder = match args.or("runtime", String::from("current_thread")).as_str() {
        "current_thread" => Builder::new_current_thread(),
        "multi_thread" => Builder::new_multi_thread(),
        other => fail(&format!("-runtime: want current_thread or multi_thread, not {other}")),
    };
    builder.enable_all().build().expect("a runtime")
}

/// Go and Node do this by themselves.
pub fn raise_open_files() {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: both calls only look at the struct they are given.
    unsafe {
        if libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) == 0 {
            limit.rlim_cur = limit.rlim_max;
            libc::setrlimit(libc::RLIMIT_NOFILE, &limit);
        }
    }
}
