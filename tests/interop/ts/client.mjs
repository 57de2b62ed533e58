// The official TypeScript client against one example server.
//
// Usage: client.mjs {quickstart|platform} {modern|auto|legacy} {http URL|stdio COMMAND [ARGUMENT...]}
//
// Each check is one line on stdout: `ok NAME` or `not ok NAME: REASON`.

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

const [example, era, transport, ...target] = process.argv.slice(2);

const MODES = { modern: { pin: '2026-07-28' }, auto: 'auto', legacy: 'legacy' };
const LOG_LEVEL = 'io.modelcontextprotocol/logLevel';

const client = new Client(
  { name: 'interop', version: '1.0.0' },
  { versionNegotiation: { mode: MODES[era] } },
);
const logs = [];
client.setNotificationHandler('notifications/message', (notification) => {
  logs.push(notification.params);
});

function expect(condition, found) {
  if (!condition) throw new Error(`found ${JSON.stringify(found)}`);
}

function text(result) {
  return result.content.filter((block) => block.type === 'text').map((block) => block.text).join('');
}

const shared = {
  'the era is negotiated': () => {
    const version = client.getNegotiatedProtocolVersion();
    expect(version === (era === 'legacy' ? '2025-11-25' : '2026-07-28'), version);
  },
};

const quickstart = {
  'tools are listed': async () => {
    const names = (await client.listTools()).tools.map((tool) => tool.name);
    expect(['add', 'slow', 'boom'].every((name) => names.includes(name)), names);
  },
  'add returns the sum': async () => {
    const result = await client.callTool({ name: 'add', arguments: { a: 19, b: 23 } });
    expect(!result.isError && text(result) === '42', result);
  },
  'slow reports progress and logs': async () => {
    const seen = [];
    // One step more than is counted: this client drops progress that it reads
    // in one chunk with the response.
    const params = { name: 'slow', arguments: { n: 4 } };
    if (era === 'legacy') {
      await client.setLoggingLevel('debug');
    } else {
      params._meta = { [LOG_LEVEL]: 'debug' };
    }
    logs.length = 0;
    const result = await client.callTool(params, { onprogress: ({ progress }) => seen.push(progress) });
    expect(!result.isError, result);
    expect(seen.length >= 3 && seen.every((value, at) => at === 0 || value > seen[at - 1]), seen);
    expect(logs.length >= 3, logs);
  },
  'boom is an error result': async () => {
    const result = await client.callTool({ name: 'boom', arguments: {} });
    expect(result.isError && text(result), result);
  },
  'an unknown tool is refused': async () => {
    let result;
    try {
      result = await client.callTool({ name: 'no-such-tool', arguments: {} });
    } catch {
      return;
    }
    expect(false, result);
  },
  'the resource is listed and read': async () => {
    const listed = (await client.listResources()).resources.map((resource) => resource.uri);
    expect(listed.includes('data://stats'), listed);
    const { contents } = await client.readResource({ uri: 'data://stats' });
    expect(contents[0]?.text, contents);
  },
  'the template is listed and read': async () => {
    const { resourceTemplates } = await client.listResourceTemplates();
    const listed = resourceTemplates.map((template) => template.uriTemplate);
    expect(listed.includes('greet://{name}'), listed);
    const { contents } = await client.readResource({ uri: 'greet://Ada' });
    expect(contents[0]?.text.includes('Ada'), contents);
  },
  'the prompt is listed and filled in': async () => {
    const listed = (await client.listPrompts()).prompts.map((prompt) => prompt.name);
    expect(listed.includes('ask'), listed);
    const { messages } = await client.getPrompt({ name: 'ask', arguments: { topic: 'purlins' } });
    expect(messages[0]?.content.text.includes('purlins'), messages);
  },
};

const platform = {
  'the mounted tools are listed': async () => {
    const names = (await client.listTools()).tools.map((tool) => tool.name);
    const prefixes = new Set(names.map((name) => name.split('_')[0]));
    expect(prefixes.size >= 4 && names.includes('weather_current'), names);
  },
  'a mounted tool answers': async () => {
    const result = await client.callTool({ name: 'weather_current', arguments: { city: 'Paris' } });
    expect(!result.isError && JSON.stringify(result).includes('Paris'), result);
  },
};

const connection =
  transport === 'stdio'
    ? new StdioClientTransport({ command: target[0], args: target.slice(1) })
    : new StreamableHTTPClientTransport(new URL(target[0]));
await client.connect(connection);
for (const [name, check] of Object.entries({ ...shared, ...{ quickstart, platform }[example] })) {
  try {
    await check();
    console.log(`ok ${name}`);
  } catch (error) {
    console.log(`not ok ${name}: ${String(error?.message ?? error).replaceAll('\n', ' ')}`);
  }
}
await client.close();
