// The official TypeScript client logs in to examples/protected, or comes back with what it kept.
//
// Usage: login.mjs {first|restarted|later} URL DIRECTORY
//
// Each check is one line on stdout: `ok NAME` or `not ok NAME: REASON`, under a line `group NAME`.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { Browser } from './browser.mjs';

const [phase, url, directory] = process.argv.slice(2);
const ROLES = { carol: 'clerk', alice: 'admin' };
const MODES = { modern: { pin: '2026-07-28' }, legacy: 'legacy' };
const REVISIONS = { modern: '2026-07-28', legacy: '2025-11-25' };
const DOCUMENT = 'https://desk.example/client.json';
const { origin } = new URL(url);

function expect(condition, found) {
  if (!condition) throw new Error(`found ${JSON.stringify(found)}`);
}

function text(result) {
  return result.content.filter((block) => block.type === 'text').map((block) => block.text).join('');
}

async function check(name, run) {
  try {
    await run();
    console.log(`ok ${name}`);
  } catch (error) {
    console.log(`not ok ${name}: ${String(error?.message ?? error).replaceAll('\n', ' ')}`);
  }
}

/** Where the browser comes back to, and with what. */
const callbacks = [];
const listener = createServer((request, response) => {
  callbacks.push(new URL(request.url, `http://${request.headers.host}`));
  response.end('You may close this page.');
});
await new Promise((listening) => listener.listen(0, '127.0.0.1', listening));
const redirectUrl = `http://127.0.0.1:${listener.address().port}/callback`;

/** What a client keeps of a login, in a file if there is one. */
class Kept {
  redirectUrl = redirectUrl;
  clientMetadata = {
    client_name: 'Order <b>Desk</b> & Co.',
    redirect_uris: [redirectUrl],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  };
  asked = [];
  #state = crypto.randomUUID();
  #file;

  constructor(file, document) {
    this.#file = file;
    this.clientMetadataUrl = document;
    this.kept = file && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  }

  #keep(part) {
    Object.assign(this.kept, part);
    if (this.#file) writeFileSync(this.#file, JSON.stringify(this.kept));
  }

  state() {
    return this.#state;
  }
  clientInformation() {
    return this.kept.client;
  }
  saveClientInformation(client) {
    this.#keep({ client });
  }
  tokens() {
    return this.kept.tokens;
  }
  saveTokens(tokens) {
    this.#keep({ tokens });
  }
  discoveryState() {
    return this.kept.discovered;
  }
  saveDiscoveryState(discovered) {
    this.#keep({ discovered });
  }
  redirectToAuthorization(page) {
    this.asked.push(page);
  }
  saveCodeVerifier(verifier) {
    this.#keep({ verifier });
  }
  codeVerifier() {
    return this.kept.verifier;
  }
}

/** A client, its user, and what the two have seen. */
class Login {
  browser = new Browser();

  constructor(user, mode, file, document) {
    this.user = user;
    this.mode = mode;
    this.kept = new Kept(file, document);
  }

  async connect() {
    const options = { versionNegotiation: { mode: MODES[this.mode] } };
    this.client = new Client({ name: 'interop', version: '1.0.0' }, options);
    this.transport = new StreamableHTTPClientTransport(new URL(url), { authProvider: this.kept });
    await this.client.connect(this.transport);
  }

  /** Answers the pages; where the browser ends. */
  async visit(buttons = ['Allow', 'Log in']) {
    callbacks.length = 0;
    return this.browser.visit(this.kept.asked[0], { 'User name': this.user, Password: this.user }, buttons);
  }

  async isRefused() {
    const refused = await this.connect().then(() => 'connected', (error) => error);
    expect(refused instanceof UnauthorizedError, String(refused));
  }

  async knows() {
    const result = await this.client.callTool({ name: 'who_am_i', arguments: {} });
    expect(text(result) === `${this.user} (${ROLES[this.user]})`, result);
  }

  async toolNames() {
    return (await this.client.listTools()).tools.map((tool) => tool.name);
  }

  /** What became of a call: its text, or why there is none. */
  async refund() {
    try {
      const result = await this.client.callTool({ name: 'refund', arguments: { number: 1 } });
      return { refused: result.isError === true, text: text(result) };
    } catch (error) {
      return { refused: true, text: error.message };
    }
  }
}

