import { Writable } from 'node:stream';
import { type OwnRedis, ownRedis, TcpProxy } from '@bulletproof/test-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openRedis, type RedisConnection } from '../../src/index.js';
import { joinWrites, MOST_TOGETHER } from '../../src/redis/joined-writes.js';

const nextTurn = () =>
  new Promise<void>((resolve) => {
    setImmediate(resolve);
  });

/** Keeps what reaches it, piece by piece. */
class Pieces extends Writable {
  readonly pieces: string[][] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.pieces.push([chunk.toString()]);
    done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.pieces.push(chunks.map(({ chunk }) => chunk.toString()));
    done();
  }
}

function joined(): Pieces {
  const stream = new Pieces();
  joinWrites(stream);
  return stream;
}

describe('joinWrites', () => {
  it('hands on what one turn wrote in one piece, in order', async () => {
    const stream = joined();
    stream.write('a');
    await Promise.resolve(); // a microtask of the same turn
    stream.write('b');
    stream.write('c');
    expect(stream.pieces).toEqual([]);
    await nextTurn();
    expect(stream.pieces).toEqual([['a', 'b', 'c']]);
  });

  it('hands on a lone write within its turn', async () => {
    const stream = joined();
    stream.write('a');
    await new Promise<void>((resolve) => {
      process.nextTick(resolve);
    });
    expect(stream.pieces).toEqual([['a']]);
  });

  it('does not let many wait for each other', () => {
    const stream = joined();
    const texts = Array.from({ length: 2 * MOST_TOGETHER + 1 }, (_, number) => String(number));
    for (const text of texts) stream.write(text);
    expect(stream.pieces).toEqual([
      texts.slice(0, MOST_TOGETHER),
      texts.slice(MOST_TOGETHER, 2 * MOST_TOGETHER),
    ]);
  });

  it('begins anew in every turn', async () => {
    const stream = joined();
    for (const text of ['a', 'b', 'c']) {
      stream.write(text);
      stream.write(text);
      await nextTurn();
    }
    expect(stream.pieces).toEqual([
      ['a', 'a'],
      ['b', 'b'],
      ['c', 'c'],
    ]);
  });

  it('loses nothing when the stream ends in the turn of its last write', async () => {
    const stream = joined();
    stream.write('a');
    stream.end('b');
    await nextTurn();
    expect(stream.pieces.flat()).toEqual(['a', 'b']);
    expect(stream.writableFinished).toBe(true);
  });

  it('is harmless on a stream that breaks with writes under way', async () => {
    const stream = joined();
    const broken = new Promise((resolve) => stream.once('error', resolve));
    stream.write('a');
    stream.destroy(new Error('broken'));
    await expect(broken).resolves.toThrow('broken');
    await nextTurn();
  });
});

describe('a connection', () => {
  let server: OwnRedis;
  let proxy: TcpProxy;
  let connection: RedisConnection;
  beforeAll(async () => {
    server = await ownRedis();
    proxy = await TcpProxy.open(server.url);
    connection = openRedis(proxy.url, {
      name: 'joined',
      overrides: { maxRetriesPerRequest: null },
    });
  });
  afterAll(async () => {
    await connection.close();
    await proxy.close();
    await server.stop();
  });

  const numbers = Array.from({ length: 100 }, (_, number) => String(number));
  const echoes = () => Promise.all(numbers.map((number) => connection.client.echo(number)));

  it('gets every answer for its own question', async () => {
    expect(await echoes()).toEqual(numbers);
  });

  it('joins again after a reconnect', async () => {
    const stream = (): Writable => (connection.client as unknown as { stream: Writable }).stream;
    const before = stream();
    proxy.cut();
    expect(await echoes()).toEqual(numbers);
    expect(stream()).not.toBe(before);
    await nextTurn();
    const question = connection.client.echo('held');
    expect(stream().writableCorked).toBe(1);
    expect(await question).toBe('held');
    expect(stream().writableCorked).toBe(0);
  });

  it('answers what was sent together with QUIT', async () => {
    const other = openRedis(server.url, { name: 'quits' });
    await other.client.ping();
    const question = other.client.echo('last');
    await Promise.all([other.close(), expect(question).resolves.toBe('last')]);
  });
});
