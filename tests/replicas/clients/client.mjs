// The official TypeScript client against several processes behind a round robin.
//
// Usage: client.mjs {auto|legacy} URL CALLS
//
// Each call is one line of JSON on stdout: what was asked, and what was answered or the error.

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const [mode, url, calls] = process.argv.slice(2);

const client = new Client(
  { name: 'replicas', version: '1.0.0' },
  { versionNegotiation: { mode } },
);

async function call(name, args) {
  const line = { tool: name, arguments: args };
  try {
    const result = await client.callTool({ name, arguments: args });
    const text = result.content.map((block) => block.text ?? '').join('');
    line[result.isError ? 'error' : 'answer'] = text;
  } catch (error) {
    line.error = String(error);
  }
  console.log(JSON.stringify(line));
  return line.answer;
}

await client.connect(new StreamableHTTPClientTransport(new URL(url)));
const trip = mode === 'auto' ? await call('start', {}) : undefined;
for (let n = 0; n < Number(calls); n += 1) {
  if (n % 3 < 2) {
    await call('work', { token: `token ${n}` });
  } else {
    await call('count', trip ? { trip } : {});
  }
}
await client.close();