const letIn = (login) => ({
  'nobody gets in without a login': () => login.isRefused(),
  'the authorization server is found': () => {
    const { asked } = login.kept;
    expect(asked.length === 1 && asked[0].origin === origin, asked);
  },
  'the client registers itself': () => {
    const registered = login.kept.kept.client?.client_id;
    expect(registered && registered === login.kept.asked[0].searchParams.get('client_id'), registered);
  },
  'the login is bound to the client and to this server': () => {
    const asked = login.kept.asked[0].searchParams;
    expect(asked.get('code_challenge_method') === 'S256', String(asked));
    expect(asked.get('code_challenge')?.length === 43 && asked.get('state') === login.kept.state(), String(asked));
    expect(asked.get('resource') === url, String(asked));
  },
  'the user allows it and logs in': async () => {
    const end = await login.visit();
    expect(end.status === 200 && end.url.startsWith(redirectUrl), end);
    expect(login.browser.answered === 2, login.browser.shown);
  },
  'the user is told who asks for what': () => {
    const [consent] = login.browser.shown;
    expect(consent.includes('Order <b>Desk</b> & Co.') && consent.includes('See the orders'), consent);
  },
  'the browser comes back with a code of this issuer': () => {
    const answer = callbacks[0]?.searchParams;
    expect(callbacks.length === 1 && answer.get('code') && answer.get('iss') === origin, String(answer));
    expect(answer.get('state') === login.kept.state(), String(answer));
  },
  'the code becomes a token': async () => {
    await login.transport.finishAuth(callbacks[0].searchParams);
    const { access_token: access, refresh_token: refresh, scope } = login.kept.tokens() ?? {};
    expect(access && refresh && scope === 'orders:read', { access: !!access, refresh: !!refresh, scope });
  },
  'the token lets the client in': () => login.connect(),
  'the era is negotiated': () => {
    const revision = login.client.getNegotiatedProtocolVersion();
    expect(revision === REVISIONS[login.mode], revision);
  },
  'a tool knows who calls': () => login.knows(),
});

const asClerk = (login) => ({
  'the tool of admins is not shown to a clerk': async () => {
    const names = await login.toolNames();
    expect(names.includes('orders') && !names.includes('refund'), names);
  },
  'the tool of admins is refused to a clerk': async () => {
    const outcome = await login.refund();
    expect(outcome.refused && !outcome.text.includes('paid back'), outcome);
  },
});

const asAdmin = (login) => ({
  'the tool of admins is shown to an admin': async () => {
    const names = await login.toolNames();
    expect(names.includes('refund'), names);
  },
  'the tool of admins does what an admin asks': async () => {
    const outcome = await login.refund();
    expect(!outcome.refused && outcome.text === 'order 1 is paid back', outcome);
  },
});

/** A new process with what the last one kept, and nobody at the browser. */
async function back(login, isRefreshed) {
  const before = login.kept.tokens().access_token;
  await login.connect();
  await login.knows();
  expect(login.kept.asked.length === 0, login.kept.asked);
  expect((login.kept.tokens().access_token !== before) === isRefreshed, 'the wrong token');
  await login.client.close();
}

/** What needs to hold once: a document for an id, and users who say no. */
const once = {
  'a client with a document logs in without registering': async () => {
    const login = new Login('carol', 'modern', undefined, DOCUMENT);
    await login.isRefused();
    expect(login.kept.asked[0].searchParams.get('client_id') === DOCUMENT, login.kept.asked);
    await login.visit();
    expect(login.browser.shown[0].includes('published at desk.example'), login.browser.shown[0]);
    await login.transport.finishAuth(callbacks[0].searchParams);
    await login.connect();
    await login.knows();
    await login.client.close();
  },
  'a denial is told for what it is': async () => {
    const login = new Login('carol', 'modern');
    await login.isRefused();
    await login.visit(['Deny']);
    const { searchParams: answer } = callbacks[0];
    expect(answer.get('error') === 'access_denied' && answer.get('iss') === origin, String(answer));
    const told = await login.transport.finishAuth(answer).then(() => 'let in', (error) => error.message);
    expect(/access_denied|the user refused/.test(told), told);
    expect(!login.kept.tokens(), 'tokens');
  },
};

async function run(group, checks) {
  console.log(`group typescript, ${group}`);
  for (const [name, what] of Object.entries(checks)) await check(name, what);
}

function comeBack(login, file) {
  const stored = 'stored tokens outlive client and server';
  if (phase === 'restarted') return { [stored]: () => back(login, false) };
  return {
    'a token that has run out is refreshed without the user': () => back(login, true),
    'what was stored anew lets in too': () => back(new Login(login.user, login.mode, file), false),
  };
}

mkdirSync(directory, { recursive: true });
for (const mode of Object.keys(MODES)) {
  for (const user of Object.keys(ROLES)) {
    const file = join(directory, `${user}-${mode}.json`);
    const login = new Login(user, mode, file);
    const role = user === 'alice' ? asAdmin : asClerk;
    const checks = phase === 'first' ? { ...letIn(login), ...role(login) } : comeBack(login, file);
    await run(`${user}, ${REVISIONS[mode]}, ${phase}`, checks);
    await login.client?.close();
  }
}
if (phase === 'first') await run('once', once);
listener.close();
