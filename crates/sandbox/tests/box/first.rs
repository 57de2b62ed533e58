//! What programs can do in a box: their work.

use purlin_sandbox::{File, How, Tier};

use crate::bench::{TIERS, plan, python, run, shell};

#[test]
fn a_program_prints_and_ends_with_its_code() {
    for tier in TIERS {
        let outcome = run(&shell(tier, "echo out; echo err >&2; exit 3"));
        assert_eq!(outcome.ended().how, How::Exited(3), "{tier:?}");
        assert_eq!(
            (outcome.stdout.as_str(), outcome.stderr.as_str()),
            ("out\n", "err\n")
        );
    }
}

#[test]
fn arguments_environment_and_input_arrive_and_nothing_else() {
    for tier in TIERS {
        let mut plan = shell(tier, "");
        plan.program = "/usr/bin/python3".into();
        let script = "import os, sys; print(sys.argv[1:], sys.stdin.read()); \
                      print(sorted(os.environ)); print(os.getcwd() == os.environ['HOME'])";
        plan.args = ["-I", "-c", script, "a b", "\u{e4}"]
            .map(String::from)
            .to_vec();
        plan.environment = vec![
            ("KEY".into(), "value".into()),
            ("LC_ALL".into(), "C.UTF-8".into()),
        ];
        plan.stdin = b"input".to_vec();
        let outcome = run(&plan);
        let expected = "['a b', '\u{e4}'] input\n['HOME', 'KEY', 'LC_ALL', 'TMPDIR']\nTrue\n";
        assert_eq!(outcome.stdout, expected, "{tier:?}: {}", outcome.stderr);
    }
}

#[test]
fn without_input_there_is_none() {
    for tier in TIERS {
        assert_eq!(
            run(&shell(tier, "cat; echo end")).stdout,
            if tier == Tier::Strict { "end\n" } else { "" }
        );
    }
}

#[test]
fn python_has_threads_event_loops_and_temporary_files() {
    for tier in TIERS {
        let script = "\
import asyncio, concurrent.futures, hashlib, json, tempfile, time
with concurrent.futures.ThreadPoolExecutor(4) as pool:
    print(list(pool.map(lambda n: n * n, range(4))))
async def main():
    await asyncio.sleep(0.001)
    return 'async'
print(asyncio.run(main()))
with tempfile.TemporaryDirectory() as directory:
    with open(directory + '/x', 'w') as file:
        file.write('1')
time.sleep(0.001)
print(json.dumps({'sum': hashlib.sha256(b'').hexdigest()[:6]}))
";
        let outcome = run(&python(tier, script));
        let expected = "[0, 1, 4, 9]\nasync\n{\"sum\": \"e3b0c4\"}\n";
        assert_eq!(outcome.stdout, expected, "{tier:?}: {}", outcome.stderr);
        assert_eq!(outcome.ended().how, How::Exited(0));
    }
}

#[test]
fn python_and_shells_have_children_in_strict() {
    let script = "\
import asyncio, subprocess
print(subprocess.run(['/bin/echo', 'one'], capture_output=True, text=True).stdout)
async def main():
    process = await asyncio.create_subprocess_exec('/bin/echo', 'two', stdout=subprocess.PIPE)
    print((await process.communicate())[0].decode())
asyncio.run(main())
";
    let outcome = run(&python(Tier::Strict, script));
    assert_eq!(outcome.stdout, "one\n\ntwo\n\n", "{}", outcome.stderr);
    let script = "for i in 3 1 2; do echo $i; done | sort | tee sorted; cp sorted copy; mv copy moved; \
                  mkdir -p a/b; ls -l | wc -l; rm -r a; sleep 0.01 & wait; date +%Y | grep -c 20";
    let mut plan = shell(Tier::Strict, script);
    plan.program = "/bin/bash".into();
    let outcome = run(&plan);
    assert_eq!(outcome.stdout, "1\n2\n3\n4\n1\n", "{}", outcome.stderr);
    assert_eq!(outcome.stderr, "");
    assert_eq!(outcome.file("moved"), b"1\n2\n3\n");
}

#[test]
fn node_has_workers_and_files() {
    for tier in TIERS {
        let mut plan = plan(tier, "/usr/bin/node", &["main.js"]);
        // Its OpenSSL gives up over a file that is there and may not be read.
        plan.environment
            .push(("OPENSSL_CONF".into(), "/dev/null".into()));
        plan.files = vec![File::new(
            "main.js",
            "const fs = require('fs');
             const { Worker } = require('worker_threads');
             fs.writeFileSync('out', 'x');
             fs.readFile('out', (error, data) => console.log(error, data.length));
             new Worker('console.log(\"worker\")', { eval: true });
             setTimeout(() => console.log('late'), 20);",
        )];
        let outcome = run(&plan);
        let mut lines: Vec<_> = outcome.stdout.lines().collect();
        lines.sort_unstable();
        assert_eq!(
            lines,
            ["late", "null 1", "worker"],
            "{tier:?}: {}",
            outcome.stderr
        );
        assert_eq!(outcome.ended().how, How::Exited(0));
    }
}
