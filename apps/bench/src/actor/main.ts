// A process that measures one side: `main.js ours`, `main.js outbox` or `main.js bare`. It does what its parent asks and ends with it.
import { bare } from '../sides/bare.js';
import { ours } from '../sides/ours.js';
import { outbox } from '../sides/outbox.js';
import type { ActorSide } from '../sides/side.js';
import { drain } from '../work/drain.js';
import { enqueue } from '../work/enqueue.js';
import { fire } from '../work/fire.js';
import { Listener, send } from '../work/pickup.js';
import { relay } from '../work/relay.js';
import type { Answers, Reply, Task } from './protocol.js';

const side = { ours, bare, outbox }[process.argv[2] as ActorSide];
let listener: Listener | undefined;

async function perform(task: Task): Promise<Answers[Task['kind']]> {
  switch (task.kind) {
    case 'drain':
      return drain(side, task);
    case 'enqueue':
      return enqueue(side, task);
    case 'fire':
      return fire(task);
    case 'relay':
      return relay(task);
    case 'send':
      await send(side, task);
      return null;
    case 'listen':
      listener = new Listener(side, task);
      await listener.ready();
      return null;
    case 'heard':
      return (await listener?.waitsUs(task.jobs)) ?? [];
  }
}

function reply(message: Reply): void {
  process.send?.(message);
}

process.on('message', (task: Task) => {
  perform(task).then(
    (answer) => reply({ answer }),
    (error: unknown) =>
      reply({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.on('disconnect', () => process.exit());
