//! More output than anybody wants.

use purlin_guard::code::Piece;

use crate::jail::{SOON, ended, in_each_tier};

#[test]
fn what_is_printed_beyond_measure_is_cut_and_said_to_be() {
    in_each_tier(async |jail| {
        let outcome = jail
            .run("for stream in 1, 2:\n    for _ in range(256): os.write(stream, b'x' * 4096)")
            .await
            .unwrap();
        for output in [outcome.stdout(), outcome.stderr()] {
            assert_eq!(output.bytes().len(), jail.executor.limits().output);
            assert!(output.is_cut());
        }
    });
}

#[test]
fn a_flood_ends_the_run() {
    in_each_tier(async |jail| {
        for flood in [
            "while True: os.write(1, b'x' * 65536)",
            "while True: os.write(2, b'x' * 65536)",
            "while True: os.write(1, b'x' * 65536); os.write(2, b'x' * 65536)",
        ] {
            let (how, said) = jail.ends(flood).await;
            assert_eq!(how, "output_limit");
            assert!(said.len() <= jail.executor.limits().output);
        }
    });
}

/// Also for whoever does not mind that nobody reads any more.
#[test]
fn a_flood_that_goes_on_after_the_deadline_ends_all_the_same() {
    in_each_tier(async |jail| {
        let slow = "
signal.signal(signal.SIGPIPE, signal.SIG_IGN)
while True:
    for stream in 1, 2:
        attempt(os.write, stream, b'x' * 64)
    time.sleep(0.001)
";
        let run = jail.attack(slow).wall(SOON);
        let (how, said) = ended(jail.executor.run(run).await);
        assert_eq!(how, "timeout");
        assert!(!said.is_empty());
    });
}

/// Who does not take what is printed holds up the run, and not the server.
#[test]
fn output_that_nobody_takes_is_not_kept() {
    in_each_tier(async |jail| {
        let flood = jail.attack("say('first')\nwhile True: os.write(1, b'x' * 65536)");
        let mut running = jail.executor.stream(flood);
        assert!(matches!(running.next().await, Some(Piece::Stdout(_))));
        // Another run has its turn meanwhile.
        assert_eq!(jail.says("say(1)").await, "1\n");
        drop(running);
    });
}

#[test]
fn whatever_bytes_are_printed_are_taken() {
    in_each_tier(async |jail| {
        let outcome = jail
            .run("os.write(1, bytes(range(256)) * 4)\nos.write(2, b'\\xff\\xfe\\x1b[2J\\x00')")
            .await
            .unwrap();
        assert_eq!(outcome.stdout().bytes().len(), 1024);
        assert!(outcome.stdout().text().contains('\u{fffd}'));
        let closed = jail
            .says("os.close(1); os.close(2); time.sleep(0.05)")
            .await;
        assert_eq!(closed, "");
    });
}
