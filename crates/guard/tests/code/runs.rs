//! Runs that work.

use purlin_guard::code::{Run, Tier};

use crate::boxes::{executor, node_run, prints, python_run, shell_run, works};

#[tokio::test]
async fn programs_in_all_three_languages_are_run() {
    assert_eq!(prints(python_run("print(6 * 7)")).await, "42\n");
    assert_eq!(prints(node_run("console.log(6 * 7)")).await, "42\n");
    assert_eq!(prints(shell_run("echo $((6 * 7))")).await, "42\n");
}

#[tokio::test]
async fn programs_use_the_standard_library() {
    let python = "
import json, re, math, decimal, datetime, hashlib, sqlite3, zlib, csv, statistics, random, threading
import collections, itertools, functools, tempfile, subprocess, ssl, ctypes, uuid, zoneinfo, unicodedata
with tempfile.NamedTemporaryFile() as file:
    file.write(b'x')
connection = sqlite3.connect(':memory:')
print(connection.execute('select 6 * 7').fetchone()[0], hashlib.sha256(b'').hexdigest()[:8])
";
    assert_eq!(prints(python_run(python)).await, "42 e3b0c442\n");
    let node = "
const { createHash } = require('node:crypto');
const fs = require('fs');
fs.writeFileSync('a.json', JSON.stringify({ a: [1, 2] }));
console.log(JSON.parse(fs.readFileSync('a.json')).a.length, createHash('sha256').digest('hex').slice(0, 8));
setTimeout(() => console.log('later'), 1);
";
    assert_eq!(prints(node_run(node)).await, "2 e3b0c442\nlater\n");
    let shell = "
printf '3 c\\n1 a\\n2 b\\n' | sort -n | awk '{ print $2 }' | tr '\\n' ' ' | sed 's/ $//'
ls | grep -c main.sh > count; cat count
";
    assert_eq!(prints(shell_run(shell)).await, "a b c1\n");
}

#[tokio::test]
async fn arguments_are_passed_as_they_are() {
    let odd = ["a b", "", "--help", "$HOME; ls", "grün\n"];
    let mut run = python_run("import sys; print(sys.argv[1:])");
    for argument in odd {
        run = run.argument(argument);
    }
    let expected = "['a b', '', '--help', '$HOME; ls', 'grün\\n']\n";
    assert_eq!(prints(run).await, expected);
    let run = node_run("console.log(process.argv.slice(2))").argument("--version");
    assert_eq!(prints(run).await, "[ '--version' ]\n");
    let run = shell_run("echo \"$1:$2\"").argument("x").argument("*");
    assert_eq!(prints(run).await, "x:*\n");
}

#[tokio::test]
async fn standard_input_is_what_is_given_or_nothing() {
    let count = "import sys; print(len(sys.stdin.buffer.read()))";
    assert_eq!(prints(python_run(count)).await, "0\n");
    let large = vec![7; 3 << 20];
    assert_eq!(prints(python_run(count).input(large)).await, "3145728\n");
    // Whoever does not read it is not held up.
    let run = python_run("print('done')").input(vec![7; 3 << 20]);
    assert_eq!(prints(run).await, "done\n");
}

#[tokio::test]
async fn the_environment_is_empty_but_for_what_programs_need() {
    let run = python_run("import os; print(sorted(os.environ))");
    let expected = "['HOME', 'LANG', 'PATH', 'TMPDIR']\n";
    assert_eq!(prints(run).await, expected);
}

#[tokio::test]
async fn text_is_utf_8_in_and_out() {
    let run = python_run("import sys; print('grün 漢字', sys.stdin.read())").input("ö");
    assert_eq!(prints(run).await, "grün 漢字 ö\n");
    let run = node_run("console.log('grün 漢字')");
    assert_eq!(prints(run).await, "grün 漢字\n");
}

#[tokio::test]
async fn an_outcome_says_its_tier_and_what_was_used() {
    let busy = "x = bytearray(64 << 20)\nfor i in range(1_000_000): pass\nprint(len(x))";
    let outcome = works(python_run(busy)).await;
    assert_eq!(outcome.tier(), Tier::Strict);
    let usage = outcome.usage();
    assert!(usage.peak_memory >= 64 << 20, "{usage:?}");
    assert!(
        !usage.cpu.is_zero() && usage.wall >= usage.cpu / 4,
        "{usage:?}"
    );
}

#[tokio::test]
async fn every_run_starts_with_an_empty_work_directory() {
    let run = || shell_run("ls; echo left > behind; mkdir -p sub; echo $HOME");
    let first = prints(run()).await;
    assert!(first.starts_with("main.sh\n/"), "{first}");
    assert_eq!(prints(run()).await, first);
}

#[tokio::test]
async fn many_runs_at_once_do_not_meet() {
    let executor = executor().await;
    let runs = (0..16).map(|number| {
        let run = Run::new("shell", "echo $1 > a; sleep 0.1; cat a").argument(number.to_string());
        async move {
            executor
                .run(run)
                .await
                .unwrap()
                .stdout()
                .text()
                .into_owned()
        }
    });
    let runs: Vec<_> = runs.map(|run| tokio::spawn(run)).collect();
    for (number, run) in runs.into_iter().enumerate() {
        assert_eq!(run.await.unwrap(), format!("{number}\n"));
    }
}
