import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { confirmationMail } from '../../src/mail/confirmation.js';
import { FileOutbox, parseMails } from '../../src/mail/outbox.js';

const mail = (messageId: string) => ({ messageId, to: 'a@example.org', subject: 's', text: 't' });

describe('the outbox', () => {
  let folder: string;
  let file: string;
  const ids = async () => parseMails(await readFile(file, 'utf8')).map((one) => one.messageId);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orders-outbox-'));
    file = join(folder, 'outbox.jsonl');
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('keeps one line a mail, and one mail an id', async () => {
    const outbox = new FileOutbox(file);
    expect(await outbox.send(mail('a'))).toBe(true);
    expect(await outbox.send(mail('b'))).toBe(true);
    expect(await outbox.send(mail('a'))).toBe(false);
    expect(await ids()).toEqual(['a', 'b']);
  });

  it('sees what another process has put there', async () => {
    const ours = new FileOutbox(file);
    await ours.send(mail('a'));
    await new FileOutbox(file).send(mail('b'));
    expect(await ours.send(mail('b'))).toBe(false);
    expect(await ids()).toEqual(['a', 'b']);
  });

  it('keeps mails that are sent at the same moment', async () => {
    const [ours, theirs] = [new FileOutbox(file), new FileOutbox(file)];
    const names = Array.from({ length: 20 }, (_, n) => `m${n}`);
    await Promise.all(names.map((name, n) => (n % 2 ? ours : theirs).send(mail(name))));
    expect((await ids()).sort()).toEqual([...names].sort());
  });

  it('does not lose a mail behind a line that a crash has torn', async () => {
    const outbox = new FileOutbox(file);
    await outbox.send(mail('a'));
    await appendFile(file, '{"messageId":"to');
    expect(await outbox.send(mail('b'))).toBe(true);
    expect(await outbox.send(mail('b'))).toBe(false);
    expect(await ids()).toEqual(['a', 'b']);
  });
});

describe('the confirmation', () => {
  it('is named by its order and says the amount to the cent', () => {
    const order = {
      id: 'order-7',
      customer: 'a@example.org',
      totalCents: 12_305,
      status: 'confirmed' as const,
      chargeId: 'ch_1',
      placedAt: new Date(0),
      processedAt: new Date(0),
    };
    expect(confirmationMail(order)).toMatchObject({
      messageId: 'confirmation-order-7',
      to: 'a@example.org',
      text: expect.stringContaining('EUR 123.05'),
    });
  });
});
