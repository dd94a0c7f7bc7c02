// An elizaOS server with one agent that does as a message tells it, for the tests of streams:
//
//     npm install @elizaos/server@1.7.2
//     SESSION_MIN_TIMEOUT_MINUTES=1 node agent.mjs 3000 a-folder-for-its-data
//
// Run it in the folder of node_modules. "say WORDS" is answered with them in pieces, each with the
// space before it; "fail WORDS" fails with them; "say nothing" gives a reply that is none. Any
// other message has no reply.
import { ModelType } from '@elizaos/core';
import { AgentServer } from '@elizaos/server';

const [port, dataDir] = process.argv.slice(2);

function obey(service) {
  service.handleMessage = async (runtime, message, callback, options) => {
    const [, verb, words] = /^(say|fail) ([^]*)$/.exec(message.content.text ?? '') ?? [];
    if (verb === 'fail') throw new Error(words);
    if (verb !== 'say') return { didRespond: false, responseContent: null };
    const content = words === 'nothing' ? undefined : { text: words };
    for (const chunk of content ? words.split(/(?= )/) : []) {
      await options?.onStreamChunk?.(chunk, message.id);
    }
    await callback?.(content);
    return { didRespond: true, responseContent: content };
  };
}

const server = new AgentServer();
await server.initialize({ dataDir });
const character = { name: 'Obedient', bio: ['does as it is told'], plugins: [], settings: {} };
const models = {
  name: 'no-models',
  description: 'what an agent needs to start',
  models: { [ModelType.TEXT_EMBEDDING]: async () => new Array(384).fill(0) },
};
await server.start({ port: Number(port), agents: [{ character, plugins: [models] }] });
for (const runtime of server.getAllAgents()) obey(runtime.messageService);
console.log('READY', port, server.getAllAgents().map((agent) => agent.agentId).join(','));
