import { describe, expect, it } from '@jest/globals';
import { TypedEmitter } from '../src/index.js';

interface Events {
  'job.started': { id: string };
  'job.completed': { id: string; ms: number };
}

describe('TypedEmitter', () => {
  it('calls listeners in order with the payload', () => {
    const events = new TypedEmitter<Events>();
    const seen: string[] = [];
    events.on('job.started', ({ id }) => seen.push(`a${id}`));
    events.on('job.started', ({ id }) => seen.push(`b${id}`));
    events.on('job.completed', ({ ms }) => seen.push(`ms${ms}`));
    events.emit('job.started', { id: '1' });
    expect(seen).toEqual(['a1', 'b1']);
  });

  it('stops by off, by the returned function, and after once', () => {
    const events = new TypedEmitter<Events>();
    const seen: string[] = [];
    const listener = (): void => void seen.push('off');
    events.on('job.started', listener);
    const stop = events.on('job.started', () => seen.push('stop'));
    events.once('job.started', () => seen.push('once'));
    events.emit('job.started', { id: '1' });
    events.off('job.started', listener);
    events.off('job.started', listener);
    stop();
    events.emit('job.started', { id: '2' });
    expect(seen).toEqual(['off', 'stop', 'once']);
    expect(events.has('job.started')).toBe(false);
  });

  it('survives listeners that throw or reject, and tells the sink', async () => {
    const errors: unknown[] = [];
    let told: () => void;
    const rejected = new Promise<void>((resolve) => {
      told = resolve;
    });
    const events = new TypedEmitter<Events>((error, event) => {
      errors.push([event, error]);
      if (error === 'later') told();
      throw new Error('a sink that throws changes nothing either');
    });
    const seen: string[] = [];
    events.on('job.started', () => {
      throw 'now';
    });
    events.on('job.started', async () => {
      throw 'later';
    });
    events.on('job.started', () => seen.push('last'));
    events.emit('job.started', { id: '1' });
    expect(seen).toEqual(['last']);
    await rejected;
    expect(errors).toEqual([
      ['job.started', 'now'],
      ['job.started', 'later'],
    ]);
  });

  it('keeps to the listeners an emit began with', () => {
    const events = new TypedEmitter<Events>();
    const seen: string[] = [];
    events.on('job.started', () => {
      events.on('job.started', () => seen.push('new'));
      stop();
    });
    const stop = events.on('job.started', () => seen.push('removed meanwhile'));
    events.emit('job.started', { id: '1' });
    expect(seen).toEqual(['removed meanwhile']);
    events.emit('job.started', { id: '2' });
    expect(seen).toEqual(['removed meanwhile', 'new']);
  });

  it('refuses wrong payloads at compile time', () => {
    const events = new TypedEmitter<Events>();
    // @ts-expect-error ms is missing
    events.emit('job.completed', { id: '1' });
    // @ts-expect-error there is no such event
    events.on('job.lost', () => {});
  });
});
