use purlin_sandbox::{File, How};

use crate::bench::{plan, run};

#[test]
fn a_program_runs() {
    let outcome = run(&plan(
        "/bin/sh",
        &[
            "-c",
            "echo hello; id; ls -lan / /work /dev; cat /dev/null; echo x > /work/x; echo y > /tmp/y; touch /x; env; pwd; exit 3",
        ],
    ));
    println!("{}{}", outcome.stdout, outcome.stderr);
    println!("{:?}", outcome.ended());
    assert_eq!(outcome.ended().how, How::Exited(3));
    assert!(outcome.stdout.starts_with("hello\n"), "{}", outcome.stderr);
}

#[test]
fn python_runs() {
    let mut plan = plan("/usr/bin/python3", &["main.py"]);
    plan.stdin = b"from stdin".to_vec();
    plan.files = vec![File::new(
        "main.py",
        "
import sys, os, threading, asyncio, subprocess, tempfile, hashlib, json, time
print(sys.version, sys.stdin.read())
t=threading.Thread(target=lambda: print('thread')); t.start(); t.join()
async def main():
    await asyncio.sleep(0.01); print('async')
    p = await asyncio.create_subprocess_exec('/bin/echo', 'child')
    await p.wait()
asyncio.run(main())
print(subprocess.run(['/bin/echo','hi'],capture_output=True))
with tempfile.TemporaryDirectory() as d: open(d+'/x','w').write('1')
open('out.txt','w').write('done')
os.makedirs('a/b'); open('a/b/c','wb').write(b'\\0'); os.symlink('/etc/passwd','l'); os.mkfifo('f')
",
    )];
    let outcome = run(&plan);
    println!("{}{}", outcome.stdout, outcome.stderr);
    println!("{:?}", outcome.ended());
    assert_eq!(outcome.ended().how, How::Exited(0));
}

#[test]
fn node_runs() {
    let mut plan = plan("/usr/bin/node", &["main.js"]);
    plan.files = vec![File::new(
        "main.js",
        "
const fs=require('fs');console.log(process.version);fs.writeFileSync('o','1');
require('child_process').exec('echo child',(e,o)=>console.log(e,o));
fs.readFile('main.js',(e,d)=>console.log(d.length));
const {Worker}=require('worker_threads'); new Worker('console.log(\"worker\")',{eval:true});
",
    )];
    let outcome = run(&plan);
    println!("{}{}", outcome.stdout, outcome.stderr);
    println!("{:?}", outcome.ended());
    assert_eq!(outcome.ended().how, How::Exited(0));
}
