// A server of the official TypeScript SDK for our client, with the catalogue that
// ../python/server.py has too.
//
// Usage: server.mjs {stdio|http PORT}

import { createServer } from 'node:http';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { McpServer, ResourceTemplate, completable, createMcpHandler } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';

const [transport, port] = process.argv.slice(2);
const WOODS = ['ash', 'oak', 'olive'];

function text(value) {
  return { content: [{ type: 'text', text: value }] };
}

function yard() {
  const server = new McpServer({ name: 'yard', version: '1.0.0' });
  server.registerTool(
    'weigh',
    {
      description: 'Weighs pieces of wood.',
      inputSchema: z.object({ pieces: z.array(z.number().int()) }),
      outputSchema: z.object({ count: z.number().int(), grams: z.number().int() }),
    },
    ({ pieces }) => {
      const weight = { count: pieces.length, grams: pieces.reduce((sum, grams) => sum + grams, 0) };
      return { ...text(JSON.stringify(weight)), structuredContent: weight };
    },
  );
  server.registerTool(
    'saw',
    { description: 'Saws in so many steps.', inputSchema: z.object({ n: z.number().int() }) },
    async ({ n }, { mcpReq }) => {
      const progressToken = mcpReq._meta?.progressToken;
      for (let step = 1; progressToken !== undefined && step <= n; step += 1) {
        const params = { progressToken, progress: step, total: n };
        await mcpReq.notify({ method: 'notifications/progress', params });
      }
      return text('sawn');
    },
  );
  server.registerTool('spoil', { description: 'Always fails.' }, () => {
    throw new Error('the saw is blunt');
  });
  server.registerResource('stock', 'yard://stock', {}, (uri) => ({
    contents: [{ uri: uri.href, text: '12 purlins' }],
  }));
  const beams = new ResourceTemplate('yard://beams/{name}', { list: undefined });
  server.registerResource('beam', beams, {}, (uri, { name }) => ({
    contents: [{ uri: uri.href, text: `a beam of ${name}` }],
  }));
  const wood = completable(z.string(), (typed) => WOODS.filter((name) => name.startsWith(typed)));
  server.registerPrompt('order', { argsSchema: z.object({ wood }) }, (order) => ({
    messages: [{ role: 'user', content: { type: 'text', text: `Order some ${order.wood}.` } }],
  }));
  return server;
}

if (transport === 'stdio') {
  serveStdio(yard);
} else {
  createServer(toNodeHandler(createMcpHandler(yard))).listen(Number(port), '127.0.0.1');
}
