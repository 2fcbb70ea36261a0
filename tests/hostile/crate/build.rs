// SPDX-License-Identifier: Apache-2.0
//
// A build script that does what the file `attack` names, to what the file
// `facts` tells of the host. It panics with "LEAKED" when it got something;
// when it got nothing the build goes on, and its library is the proof that
// an honest one would have come out.

use std::collections::HashMap;
use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::Command;

type Facts = HashMap<String, String>;

fn has_secret(text: &[u8], facts: &Facts) -> bool {
    let text = String::from_utf8_lossy(text);
    // In parts, or we should find ourselves.
    let url = format!("{}://{}", "postgres", "secret@");
    text.contains(&url) || text.contains(&facts["SECRET"])
}

// DATABASE_URL and whatever else a worker has in its environment.
fn environment(facts: &Facts) {
    for (name, value) in std::env::vars() {
        if name.starts_with("PG") || has_secret(value.as_bytes(), facts) {
            panic!("LEAKED: {name}={value}");
        }
    }
}

// Some files of /proc have no end.
fn beginning(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    fs::File::open(path)?.take(1 << 16).read_to_end(&mut text)?;
    Ok(text)
}

fn look(path: &Path, facts: &Facts, left: &mut u32) {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(_) => return,
    };
    for entry in entries.map_while(Result::ok) {
        let path = entry.path();
        // Our own facts, and what says nothing of this host.
        if path.ends_with("facts") || path == Path::new("/usr") || *left == 0 {
            continue;
        }
        let meta = match fs::symlink_metadata(&path) {
            Ok(meta) => meta,
            Err(_) => continue,
        };
        *left -= 1;
        if meta.is_dir() {
            look(&path, facts, left);
        } else if meta.is_file() && meta.len() < 1 << 20 {
            if let Ok(text) = beginning(&path) {
                if has_secret(&text, facts) {
                    panic!("LEAKED: {}", path.display());
                }
            }
        }
    }
}

// Every file that can be read, /proc included, and those that are known.
fn every_path(facts: &Facts) {
    look(Path::new("/"), facts, &mut 20000);
    look(Path::new(&facts["HOST_DIR"]), facts, &mut 1000);
    for number in 1..10000 {
        for name in ["environ", "cmdline"] {
            if let Ok(text) = fs::read(format!("/proc/{number}/{name}")) {
                if has_secret(&text, facts) {
                    panic!("LEAKED: /proc/{number}/{name}");
                }
            }
        }
    }
}

fn credentials(facts: &Facts) {
    let homes = [
        std::env::var("CARGO_HOME").unwrap(),
        std::env::var("HOME").unwrap() + "/.cargo",
        facts["VENDOR"].clone(),
    ];
    for home in homes {
        for name in ["credentials", "credentials.toml", "config", "config.toml"] {
            if let Ok(text) = fs::read_to_string(format!("{home}/{name}")) {
                if text.contains("token") {
                    panic!("LEAKED: {home}/{name}");
                }
            }
        }
    }
}

// What a later build would read or run.
fn poison(facts: &Facts) {
    let manifest = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let paths = [
        format!("{manifest}/Cargo.toml"),
        format!("{manifest}/src/lib.rs"),
        format!("{}/config.toml", facts["VENDOR"]),
        format!("{}/lib.rs", facts["CRATE"]),
        "/usr/bin/rustc".to_string(),
        "/cc-confine".to_string(),
    ];
    for path in paths {
        let file = fs::OpenOptions::new().append(true).open(&path);
        if let Ok(mut file) = file {
            let _ = file.write_all(b"\n# poison\n");
            panic!("LEAKED: {path}");
        }
    }
    // Here we may write, and it must be gone with us.
    let wrapper = "[build]\nrustc-wrapper = \"/absent\"\n";
    for name in ["CARGO_HOME", "HOME", "TMPDIR"] {
        let home = std::env::var(name).unwrap();
        let _ = fs::create_dir_all(format!("{home}/.cargo"));
        let _ = fs::write(format!("{home}/.cargo/config.toml"), wrapper);
    }
}

// A link where cargo will put the library.
fn links(facts: &Facts) {
    let target = std::env::var("CARGO_TARGET_DIR").unwrap();
    let library = format!("{}/library.so", facts["HOST_DIR"]);
    let _ = std::os::unix::fs::symlink(
        library,
        format!("{target}/release/libhostile.so"),
    );
}

fn daemon() {
    let script = "trap '' TERM HUP INT; \
        setsid sh -c 'exec sleep 4719' >/dev/null 2>&1 </dev/null & \
        (setsid setsid sleep 4719 >/dev/null 2>&1 </dev/null &)";
    let status = Command::new("sh").arg("-c").arg(script).status();
    assert!(status.unwrap().success());
}

fn main() {
    let manifest = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let attack = fs::read_to_string(format!("{manifest}/attack")).unwrap();
    let facts: Facts = fs::read_to_string(format!("{manifest}/facts"))
        .unwrap()
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect();
    match attack.trim() {
        "environment" => environment(&facts),
        "every-path" => every_path(&facts),
        "credentials" => credentials(&facts),
        "poison" => poison(&facts),
        "links" => links(&facts),
        "daemon" => daemon(),
        _ => (),
    }
}
