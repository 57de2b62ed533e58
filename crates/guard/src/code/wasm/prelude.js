// What a script finds beside the language itself. The value of this source is a function that
// takes the one function of the host, puts everything in place, and returns what the host calls
// later on. `host` takes the number of an operation and its operands; nothing of it stays within
// reach of the script, and the host checks each operand again.
(function (host) {
  "use strict";

  const WRITE = 0, ARGUMENT = 1, INPUT = 2, READ = 3, STORE = 4, NAME = 5, REMOVE = 6, EXIT = 7,
    DECODE = 8, ENCODE = 9;

  // Taken before the script can put anything else in their place.
  const { apply, ownKeys } = Reflect;
  const { freeze, defineProperty } = Object;
  const { isArray } = Array;
  const { isView } = ArrayBuffer;
  const now = Date.now;
  const stringify = JSON.stringify;
  const wellFormed = String.prototype.toWellFormed;
  const text = (value) => apply(wellFormed, String(value), []);

  // --- Printing ---------------------------------------------------------------------------------

  const DEPTH = 4;
  const MEMBERS = 100;

  function failure(error) {
    const head = `${error.name}: ${error.message}`;
    const stack = String(error.stack ?? "").trimEnd();
    return stack ? `${head}\n${stack}` : head;
  }

  function members(open, parts, close) {
    return parts.length ? `${open} ${parts.join(", ")} ${close}` : open + close;
  }

  function inspect(value, seen) {
    switch (typeof value) {
      case "string": return stringify(value);
      case "bigint": return `${value}n`;
      case "function": return `[Function ${value.name || "(anonymous)"}]`;
      case "object": break;
      default: return String(value);
    }
    if (value === null) return "null";
    if (value instanceof Error) return failure(value);
    if (value instanceof Date || value instanceof RegExp) return String(value);
    if (seen.includes(value)) return "[Circular]";
    if (seen.length === DEPTH) return isArray(value) ? "[Array]" : "[Object]";
    return compound(value, [...seen, value]);
  }

  function compound(value, seen) {
    const show = (it) => inspect(it, seen);
    const some = (all, each) => {
      const parts = [];
      for (const it of all) {
        if (parts.length === MEMBERS) return [...parts, "…"];
        parts.push(each(it));
      }
      return parts;
    };
    if (isArray(value)) return members("[", some(value, show), "]");
    if (isView(value) && !(value instanceof DataView)) {
      return members(`${value.constructor.name} [`, some(value, show), "]");
    }
    if (value instanceof Map) {
      return members("Map {", some(value, ([key, it]) => `${show(key)} => ${show(it)}`), "}");
    }
    if (value instanceof Set) return members("Set {", some(value, show), "}");
    if (value instanceof Promise) return "Promise {}";
    const keys = Object.keys(value);
    return members("{", some(keys, (key) => `${key}: ${show(value[key])}`), "}");
  }

  const line = (values) =>
    values.map((it) => (typeof it === "string" ? it : inspect(it, []))).join(" ") + "\n";
  const printer = (stream) => (...values) => { host(WRITE, stream, text(line(values))); };
  const out = printer(1);
  const err = printer(2);

  // --- Files, input, arguments ------------------------------------------------------------------

  function fail(code, why, name) {
    const error = new Error(`${code}: ${why}, '${name}'`);
    error.code = code;
    throw error;
  }

  const named = (name) => text(name).replace(/^\.\//, "");
  const bytesOf = (value) => {
    if (value instanceof Uint8Array) return value;
    if (isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    if (value instanceof ArrayBuffer) return new Uint8Array(value);
    return host(ENCODE, text(value));
  };
  const decode = (bytes) => host(DECODE, bytes);
  const joined = (first, second) => {
    const both = new Uint8Array(first.length + second.length);
    both.set(first);
    both.set(second, first.length);
    return both;
  };

  const files = freeze({
    read(name) {
      return host(READ, named(name)) ?? fail("ENOENT", "no such file", named(name));
    },
    readText(name) {
      return decode(files.read(name));
    },
    write(name, content) {
      const why = host(STORE, named(name), bytesOf(content));
      if (why !== undefined) fail("EINVAL", why, named(name));
    },
    append(name, content) {
      const before = host(READ, named(name));
      files.write(name, before ? joined(before, bytesOf(content)) : content);
    },
    exists(name) {
      return host(READ, named(name)) !== undefined;
    },
    list() {
      const names = [];
      for (let at = 0, name; (name = host(NAME, at)) !== undefined; at += 1) names.push(name);
      return names;
    },
    remove(name) {
      if (!host(REMOVE, named(name))) fail("ENOENT", "no such file", named(name));
    },
  });

  const stdin = freeze({
    bytes: () => host(INPUT),
    text: () => decode(host(INPUT)),
    lines() {
      const all = stdin.text().split(/\r?\n/);
      if (all.at(-1) === "") all.pop();
      return all;
    },
  });

  const args = [];
  for (let at = 0, it; (it = host(ARGUMENT, at)) !== undefined; at += 1) args.push(it);

  const exit = (code = 0) => { host(EXIT, Number(code)); };

  class TextEncoder {
    get encoding() { return "utf-8"; }
    encode(value = "") { return host(ENCODE, text(value)); }
  }

  class TextDecoder {
    constructor(label = "utf-8") {
      if (!/^(utf-?8|unicode-1-1-utf-8)$/i.test(String(label).trim())) {
        throw new RangeError("only UTF-8 is decoded");
      }
    }
    get encoding() { return "utf-8"; }
    decode(value = new Uint8Array()) { return decode(bytesOf(value)).replace(/^\uFEFF/, ""); }
  }

  // --- Timers -----------------------------------------------------------------------------------

  const timers = new Map();
  const timersSet = Map.prototype.set, timersDelete = Map.prototype.delete;
  let lastTimer = 0;

  const arm = (repeat) => (callback, delay = 0, ...rest) => {
    if (typeof callback !== "function") throw new TypeError("a timer takes a function");
    const every = Math.min(Math.max(Number(delay) || 0, 1), 0x7fffffff);
    lastTimer += 1;
    apply(timersSet, timers, [lastTimer, { callback, rest, every, repeat, due: now() + every }]);
    return lastTimer;
  };
  const disarm = (id) => { apply(timersDelete, timers, [id]); };

  // Runs the timer that is due first; says how many milliseconds there are until then, or that
  // there is none.
  function tick() {
    let first, timer;
    for (const [id, it] of timers) if (!timer || it.due < timer.due) [first, timer] = [id, it];
    if (!timer) return -1;
    const wait = timer.due - now();
    if (wait > 0) return wait;
    if (timer.repeat) timer.due = now() + timer.every;
    else disarm(first);
    apply(timer.callback, undefined, timer.rest);
    return 0;
  }

  // --- The little of Node.js that scripts reach for ---------------------------------------------

  const isInput = (name) => name === 0 || name === "/dev/stdin";
  const asked = (options) => (typeof options === "string" ? options : options?.encoding);
  const fs = freeze({
    readFileSync(name, options) {
      const bytes = isInput(name) ? stdin.bytes() : files.read(name);
      return asked(options) ? decode(bytes) : bytes;
    },
    writeFileSync: (name, content) => files.write(name, content),
    appendFileSync: (name, content) => files.append(name, content),
    existsSync: (name) => files.exists(name),
    readdirSync: (name = ".") => (/^\.?\/?$/.test(name) ? files.list() : fail("ENOENT", "no such directory", name)),
    unlinkSync: (name) => files.remove(name),
  });
  const stream = (number) => freeze({
    write(value) {
      if (isView(value)) host(WRITE, number, value);
      else host(WRITE, number, text(value));
      return true;
    },
  });
  const process = freeze({
    argv: freeze(["javascript", "main.js", ...args]),
    env: freeze({}),
    stdout: stream(1),
    stderr: stream(2),
    exit,
  });
  function require(name) {
    switch (String(name).replace(/^node:/, "")) {
      case "fs": return fs;
      case "process": return process;
      default: throw new Error(`there is no module '${text(name)}' here: only 'fs' and 'process'`);
    }
  }

  // --- In place ---------------------------------------------------------------------------------

  const globals = {
    print: out,
    console: { log: out, info: out, debug: out, warn: err, error: err, trace: err },
    args: freeze(args), stdin, files, exit, process, require, TextEncoder, TextDecoder,
    setTimeout: arm(false), setInterval: arm(true), setImmediate: (f, ...rest) => arm(false)(f, 0, ...rest),
    clearTimeout: disarm, clearInterval: disarm, clearImmediate: disarm,
  };
  for (const name of ownKeys(globals)) {
    defineProperty(globalThis, name, {
      value: globals[name], writable: true, configurable: true, enumerable: false,
    });
  }

  // What is said of an exception that nobody caught.
  function describe(error) {
    return text(`Uncaught ${error instanceof Error ? failure(error) : inspect(error, [])}\n`);
  }

  return [describe, tick];
})
