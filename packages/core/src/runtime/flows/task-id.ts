import { digestText } from '@bulletproof/kernel';
import type { TaskRole } from '../../flow/plan.js';

const SHAPE = /^f-([A-Za-z0-9_-]{8})-(.+)$/s;

/** The id of the call of a flow's task: readable, the same for ever, and of a shape that no other id has by chance. */
export function taskCallId(
  flow: string,
  task: { readonly role: TaskRole; readonly name: string },
  round: number,
): string {
  const { role, name } = task;
  const place = role === 'node' ? `/${name}` : role === 'undo' ? `/${name}!undo` : `!${role}`;
  const text = `${flow}${place}${round === 1 ? '' : `@${round}`}`;
  return `f-${sealOf(text)}-${text}`;
}

/** Whether an id is one of a flow's task: what becomes of such a call is the flow's to decide. */
export function isTaskCallId(id: string): boolean {
  const [, seal, text = ''] = SHAPE.exec(id) ?? [];
  return seal !== undefined && seal === sealOf(text);
}

function sealOf(text: string): string {
  return digestText(text).slice(0, 8);
}
