import { open } from 'node:fs/promises';

/** A mail to be sent. */
export interface Mail {
  /** Names the mail: one that is in the outbox is not put there again. */
  messageId: string;
  to: string;
  subject: string;
  text: string;
}

/**
 * Mails that wait to be sent: a file of JSON lines that any number of processes append to. It keeps one mail per
 * `messageId`, as long as no two write the same id at the same moment; a job's idempotency key sees to that.
 */
export class FileOutbox {
  private readonly seen = new Set<string>();
  private readTo = 0;
  private sending: Promise<unknown> = Promise.resolve();

  constructor(private readonly path: string) {}

  /** Appends the mail and syncs the file. Says false when it is in there already. */
  send(mail: Mail): Promise<boolean> {
    const sent = this.sending.then(() => this.append(mail));
    this.sending = sent.catch(() => {});
    return sent;
  }

  private async append(mail: Mail): Promise<boolean> {
    const file = await open(this.path, 'a+');
    try {
      const { size } = await file.stat();
      const news = Buffer.alloc(size - this.readTo);
      if (news.length > 0) await file.read(news, 0, news.length, this.readTo);
      const whole = news.lastIndexOf(0x0a) + 1;
      for (const { messageId } of parseMails(news.subarray(0, whole).toString('utf8'))) {
        this.seen.add(messageId);
      }
      this.readTo += whole;
      if (this.seen.has(mail.messageId)) return false;
      // What follows the last line end was torn by a crash; it must not swallow this mail.
      const gap = whole === news.length ? '' : '\n';
      await file.appendFile(`${gap}${JSON.stringify(mail)}\n`);
      await file.datasync();
      return true;
    } finally {
      await file.close();
    }
  }
}

/** Reads the lines of an outbox; torn ones are left out. */
export function parseMails(text: string): Mail[] {
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as Mail];
    } catch {
      return [];
    }
  });
}
