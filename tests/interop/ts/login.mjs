// The official TypeScript client logs in to examples/protected.
//
// Usage: login.mjs {carol|alice} URL
//
// Each check is one line on stdout: `ok NAME` or `not ok NAME: REASON`.

import { createServer } from 'node:http';
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from '@modelcontextprotocol/client';
import { Browser } from './browser.mjs';

const [user, url] = process.argv.slice(2);
const ROLES = { carol: 'clerk', alice: 'admin' };
const { origin } = new URL(url);

function expect(condition, found) {
  if (!condition) throw new Error(`found ${JSON.stringify(found)}`);
}

function text(result) {
  return result.content.filter((block) => block.type === 'text').map((block) => block.text).join('');
}

/** Where the browser comes back to. */
const callbacks = [];
const listener = createServer((request, response) => {
  callbacks.push(new URL(request.url, `http://${request.headers.host}`));
  response.end('You may close this page.');
});
await new Promise((listening) => listener.listen(0, '127.0.0.1', listening));
const redirectUrl = `http://127.0.0.1:${listener.address().port}/callback`;

/** What a client keeps of a login. */
class Kept {
  redirectUrl = redirectUrl;
  clientMetadata = {
    client_name: 'Order <b>Desk</b> & Co.',
    redirect_uris: [redirectUrl],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  };
  kept = {};
  asked = [];
  #state = crypto.randomUUID();

  state() {
    return this.#state;
  }
  clientInformation() {
    return this.kept.client;
  }
  saveClientInformation(client) {
    this.kept.client = client;
  }
  tokens() {
    return this.kept.tokens;
  }
  saveTokens(tokens) {
    this.kept.tokens = tokens;
  }
  discoveryState() {
    return this.kept.discovered;
  }
  saveDiscoveryState(discovered) {
    this.kept.discovered = discovered;
  }
  redirectToAuthorization(page) {
    this.asked.push(page);
  }
  saveCodeVerifier(verifier) {
    this.kept.verifier = verifier;
  }
  codeVerifier() {
    return this.kept.verifier;
  }
}

const login = new Kept();
const browser = new Browser();
let transport;
let client;

async function connect() {
  client = new Client({ name: 'interop', version: '1.0.0' });
  transport = new StreamableHTTPClientTransport(new URL(url), { authProvider: login });
  await client.connect(transport);
}

async function toolNames() {
  return (await client.listTools()).tools.map((tool) => tool.name);
}

/** What became of a call: its text, or why there is none. */
async function refund() {
  try {
    const result = await client.callTool({ name: 'refund', arguments: { number: 1 } });
    return { refused: result.isError === true, text: text(result) };
  } catch (error) {
    return { refused: true, text: error.message };
  }
}

const before = {
  'nobody gets in without a login': async () => {
    const refused = await connect().then(() => 'connected', (error) => error);
    expect(refused instanceof UnauthorizedError, String(refused));
  },
  'the authorization server is found': () => {
    const page = login.asked[0];
    expect(login.asked.length === 1 && page.origin === origin, login.asked);
  },
  'the client registers itself': () => {
    const registered = login.kept.client;
    expect(registered?.client_id && registered.client_id === login.asked[0].searchParams.get('client_id'), registered);
  },
  'the login is bound to the client and to this server': () => {
    const asked = login.asked[0].searchParams;
    expect(asked.get('code_challenge_method') === 'S256', String(asked));
    expect(asked.get('code_challenge')?.length === 43 && asked.get('state') === login.state(), String(asked));
    expect(asked.get('resource') === url, String(asked));
  },
  'the user allows it and logs in': async () => {
    const fields = { 'User name': user, Password: user };
    const end = await browser.visit(login.asked[0], fields, ['Allow', 'Log in']);
    expect(end.status === 200 && end.url.startsWith(redirectUrl), end);
    expect(browser.answered === 2, browser.shown);
  },
  'the user is told who asks for what': () => {
    const [consent] = browser.shown;
    expect(consent.includes('Order <b>Desk</b> & Co.') && consent.includes('See the orders'), consent);
  },
  'the browser comes back with a code of this issuer': () => {
    const answer = callbacks[0]?.searchParams;
    expect(callbacks.length === 1 && answer.get('code') && answer.get('iss') === origin, String(answer));
    expect(answer.get('state') === login.state(), String(answer));
  },
  'the code becomes a token': async () => {
    await transport.finishAuth(callbacks[0].searchParams);
    const { access_token: access, refresh_token: refresh, scope } = login.kept.tokens ?? {};
    expect(access && refresh && scope === 'orders:read', { access: !!access, refresh: !!refresh, scope });
  },
  'the token lets the client in': () => connect(),
  'a tool knows who calls': async () => {
    const result = await client.callTool({ name: 'who_am_i', arguments: {} });
    expect(text(result) === `${user} (${ROLES[user]})`, result);
  },
};

const clerk = {
  'the tool of admins is not shown to a clerk': async () => {
    const names = await toolNames();
    expect(names.includes('orders') && !names.includes('refund'), names);
  },
  'the tool of admins is refused to a clerk': async () => {
    const outcome = await refund();
    expect(outcome.refused && !outcome.text.includes('paid back'), outcome);
  },
};

const admin = {
  'the tool of admins is shown to an admin': async () => {
    const names = await toolNames();
    expect(names.includes('refund'), names);
  },
  'the tool of admins does what an admin asks': async () => {
    const outcome = await refund();
    expect(!outcome.refused && outcome.text === 'order 1 is paid back', outcome);
  },
};

const after = {
  'a refused token is refreshed without the user': async () => {
    const old = login.kept.tokens;
    // As after its hour: the server does not know this one.
    const refused = `${old.access_token}x`;
    login.saveTokens({ ...old, access_token: refused });
    const result = await client.callTool({ name: 'orders', arguments: {} });
    expect(!result.isError, result);
    const now = login.kept.tokens;
    expect(now.access_token !== refused && now.refresh_token !== old.refresh_token, 'an old token');
    expect(login.asked.length === 1 && browser.answered === 2, login.asked);
  },
  'who comes back with the new token is known': async () => {
    await client.close();
    await connect();
    const result = await client.callTool({ name: 'who_am_i', arguments: {} });
    expect(text(result) === `${user} (${ROLES[user]})`, result);
  },
};

for (const [name, check] of Object.entries({ ...before, ...{ clerk, admin }[ROLES[user]], ...after })) {
  try {
    await check();
    console.log(`ok ${name}`);
  } catch (error) {
    console.log(`not ok ${name}: ${String(error?.message ?? error).replaceAll('\n', ' ')}`);
  }
}
await client.close();
listener.close();
