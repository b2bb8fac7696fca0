import { join } from 'node:path';
import type { FileKind } from '../files/replace.js';
import { begins, JsonlWriter } from '../formats/jsonl.js';
import { EventWriter } from '../formats/tfevents.js';

/** A row of `train/metrics.jsonl`. */
export interface MetricsRow extends Record<string, number> {
  step: number;
}

/** Rows of our training have schedules and speed in them; a single torn one is told by how it begins. */
const METRICS: FileKind = {
  what: 'a log of training that synclr wrote',
  isOurs: (head) => {
    const [first, ...more] = head.toString().split('\n');
    if (more.length === 0 && !first.endsWith('}')) return begins(head, '{"step":1,"loss":');
    return first.startsWith('{"step":') && ['weight_decay', 'images_per_s'].every((k) => first.includes(`"${k}":`));
  },
};

/** Writes every update to `metrics.jsonl` and to TensorBoard's events. A resumed run goes on where its checkpoint was: later rows are dropped. */
export class MetricsLog {
  private readonly rows: JsonlWriter;
  private readonly events: EventWriter;

  private constructor(rows: JsonlWriter, events: EventWriter) {
    this.rows = rows;
    this.events = events;
  }

  static async open(dir: string, lastStep: number): Promise<MetricsLog> {
    const rows = await JsonlWriter.open(
      join(dir, 'metrics.jsonl'),
      METRICS,
      ({ step }) => typeof step === 'number' && step <= lastStep,
    );
    return new MetricsLog(rows, await EventWriter.open(dir, lastStep));
  }

  async write(row: MetricsRow): Promise<void> {
    await this.rows.write(row);
    const { step, ...values } = row;
    await this.events.scalars(step, values);
  }

  async flush(): Promise<void> {
    await this.rows.flush();
  }

  async close(): Promise<void> {
    await Promise.all([this.rows.close(), this.events.close()]);
  }
}
