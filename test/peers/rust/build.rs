// Bindings from the repository's own .proto files, without protoc: once for each of ttrpc-rust's two APIs.
use std::{env, fs, path::Path, path::PathBuf};

use ttrpc_codegen::{Codegen, Customize, ProtobufCustomize};

const FILES: [&str; 3] = ["proto/streaming.proto", "proto/peer.proto", "interop/matrix.proto"];

fn main() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap());
    let unary = out.join("unary");
    let files = FILES.map(|file| tests.join(file));
    let unary_files = files.each_ref().map(|file| {
        println!("cargo:rerun-if-changed={}", file.display());
        without_streams(file, &unary)
    });
    generate(&files, &[tests.join("proto"), tests.join("interop")], &out.join("async"), true);
    generate(&unary_files, &[unary], &out.join("sync"), false);
}

// The synchronous API has no streams, and what its generator makes of a streaming method does not compile.
fn without_streams(file: &Path, folder: &Path) -> PathBuf {
    let text = fs::read_to_string(file).unwrap();
    let kept: Vec<&str> = text.lines().filter(|line| !(line.contains("rpc ") && line.contains("(stream "))).collect();
    fs::create_dir_all(folder).unwrap();
    let path = folder.join(file.file_name().unwrap());
    fs::write(&path, kept.join("\n") + "\n").unwrap();
    path
}

fn generate(files: &[PathBuf], includes: &[PathBuf], out: &Path, async_all: bool) {
    fs::create_dir_all(out).unwrap();
    Codegen::new()
        .out_dir(out)
        .includes(includes)
        .inputs(files)
        .rust_protobuf()
        .rust_protobuf_customize(ProtobufCustomize::default().gen_mod_rs(true))
        .customize(Customize { async_all, gen_mod: true, ..Default::default() })
        .run()
        .expect("the .proto files compile");
    // A file that is included cannot begin with an attribute.
    let list = out.join("mod.rs");
    let modules = fs::read_to_string(&list).unwrap();
    fs::write(&list, modules.lines().filter(|line| line.starts_with("pub mod")).collect::<Vec<_>>().join("\n")).unwrap();
}
